/* SPDX-License-Identifier: MIT
 *
 * References to a secret, and its value.
 */
#include "broker/operation/operation-program.h"

#include <string.h>

#include "broker/base/arguments.h"
#include "broker/login/login.h"
#include "broker/record.h"

/* ---- get_secret ---- */

static gboolean
get_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  const json_t *scopes = json_object_get (args, "scopes");

  request->resource = g_strdup (wire_string (args, "name"));
  request->purpose = g_strdup (wire_string (args, "purpose"));
  request->asked = wire_integer (args, "ttl_seconds", ARGUMENTS_TTL_DEFAULT);
  request->scopes = scopes != NULL ? wire_texts (scopes) : operation_one_scope ("use");
  return TRUE;
}

/* "use", or "SERVICE:SCOPE" of a service whose credential this is. */
static gboolean
is_scope (const Request *request, const char *scope)
{
  const char *colon = strchr (scope, ':');

  if (colon == NULL)
    return strcmp (scope, "use") == 0;
  g_autofree char *name = g_strndup (scope, colon - scope);
  const Service *service = services_find (request->vault->services, name);
  return service != NULL && g_strcmp0 (service_credential (service), request->resource) == 0
         && service_has_scope (service, colon + 1);
}

static gboolean
get_check (Request *request)
{
  if (!operation_check_exists (request, request->resource))
    return FALSE;
  for (char **scope = request->scopes; *scope != NULL; scope++)
    if (!is_scope (request, *scope))
      {
        request_fail (request, "scope",
                      "scopes: a secret has the scope \"use\", and one that is a service's "
                      "credential also \"SERVICE:SCOPE\" with a scope of that service's; "
                      "list_secrets names them");
        return FALSE;
      }
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
reveal_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  Grant *grant;

  request->reference = g_strdup (wire_string (args, "reference_id"));
  request->scopes = operation_one_scope ("reveal");
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
  operation_add_fact (facts, "Discloses",
                      "the value itself goes to this program, and to whoever reads what it "
                      "writes");
}

static void
on_value (gpointer data, Secret *value, const GError *error)
{
  Request *request = step_end (data);

  if (request != NULL && error != NULL)
    request_fail (request, login_error_code (error), error->message);
  else if (request != NULL)
    request_finish (request, json_object (), value);
  secret_free (value);
}

static void
on_use_recorded (gpointer data, const GError *error)
{
  Step *step = data;
  Request *request = step_request (step);

  if (request == NULL || request->state != REQUEST_EXECUTING)
    step_end (step);
  else if (error != NULL)
    {
      step_end (step);
      request_fail (request, "audit", "refused: the audit record could not be written");
    }
  else
    login_read (step_vault (step), request->resource, on_value, step);
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

const OperationRow operation_get_secret = {
  .operation = OPERATION_GET_SECRET,
  .call = "get_secret",
  .risk = RISK_READ,
  .reusable = TRUE,
  .prepare = get_prepare,
  .check = get_check,
  .execute = get_execute,
};

const OperationRow operation_resolve_secret = {
  .operation = OPERATION_REVEAL,
  .call = "resolve_secret",
  .risk = RISK_DISCLOSE,
  .secret_result = TRUE,
  .prepare = reveal_prepare,
  .check = reveal_check,
  .facts = reveal_facts,
  .execute = reveal_execute,
};
