/* SPDX-License-Identifier: MIT */
#include "broker/service/service.h"

#include <string.h>

#include "broker/service/service-private.h"
#include "policy/policy-lex.h"

G_DEFINE_QUARK (countersign_service_error, service_error)

struct _Services
{
  guint refs;
  GPtrArray *all; /* of Service */
};

gboolean
service_fail (GError **error, const char *field, const char *format, ...)
{
  va_list list;
  va_start (list, format);
  g_autofree char *message = g_strdup_vprintf (format, list);
  va_end (list);
  g_set_error (error, SERVICE_ERROR, SERVICE_ERROR_FIELD, "%s: %s", field, message);
  return FALSE;
}

Service *
service_new (void)
{
  Service *service = g_new0 (Service, 1);
  service->headers = g_ptr_array_new_with_free_func ((GDestroyNotify) service_header_free);
  service->rules = g_ptr_array_new_with_free_func ((GDestroyNotify) service_rule_free);
  return service;
}

void
service_free (Service *service)
{
  g_free (service->name);
  g_free (service->credential);
  g_free (service->ca);
  service_base_clear (&service->base);
  service_place_clear (&service->place);
  g_ptr_array_unref (service->headers);
  g_ptr_array_unref (service->rules);
  g_free (service->test.method);
  g_free (service->test.path);
  g_free (service->test.body);
  g_clear_pointer (&service->test.query, json_decref);
  g_clear_pointer (&service->test.headers, json_decref);
  g_free (service);
}

/* --- The set --- */

static gboolean
fail_source (const PolicySource *source, GError **error, const char *message)
{
  PolicyLexer lexer = { .source = source };
  return policy_fail (&lexer, 1, 1, error, "%s", message);
}

static gboolean
add_source (Services *services, const PolicySource *source, const PolicySource *sources,
            gsize n_sources, GError **error)
{
  if (g_str_has_suffix (source->name, ".pem"))
    return TRUE; /* read by the service that names it */
  if (!g_str_has_suffix (source->name, ".conf"))
    return fail_source (source, error, "a service's file ends with .conf, certificates with .pem");
  if (services->all->len == SERVICE_MAX)
    return fail_source (source, error, "more than " G_STRINGIFY (SERVICE_MAX) " services");
  g_autoptr (Service) service = service_parse (source, sources, n_sources, error);
  if (service == NULL)
    return FALSE;
  if (services_find (services, service->name) != NULL)
    return fail_source (source, error, "a second file of this name");
  g_ptr_array_add (services->all, g_steal_pointer (&service));
  return TRUE;
}

Services *
services_parse (const PolicySource *sources, gsize n_sources, GError **error)
{
  g_autoptr (Services) services = g_new0 (Services, 1);
  services->refs = 1;
  services->all = g_ptr_array_new_with_free_func ((GDestroyNotify) service_free);
  for (gsize i = 0; i < n_sources; i++)
    if (g_str_has_prefix (sources[i].name, SERVICE_FOLDER)
        && !add_source (services, &sources[i], sources, n_sources, error))
      return NULL;
  return g_steal_pointer (&services);
}

Services *
services_ref (Services *services)
{
  services->refs++;
  return services;
}

void
services_unref (Services *services)
{
  if (--services->refs > 0)
    return;
  g_ptr_array_unref (services->all);
  g_free (services);
}

guint
services_count (const Services *services)
{
  return services->all->len;
}

const Service *
services_nth (const Services *services, guint n)
{
  g_return_val_if_fail (n < services->all->len, NULL);
  return g_ptr_array_index (services->all, n);
}

const Service *
services_find (const Services *services, const char *name)
{
  for (guint i = 0; i < services->all->len; i++)
    {
      const Service *service = g_ptr_array_index (services->all, i);
      if (strcmp (service->name, name) == 0)
        return service;
    }
  return NULL;
}

GPtrArray *
services_with_credential (const Services *services, const char *secret)
{
  GPtrArray *found = g_ptr_array_new ();
  for (guint i = 0; i < services->all->len; i++)
    {
      const Service *service = g_ptr_array_index (services->all, i);
      if (g_strcmp0 (service->credential, secret) == 0)
        g_ptr_array_add (found, (gpointer) service);
    }
  return found;
}

/* --- One of it --- */

const char *
service_name (const Service *service)
{
  return service->name;
}

const char *
service_credential (const Service *service)
{
  return service->credential;
}

const char *
service_place_words (const Service *service)
{
  return service->place.words;
}

gboolean
service_is_tcp (const Service *service)
{
  return service->base.scheme == SCHEME_TCP;
}

json_t *
service_worker_json (const Service *service)
{
  const ServiceBase *base = &service->base;
  json_t *headers = json_array ();
  for (guint i = 0; i < service->headers->len; i++)
    {
      const ServiceHeader *header = g_ptr_array_index (service->headers, i);
      if (!header->fallback)
        json_array_append_new (headers, json_pack ("[ss]", header->name, header->value));
    }
  json_t *object
      = json_pack ("{s:s, s:s, s:s, s:i, s:s, s:o, s:o}", "name", service->name, "scheme",
                   service_scheme_words[base->scheme], "host", base->host, "port", (int) base->port,
                   "network", service_network_words[service->network], "place",
                   service_place_json (&service->place), "headers", headers);
  if (service->ca != NULL)
    json_object_set_new (object, "ca", json_string (service->ca));
  return object;
}

static json_t *
test_json (const Service *service)
{
  g_autoptr (ServiceRequest) request = service_test_request (service, NULL);
  if (request == NULL)
    return NULL;
  json_t *object = json_pack ("{s:s, s:s}", "method", request->method, "path", request->target);
  if (request->body != NULL)
    json_object_set_new (object, "body", json_string (request->body));
  return object;
}

json_t *
service_describe (const Service *service)
{
  json_t *object = json_object (), *test = test_json (service);
  g_autofree char *base = g_strconcat (service->base.origin, service->base.path, NULL);
  json_object_set_new (object, "name", json_string (service->name));
  json_object_set_new (object, "base", json_string (base));
  if (service->credential != NULL)
    json_object_set_new (object, "credential", json_string (service->credential));
  json_object_set_new (object, "place", service_place_json (&service->place));
  json_object_set_new (object, "network", json_string (service_network_words[service->network]));
  json_object_set_new (object, "scopes", service_scopes_json (service));
  if (test != NULL)
    json_object_set_new (object, "test", test);
  return object;
}
