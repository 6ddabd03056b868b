/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "broker/service/service-private.h"
#include "policy/policy-words.h"

static gboolean
check_method (const char *method, guint *bit, GError **error)
{
  if (!g_utf8_validate (method, -1, NULL))
    return service_fail (error, "method", "this is not UTF-8");
  g_autofree char *shown = policy_show (method);
  g_autofree char *upper = g_ascii_strup (method, -1);
  g_autofree char *all = g_strjoinv (", ", (char **) service_method_words);
  *bit = service_method_bit (method);
  if (*bit != 0)
    return TRUE;
  if (service_method_bit (upper) != 0)
    return service_fail (error, "method", "methods are written in capitals; write %s", upper);
  return service_fail (error, "method", "%s is no method that is sent; write one of %s", shown,
                       all);
}

static gboolean
check_path (const Service *service, const char *path, char ***segments, GError **error)
{
  g_autofree char *problem = NULL;
  *segments = service_path_split (path, service->encoded_slashes, &problem);
  return *segments != NULL || service_fail (error, "path", "%s", problem);
}

static char *
make_target (const Service *service, const char *path, const json_t *query, GError **error)
{
  g_autoptr (GString) target = g_string_new (service->base.path);
  g_string_append (target, path);
  if (!service_query_append (service, query, target, error))
    return NULL;
  return g_string_free (g_steal_pointer (&target), FALSE);
}

/* A percent sign in a segment is never followed by two digits: what looks like an escape is one. */
static char *
make_path (char **segments)
{
  g_autoptr (GString) path = g_string_new (NULL);

  for (; *segments != NULL; segments++)
    {
      g_auto (GStrv) parts = g_strsplit (*segments, "/", -1);
      g_autofree char *segment = g_strjoinv ("%2F", parts);
      g_string_append_printf (path, "/%s", segment);
    }
  return g_string_free (g_steal_pointer (&path), FALSE);
}

static ServiceRequest *
build (const Service *service, ServiceCall *call, GError **error)
{
  g_autoptr (ServiceRequest) request = g_new0 (ServiceRequest, 1);
  request->method = g_strdup (call->method);
  request->path = make_path (call->segments);
  request->target = make_target (service, call->path, call->query, error);
  if (request->target == NULL)
    return NULL;
  request->url = g_strconcat (service->base.origin, request->target, NULL);
  request->headers = json_incref (call->headers);
  if (!service_body_check (service, call->method_bit, request->headers, call->body, call->body_len,
                           error))
    return NULL;
  request->scopes = service_covering (service, call, error);
  return request->scopes == NULL ? NULL : g_steal_pointer (&request);
}

ServiceRequest *
service_request_new (const Service *service, const char *method, const char *path,
                     const json_t *query, const json_t *headers, const char *body, gsize body_len,
                     GError **error)
{
  g_auto (GStrv) segments = NULL;
  guint bit;
  if (service_is_tcp (service))
    {
      g_set_error (error, SERVICE_ERROR, SERVICE_ERROR_TCP,
                   "the service %s is reached by commands only, with run_command", service->name);
      return NULL;
    }
  if (!check_method (method, &bit, error) || !check_path (service, path, &segments, error))
    return NULL;
  g_autoptr (json_t) all = service_headers_build (service, headers, body != NULL, error);
  if (all == NULL)
    return NULL;
  ServiceCall call = { method, path, bit, segments, query, headers, all, body, body_len };
  return build (service, &call, error);
}

ServiceRequest *
service_test_request (const Service *service, GError **error)
{
  const ServiceTest *test = &service->test;
  if (test->method == NULL)
    {
      service_fail (error, "test", "the service %s has no test line", service->name);
      return NULL;
    }
  ServiceRequest *request
      = service_request_new (service, test->method, test->path, test->query, test->headers,
                             test->body, test->body == NULL ? 0 : strlen (test->body), error);
  if (request != NULL)
    request->body = g_strdup (test->body);
  return request;
}

void
service_request_free (ServiceRequest *request)
{
  g_free (request->method);
  g_free (request->target);
  g_free (request->path);
  g_free (request->url);
  g_free (request->body);
  g_strfreev (request->scopes);
  g_clear_pointer (&request->headers, json_decref);
  g_free (request);
}
