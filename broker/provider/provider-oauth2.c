/* SPDX-License-Identifier: MIT
 *
 * Logins: OAuth 2 at GitHub, Google, Azure, Okta, or wherever a file says.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/oauth2-private.h"

static gboolean
take_host (ServiceLine *line, GPtrArray *words, GError **error)
{
  const char *text = service_line_take (line, "a host, as in example.okta.com", error);
  if (text == NULL)
    return FALSE;
  g_autofree char *url = g_strconcat ("https://", text, NULL);
  g_autofree char *problem = strpbrk (text, "/?#:") != NULL
                                 ? g_strdup ("a host's name alone; leave out what stands beside it")
                                 : provider_url_problem (url, "public");
  if (problem != NULL)
    return service_line_fail_taken (line, error, "%s", problem);
  g_ptr_array_add (words, g_strdup (text));
  return TRUE;
}

static const ProviderDirective directives[] = {
  { "client", provider_take_text, PROVIDER_ONCE, "0123456789abcdef" },
  { "client-secret", provider_take_secret, PROVIDER_ONCE, NULL },
  { "client-auth", oauth2_take_client_auth, PROVIDER_ONCE, NULL },
  { "issuer", provider_take_url, PROVIDER_ONCE, NULL },
  { "authorize", provider_take_url, PROVIDER_ONCE, NULL },
  { "token", provider_take_url, PROVIDER_ONCE, NULL },
  { "device", provider_take_url, PROVIDER_ONCE, NULL },
  { "revoke", provider_take_url, PROVIDER_ONCE, NULL },
  { "tenant", provider_take_name, PROVIDER_ONCE, NULL },
  { "domain", take_host, PROVIDER_ONCE, NULL },
  { "scope", provider_take_scope, PROVIDER_LIST, NULL },
  { "parameter", oauth2_take_parameter, PROVIDER_KEYED, NULL },
  { "callback-port", oauth2_take_port, PROVIDER_ONCE, NULL },
  { "device-only", provider_take_nothing, PROVIDER_ONCE, NULL },
  { "network", provider_take_network, PROVIDER_ONCE, NULL },
  { "ca", provider_take_ca, PROVIDER_ONCE, NULL },
};

/* --- The sense of the whole file --- */

static gboolean
check_issuer (const Provider *provider, GError **error)
{
  static const char *const said[] = { "authorize", "token" };
  for (gsize i = 0; provider_text (provider, "issuer") != NULL && i < G_N_ELEMENTS (said); i++)
    if (provider_text (provider, said[i]) != NULL)
      return provider_fail (provider, said[i], 0, error,
                            "the issuer publishes where this is; take one of the two lines out");
  return TRUE;
}

/* The lines that are part of what is known of one name. */
static gboolean
check_place (const Provider *provider, const char *directive, const char *of, GError **error)
{
  if (provider_text (provider, directive) == NULL)
    return TRUE;
  if (strcmp (provider_name (provider), of) != 0)
    return provider_fail (provider, directive, 0, error,
                          "\"%s\" is a line of provider %s; take it out", directive, of);
  if (!oauth2_uses_preset (provider))
    return provider_fail (provider, directive, 0, error,
                          "other lines say where this provider is; take \"%s\" out", directive);
  return TRUE;
}

static gboolean
check_endpoints (const Provider *provider, GError **error)
{
  gboolean device_only = oauth2_device_only (provider);
  g_autofree char *authorize = oauth2_endpoint (provider, NULL, OAUTH2_AUTHORIZE);
  g_autofree char *token = oauth2_endpoint (provider, NULL, OAUTH2_TOKEN);
  g_autofree char *device = oauth2_endpoint (provider, NULL, OAUTH2_DEVICE);
  if (oauth2_needs_discovery (provider))
    return TRUE;
  if (oauth2_uses_preset (provider) && provider_text (provider, "authorize") != NULL)
    return provider_fail (provider, "authorize", 0, error,
                          "\"authorize\" needs its \"token\" beside it; add that line");
  if (token == NULL && strcmp (provider_name (provider), "okta") == 0)
    return provider_fail (provider, "", 0, error,
                          "no domain; add a line as in: domain example.okta.com");
  if (token == NULL)
    return provider_fail (provider, "", 0, error,
                          "no issuer; add a line as in: issuer https://login.example.com, or the "
                          "lines authorize and token");
  if (device_only && device == NULL)
    return provider_fail (provider, "device-only", 0, error,
                          "\"device-only\" needs its endpoint; add a line as in: device "
                          "https://login.example.com/device");
  if (!device_only && authorize == NULL)
    return provider_fail (provider, "token", 0, error,
                          "\"token\" needs its \"authorize\" beside it, or a line device-only");
  return TRUE;
}

static gboolean
check (const Provider *provider, GError **error)
{
  return oauth2_check_client (provider, error) && check_issuer (provider, error)
         && check_place (provider, "tenant", "azure", error)
         && check_place (provider, "domain", "okta", error) && check_endpoints (provider, error);
}

static json_t *
endpoints (const Provider *provider)
{
  json_t *object = json_object ();
  for (guint i = 0; i < OAUTH2_ENDPOINTS; i++)
    {
      g_autofree char *url = oauth2_endpoint (provider, NULL, (OAuth2Endpoint) i);
      if (url != NULL)
        json_object_set_new (object, oauth2_endpoint_words[i], json_string (url));
    }
  return object;
}

const ProviderModule provider_module_oauth2 = {
  .kind = PROVIDER_OAUTH2,
  .word = "oauth2",
  .directives = directives,
  .n_directives = G_N_ELEMENTS (directives),
  .check = check,
  .serves = 1u << OPERATION_OAUTH_LOGIN,
  .endpoints = endpoints,
};
