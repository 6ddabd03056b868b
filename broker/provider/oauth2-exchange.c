/* SPDX-License-Identifier: MIT
 *
 * What is sent, in a person's browser and by a worker.
 *
 * MUST
 *  - name a secret and where it goes, never hold it
 *  - send a code challenge with each authorization, and its verifier with each code
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/oauth2-private.h"

#define GITHUB_GRANTS "https://api.github.com/applications/%s/token"

static gboolean
fail_endpoint (const Provider *provider, OAuth2Endpoint which, GError **error)
{
  static const char *const for_what[OAUTH2_ENDPOINTS]
      = { "authorization in a browser", "tokens", "authorization by a code on another device",
          "revocation" };
  g_set_error (error, PROVIDER_ERROR, PROVIDER_ERROR_ENDPOINT,
               "provider %s has no endpoint for %s; name it in " PROVIDER_FOLDER
               "%s.conf, as in: %s https://login.example.com/…",
               provider_name (provider), for_what[which], provider_name (provider),
               oauth2_endpoint_words[which]);
  return FALSE;
}

/* --- In a browser --- */

static void
append_parameter (GString *url, const char *name, const char *value)
{
  g_autofree char *encoded = g_uri_escape_string (value, NULL, FALSE);
  g_string_append_printf (url, "%c%s=%s", strchr (url->str, '?') == NULL ? '?' : '&', name,
                          encoded);
}

static gboolean
has_parameter (const Provider *provider, const char *name)
{
  gboolean found = FALSE;
  g_autoptr (GPtrArray) rows = provider_rows (provider, "parameter");
  for (guint i = 0; i < rows->len; i++)
    found |= strcmp (*(char **) g_ptr_array_index (rows, i), name) == 0;
  return found;
}

static void
append_preset (const Provider *provider, GString *url)
{
  const char *const *preset = oauth2_preset_parameters (provider);
  for (guint i = 0; preset != NULL && preset[i] != NULL; i += 2)
    if (!has_parameter (provider, preset[i]))
      append_parameter (url, preset[i], preset[i + 1]);
}

static void
append_own (const Provider *provider, GString *url)
{
  g_autoptr (GPtrArray) rows = provider_rows (provider, "parameter");
  for (guint i = 0; i < rows->len; i++)
    {
      char **row = g_ptr_array_index (rows, i);
      append_parameter (url, row[0], row[1]);
    }
}

char *
oauth2_authorization_url (const Provider *provider, const json_t *metadata,
                          const char *const *scopes, const char *redirect_uri, const char *state,
                          const char *challenge, GError **error)
{
  g_autofree char *endpoint = oauth2_endpoint (provider, metadata, OAUTH2_AUTHORIZE);
  g_autofree char *scope = g_strjoinv (" ", (char **) scopes);
  if (endpoint == NULL)
    {
      fail_endpoint (provider, OAUTH2_AUTHORIZE, error);
      return NULL;
    }
  json_t *target = provider_target (provider, endpoint, error);
  if (target == NULL)
    return NULL;
  json_decref (target);
  GString *url = g_string_new (endpoint);
  append_parameter (url, "response_type", "code");
  append_parameter (url, "client_id", provider_text (provider, "client"));
  append_parameter (url, "redirect_uri", redirect_uri);
  if (*scope != '\0')
    append_parameter (url, "scope", scope);
  append_parameter (url, "state", state);
  append_parameter (url, "code_challenge", challenge);
  append_parameter (url, "code_challenge_method", "S256");
  append_preset (provider, url);
  append_own (provider, url);
  return g_string_free (url, FALSE);
}

/* --- By a worker --- */

static json_t *
secret_value (const char *name)
{
  return json_pack ("{s:s}", "secret", name);
}

/* Takes @value. */
static void
add_form (ProviderExchange *exchange, const char *name, json_t *value)
{
  json_array_append_new (json_object_get (exchange->request, "form"),
                         json_pack ("[so]", name, value));
}

static void
add_earlier (ProviderExchange *exchange, const char *name, const char *earlier)
{
  add_form (exchange, name, secret_value (earlier));
  provider_exchange_need (exchange, earlier, NEED_EARLIER, earlier, NULL);
}

static void
add_scopes (ProviderExchange *exchange, const char *const *scopes)
{
  g_autofree char *scope = scopes == NULL ? NULL : g_strjoinv (" ", (char **) scopes);
  if (scope != NULL && *scope != '\0')
    add_form (exchange, "scope", json_string (scope));
}

static void
add_basic (ProviderExchange *exchange, const Provider *provider)
{
  json_array_append_new (json_object_get (exchange->request, "headers"),
                         json_pack ("[s{s:[ss]}]", "Authorization", "basic",
                                    provider_text (provider, "client"), "client_secret"));
}

/* RFC 6749, 2.3.1. */
static void
add_client (ProviderExchange *exchange, const Provider *provider, const json_t *metadata)
{
  OAuth2ClientAuth auth = oauth2_client_auth (provider, metadata);
  if (auth == CLIENT_AUTH_BASIC)
    add_basic (exchange, provider);
  else
    add_form (exchange, "client_id", json_string (provider_text (provider, "client")));
  if (auth == CLIENT_AUTH_POST)
    add_form (exchange, "client_secret", secret_value ("client_secret"));
  if (auth != CLIENT_AUTH_NONE)
    provider_exchange_need (exchange, "client_secret", NEED_STORED,
                            provider_text (provider, "client-secret"), NULL);
}

static ProviderExchange *
new_exchange (const Provider *provider, const char *url, const char *method, const char *answer,
              GError **error)
{
  json_t *request = provider_target (provider, url, error);
  if (request == NULL)
    return NULL;
  json_object_set_new (request, "method", json_string (method));
  json_object_set_new (request, "headers", json_pack ("[[ss]]", "Accept", "application/json"));
  ProviderExchange *exchange = provider_exchange_new (request, answer);
  exchange->expect = json_pack ("{s:s}", "provider", provider_name (provider));
  return exchange;
}

/* With the client's proof, and without what it is about. */
static ProviderExchange *
form_exchange (const Provider *provider, const json_t *metadata, OAuth2Endpoint which,
               const char *answer, GError **error)
{
  g_autofree char *url = oauth2_endpoint (provider, metadata, which);
  if (url == NULL)
    {
      fail_endpoint (provider, which, error);
      return NULL;
    }
  ProviderExchange *exchange = new_exchange (provider, url, "POST", answer, error);
  if (exchange == NULL)
    return NULL;
  json_object_set_new (exchange->request, "form", json_array ());
  add_client (exchange, provider, metadata);
  return exchange;
}

static ProviderExchange *
token_exchange (const Provider *provider, const json_t *metadata, const char *grant_type,
                GError **error)
{
  ProviderExchange *exchange
      = form_exchange (provider, metadata, OAUTH2_TOKEN, "oauth-token", error);
  if (exchange == NULL)
    return NULL;
  add_form (exchange, "grant_type", json_string (grant_type));
  /* GitHub parts the scopes that it granted by commas; elsewhere a comma belongs to a scope. */
  if (strcmp (provider_name (provider), "github") == 0)
    json_object_set_new (exchange->expect, "commas", json_true ());
  return exchange;
}

ProviderExchange *
oauth2_code_exchange (const Provider *provider, const json_t *metadata, const char *redirect_uri,
                      GError **error)
{
  ProviderExchange *exchange = token_exchange (provider, metadata, "authorization_code", error);
  if (exchange == NULL)
    return NULL;
  add_form (exchange, "redirect_uri", json_string (redirect_uri));
  add_earlier (exchange, "code", "code");
  add_earlier (exchange, "code_verifier", "code_verifier");
  return exchange;
}

ProviderExchange *
oauth2_refresh (const Provider *provider, const json_t *metadata, const char *const *scopes,
                GError **error)
{
  ProviderExchange *exchange = token_exchange (provider, metadata, "refresh_token", error);
  if (exchange == NULL)
    return NULL;
  add_earlier (exchange, "refresh_token", "refresh_token");
  add_scopes (exchange, scopes);
  return exchange;
}

ProviderExchange *
oauth2_device (const Provider *provider, const json_t *metadata, const char *const *scopes,
               GError **error)
{
  ProviderExchange *exchange
      = form_exchange (provider, metadata, OAUTH2_DEVICE, "oauth-device", error);
  if (exchange == NULL)
    return NULL;
  add_scopes (exchange, scopes);
  return exchange;
}

ProviderExchange *
oauth2_device_poll (const Provider *provider, const json_t *metadata, GError **error)
{
  ProviderExchange *exchange
      = token_exchange (provider, metadata, "urn:ietf:params:oauth:grant-type:device_code", error);
  if (exchange == NULL)
    return NULL;
  add_earlier (exchange, "device_code", "device_code");
  return exchange;
}

/* --- Taking back --- */

/* GitHub has no RFC 7009: DELETE /applications/CLIENT/token, with the client's secret. */
static ProviderExchange *
revoke_at_github (const Provider *provider, const char *hint, GError **error)
{
  g_autofree char *client = g_uri_escape_string (provider_text (provider, "client"), NULL, FALSE);
  g_autofree char *url = g_strdup_printf (GITHUB_GRANTS, client);
  if (provider_text (provider, "client-secret") == NULL || strcmp (hint, "access_token") != 0)
    return NULL;
  ProviderExchange *exchange = new_exchange (provider, url, "DELETE", "oauth-revoked", error);
  if (exchange == NULL)
    return NULL;
  json_object_set_new (exchange->expect, "gone", json_true ());
  json_array_append_new (json_object_get (exchange->request, "headers"),
                         json_pack ("[ss]", "X-GitHub-Api-Version", "2022-11-28"));
  add_basic (exchange, provider);
  provider_exchange_need (exchange, "client_secret", NEED_STORED,
                          provider_text (provider, "client-secret"), NULL);
  json_object_set_new (exchange->request, "json",
                       json_pack ("{s:{s:s}}", "access_token", "secret", "token"));
  provider_exchange_need (exchange, "token", NEED_EARLIER, "token", NULL);
  return exchange;
}

ProviderExchange *
oauth2_revoke (const Provider *provider, const json_t *metadata, const char *hint, GError **error)
{
  g_autofree char *url = oauth2_endpoint (provider, metadata, OAUTH2_REVOKE);
  if (url == NULL)
    return oauth2_uses_preset (provider) && strcmp (provider_name (provider), "github") == 0
               ? revoke_at_github (provider, hint, error)
               : NULL;
  ProviderExchange *exchange
      = form_exchange (provider, metadata, OAUTH2_REVOKE, "oauth-revoked", error);
  if (exchange == NULL)
    return NULL;
  add_earlier (exchange, "token", "token");
  add_form (exchange, "token_type_hint", json_string (hint));
  return exchange;
}
