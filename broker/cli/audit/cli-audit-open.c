/* SPDX-License-Identifier: MIT
 *
 * What is sealed in records: opened by the broker, for who has shown the PIN.
 */
#include "broker/cli/audit/cli-audit.h"

#include <string.h>

#include "broker/base/paths.h"
#include "broker/base/wire.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"

#define BATCH_MAX 64            /* items in one call */
#define BATCH_BYTES (40 * 1024) /* and bytes: a line to the broker is at most 64 KiB */

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
cli_audit_unseal (const CliTrail *trail, GPtrArray *records, GError **error)
{
  return trail->client == NULL || open_all (trail->client, records, error);
}

/* ---- the PIN ---- */

/* A trail can be read where no broker runs; a wrong PIN is not passed over. NULL without error: it
 * has been said why not. */
static Client *
connect_or_say (const Cli *cli, Secret **pin, GError **error)
{
  g_autoptr (GError) trouble = NULL;
  Client *client = NULL;

  if (cli->pin_fd < 0 && !cli_has_terminal ())
    trouble = g_error_new_literal (CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_NO_TERMINAL,
                                   "the PIN is needed: --pin-fd");
  else
    client = cli_connect_with_pin (cli, pin, &trouble);
  if (client != NULL)
    return client;
  if (trouble->domain == CLIENT_ANSWER_ERROR && trouble->code == CLI_ANSWER_REFUSED)
    g_propagate_error (error, g_steal_pointer (&trouble));
  else
    g_printerr ("Names and texts stay sealed: %s\n", trouble->message);
  return NULL;
}

gboolean
cli_audit_open (const Cli *cli, const CliTrail *trail, GPtrArray *records, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (trail->client != NULL)
    return open_all (trail->client, records, error);
  g_autoptr (Client) client = connect_or_say (cli, NULL, &refused);
  if (client != NULL)
    return open_all (client, records, error);
  if (refused == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

/* ---- indexes ---- */

/* NULL when the answer has no such thing. */
static Secret *
read_key (const json_t *answer)
{
  const char *hex = wire_string (answer, "key");
  g_autoptr (Secret) key
      = hex != NULL && strlen (hex) == AUDIT_HEX_LEN ? secret_new (AUDIT_HASH_LEN, NULL) : NULL;

  return key != NULL && audit_unhex (hex, secret_data (key)) ? g_steal_pointer (&key) : NULL;
}

/* Whatever is missing for it, the trail is read without indexes. */
static AuditCache *
open_cache (const CliTrail *trail)
{
  g_autoptr (json_t) answer = client_call (trail->client, "audit_index_key", NULL, -1, NULL, NULL);
  g_autoptr (Secret) key = read_key (answer);
  const char *log = wire_string (answer, "log");
  g_autofree char *cache = paths_cache_dir ();

  if (key == NULL || log == NULL || *log == '\0'
      || strspn (log, "0123456789abcdef") != strlen (log))
    return NULL;
  g_autofree char *dir = g_build_filename (cache, "audit", log, NULL);
  return audit_cache_new (dir, key, NULL);
}

gboolean
cli_trail_unseal (const Cli *cli, CliTrail *trail, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (trail->client == NULL)
    trail->client = connect_or_say (cli, trail->keep_pin ? &trail->pin : NULL, &refused);
  if (trail->client != NULL && trail->cache == NULL)
    trail->cache = open_cache (trail);
  if (refused == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}
