/* SPDX-License-Identifier: MIT */
#include "broker/operation.h"

#include <string.h>
#include <unistd.h>

#include "broker/base/arguments.h"
#include "broker/base/text.h"
#include "broker/record.h"

#define LIST_BYTES (4 * 1024 * 1024) /* half of what a line may hold */
#define LIST_SECONDS 300             /* what list_secrets asks for: one look, and looking again */

const char *
risk_name (Risk risk)
{
  switch (risk)
    {
    case RISK_READ:
      return "read";
    case RISK_WRITE:
      return "write";
    case RISK_DISCLOSE:
    default:
      return "disclose";
    }
}

/* ---- what several have in common ---- */

/* Asynchronous steps name the request by id: it may have ended when they come back. */
typedef struct
{
  Vault *vault;
  char *id;
} Step;

static Step *
step_new (const Request *request)
{
  Step *step = g_new0 (Step, 1);
  step->vault = request->vault;
  step->id = g_strdup (request->id);
  return step;
}

/* Frees @step. NULL when the request has ended meanwhile. */
static Request *
step_end (Step *step)
{
  Request *request = requests_find (step->vault->requests, step->id, NULL);
  g_free (step->id);
  g_free (step);
  return request != NULL && request->state == REQUEST_EXECUTING ? request : NULL;
}

static char **
one_scope (const char *scope)
{
  const char *scopes[] = { scope, NULL };
  return g_strdupv ((char **) scopes);
}

static gboolean
check_exists (Request *request)
{
  if (store_find (request->vault->store, request->resource) != NULL)
    return TRUE;
  g_autofree char *message = g_strdup_printf (
      "there is no secret named %s; a person can add it with `countersign secret set %s`",
      request->resource, request->resource);
  request_fail (request, "not_found", message);
  return FALSE;
}

static gboolean
take_value (Request *request, json_t *args, int fd, GError **error)
{
  const json_t *value = json_object_get (args, "value");

  if (value != NULL)
    request->value = secret_new_from (json_string_value (value), json_string_length (value), error);
  else if (fd >= 0)
    request->value = secret_read_memfd (fd, SECRET_MAX, error);
  else
    g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD,
                         "value_fd: no descriptor came with the message");
  if (fd >= 0)
    close (fd);
  return request->value != NULL;
}

static void
take_tags (Request *request, json_t *args)
{
  const char *key;
  json_t *value;
  json_t *tags = json_object_get (args, "tags");

  if (tags == NULL)
    return;
  request->tags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  json_object_foreach (tags, key, value)
      g_hash_table_insert (request->tags, g_strdup (key), g_strdup (json_string_value (value)));
}

static void
add_fact (json_t *facts, const char *label, const char *value)
{
  json_array_append_new (facts, json_pack ("{s:s, s:s}", "label", label, "value", value));
}

static void
on_stored (gpointer data, const GError *error)
{
  Step *step = data;
  Request *asked = requests_find (step->vault->requests, step->id, NULL);

  /* It has happened, also when the requester ended meanwhile. */
  if (error == NULL && asked != NULL)
    record_owe (step->vault, record_request (asked, "secret_changed"));
  Request *request = step_end (step);
  if (request == NULL)
    return;
  if (error != NULL)
    {
      request_fail (request, "store", error->message);
      return;
    }
  g_autofree char *message = g_strdup_printf ("%s: done", request->resource);
  request_finish (request, json_pack ("{s:s}", "message", message), NULL);
}

/* ---- list_secrets ---- */

static gboolean
list_prepare (Request *request, json_t *args, int fd, GError **error)
{
  request->app = g_strdup (wire_string (args, "app"));
  request->environment = g_strdup (wire_string (args, "environment"));
  if (request->app != NULL || request->environment != NULL)
    request->resource = g_strdup_printf ("%s/%s/*", request->app != NULL ? request->app : "*",
                                         request->environment != NULL ? request->environment : "*");
  request->scopes = one_scope ("names");
  request->asked = LIST_SECONDS;
  return TRUE;
}

/* Of app/environment/NAME; a short name is in no app. */
static gboolean
listed (const Request *request, const char *name)
{
  if (request->resource == NULL)
    return TRUE;
  g_auto (GStrv) parts = g_strsplit (name, "/", 3);
  return g_strv_length (parts) == 3
         && (request->app == NULL || g_str_equal (parts[0], request->app))
         && (request->environment == NULL || g_str_equal (parts[1], request->environment));
}

static json_t *
tags_json (GHashTable *tags)
{
  json_t *object = json_object ();
  GHashTableIter iter;
  gpointer key, value;

  if (tags != NULL)
    {
      g_hash_table_iter_init (&iter, tags);
      while (g_hash_table_iter_next (&iter, &key, &value))
        json_object_set_new (object, key, json_string (value));
    }
  return object;
}

json_t *
operation_entry_json (const StoreEntry *entry)
{
  g_autofree char *created = text_format_time (entry->created * G_USEC_PER_SEC);
  g_autofree char *updated = text_format_time (entry->updated * G_USEC_PER_SEC);
  return json_pack ("{s:s, s:o, s:s, s:s, s:I}", "name", entry->name, "tags",
                    tags_json (entry->tags), "created", created, "updated", updated, "version",
                    (json_int_t) entry->version);
}

static void
list_execute (Request *request)
{
  g_autoptr (GPtrArray) all = store_list (request->vault->store);
  Grant *grant = grants_find (request->vault->grants, request->grant_id);

  if (!request->spent && grant == NULL)
    {
      request_fail (request, "reference", "the grant ended before it could be used; ask again");
      return;
    }
  if (!request->spent)
    grant_spend (grant);
  json_t *secrets = json_array ();

  for (guint i = 0; i < all->len; i++)
    {
      const StoreEntry *entry = g_ptr_array_index (all, i);
      if (listed (request, entry->name))
        json_array_append_new (secrets, operation_entry_json (entry));
    }
  json_int_t count = json_array_size (secrets);
  if (json_dumpb (secrets, NULL, 0, JSON_COMPACT) > LIST_BYTES)
    {
      json_decref (secrets);
      request_fail (request, "too_many",
                    "there are more names than one answer holds; give app or environment");
      return;
    }
  request_finish (request, json_pack ("{s:o, s:I}", "secrets", secrets, "count", count), NULL);
}

/* ---- get_secret ---- */

static gboolean
get_prepare (Request *request, json_t *args, int fd, GError **error)
{
  gsize i;
  json_t *scope, *scopes = json_object_get (args, "scopes");

  json_array_foreach (scopes, i, scope) if (strcmp (json_string_value (scope), "use") != 0)
  {
    g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD,
                         "scopes: a plain secret has the one scope \"use\"");
    return FALSE;
  }
  request->resource = g_strdup (wire_string (args, "name"));
  request->purpose = g_strdup (wire_string (args, "purpose"));
  request->asked = wire_integer (args, "ttl_seconds", ARGUMENTS_TTL_DEFAULT);
  request->scopes = one_scope ("use");
  return TRUE;
}

json_t *
operation_reference_json (const Grant *grant)
{
  gint64 left = grant_seconds_left (grant);
  gint64 expires = g_get_real_time () / 1000 + left * 1000;
  return json_pack ("{s:{s:s, s:s, s:s, s:I, s:I}, s:s}", "reference", "id", grant->reference,
                    "name", grant->resource, "purpose", grant->purpose, "expiresAt",
                    (json_int_t) expires, "expiresIn", (json_int_t) left, "message",
                    OPERATION_REFERENCE_MESSAGE);
}

static void
get_execute (Request *request)
{
  Grant *grant = grants_find (request->vault->grants, request->grant_id);

  if (grant == NULL)
    request_fail (request, "reference", "the grant ended before it could be used; ask again");
  else
    request_finish (request, operation_reference_json (grant), NULL);
}

/* ---- resolve_secret: the value leaves the broker ---- */

static gboolean
reveal_prepare (Request *request, json_t *args, int fd, GError **error)
{
  Grant *grant;

  request->reference = g_strdup (wire_string (args, "reference_id"));
  request->scopes = one_scope ("reveal");
  grant = grants_reference (request->vault->grants, request->reference, request->requester);
  if (grant != NULL)
    {
      request->resource = g_strdup (grant->resource);
      request->purpose = g_strdup (grant->purpose);
    }
  return TRUE;
}

static gboolean
reveal_check (Request *request)
{
  if (request->resource != NULL)
    return TRUE;
  record_owe_request (request, "reference_refused");
  request_fail (request, "reference",
                "there is no such reference for this process: it has ended, or it is another's; "
                "call get_secret");
  return FALSE;
}

static void
reveal_facts (const Request *request, json_t *facts)
{
  add_fact (facts, "Discloses",
            "the value itself goes to this program, and to whoever reads what it "
            "writes");
}

static void
on_value (gpointer data, Secret *value, const GError *error)
{
  Request *request = step_end (data);

  if (request != NULL && error != NULL)
    request_fail (request, "store", error->message);
  else if (request != NULL)
    request_finish (request, json_object (), value);
  secret_free (value);
}

static void
on_use_recorded (gpointer data, const GError *error)
{
  Step *step = data;
  Request *request = requests_find (step->vault->requests, step->id, NULL);

  if (request == NULL || request->state != REQUEST_EXECUTING)
    step_end (step);
  else if (error != NULL)
    {
      step_end (step);
      request_fail (request, "audit", "refused: the audit record could not be written");
    }
  else
    store_read (step->vault->store, request->resource, on_value, step);
}

static void
reveal_execute (Request *request)
{
  Vault *vault = request->vault;
  Grant *grant = grants_reference (vault->grants, request->reference, request->requester);

  if (grant == NULL)
    {
      request_fail (request, "reference", "the reference ended while a person was asked");
      return;
    }
  AuditRecord *used = record_grant (vault, grant, "grant_used");
  audit_record_string (used, "for", request->id);
  grant_spend (grant); /* before the value is read: two at once must not share one use */
  audit_append (vault->audit, used, AUDIT_SYNCED, on_use_recorded, step_new (request));
}

/* ---- store_secret, update_secret, delete_secret ---- */

static gboolean
write_prepare (Request *request, json_t *args, int fd, GError **error)
{
  request->resource = g_strdup (wire_string (args, "name"));
  request->scopes = one_scope ("write");
  take_tags (request, args);
  return take_value (request, args, fd, error);
}

static gboolean
store_check (Request *request)
{
  if (store_find (request->vault->store, request->resource) == NULL)
    return TRUE;
  g_autofree char *message = g_strdup_printf (
      "a secret named %s exists already; update_secret changes it", request->resource);
  request_fail (request, "exists", message);
  return FALSE;
}

static void
write_facts (const Request *request, json_t *facts)
{
  GHashTableIter iter;
  gpointer key, value;
  g_autofree char *size
      = g_strdup_printf ("%" G_GSIZE_FORMAT " bytes", secret_len (request->value));

  add_fact (facts, "Value", size);
  if (request->tags == NULL)
    return;
  g_hash_table_iter_init (&iter, request->tags);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autofree char *tag = g_strdup_printf ("%s = %s", (char *) key, (char *) value);
      add_fact (facts, "Tag", tag);
    }
}

static void
write_execute (Request *request)
{
  store_set (request->vault->store, request->resource, request->value, request->tags,
             request->row->operation == OPERATION_STORE_SECRET ? STORE_SET_NEW : STORE_SET_UPDATE,
             on_stored, step_new (request));
}

static gboolean
delete_prepare (Request *request, json_t *args, int fd, GError **error)
{
  request->resource = g_strdup (wire_string (args, "name"));
  request->scopes = one_scope ("delete");
  return TRUE;
}

static void
delete_execute (Request *request)
{
  grants_end_for (request->vault->grants, OPERATION_GET_SECRET, request->resource, "revoked");
  store_remove (request->vault->store, request->resource, on_stored, step_new (request));
}

static const OperationRow rows[] = {
  { OPERATION_LIST_SECRETS, "list_secrets", RISK_READ, TRUE, FALSE, list_prepare, NULL, NULL,
    list_execute },
  { OPERATION_GET_SECRET, "get_secret", RISK_READ, TRUE, FALSE, get_prepare, check_exists, NULL,
    get_execute },
  { OPERATION_REVEAL, "resolve_secret", RISK_DISCLOSE, FALSE, TRUE, reveal_prepare, reveal_check,
    reveal_facts, reveal_execute },
  { OPERATION_STORE_SECRET, "store_secret", RISK_WRITE, FALSE, FALSE, write_prepare, store_check,
    write_facts, write_execute },
  { OPERATION_UPDATE_SECRET, "update_secret", RISK_WRITE, FALSE, FALSE, write_prepare, check_exists,
    write_facts, write_execute },
  { OPERATION_DELETE_SECRET, "delete_secret", RISK_WRITE, FALSE, FALSE, delete_prepare,
    check_exists, NULL, delete_execute },
};

const OperationRow *
operation_row (const char *call)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].call, call) == 0)
      return &rows[i];
  return NULL;
}
