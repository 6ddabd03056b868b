/* SPDX-License-Identifier: MIT
 *
 * What a client of OAuth 2 sends: RFC 6749, 7636 (PKCE), 8628 (device), 7009 (revocation), 8414 and
 * OpenID Connect Discovery 1.0 (metadata), 9207 (iss), 8252 (loopback). Of providers of the kinds
 * oauth2 and vouch.
 *
 * MUST
 *  - send a code, a token or the client's secret to the endpoints of the person's file, or to those
 *    that the issuer named there publishes, and nowhere else
 *  - never send a code challenge other than S256, nor an authorization request without state
 *
 * @metadata is what the reader oauth-metadata gave as fields, and is NULL for a provider that is
 * not in need of discovery. Secrets come in as NEED_EARLIER, under the names said below; a client's
 * secret as NEED_STORED.
 */
#pragma once

#include "broker/provider/provider-module.h"

typedef enum
{
  OAUTH2_AUTHORIZE,
  OAUTH2_TOKEN,
  OAUTH2_DEVICE,
  OAUTH2_REVOKE,
  OAUTH2_ENDPOINTS
} OAuth2Endpoint;

/* Whether oauth2_discover() has to come first. */
gboolean oauth2_needs_discovery (const Provider *provider);
/* The @attempt-th place, from 0, where the issuer may publish its metadata: the next is to be tried
 * when one answers "refused". Reader oauth-metadata. NULL without an error: no more. */
/* Where @issuer, a URL, publishes what it is: the @attempt-th place, from 0; NULL: no more.
 * g_free(). */
char *oauth2_metadata_url (const char *issuer, guint attempt);
ProviderExchange *oauth2_discover (const Provider *provider, guint attempt, GError **error);

/* NULL: it has none. g_free(). */
char *oauth2_endpoint (const Provider *provider, const json_t *metadata, OAuth2Endpoint which);
/* What an "iss" of a callback must equal; NULL: not known. g_free(). */
char *oauth2_issuer (const Provider *provider, const json_t *metadata);
/* TRUE when a callback without "iss" is not of this issuer. */
gboolean oauth2_issuer_required (const json_t *metadata);

#define OAUTH2_CALLBACK_PATH "/oauth/callback"
#define OAUTH2_CALLBACK_PORT 9876
/* Of the listener; 0: any. */
guint oauth2_callback_port (const Provider *provider);
/* "http://localhost:9876/oauth/callback"; g_free(). */
char *oauth2_redirect_uri (guint port);
/* Neither authorization in a browser nor a listener: the file says device-only. */
gboolean oauth2_device_only (const Provider *provider);

/* The code challenge S256 of a @verifier of 43 to 128 characters (RFC 7636, 4.2); g_free(). */
char *oauth2_challenge (const char *verifier, gsize len);
/* @scopes may be empty. NULL with an error: no such endpoint. g_free(). */
char *oauth2_authorization_url (const Provider *provider, const json_t *metadata,
                                const char *const *scopes, const char *redirect_uri,
                                const char *state, const char *challenge, GError **error);

/* Earlier: "code", "code_verifier". Reader oauth-token. */
ProviderExchange *oauth2_code_exchange (const Provider *provider, const json_t *metadata,
                                        const char *redirect_uri, GError **error);
/* Earlier: "refresh_token". @scopes NULL: as before. Reader oauth-token. */
ProviderExchange *oauth2_refresh (const Provider *provider, const json_t *metadata,
                                  const char *const *scopes, GError **error);
/* Reader oauth-device. */
ProviderExchange *oauth2_device (const Provider *provider, const json_t *metadata,
                                 const char *const *scopes, GError **error);
/* Earlier: "device_code". Reader oauth-token. */
ProviderExchange *oauth2_device_poll (const Provider *provider, const json_t *metadata,
                                      GError **error);
/* Earlier: "token". @hint: "access_token" or "refresh_token". Reader oauth-revoked. NULL without an
 * error: this provider takes nothing back. */
ProviderExchange *oauth2_revoke (const Provider *provider, const json_t *metadata, const char *hint,
                                 GError **error);

/* Whether @scopes (not NULL) are all among those that the file allows; the error names the first
 * that is not, and what is. */
gboolean oauth2_scopes_allowed (const Provider *provider, const char *const *scopes,
                                GError **error);
