/* SPDX-License-Identifier: MIT
 *
 * Grants across lock and replacement.
 *
 * MUST
 *  - bring a grant back only to the very process (pid, start time) in the same boot, and never past
 * its end
 *  - keep nothing for a broker that stopped by itself: only lock and replacement suspend
 *
 * The rows are sealed by the master key, so nobody can write one; an old copy of the whole store
 * can hold old ones, which is why the caller resumes only when the audit trail agrees with the
 * store.
 */
#include "broker/grant/grant.h"

#include "broker/base/text.h"
#include "broker/caller/bearers.h"
#include "broker/token/tokens.h"

#include <string.h>

#define ROW_PREFIX "grant/"
#define ROW_INDEX "grants" /* ids of the rows there are */

static char *
boot_id (void)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
    return g_strdup ("");
  return g_strdup (g_strstrip (text));
}

json_t *
grant_describe (const Grant *grant)
{
  g_autofree char *holder = principal_label (grant->holder);
  g_autofree char *granted = text_format_time (grant->granted_at);
  gint64 left = grant_seconds_left (grant);
  g_autofree char *expires = text_format_time (g_get_real_time () + left * G_USEC_PER_SEC);
  json_t *object
      = json_pack ("{s:s, s:s, s:s, s:s*, s:o, s:s, s:s, s:s, s:I, s:s*, s:s*}", "id", grant->id,
                   "request_id", grant->request_id, "operation", operation_name (grant->operation),
                   "resource", grant->resource, "scopes", wire_texts_json (grant->scopes), "holder",
                   holder, "granted_at", granted, "expires_at", expires, "expires_in",
                   (json_int_t) left, "reference", grant->reference, "purpose", grant->purpose);
  if (grant->uses_left != GRANT_UNLIMITED)
    json_object_set_new (object, "uses_left", json_integer (grant->uses_left));
  return object;
}

static void
holder_to_row (const Principal *holder, json_t *row)
{
  if (holder->kind == PRINCIPAL_SUBJECT)
    {
      const Subject *subject = holder->subject;
      json_object_set_new (row, "subject",
                           json_pack ("{s:s, s:s, s:s, s:s, s:s, s:b}", "caller", subject->caller,
                                      "iss", subject->issuer, "sub", subject->subject, "person",
                                      subject->person, "label", subject->label, "hardware",
                                      subject->hardware));
      return;
    }
  json_object_set_new (row, "pid", json_integer (process_pid (holder->process)));
  json_object_set_new (row, "start", json_integer ((json_int_t) process_start (holder->process)));
}

/* NULL: it has ended, or is accepted no longer. */
static Principal *
holder_from_row (Vault *vault, const json_t *row)
{
  const json_t *who = json_object_get (row, "subject");

  if (who != NULL)
    {
      const Subject parts = { .caller = (char *) wire_string (who, "caller"),
                              .issuer = (char *) wire_string (who, "iss"),
                              .subject = (char *) wire_string (who, "sub"),
                              .person = (char *) wire_string (who, "person"),
                              .label = (char *) wire_string (who, "label"),
                              .hardware = json_is_true (json_object_get (who, "hardware")) };
      g_autoptr (Subject) subject = subject_new (&parts);
      return bearers_accept (vault->bearers, subject) ? principal_new_subject (subject) : NULL;
    }
  g_autoptr (Process) process = process_open (wire_integer (row, "pid", 0), -1, NULL);
  if (process == NULL || process_start (process) != (guint64) wire_integer (row, "start", -1))
    return NULL;
  return principal_new (wire_integer (row, "kind", 0), process);
}

static GBytes *
grant_to_row (const Grant *grant, const char *boot)
{
  g_autoptr (json_t) row
      = json_pack ("{s:i, s:s, s:s, s:s, s:s, s:s*, s:o, s:s*, s:s*, s:s*, s:i, s:I, s:I, s:I}",
                   "v", 1, "boot", boot, "id", grant->id, "request_id", grant->request_id,
                   "operation", operation_name (grant->operation), "resource", grant->resource,
                   "scopes", wire_texts_json (grant->scopes), "binding", grant->binding,
                   "reference", grant->reference, "purpose", grant->purpose, "kind",
                   grant->holder->kind, "granted_at", (json_int_t) grant->granted_at, "not_after",
                   (json_int_t) grant->not_after, "uses_left", (json_int_t) grant->uses_left);
  if (grant->question != NULL)
    json_object_set_new (row, "question", question_to_json (grant->question));
  holder_to_row (grant->holder, row);
  char *text = json_dumps (row, JSON_COMPACT);
  return g_bytes_new_with_free_func (text, strlen (text), free, text);
}

static Grant *
grant_from_row (Vault *vault, GBytes *bytes, const char *boot)
{
  gsize len;
  const char *text = g_bytes_get_data (bytes, &len);
  g_autoptr (json_t) row = json_loadb (text, len, JSON_REJECT_DUPLICATES, NULL);
  Operation operation;

  if (row == NULL || json_integer_value (json_object_get (row, "v")) != 1
      || g_strcmp0 (wire_string (row, "boot"), boot) != 0
      || !operation_from_name (wire_string (row, "operation"), &operation)
      || wire_integer (row, "not_after", 0) <= loop_now ())
    return NULL;
  Principal *holder = holder_from_row (vault, row);
  if (holder == NULL)
    return NULL;

  Grant *grant = g_new0 (Grant, 1);
  grant->id = g_strdup (wire_string (row, "id"));
  grant->request_id = g_strdup (wire_string (row, "request_id"));
  grant->operation = operation;
  grant->resource = g_strdup (wire_string (row, "resource"));
  grant->scopes = wire_texts (json_object_get (row, "scopes"));
  grant->binding = g_strdup (wire_string (row, "binding"));
  grant->reference = g_strdup (wire_string (row, "reference"));
  grant->purpose = g_strdup (wire_string (row, "purpose"));
  grant->holder = holder;
  grant->question = question_from_json (json_object_get (row, "question"));
  grant->granted_at = wire_integer (row, "granted_at", 0);
  grant->not_after = wire_integer (row, "not_after", 0);
  grant->uses_left = wire_integer (row, "uses_left", 0);
  return grant;
}

static char *
row_key (const char *id)
{
  return g_strconcat (ROW_PREFIX, id, NULL);
}

void
grants_suspend (Grants *self)
{
  Store *store = grants_vault (self)->store;
  g_autoptr (GPtrArray) all = grants_list (self);
  g_autoptr (GString) ids = g_string_new (NULL);
  g_autofree char *boot = boot_id ();

  for (guint i = 0; i < all->len; i++)
    {
      const Grant *grant = g_ptr_array_index (all, i);
      g_autofree char *key = row_key (grant->id);
      g_autoptr (GBytes) row = grant_to_row (grant, boot);
      store_put_meta (store, key, row, NULL, NULL);
      g_hash_table_add (grants_suspended (self), g_strdup (grant->id));
      g_string_append_printf (ids, "%s%s", ids->len > 0 ? "\n" : "", grant->id);
    }
  g_autoptr (GBytes) index = g_bytes_new (ids->str, ids->len);
  store_put_meta (store, ROW_INDEX, all->len > 0 ? index : NULL, NULL, NULL);
}

guint
grants_resume (Grants *self, gboolean trusted)
{
  Store *store = grants_vault (self)->store;
  g_autoptr (GBytes) index = store_get_meta (store, ROW_INDEX);
  g_autofree char *boot = boot_id ();
  guint resumed = 0;

  if (index == NULL)
    return 0;
  g_autofree char *text = g_strndup (g_bytes_get_data (index, NULL), g_bytes_get_size (index));
  g_auto (GStrv) ids = g_strsplit (text, "\n", -1);
  for (char **id = ids; *id != NULL; id++)
    {
      g_autofree char *key = row_key (*id);
      g_autoptr (GBytes) row = store_get_meta (store, key);
      Grant *grant
          = row != NULL && trusted ? grant_from_row (grants_vault (self), row, boot) : NULL;
      g_hash_table_add (grants_suspended (self), g_strdup (*id));
      if (grant != NULL)
        resumed += grants_add (self, grant);
      /* It ended meanwhile, under a broker that had no keys: what it gave ends with it. */
      if (row == NULL)
        tokens_revoke_under (grants_vault (self)->tokens, *id);
    }
  /* From here on they live in memory alone, as any other: a crash ends them. */
  grants_forget_suspended (self, NULL);
  store_put_meta (store, ROW_INDEX, NULL, NULL, NULL);
  return resumed;
}

static void
forget_row (Grants *self, const char *id)
{
  g_autofree char *key = row_key (id);
  store_put_meta (grants_vault (self)->store, key, NULL, NULL, NULL);
}

void
grants_forget_suspended (Grants *self, const char *only)
{
  GHashTable *suspended = grants_suspended (self);
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, suspended);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (only == NULL || g_str_equal (only, id))
      {
        forget_row (self, id);
        g_hash_table_iter_remove (&iter);
      }
}
