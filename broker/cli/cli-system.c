/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-system.h"

#include <string.h>

#include "broker/base/paths.h"
#include "broker/cli/cli-proposal.h"
#include "broker/client/client-system.h"

static gboolean
is_accepted (const json_t *accepted, const CliProposal *file)
{
  g_autofree char *digest
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) file->text, file->len);
  const json_t *one;
  gsize i;

  json_array_foreach (accepted, i, one)
  {
    if (strcmp (wire_string (one, "name"), file->name) == 0)
      return strcmp (wire_string (one, "sha256"), digest) == 0;
  }
  return FALSE;
}

static gboolean
is_there (const GPtrArray *files, const char *name)
{
  for (guint i = 0; i < files->len; i++)
    if (strcmp (((const CliProposal *) files->pdata[i])->name, name) == 0)
      return TRUE;
  return FALSE;
}

/* Names of the files that differ from what was accepted, are new, or are missing. */
static json_t *
find_differing (const json_t *accepted)
{
  g_autoptr (GPtrArray) files = cli_proposals (NULL);
  json_t *differs = json_array ();
  const json_t *one;
  gsize i;

  if (files == NULL) /* unreadable is not accepted */
    files = g_ptr_array_new ();
  for (guint n = 0; n < files->len; n++)
    if (!is_accepted (accepted, files->pdata[n]))
      json_array_append_new (differs, json_string (((const CliProposal *) files->pdata[n])->name));
  json_array_foreach (accepted, i, one)
  {
    if (!is_there (files, wire_string (one, "name")))
      json_array_append (differs, json_object_get (one, "name"));
  }
  return differs;
}

json_t *
cli_ask_status (Client *client, GError **error)
{
  json_t *status = client_call (client, "status", NULL, -1, NULL, error);
  json_t *policy = json_object_get (status, "policy");
  const json_t *accepted = json_object_get (policy, "accepted");

  if (accepted != NULL)
    {
      json_object_set_new (policy, "differs", find_differing (accepted));
      json_object_del (policy, "accepted");
    }
  return status;
}

/* What was there before the system broker came is not used, which a person may not expect. */
static void
check_own_store (const Cli *cli, CliChecks *checks)
{
  g_autofree char *store = paths_store_file ();

  if (g_file_test (store, G_FILE_TEST_EXISTS))
    cli_checks_add (checks, "store", CLI_CHECK_NOTE,
                    "store what you need of it anew; then delete that file",
                    "%s is of a broker of your own: the system broker does not use it", store);
}

/* What the broker may not do itself is done behind these, which systemd holds. */
static void
check_workers (CliChecks *checks, const char *dir)
{
  static const struct
  {
    const char *id, *socket, *unit;
  } workers[] = { { "requests", "http.sock", "countersign-worker-http" },
                  { "commands", "exec.sock", "countersign-worker-exec" } };
  g_autofree char *person = g_path_get_basename (dir);

  for (gsize i = 0; i < G_N_ELEMENTS (workers); i++)
    {
      g_autofree char *path
          = g_build_filename (PATHS_SYSTEM_WORKERS, person, workers[i].socket, NULL);
      g_autofree char *mend
          = g_strdup_printf ("as root: systemctl start %s@%s.socket", workers[i].unit, person);
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        cli_checks_add (checks, workers[i].id, CLI_CHECK_FINE, NULL, "carried out behind %s", path);
      else
        cli_checks_add (checks, workers[i].id, CLI_CHECK_WRONG, mend,
                        "%s is not there: the broker can carry out no %s", path, workers[i].id);
    }
}

void
cli_check_mode (const Cli *cli, CliChecks *checks)
{
  g_autofree char *dir
      = cli->socket != NULL ? g_path_get_dirname (cli->socket) : client_system_dir ();
  g_autoptr (GError) error = NULL;
  uid_t uid;

  if (!client_is_system (cli->socket))
    cli_checks_add (checks, "mode", CLI_CHECK_FINE, NULL,
                    "user: the broker runs as you, like the agents do");
  else if (!client_system_uid (&uid))
    cli_checks_add (checks, "mode", CLI_CHECK_WRONG, "as root: systemd-sysusers",
                    "system, but there is no user " PATHS_SYSTEM_USER);
  else if (g_file_test (dir, G_FILE_TEST_EXISTS) && !client_check_system_dir (dir, uid, &error))
    cli_checks_add (checks, "mode", CLI_CHECK_WRONG, "as root: see who made it, and remove it",
                    "system: %s", error->message);
  else
    cli_checks_add (checks, "mode", CLI_CHECK_FINE, NULL,
                    "system: the broker runs as " PATHS_SYSTEM_USER ", sockets in %s", dir);
  if (!client_is_system (cli->socket))
    return;
  check_own_store (cli, checks);
  check_workers (checks, dir);
}
