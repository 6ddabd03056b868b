/* SPDX-License-Identifier: MIT */
#include "broker/operation/operation-step.h"

#include "broker/base/text.h"

#define LIST_BYTES (4 * 1024 * 1024) /* half of what a line may hold */
#define LIST_SECONDS 300             /* what list_secrets asks for: one look, and looking again */

static gboolean
list_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  request->app = g_strdup (wire_string (args, "app"));
  request->environment = g_strdup (wire_string (args, "environment"));
  if (request->app != NULL || request->environment != NULL)
    request->resource = g_strdup_printf ("%s/%s/*", request->app != NULL ? request->app : "*",
                                         request->environment != NULL ? request->environment : "*");
  request->scopes = operation_one_scope ("names");
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

/* What can be sent to, and for what; not how the credential goes along. */
static json_t *
services_json (const Services *services)
{
  json_t *list = json_array ();

  for (guint i = 0; i < services_count (services); i++)
    {
      g_autoptr (json_t) about = service_describe (services_nth (services, i));
      json_object_del (about, "place");
      json_object_del (about, "test");
      json_array_append (list, about);
    }
  return list;
}

static void
list_execute (Request *request)
{
  g_autoptr (GPtrArray) all = store_list (request->vault->store);

  if (!operation_use (request))
    return;
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
  request_finish (request,
                  json_pack ("{s:o, s:I, s:o}", "secrets", secrets, "count", count, "services",
                             services_json (request->vault->services)),
                  NULL);
}

const OperationRow operation_list_secrets = {
  .operation = OPERATION_LIST_SECRETS,
  .call = "list_secrets",
  .risk = RISK_READ,
  .reusable = TRUE,
  .prepare = list_prepare,
  .execute = list_execute,
};
