/* SPDX-License-Identifier: MIT
 *
 * A keyed hash of the request (RFC 2104), over what a template names.
 */
#pragma once

#include <glib.h>

/* TRUE when @over has no other placeholders than {method}, {target}, {timestamp} and {body}, and at
 * least one of them. */
gboolean http_hmac_is_template (const char *over);
/* TRUE for sha1, sha256, sha512. */
gboolean http_hmac_is_hash (const char *hash);

typedef struct
{
  const char *hash;
  const char *over; /* which http_hmac_is_template() accepted */
  gboolean base64;  /* else lower case hex */
} HttpHmac;

typedef struct
{
  const char *method, *target, *timestamp;
  const void *body;
  gsize body_len;
} HttpHmacInput;

/* g_free(). */
char *http_hmac_sign (const HttpHmac *self, const void *key, gsize key_len,
                      const HttpHmacInput *input);
