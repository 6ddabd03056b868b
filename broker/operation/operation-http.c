/* SPDX-License-Identifier: MIT
 *
 * http_request: a request that carries a credential, which the agent never has.
 *
 * MUST
 *  - send the very bytes that the policy and the scopes were held against, and that a person saw
 *  - send them to the service alone whose credential it is
 */
#include "broker/operation/operation-http.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "broker/accepted.h"
#include "broker/base/arguments.h"
#include "broker/base/text.h"
#include "broker/dispatch/http-workers.h"
#include "broker/record.h"

static void
http_end (Request *request)
{
  HttpWork *http = request->detail;

  if (http->ticket != 0)
    http_workers_cancel (request->vault->http, http->ticket);
  if (http->output >= 0)
    close (http->output);
  json_decref (http->query);
  json_decref (http->headers);
  g_clear_pointer (&http->built, service_request_free);
  g_clear_pointer (&http->services, services_unref);
  g_free (http->service);
  g_free (http->method);
  g_free (http->path);
  g_free (http->output_file);
  g_free (http->body);
  operation_fault_clear (&http->fault);
  g_free (http);
}

/* ---- what is asked ---- */

static gboolean
take_body (HttpWork *http, const json_t *args, int fd, GError **error)
{
  const json_t *body = json_object_get (args, "body");

  if (body != NULL)
    {
      http->body_len = json_string_length (body);
      http->body = g_memdup2 (json_string_value (body), http->body_len + 1);
    }
  if (fd >= 0)
    http->body = operation_read_text (fd, "body", &http->body_len, error);
  return fd < 0 || http->body != NULL;
}

static gboolean
http_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  HttpWork *http = g_new0 (HttpWork, 1);

  request->detail = http;
  http->service = g_strdup (wire_string (args, "service"));
  http->method = g_strdup (wire_string (args, "method"));
  http->path = g_strdup (wire_string (args, "path"));
  http->output_file = g_strdup (wire_string (args, "output_file"));
  http->query = json_incref (json_object_get (args, "query"));
  http->headers = json_incref (json_object_get (args, "headers"));
  http->timeout = wire_integer (args, "timeout_seconds", ARGUMENTS_HTTP_TIMEOUT_DEFAULT);
  http->max_bytes = wire_integer (args, "max_bytes", ARGUMENTS_HTTP_BYTES_DEFAULT);
  http->output = files->output >= 0 ? fcntl (files->output, F_DUPFD_CLOEXEC, 3) : -1;
  request->reference = g_strdup (wire_string (args, "reference_id"));
  request->resource = g_strdup (http->service);
  request->purpose = g_strdup (wire_string (args, "purpose"));
  request->asked = wire_integer (args, "ttl_seconds", ARGUMENTS_TTL_DEFAULT);
  if (files->output >= 0 && http->output < 0)
    {
      g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_FULL,
                           "output_file: no descriptor is free; try again");
      return FALSE;
    }
  return take_body (http, args, files->input, error);
}

/* ---- what it comes down to ---- */

static void
find_by_name (Request *request)
{
  HttpWork *http = request->detail;

  http->found = services_find (http->services, http->service);
  if (http->found != NULL)
    return;
  g_autofree char *near = operation_near_service (request, http->services, http->service);
  operation_fault_set (
      &http->fault, "not_found",
      g_strdup_printf ("there is no service named %s%s list_secrets names those there are, "
                       "and a person adds one with `countersign service add %s`",
                       http->service, near, http->service));
}

/* The one service whose credential the reference stands for. */
static void
find_by_reference (Request *request)
{
  HttpWork *http = request->detail;
  const Grant *grant
      = grants_reference (request->vault->grants, request->reference, request->requester);

  if (grant == NULL)
    {
      operation_fault_set (
          &http->fault, "reference",
          g_strdup ("there is no such reference for this process: it has ended, or it is "
                    "another's; call get_secret"));
      return;
    }
  g_autoptr (GPtrArray) bound = services_with_credential (http->services, grant->resource);
  if (bound->len == 1)
    {
      http->found = g_ptr_array_index (bound, 0);
      g_free (request->resource);
      request->resource = g_strdup (service_name (http->found));
    }
  else if (bound->len == 0)
    operation_fault_set (
        &http->fault, "unbound",
        g_strdup_printf ("%s is no service's credential, so it can be sent nowhere; a "
                         "person binds it with `countersign service add NAME --credential "
                         "%s`",
                         grant->resource, grant->resource));
  else
    operation_fault_set (
        &http->fault, "unbound",
        g_strdup_printf ("%s is the credential of %u services; name one in service, in place of "
                         "reference_id",
                         grant->resource, bound->len));
}

/* Of all that is sent, where to, and what becomes of the answer. */
static char *
digest (const HttpWork *http)
{
  g_autoptr (json_t) what = json_pack (
      "{s:o, s:s*, s:s, s:s, s:O, s:s*}", "service", service_worker_json (http->found),
      "credential", service_credential (http->found), "method", http->built->method, "target",
      http->built->target, "headers", http->built->headers, "output", http->output_file);

  if (http->body_len > 0)
    json_object_set_new (what, "body", json_stringn (http->body, http->body_len));
  return operation_digest (what);
}

/* The service, and each of @scopes as one of its own. g_strfreev(). */
static char **
names_of (const Request *request, char **scopes)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (request->resource != NULL)
    g_strv_builder_add (names, request->resource);
  for (; *scopes != NULL; scopes++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%s", request->resource, *scopes);
      g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

/* A rule for the service, and a rule for any scope that covers it, speak of this. */
static void
http_ask (const Request *request, PolicyQuery *query, QuestionKind *kind, char ***names)
{
  const HttpWork *http = request->detail;
  char *none[] = { NULL };

  *kind = QUESTION_NAMES;
  *names = names_of (request, http->built != NULL ? http->built->scopes : none);
  if (http->built == NULL)
    return;
  query->method = http->built->method;
  query->path = http->built->path;
}

/* What is asked for, and granted: the first in the order of the person's file, of those that the
 * policy is most open to. A rule that allows one scope must not grant another that happens to cover
 * the same request, and much else. */
static const char *
choose_scope (const Request *request)
{
  const HttpWork *http = request->detail;
  const char *best = NULL;
  PolicyVerdict most = POLICY_DENY;
  PolicyQuery query;

  accepted_query (request->vault, request->requester, OPERATION_HTTP_REQUEST, &query);
  query.resource = request->resource;
  query.method = http->built->method;
  query.path = http->built->path;
  for (guint i = 0; http->built->scopes[i] != NULL; i++)
    {
      char *alone[] = { http->built->scopes[i], NULL };
      g_auto (GStrv) names = names_of (request, alone);
      PolicyDecision decision;
      policy_decide_names (request->vault->policy, &query, (const char *const *) names, &decision);
      if (best == NULL || decision.verdict > most)
        {
          best = alone[0];
          most = decision.verdict;
        }
    }
  return best;
}

static void
build (Request *request)
{
  HttpWork *http = request->detail;
  g_autoptr (GError) error = NULL;

  http->built = service_request_new (http->found, http->method, http->path, http->query,
                                     http->headers, http->body, http->body_len, &error);
  if (http->built == NULL)
    {
      gboolean scope = g_error_matches (error, SERVICE_ERROR, SERVICE_ERROR_SCOPE);
      operation_fault_set (&http->fault, scope ? "scope" : "arguments", g_strdup (error->message));
      return;
    }
  g_strfreev (request->scopes);
  g_clear_pointer (&request->cut, g_strfreev);
  request->scopes = operation_one_scope (choose_scope (request));
  request->risk = service_scope_reads (http->found, request->scopes[0]) ? RISK_READ : RISK_WRITE;
  request->binding = digest (http);
}

static void
http_settle (Request *request)
{
  HttpWork *http = request->detail;

  http->services = services_ref (request->vault->services);
  if (http->service != NULL)
    find_by_name (request);
  else
    find_by_reference (request);
  if (http->found != NULL)
    build (request);
  request_settled (request);
}

static char *
http_rule (const Request *request, const char *exe, gint64 max)
{
  g_autofree char *name = g_strdup_printf ("%s/%s", request->resource, request->scopes[0]);

  return policy_allow_text (OPERATION_HTTP_REQUEST, name, exe, max);
}

static gboolean
http_check (Request *request)
{
  const HttpWork *http = request->detail;

  if (http->fault.code != NULL && request->reference != NULL && http->found == NULL)
    record_owe_request (request, "reference_refused");
  if (!operation_fault_check (request, &http->fault))
    return FALSE;
  const char *credential = service_credential (http->found);
  return credential == NULL || operation_check_exists (request, credential);
}

/* A reference whose scopes name one of the service's covers what that scope does. */
static Grant *
cover_by_reference (const Request *request)
{
  const HttpWork *http = request->detail;
  Grant *grant
      = request->reference != NULL
            ? grants_reference (request->vault->grants, request->reference, request->requester)
            : NULL;

  for (guint i = 0; grant != NULL && http->built->scopes[i] != NULL; i++)
    {
      g_autofree char *scope = g_strdup_printf ("%s:%s", request->resource, http->built->scopes[i]);
      if (g_strv_contains ((const char *const *) grant->scopes, scope))
        return grant;
    }
  return NULL;
}

static Grant *
http_cover (const Request *request)
{
  const HttpWork *http = request->detail;
  Grant *grant = cover_by_reference (request);

  for (guint i = 0; grant == NULL && http->built->scopes[i] != NULL; i++)
    {
      const char *scope[] = { http->built->scopes[i], NULL };
      grant = grants_cover (request->vault->grants, OPERATION_HTTP_REQUEST, request->resource,
                            scope, request->binding, request->requester);
    }
  return grant;
}

/* ---- what a person sees ---- */

/* What else is granted, if it is granted for a time. */
static void
add_covered (json_t *facts, const Service *service, const char *scope)
{
  g_auto (GStrv) lines = service_scope_lines (service, scope);

  for (guint i = 0; lines[i] != NULL; i++)
    operation_add_fact (facts, "Scope", lines[i]);
}

static void
http_facts (const Request *request, json_t *facts)
{
  const HttpWork *http = request->detail;
  g_autofree char *what = g_strdup_printf ("%s %s", http->built->method, http->built->url);
  const char *credential = service_credential (http->found);
  json_t *header;
  gsize i;

  operation_add_fact (facts, "Request", what);
  if (credential != NULL)
    {
      g_autofree char *how
          = g_strdup_printf ("%s, %s", credential, service_place_words (http->found));
      operation_add_fact (facts, "Credential", how);
    }
  json_array_foreach (http->built->headers, i, header)
  {
    g_autofree char *line
        = g_strdup_printf ("%s: %s", json_string_value (json_array_get (header, 0)),
                           json_string_value (json_array_get (header, 1)));
    operation_add_fact (facts, "Header", line);
  }
  if (http->body_len > 0)
    operation_add_fact (facts, "Body", http->body);
  if (http->output_file != NULL)
    operation_add_fact (facts, "Writes the answer to", http->output_file);
  add_covered (facts, http->found, request->scopes[0]);
}

const OperationRow operation_http_request = {
  .operation = OPERATION_HTTP_REQUEST,
  .call = "http_request",
  .risk = RISK_WRITE,
  .reusable = TRUE,
  .slow = TRUE,
  .prepare = http_prepare,
  .settle = http_settle,
  .ask = http_ask,
  .rule = http_rule,
  .check = http_check,
  .cover = http_cover,
  .facts = http_facts,
  .execute = http_work_begin,
  .end = http_end,
};
