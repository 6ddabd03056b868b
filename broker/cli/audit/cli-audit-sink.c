/* SPDX-License-Identifier: MIT */
#include "broker/cli/audit/cli-audit-sink.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/paths.h"
#include "broker/cli/cli-output.h"
#include "broker/client/client-system.h"

void
cli_sink_clear (CliSink *sink)
{
  g_free (sink->to);
  g_free (sink->name);
  g_free (sink->tls_ca);
  g_free (sink->tls_certificate);
  g_free (sink->tls_key);
}

gboolean
cli_sink_is_asked (const CliSink *sink)
{
  return sink->to != NULL || sink->name != NULL || sink->tls_ca != NULL
         || sink->tls_certificate != NULL || sink->tls_key != NULL || sink->follow || sink->sealed;
}

static void
add (GPtrArray *words, const char *option, const char *value)
{
  if (value == NULL)
    return;
  g_ptr_array_add (words, (char *) option);
  g_ptr_array_add (words, (char *) value);
}

CliStatus
cli_audit_sink (Cli *cli, const CliSink *sink)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = NULL, *dir = paths_audit_dir ();
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  if (sink->to == NULL)
    return cli_usage (cli, "--follow, --name, --sealed and --tls-… go with --to");
  /* The files are closed to the person there; the cursor beside them is too. */
  if (client_is_system (cli->socket))
    return cli_say_error (cli, "the trail is the system broker's: root starts "
                               "countersign-audit-export@USER, see countersignd(8)");
  if ((program = paths_program ("countersign-audit-export", &error)) == NULL)
    return cli_say_error (cli, "%s", error->message);
  g_ptr_array_add (words, program);
  add (words, "--dir", dir);
  add (words, "--to", sink->to);
  add (words, "--name", sink->name);
  add (words, "--tls-ca", sink->tls_ca);
  add (words, "--tls-certificate", sink->tls_certificate);
  add (words, "--tls-key", sink->tls_key);
  if (sink->follow)
    g_ptr_array_add (words, (char *) "--follow");
  if (sink->sealed)
    g_ptr_array_add (words, (char *) "--sealed");
  g_ptr_array_add (words, NULL);
  execv (program, (char **) words->pdata);
  return cli_say_error (cli, "%s: %s", program, g_strerror (errno));
}
