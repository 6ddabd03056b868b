/* SPDX-License-Identifier: MIT
 *
 * A checkpoint needs no PIN: it tells nothing but where the trail stands, and who keeps it
 * elsewhere wants it often.
 */
#include "broker/cli/audit/cli-audit-copy.h"

#include <stdio.h>
#include <string.h>

#include "broker/audit/audit-checkpoint.h"
#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/cli/cli-new-file.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

/* FALSE with an error when the broker has no trail open. */
static gboolean
ask (const Cli *cli, AuditCheckpoint *out, GError **error)
{
  g_autoptr (Client) client = cli_connect (cli, error);
  g_autoptr (json_t) status
      = client != NULL ? client_call (client, "status", NULL, -1, NULL, error) : NULL;
  const json_t *audit = json_object_get (status, "audit");
  g_autofree char *now = text_format_time (g_get_real_time ());

  if (status == NULL)
    return FALSE;
  if (wire_string (audit, "log") == NULL || wire_string (audit, "hash") == NULL)
    {
      g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL,
                           "the broker has no audit trail open: `countersign unlock`");
      return FALSE;
    }
  /* Through the text that is written, so that what is written can be read. */
  g_autoptr (json_t) object = json_pack (
      "{s:i, s:O, s:O, s:O, s:O, s:s}", "format", 1, "log", json_object_get (audit, "log"), "seq",
      json_object_get (audit, "seq"), "hash", json_object_get (audit, "hash"), "segment",
      json_object_get (audit, "segment"), "time", now);
  for (const char *const *key = (const char *const[]){ "first_key", "key", NULL }; *key != NULL;
       key++)
    if (wire_string (audit, *key) != NULL)
      json_object_set (object, *key, json_object_get (audit, *key));
  gsize len;
  g_autofree char *text = wire_dump (object, &len);
  return audit_checkpoint_parse (text, len, out, error);
}

CliStatus
cli_audit_checkpoint (Cli *cli, const char *output)
{
  AuditCheckpoint checkpoint;
  GError *error = NULL;

  if (!ask (cli, &checkpoint, &error))
    return cli_fail (cli, error);
  g_autofree char *text = audit_checkpoint_print (&checkpoint);
  if (output == NULL)
    return fputs (text, stdout) >= 0 && fflush (stdout) == 0 ? CLI_DONE : CLI_FAILED;
  if (!cli_new_file (output, text, strlen (text), FALSE, &error))
    return cli_fail (cli, error);
  return CLI_DONE;
}
