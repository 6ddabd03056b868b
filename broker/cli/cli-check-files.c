/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-check.h"

#include <string.h>

#include "broker/base/paths.h"
#include "broker/cli/cli-proposal.h"

#define SOCKET_PATH_MAX 107 /* bytes that fit into sockaddr_un, see unix(7) */

static void
check_program (CliChecks *checks, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = paths_program (name, &error);

  if (path != NULL)
    cli_checks_add (checks, name, CLI_CHECK_FINE, NULL, "%s", path);
  else
    cli_checks_add (checks, name, CLI_CHECK_WRONG, "meson install -C BUILD", "%s", error->message);
}

/* What is not there yet is made when it is needed. */
static void
check_folder (CliChecks *checks, const char *what, char *taken)
{
  g_autofree char *dir = taken;
  g_autoptr (GError) error = NULL;

  if (!g_file_test (dir, G_FILE_TEST_EXISTS) || paths_check_private (dir, &error))
    cli_checks_add (checks, what, CLI_CHECK_FINE, NULL, "%s", dir);
  else
    cli_checks_add (checks, what, CLI_CHECK_WRONG,
                    "chmod 700 that folder, if nobody else put anything there", "%s",
                    error->message);
}

static void
check_runtime (CliChecks *checks)
{
  g_autofree char *dir = paths_runtime_dir (), *state = paths_state_dir ();
  g_autofree char *socket = g_build_filename (dir, "agent.sock", NULL);

  check_folder (checks, "sockets", g_strdup (dir));
  if (strlen (socket) > SOCKET_PATH_MAX)
    cli_checks_add (checks, "sockets", CLI_CHECK_WRONG, "a shorter XDG_RUNTIME_DIR or --state-dir",
                    "%s is longer than a socket's path may be (%d bytes)", socket, SOCKET_PATH_MAX);
  if (paths_root () == NULL && g_str_has_prefix (dir, state))
    cli_checks_add (checks, "sockets", CLI_CHECK_NOTE, NULL,
                    "there is no runtime folder (XDG_RUNTIME_DIR), so sockets are on disk");
}

/* Others could propose a policy, which rules nothing until it is accepted: to be known, and mended.
 */
static void
check_policy (CliChecks *checks)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) files = cli_proposals (&error);
  g_autoptr (Policy) policy = files != NULL ? cli_proposals_parse (files, &error) : NULL;

  if (policy == NULL || !cli_proposals_check (files, &error))
    cli_checks_add (checks, "policy", CLI_CHECK_WRONG, "countersign policy check", "%s",
                    error->message);
  else
    cli_checks_add (checks, "policy", CLI_CHECK_FINE, NULL,
                    "rules: %" G_GSIZE_FORMAT ", in files: %u", policy_n_rules (policy),
                    files->len);
}

void
cli_check_files (CliChecks *checks, gboolean user_mode)
{
  check_program (checks, "countersignd");
  check_program (checks, "countersign-mcp");
  check_folder (checks, "config", paths_config_dir ());
  if (user_mode)
    {
      check_folder (checks, "store", paths_data_dir ());
      check_folder (checks, "state", paths_state_dir ());
      check_runtime (checks);
    }
  check_policy (checks);
}
