/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-issuer.h"

#include <string.h>

#define OAUTH_METADATA "/.well-known/oauth-authorization-server"
#define OPENID_METADATA "/.well-known/openid-configuration"
#define JWKS "/.well-known/jwks.json"
#define INTROSPECT "/token/introspect"
#define REVOKE "/token/revoke"

HttpPage
http_issuer_find (const char *path, char **prefix)
{
  static const struct
  {
    HttpPage page;
    const char *suffix;
  } pages[] = {
    { HTTP_PAGE_OPENID_METADATA, OPENID_METADATA },
    { HTTP_PAGE_JWKS, JWKS },
    { HTTP_PAGE_INTROSPECT, INTROSPECT },
    { HTTP_PAGE_REVOKE, REVOKE },
  };

  /* RFC 8414, section 3.1: the issuer's path comes behind. */
  if (g_str_has_prefix (path, OAUTH_METADATA))
    {
      const char *behind = path + strlen (OAUTH_METADATA);
      *prefix = g_strdup (behind);
      return *behind == '\0' || *behind == '/' ? HTTP_PAGE_OAUTH_METADATA : HTTP_PAGE_NONE;
    }
  /* OpenID Connect Discovery 1.0, section 4: it comes before; and so it does where the metadata
   * says that the rest is. */
  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    if (g_str_has_suffix (path, pages[i].suffix))
      {
        *prefix = g_strndup (path, strlen (path) - strlen (pages[i].suffix));
        return pages[i].page;
      }
  *prefix = g_strdup ("");
  return HTTP_PAGE_NONE;
}

/* The issuer without a slash at its end. */
static char *
base_of (const char *issuer)
{
  gsize len = strlen (issuer);

  return g_strndup (issuer, len > 0 && issuer[len - 1] == '/' ? len - 1 : len);
}

gboolean
http_issuer_is_url (const char *issuer)
{
  return g_str_has_prefix (issuer, "https://") || g_str_has_prefix (issuer, "http://");
}

gboolean
http_issuer_has_path (const char *issuer, const char *prefix)
{
  g_autofree char *base = base_of (issuer);
  const char *authority = strstr (base, "://");
  const char *path = authority != NULL ? strchr (authority + 3, '/') : NULL;

  return *prefix == '\0' || (http_issuer_is_url (issuer) && g_strcmp0 (path, prefix) == 0);
}

static void
set_url (json_t *metadata, const char *name, const char *base, const char *path)
{
  g_autofree char *url = g_strconcat (base, path, NULL);

  json_object_set_new (metadata, name, json_string (url));
}

/* Nobody gets a token here by OAuth: tokens are minted for agents when a person allows it. So there
 * is neither an authorization nor a token endpoint, and no grant type. */
json_t *
http_issuer_metadata (HttpPage page, const char *issuer, const json_t *algorithms)
{
  gboolean openid = page == HTTP_PAGE_OPENID_METADATA;
  g_autofree char *base = base_of (issuer);
  json_t *metadata = json_pack ("{s:s}", "issuer", issuer);

  set_url (metadata, "jwks_uri", base, JWKS);
  set_url (metadata, "introspection_endpoint", base, INTROSPECT);
  set_url (metadata, "revocation_endpoint", base, REVOKE);
  json_object_update_new (metadata, json_pack ("{s:[s,s], s:[s], s:[]}",
                                               "introspection_endpoint_auth_methods_supported",
                                               "client_secret_basic", "client_secret_post",
                                               "revocation_endpoint_auth_methods_supported", "none",
                                               "grant_types_supported"));
  /* Both are demanded. What OpenID Connect asks for is what clouds read that trust an issuer: how
   * its tokens are signed. */
  json_object_set_new (metadata, "response_types_supported",
                       openid ? json_pack ("[s]", "id_token") : json_array ());
  if (openid)
    json_object_update_new (metadata,
                            json_pack ("{s:[s], s:O}", "subject_types_supported", "public",
                                       "id_token_signing_alg_values_supported", algorithms));
  return metadata;
}
