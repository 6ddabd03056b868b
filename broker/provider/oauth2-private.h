/* SPDX-License-Identifier: MIT
 *
 * What the files of the client of OAuth 2 share.
 */
#pragma once

#include "broker/provider/oauth2.h"

/* The line of the file that names an endpoint. */
extern const char *const oauth2_endpoint_words[OAUTH2_ENDPOINTS];

/* Whether the file leaves the endpoints to what is known by the provider's name. */
gboolean oauth2_uses_preset (const Provider *provider);
/* What then belongs to its authorization URL: [name, value, …, NULL], or NULL. */
const char *const *oauth2_preset_parameters (const Provider *provider);

typedef enum
{
  CLIENT_AUTH_POST,
  CLIENT_AUTH_BASIC,
  CLIENT_AUTH_NONE
} OAuth2ClientAuth;
extern const char *const oauth2_client_auth_words[];
OAuth2ClientAuth oauth2_client_auth (const Provider *provider, const json_t *metadata);

#define OAUTH2_MAX_SCOPE 512 /* bytes */
/* NULL, or why @scope is not one scope there; g_free(). */
char *oauth2_scope_problem (const Provider *provider, const char *scope);

/* The sense of the lines that are about a client of OAuth 2. */
gboolean oauth2_check_client (const Provider *provider, GError **error);
gboolean oauth2_take_client_auth (ServiceLine *line, GPtrArray *words, GError **error);
gboolean oauth2_take_port (ServiceLine *line, GPtrArray *words, GError **error);
gboolean oauth2_take_parameter (ServiceLine *line, GPtrArray *words, GError **error);
