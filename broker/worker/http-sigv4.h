/* SPDX-License-Identifier: MIT
 *
 * AWS Signature Version 4 ("Create a signed AWS API request", IAM User Guide).
 *
 * MUST
 *  - sign what is sent, byte for byte: a target that can be read in two ways is refused
 *  - keep nothing of the key: what is derived from it is wiped
 */
#pragma once

#include <glib.h>

#define HTTP_SIGV4_ERROR (http_sigv4_error_quark ())
typedef enum
{
  HTTP_SIGV4_ERROR_TARGET
} HttpSigV4Error;
GQuark http_sigv4_error_quark (void);

typedef struct
{
  const char *name, *value;
} HttpHeader;

typedef struct
{
  const char *key_id, *key;
  const char *region, *service;
  gint64 time; /* seconds since 1970 */
  /* The path is signed as it is sent. Else it is normalised and encoded once more, which is what
   * all services ask but S3. */
  gboolean path_as_is;
} HttpSigV4;

/* "20150830T123600Z", for X-Amz-Date, which has to be among @headers; g_free(). */
char *http_sigv4_date (gint64 time);
/* Lower case hex, for X-Amz-Content-Sha256; g_free(). */
char *http_sigv4_hash (const void *body, gsize len);

/* The value of Authorization; g_free(). All of @headers are signed: Host, X-Amz-Date and what else
 * begins with X-Amz- have to be there. @target is path and query as they are sent. */
char *http_sigv4_authorization (const HttpSigV4 *self, const char *method, const char *target,
                                const HttpHeader *headers, gsize n_headers,
                                const char *payload_hash, GError **error);
