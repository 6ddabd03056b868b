/* SPDX-License-Identifier: MIT
 *
 * What changes the store.
 */
#include "broker/operation/operation-step.h"

#include "broker/login/login.h"
#include "broker/dispatch/http-workers.h"
#include "broker/record.h"

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
on_stored (gpointer data, const GError *error)
{
  Step *step = data;
  Vault *vault = step_vault (step);
  Request *asked = step_request (step);

  /* It has happened, also when the requester ended meanwhile. */
  if (error == NULL && asked != NULL)
    record_owe (vault, record_request (asked, "secret_changed"));
  if (error == NULL)
    http_workers_retire (vault->http); /* they may have the old value */
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

static gboolean
write_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  request->resource = g_strdup (wire_string (args, "name"));
  request->scopes = operation_one_scope ("write");
  take_tags (request, args);
  return take_value (request, args, files->input, error);
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

  operation_add_fact (facts, "Value", size);
  if (request->tags == NULL)
    return;
  g_hash_table_iter_init (&iter, request->tags);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autofree char *tag = g_strdup_printf ("%s = %s", (char *) key, (char *) value);
      operation_add_fact (facts, "Tag", tag);
    }
}

static void
write_execute (Request *request)
{
  StoreSetMode mode
      = request->row->operation == OPERATION_STORE_SECRET ? STORE_SET_NEW : STORE_SET_UPDATE;

  login_forget_set (request->vault, request->resource, mode);
  store_set (request->vault->store, request->resource, request->value, request->tags, mode,
             on_stored, step_new (request));
}

static gboolean
delete_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  request->resource = g_strdup (wire_string (args, "name"));
  request->scopes = operation_one_scope ("delete");
  return TRUE;
}

static void
delete_execute (Request *request)
{
  grants_end_for (request->vault->grants, OPERATION_GET_SECRET, request->resource, "revoked");
  login_forget (request->vault, request->resource);
  store_remove (request->vault->store, request->resource, on_stored, step_new (request));
}

static gboolean
check_there (Request *request)
{
  return operation_check_exists (request, request->resource);
}

const OperationRow operation_store_secret = {
  .operation = OPERATION_STORE_SECRET,
  .call = "store_secret",
  .risk = RISK_WRITE,
  .prepare = write_prepare,
  .check = store_check,
  .facts = write_facts,
  .execute = write_execute,
};

const OperationRow operation_update_secret = {
  .operation = OPERATION_UPDATE_SECRET,
  .call = "update_secret",
  .risk = RISK_WRITE,
  .prepare = write_prepare,
  .check = check_there,
  .facts = write_facts,
  .execute = write_execute,
};

const OperationRow operation_delete_secret = {
  .operation = OPERATION_DELETE_SECRET,
  .call = "delete_secret",
  .risk = RISK_WRITE,
  .prepare = delete_prepare,
  .check = check_there,
  .execute = delete_execute,
};
