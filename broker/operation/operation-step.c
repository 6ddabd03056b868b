/* SPDX-License-Identifier: MIT */
#include "broker/operation/operation-step.h"

#include "broker/base/arguments.h"

struct _Step
{
  Vault *vault;
  char *id;
};

Step *
step_new (const Request *request)
{
  Step *step = g_new0 (Step, 1);
  step->vault = request->vault;
  step->id = g_strdup (request->id);
  return step;
}

Request *
step_request (const Step *step)
{
  return requests_find (step->vault->requests, step->id, NULL);
}

Vault *
step_vault (const Step *step)
{
  return step->vault;
}

Request *
step_end (Step *step)
{
  Request *request = step_request (step);
  g_free (step->id);
  g_free (step);
  return request != NULL && request->state == REQUEST_EXECUTING ? request : NULL;
}

gboolean
operation_use (Request *request)
{
  Grant *grant = grants_find (request->vault->grants, request->grant_id);

  if (request->spent && (grant != NULL || !(request->row->slow || request->lasting)))
    return TRUE;
  if (grant == NULL)
    {
      request_fail (request, "reference", "the grant ended before it could be used; ask again");
      return FALSE;
    }
  request_spend (request, grant);
  return TRUE;
}

char *
operation_read_text (int fd, const char *field, gsize *len, GError **error)
{
  g_autoptr (Secret) bytes = secret_read_memfd (fd, ARGUMENTS_BODY_MAX, error);

  if (bytes == NULL)
    return NULL;
  if (!secret_is_text (bytes))
    {
      g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s: must be text in UTF-8", field);
      return NULL;
    }
  *len = secret_len (bytes);
  return g_strndup ((const char *) secret_peek (bytes), *len);
}

char **
operation_one_scope (const char *scope)
{
  const char *scopes[] = { scope, NULL };
  return g_strdupv ((char **) scopes);
}

gboolean
operation_check_exists (Request *request, const char *name)
{
  if (store_find (request->vault->store, name) != NULL)
    return TRUE;
  g_autofree char *near = operation_near_secret (request, name);
  g_autofree char *message = g_strdup_printf (
      "there is no secret named %s%s a person can add it with `countersign secret set %s`", name,
      near, name);
  request_fail (request, "not_found", message);
  return FALSE;
}

gboolean
operation_check_service (Request *request, const Service *service)
{
  const Service *now = services_find (request->vault->services, service_name (service));
  g_autoptr (json_t) before = service_worker_json (service);
  g_autoptr (json_t) after = now != NULL ? service_worker_json (now) : NULL;

  if (after != NULL && json_equal (before, after)
      && g_strcmp0 (service_credential (service), service_credential (now)) == 0)
    return TRUE;
  request_fail (request, "changed", "the service was changed meanwhile; ask again");
  return FALSE;
}

gboolean
operation_check_provider (Request *request, const Provider *provider)
{
  const Provider *now = providers_find (request->vault->providers, provider_name (provider));
  g_autoptr (json_t) before = provider_describe (provider);
  g_autoptr (json_t) after = now != NULL ? provider_describe (now) : NULL;

  if (after != NULL && json_equal (before, after))
    return TRUE;
  request_fail (request, "changed", "the provider was changed meanwhile; ask again");
  return FALSE;
}

void
operation_record_redacted (AuditRecord *record, const json_t *result)
{
  gint64 redacted = 0;
  const char *name;
  json_t *count;

  json_object_foreach (json_object_get (result, "redacted"), name, count) redacted
      += json_integer_value (count);
  audit_record_integer (record, "redacted", redacted);
}

void
operation_add_fact (json_t *facts, const char *label, const char *value)
{
  json_array_append_new (facts, json_pack ("{s:s, s:s}", "label", label, "value", value));
}
