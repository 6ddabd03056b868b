/* SPDX-License-Identifier: MIT
 *
 * The protected resource that /mcp is: the address that tokens are for, and what is published of it
 * (RFC 9728), so that a client finds out where to get one.
 *
 * MUST
 *  - take one spelling of an address only: issuers and clients compare it to the byte
 */
#pragma once

#include "broker/base/wire.h"

#define HTTP_RESOURCE_PATH "/mcp"

/* Whether @uri is an address as RFC 8707 and MCP want it: https (http for this machine's own),
 * without query, fragment and slash at the end, in lower case up to its path. The error says what
 * to write instead. */
gboolean http_resource_check (const char *uri, GError **error);
/* The address that a server at @server ("https://127.0.0.1:8643") has when nobody says another:
 * under @name, unless NULL. g_free(). */
char *http_resource_default (const char *server, const char *name);
/* The host of one that was checked, without port; g_free(). */
char *http_resource_host (const char *uri);

/* RFC 9728, section 3: where its metadata is; g_free(). */
char *http_resource_metadata_url (const char *uri);
/* Whether @path is that address here, or the one at which a client looks that knows the host alone,
 * or the one for /mcp: a proxy may serve it all below a path of its own. */
gboolean http_resource_is_metadata (const char *uri, const char *path);

/* @callers: the broker's answer to `resource`, in which there are issuers. The caller owns it. */
json_t *http_resource_metadata (const char *uri, const json_t *callers);
/* What tokens of its issuers need to say; "" when that is nothing. g_free(). */
char *http_resource_scopes (const json_t *callers);
/* The broker accepts tokens of an issuer. */
gboolean http_resource_has_issuer (const json_t *callers);
