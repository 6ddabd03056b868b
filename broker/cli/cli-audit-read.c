/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-audit.h"

#include <string.h>

#include "broker/audit/audit-verify.h"
#include "broker/base/paths.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"

#define BATCH_MAX 64            /* items in one call */
#define BATCH_BYTES (40 * 1024) /* and bytes: a line to the broker is at most 64 KiB */

/* ---- reading ---- */

typedef struct
{
  const CliAuditChoice *choice;
  GPtrArray *records;
  GError *error;
} Reading;

static gboolean
time_fits (const CliAuditChoice *choice, const char *time)
{
  return (choice->since == NULL || memcmp (time, choice->since, AUDIT_TIME_LEN) >= 0)
         && (choice->until == NULL || memcmp (time, choice->until, AUDIT_TIME_LEN) <= 0);
}

/* What the scanned line tells already; the rest is parsed for. */
static gboolean
may_fit (const CliAuditChoice *choice, const AuditLine *scanned)
{
  return (choice->event == NULL || audit_line_is_event (scanned, choice->event))
         && (choice->seq == 0 || scanned->seq == choice->seq) && time_fits (choice, scanned->time);
}

static gboolean
is_of (const json_t *record, const char *id)
{
  return id == NULL || g_strcmp0 (wire_string (record, "request_id"), id) == 0
         || g_strcmp0 (wire_string (record, "grant_id"), id) == 0;
}

static gboolean
on_record (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  Reading *reading = user;

  if (!may_fit (reading->choice, scanned))
    return TRUE;
  g_autoptr (json_t) record = audit_parse_line (line, len, &reading->error);
  if (record == NULL)
    return FALSE;
  if (is_of (record, reading->choice->id))
    g_ptr_array_add (reading->records, json_incref (record));
  return TRUE;
}

GPtrArray *
cli_audit_read (const CliAuditChoice *choice, GError **error)
{
  g_autofree char *dir = paths_audit_dir ();
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  Reading reading = { .choice = choice, .records = records };

  if (!audit_each (dir, on_record, &reading, error))
    return NULL;
  if (reading.error != NULL)
    {
      g_propagate_error (error, reading.error);
      return NULL;
    }
  if (choice->last > 0 && records->len > choice->last)
    g_ptr_array_remove_range (records, 0, records->len - choice->last);
  return g_steal_pointer (&records);
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

/* Sends the sealed parts of records [@first, @end), and merges what comes back. */
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
cli_audit_open (const Cli *cli, GPtrArray *records, GError **error)
{
  g_autoptr (GError) trouble = NULL;
  g_autoptr (Client) client = NULL;

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
