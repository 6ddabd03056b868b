/* SPDX-License-Identifier: MIT
 *
 * What is published of the issuer: metadata (RFC 8414, OpenID Connect Discovery 1.0), and where.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef enum
{
  HTTP_PAGE_NONE = 0,
  HTTP_PAGE_OAUTH_METADATA,
  HTTP_PAGE_OPENID_METADATA,
  HTTP_PAGE_JWKS,
  HTTP_PAGE_INTROSPECT,
  HTTP_PAGE_REVOKE,
} HttpPage;

/* Which page @path is of. @prefix (g_free(), "" without) is what the issuer's own path has to be
 * for it to be that one. */
HttpPage http_issuer_find (const char *path, char **prefix);
/* Whether @prefix is the path of @issuer (without a slash at its end), or "". */
gboolean http_issuer_has_path (const char *issuer, const char *prefix);

/* Whether @issuer is an address that others can look at, and not a mere name such as urn:….  Only
 * then is there metadata: it begins with where it is. */
gboolean http_issuer_is_url (const char *issuer);
/* @algorithms: of the tokens' signatures. The caller owns it. */
json_t *http_issuer_metadata (HttpPage page, const char *issuer, const json_t *algorithms);
