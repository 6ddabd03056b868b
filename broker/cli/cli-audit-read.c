/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-audit.h"

#include <string.h>

#include "broker/audit/audit-verify.h"
#include "broker/base/wire.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"

#define BATCH_MAX 64            /* items in one call */
#define BATCH_BYTES (40 * 1024) /* and bytes: a line to the broker is at most 64 KiB */

/* ---- reading ---- */

/* Lines are kept, not records, which take five times the room: of a million, the newest twenty are
 * asked for. */
typedef struct
{
  const CliAuditChoice *choice;
  GPtrArray *lines; /* char* */
} Reading;

static gboolean
time_fits (const CliAuditChoice *choice, const char *time)
{
  return (choice->since == NULL || memcmp (time, choice->since, AUDIT_TIME_LEN) >= 0)
         && (choice->until == NULL || memcmp (time, choice->until, AUDIT_TIME_LEN) <= 0);
}

static gboolean
is_of (const json_t *record, const char *id)
{
  return g_strcmp0 (wire_string (record, "request_id"), id) == 0
         || g_strcmp0 (wire_string (record, "grant_id"), id) == 0;
}

/* Only a line that has the ID somewhere is worth parsing. */
static gboolean
id_fits (const char *id, const char *line, gsize len)
{
  if (id == NULL)
    return TRUE;
  if (memmem (line, len, id, strlen (id)) == NULL)
    return FALSE;
  g_autoptr (json_t) record = audit_parse_line (line, len, NULL);
  return record != NULL && is_of (record, id);
}

static gboolean
on_record (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  Reading *reading = user;
  const CliAuditChoice *choice = reading->choice;

  if ((choice->event != NULL && !audit_line_is_event (scanned, choice->event))
      || (choice->seq != 0 && scanned->seq != choice->seq) || !time_fits (choice, scanned->time)
      || !id_fits (choice->id, line, len))
    return TRUE;
  g_ptr_array_add (reading->lines, g_strndup (line, len));
  if (choice->last > 0 && reading->lines->len >= 2 * choice->last)
    g_ptr_array_remove_range (reading->lines, 0, reading->lines->len - (guint) choice->last);
  return choice->seq == 0;
}

static GPtrArray *
parse_lines (const GPtrArray *lines, guint first, GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);

  for (guint i = first; i < lines->len; i++)
    {
      json_t *record = audit_parse_line (lines->pdata[i], strlen (lines->pdata[i]), error);
      if (record == NULL)
        return NULL;
      g_ptr_array_add (records, record);
    }
  return g_steal_pointer (&records);
}

GPtrArray *
cli_audit_read (const CliTrail *trail, const CliAuditChoice *choice, GError **error)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  Reading reading = { choice, lines };

  if (!audit_each (trail->dir, on_record, &reading, error))
    return NULL;
  gboolean over = choice->last > 0 && lines->len > choice->last;
  return parse_lines (lines, over ? lines->len - (guint) choice->last : 0, error);
}

/* ---- what is sealed ---- */

/* "resource": a token, until its name is known; both are kept. */
static void
merge (json_t *record, const json_t *opened)
{
  const char *key;
  json_t *value;

  json_object_foreach ((json_t *) opened, key, value)
  {
    json_t *token = json_object_get (record, key);
    if (token != NULL)
      {
        g_autofree char *kept = g_strconcat (key, "_token", NULL);
        json_object_set (record, kept, token);
      }
    json_object_set (record, key, value);
  }
  if (json_is_object (opened))
    json_object_del (record, "sealed");
}

/* Sends the sealed parts of @batch, merges what comes back, and empties it. */
static gboolean
open_batch (Client *client, GPtrArray *batch, GError **error)
{
  json_t *sealed = json_array ();
  g_autoptr (json_t) params = json_pack ("{s:o}", "sealed", sealed);

  for (guint i = 0; i < batch->len; i++)
    {
      const json_t *record = batch->pdata[i];
      json_array_append_new (sealed,
                             json_pack ("{s:O, s:O}", "seq", json_object_get (record, "seq"),
                                        "text", json_object_get (record, "sealed")));
    }
  g_autoptr (json_t) result = client_call (client, "audit_open", params, -1, NULL, error);
  if (result == NULL)
    return FALSE;
  for (guint i = 0; i < batch->len; i++)
    merge (batch->pdata[i], json_array_get (json_object_get (result, "opened"), i));
  g_ptr_array_set_size (batch, 0);
  return TRUE;
}

static gboolean
open_all (Client *client, GPtrArray *records, GError **error)
{
  g_autoptr (GPtrArray) batch = g_ptr_array_new ();
  gsize bytes = 0;

  for (guint i = 0; i < records->len; i++)
    {
      gsize len = json_string_length (json_object_get (records->pdata[i], "sealed"));
      if (len == 0 || len > BATCH_BYTES)
        continue;
      if (batch->len == BATCH_MAX || bytes + len > BATCH_BYTES)
        {
          if (!open_batch (client, batch, error))
            return FALSE;
          bytes = 0;
        }
      g_ptr_array_add (batch, records->pdata[i]);
      bytes += len;
    }
  return batch->len == 0 || open_batch (client, batch, error);
}

gboolean
cli_audit_open (const Cli *cli, const CliTrail *trail, GPtrArray *records, GError **error)
{
  g_autoptr (GError) trouble = NULL;
  g_autoptr (Client) client = NULL;

  if (trail->client != NULL)
    return open_all (trail->client, records, error);
  if (cli->pin_fd < 0 && !cli_has_terminal ())
    trouble = g_error_new_literal (CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_NO_TERMINAL,
                                   "the PIN is needed: --pin-fd");
  else
    client = cli_connect_with_pin (cli, NULL, &trouble);
  if (client != NULL)
    return open_all (client, records, error);
  /* A trail can be read where no broker runs; a wrong PIN is not passed over. */
  if (trouble->domain == CLIENT_ANSWER_ERROR && trouble->code == CLI_ANSWER_REFUSED)
    {
      g_propagate_error (error, g_steal_pointer (&trouble));
      return FALSE;
    }
  g_printerr ("Names and texts stay sealed: %s\n", trouble->message);
  return TRUE;
}
