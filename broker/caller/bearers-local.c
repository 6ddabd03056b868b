/* SPDX-License-Identifier: MIT
 *
 * Our own tokens: the simple choice for who has no issuer. 256 random bits, shown once.
 */
#include "broker/caller/bearers-private.h"

#include <openssl/rand.h>
#include <string.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/record.h"

#define META "caller-tokens"
#define TOKEN_BYTES 32
#define TOKEN_TEXT 43 /* of base64url */

void
local_token_free (gpointer data)
{
  LocalToken *token = data;

  g_free (token->name);
  g_free (token->id);
  g_free (token->digest);
  g_free (token);
}

const LocalToken *
bearers_local_of (const Bearers *self, const char *id)
{
  for (guint i = 0; i < self->local->len; i++)
    {
      const LocalToken *token = g_ptr_array_index (self->local, i);
      if (strcmp (token->id, id) == 0)
        return token;
    }
  return NULL;
}

static gboolean
find_name (const Bearers *self, const char *name, guint *at)
{
  for (*at = 0; *at < self->local->len; (*at)++)
    if (strcmp (((LocalToken *) self->local->pdata[*at])->name, name) == 0)
      return TRUE;
  return FALSE;
}

/* Nobody learns a digest by how long it takes to compare: what is compared is a hash of what they
 * gave. */
static const LocalToken *
find_digest (const Bearers *self, const char *digest)
{
  for (guint i = 0; i < self->local->len; i++)
    {
      const LocalToken *token = g_ptr_array_index (self->local, i);
      if (strcmp (token->digest, digest) == 0)
        return token;
    }
  return NULL;
}

Subject *
bearers_local_judge (const Bearers *self, const char *token, GError **error)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, token, -1);
  const LocalToken *found = find_digest (self, digest);

  if (found == NULL || found->expires_at <= bearers_now ())
    {
      g_set_error (error, BEARER_ERROR, BEARER_ERROR_TOKEN,
                   found == NULL ? "it is no local token that is known here (countersign caller "
                                   "list)"
                                 : "the local token has expired (countersign caller add)");
      return NULL;
    }
  g_autofree char *label = g_strconcat (found->name, " (local token)", NULL);
  const Subject parts = { .caller = (char *) SUBJECT_LOCAL,
                          .issuer = (char *) SUBJECT_LOCAL,
                          .subject = found->id,
                          .person = found->name,
                          .label = label,
                          .expires_at = found->expires_at };
  return subject_new (&parts);
}

/* ---- in the store ---- */

static LocalToken *
read_token (const json_t *object, GError **error)
{
  static const WireField fields[] = {
    { "name", WIRE_STRING, TRUE, 1, TEXT_SEGMENT_MAX, NULL },
    { "id", WIRE_STRING, TRUE, 1, 64, NULL },
    { "digest", WIRE_STRING, TRUE, 64, 64, NULL },
    { "added_at", WIRE_INTEGER, TRUE, 0, G_MAXINT64, NULL },
    { "expires_at", WIRE_INTEGER, TRUE, 0, G_MAXINT64, NULL },
  };

  if (!wire_check (fields, G_N_ELEMENTS (fields), object, error))
    return NULL;
  LocalToken *token = g_new0 (LocalToken, 1);
  token->name = g_strdup (wire_string (object, "name"));
  token->id = g_strdup (wire_string (object, "id"));
  token->digest = g_strdup (wire_string (object, "digest"));
  token->added_at = wire_integer (object, "added_at", 0);
  token->expires_at = wire_integer (object, "expires_at", 0);
  return token;
}

gboolean
bearers_load (Bearers *self, GError **error)
{
  g_autoptr (GError) damaged = NULL;
  g_autoptr (json_t) all = store_get_table (self->vault->store, META, &damaged);
  json_t *object;
  gsize i;

  g_ptr_array_set_size (self->local, 0);
  if (damaged != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&damaged));
      return FALSE;
    }
  json_array_foreach (all, i, object)
  {
    LocalToken *token = read_token (object, error);
    if (token == NULL)
      return FALSE;
    g_ptr_array_add (self->local, token);
  }
  return TRUE;
}

static void
save (Bearers *self, WriterDone done, gpointer data)
{
  g_autoptr (json_t) all = json_array ();

  for (guint i = 0; i < self->local->len; i++)
    {
      const LocalToken *token = g_ptr_array_index (self->local, i);
      json_array_append_new (all, json_pack ("{s:s, s:s, s:s, s:I, s:I}", "name", token->name, "id",
                                             token->id, "digest", token->digest, "added_at",
                                             (json_int_t) token->added_at, "expires_at",
                                             (json_int_t) token->expires_at));
    }
  store_put_table (self->vault->store, META, all, done, data);
}

/* ---- a person's ---- */

static Secret *
random_token (GError **error)
{
  guint8 bytes[TOKEN_BYTES];
  char text[sizeof BEARER_LOCAL_PREFIX + TOKEN_TEXT] = BEARER_LOCAL_PREFIX;

  if (RAND_bytes (bytes, sizeof bytes) != 1)
    {
      g_set_error_literal (error, BEARER_ERROR, BEARER_ERROR_NAME, "no random bytes are to be had");
      return NULL;
    }
  char *random = token_base64 (bytes, sizeof bytes);
  g_strlcat (text, random, sizeof text);
  Secret *token = secret_new_from (text, strlen (text), error);
  explicit_bzero (random, strlen (random));
  explicit_bzero (bytes, sizeof bytes);
  explicit_bzero (text, sizeof text);
  g_free (random);
  return token;
}

static gboolean
check_name (const Bearers *self, const char *name, GError **error)
{
  g_autoptr (GError) problem = NULL;
  guint at;

  if (!text_check_segment (name, &problem))
    g_set_error (error, BEARER_ERROR, BEARER_ERROR_NAME, "name: %s", problem->message);
  else if (find_name (self, name, &at))
    g_set_error (error, BEARER_ERROR, BEARER_ERROR_NAME,
                 "name: there is a local token %s; remove that with `countersign caller rm %s`",
                 name, name);
  else if (self->local->len >= BEARER_LOCAL_MAX)
    g_set_error (error, BEARER_ERROR, BEARER_ERROR_NAME,
                 "name: there are %d local tokens; remove one with `countersign caller rm`",
                 BEARER_LOCAL_MAX);
  else
    return TRUE;
  return FALSE;
}

static void
record (Bearers *self, const char *event, const LocalToken *token, const Process *caller)
{
  AuditRecord *record = record_human (self->vault, event, caller);

  if (record == NULL)
    return;
  audit_record_string (record, "caller_id", token->id);
  audit_record_text (record, "name", token->name);
  audit_record_integer (record, "until", token->expires_at);
  record_owe (self->vault, record);
}

Secret *
bearers_local_add (Bearers *self, const char *name, gint64 seconds, const Process *caller,
                   WriterDone done, gpointer data, GError **error)
{
  Secret *text = check_name (self, name, error) ? random_token (error) : NULL;

  if (text == NULL)
    return NULL;
  LocalToken *token = g_new0 (LocalToken, 1);
  token->name = g_strdup (name);
  token->id = text_random_id (16);
  token->digest
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, secret_peek (text), secret_len (text));
  token->added_at = bearers_now ();
  token->expires_at = token->added_at + seconds;
  g_ptr_array_add (self->local, token);
  record (self, "caller_added", token, caller);
  save (self, done, data);
  return text;
}

static gboolean
is_local (const Subject *subject, gconstpointer id)
{
  return subject_is_local (subject) && strcmp (subject->subject, id) == 0;
}

gboolean
bearers_local_remove (Bearers *self, const char *name, const Process *caller)
{
  guint at;

  if (!find_name (self, name, &at))
    return FALSE;
  LocalToken *token = g_ptr_array_steal_index (self->local, at);
  bearers_end (self, is_local, token->id);
  record (self, "caller_removed", token, caller);
  save (self, NULL, NULL);
  local_token_free (token);
  return TRUE;
}

GPtrArray *
bearers_local_list (const Bearers *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);

  for (guint i = 0; i < self->local->len; i++)
    {
      const LocalToken *token = g_ptr_array_index (self->local, i);
      g_autofree char *added = text_format_time (token->added_at * G_USEC_PER_SEC);
      g_autofree char *expires = text_format_time (token->expires_at * G_USEC_PER_SEC);
      g_ptr_array_add (list,
                       json_pack ("{s:s, s:s, s:s, s:s, s:s}", "id", token->id, "kind", "local",
                                  "name", token->name, "added_at", added, "expires_at", expires));
    }
  return list;
}
