/* SPDX-License-Identifier: MIT
 *
 * What a JWT says of itself. It is not verified: that is for whoever it is sent to. It is looked at
 * so that it is sent to nobody else.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#define PROVIDER_MAX_JWT (16 * 1024) /* bytes */

/* The claims of a signed JWT in compact form; NULL when it is none. */
json_t *provider_jwt_claims (const char *token, gsize len);
/* Whether @token is such a JWT, and each of @claims is in it and the same. */
gboolean provider_jwt_says (const char *token, gsize len, const json_t *claims);
