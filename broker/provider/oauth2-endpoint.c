/* SPDX-License-Identifier: MIT
 *
 * Where a client of OAuth 2 goes.
 *
 * MUST
 *  - take an endpoint from the file, else from what the issuer named there publishes, else from the
 *    table below, and from nowhere else; never from two of them by halves
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/oauth2-private.h"
#include "broker/provider/provider-vouch.h"

const char *const oauth2_endpoint_words[OAUTH2_ENDPOINTS]
    = { "authorize", "token", "device", "revoke" };
static const char *const fields[OAUTH2_ENDPOINTS]
    = { "authorization_endpoint", "token_endpoint", "device_authorization_endpoint",
        "revocation_endpoint" };

/* Without these Google gives no refresh token, or only at the first consent. */
static const char *const google_parameters[]
    = { "access_type", "offline", "prompt", "consent", NULL };

/* @ stands for the tenant or the host. */
static const struct
{
  const char *name, *issuer;
  const char *endpoints[OAUTH2_ENDPOINTS];
  const char *const *parameters;
} presets[] = {
  { "github",
    NULL,
    { "https://github.com/login/oauth/authorize", "https://github.com/login/oauth/access_token",
      "https://github.com/login/device/code", NULL },
    NULL },
  { "google",
    "https://accounts.google.com",
    { "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token",
      "https://oauth2.googleapis.com/device/code", "https://oauth2.googleapis.com/revoke" },
    google_parameters },
  { "azure",
    NULL,
    { "https://login.microsoftonline.com/@/oauth2/v2.0/authorize",
      "https://login.microsoftonline.com/@/oauth2/v2.0/token",
      "https://login.microsoftonline.com/@/oauth2/v2.0/devicecode", NULL },
    NULL },
  { "okta",
    "https://@/oauth2/default",
    { "https://@/oauth2/default/v1/authorize", "https://@/oauth2/default/v1/token",
      "https://@/oauth2/default/v1/device/authorize", "https://@/oauth2/default/v1/revoke" },
    NULL },
};

static int
find_preset (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (presets); i++)
    if (strcmp (presets[i].name, name) == 0)
      return (int) i;
  return -1;
}

static char *
fill (const char *text, const char *place)
{
  const char *mark = text == NULL ? NULL : strchr (text, '@');
  if (mark == NULL)
    return g_strdup (text);
  if (place == NULL)
    return NULL;
  return g_strdup_printf ("%.*s%s%s", (int) (mark - text), text, place, mark + 1);
}

static char *
preset_endpoint (const char *name, OAuth2Endpoint which, const char *place)
{
  int preset = find_preset (name);
  return preset < 0 ? NULL : fill (presets[preset].endpoints[which], place);
}

static char *
preset_issuer (const char *name, const char *place)
{
  int preset = find_preset (name);
  return preset < 0 ? NULL : fill (presets[preset].issuer, place);
}

gboolean
oauth2_uses_preset (const Provider *provider)
{
  return provider_kind (provider) == PROVIDER_OAUTH2 && provider_text (provider, "issuer") == NULL
         && provider_text (provider, "token") == NULL
         && find_preset (provider_name (provider)) >= 0;
}

const char *const *
oauth2_preset_parameters (const Provider *provider)
{
  return oauth2_uses_preset (provider) ? presets[find_preset (provider_name (provider))].parameters
                                       : NULL;
}

static const char *
place_of (const Provider *provider)
{
  const char *tenant = provider_text (provider, "tenant"),
             *domain = provider_text (provider, "domain");
  if (strcmp (provider_name (provider), "azure") == 0)
    return tenant == NULL ? "common" : tenant;
  return domain;
}

static const char *
issuer_line (const Provider *provider)
{
  return provider_kind (provider) == PROVIDER_VOUCH ? vouch_issuer (provider)
                                                    : provider_text (provider, "issuer");
}

gboolean
oauth2_needs_discovery (const Provider *provider)
{
  return issuer_line (provider) != NULL;
}

char *
oauth2_endpoint (const Provider *provider, const json_t *metadata, OAuth2Endpoint which)
{
  const char *line = provider_text (provider, oauth2_endpoint_words[which]);
  if (line != NULL)
    return g_strdup (line);
  if (oauth2_needs_discovery (provider))
    return g_strdup (wire_string (metadata, fields[which]));
  if (oauth2_uses_preset (provider))
    return preset_endpoint (provider_name (provider), which, place_of (provider));
  return NULL;
}

char *
oauth2_issuer (const Provider *provider, const json_t *metadata)
{
  if (oauth2_needs_discovery (provider))
    return g_strdup (issuer_line (provider));
  if (oauth2_uses_preset (provider))
    return preset_issuer (provider_name (provider), place_of (provider));
  return NULL;
}

gboolean
oauth2_issuer_required (const json_t *metadata)
{
  return json_is_true (
      json_object_get (metadata, "authorization_response_iss_parameter_supported"));
}

/* --- Where an issuer publishes them --- */

/* Of OpenID Connect Discovery 1.0, 4: behind the issuer. */
static char *
openid_url (const char *issuer)
{
  gsize len = strlen (issuer);
  return g_strdup_printf ("%.*s/.well-known/openid-configuration",
                          (int) (issuer[len - 1] == '/' ? len - 1 : len), issuer);
}

/* Of RFC 8414, 3.1: between the issuer's host and its path. */
static char *
oauth_url (const char *issuer)
{
  const char *path = strchr (strstr (issuer, "://") + 3, '/');
  gsize host = path == NULL ? strlen (issuer) : (gsize) (path - issuer);
  return g_strdup_printf ("%.*s/.well-known/oauth-authorization-server%s", (int) host, issuer,
                          g_strcmp0 (path, "/") == 0 || path == NULL ? "" : path);
}

char *
oauth2_metadata_url (const char *issuer, guint attempt)
{
  static char *(*const places[]) (const char *) = { openid_url, oauth_url };
  return attempt < G_N_ELEMENTS (places) ? places[attempt](issuer) : NULL;
}

ProviderExchange *
oauth2_discover (const Provider *provider, guint attempt, GError **error)
{
  const char *issuer = issuer_line (provider);
  g_autofree char *url = issuer != NULL ? oauth2_metadata_url (issuer, attempt) : NULL;
  if (url == NULL)
    return NULL;
  json_t *request = provider_target (provider, url, error);
  if (request == NULL)
    return NULL;
  json_object_set_new (request, "method", json_string ("GET"));
  json_object_set_new (request, "headers", json_pack ("[[ss]]", "Accept", "application/json"));
  ProviderExchange *exchange = provider_exchange_new (request, "oauth-metadata");
  exchange->expect = json_pack ("{s:s}", "issuer", issuer);
  return exchange;
}
