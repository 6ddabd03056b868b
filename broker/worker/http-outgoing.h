/* SPDX-License-Identifier: MIT
 *
 * A request as it is sent, with the credential in its place.
 *
 * MUST
 *  - send the target byte for byte as it was matched
 *  - put the credential where the service says, once, and nowhere else
 */
#pragma once

#include <curl/curl.h>

#include "broker/worker/http-credential.h"

#define HTTP_OUTGOING_ERROR (http_outgoing_error_quark ())
typedef enum
{
  HTTP_OUTGOING_ERROR_REQUEST
} HttpOutgoingError;
GQuark http_outgoing_error_quark (void);

/* What the broker asks for. */
typedef struct
{
  const char *method, *target;
  const json_t *headers; /* pairs that http_headers_check() accepted, or NULL */
  GBytes *body;          /* NULL: none */
  gint64 time;           /* now, in seconds since 1970: signatures have it */
} HttpAsked;

typedef struct
{
  Secret *target; /* with a final NUL */
  struct curl_slist *headers;
  const guint8 *body; /* in what follows; NULL: none */
  gsize body_len;
  GBytes *asked_body;
  Secret *form;
  Secret *signature; /* of the request, or NULL: as good as the key for this very request */
} HttpOutgoing;

/* @credential is NULL when the service has none. */
HttpOutgoing *http_outgoing_new (const HttpService *service, const HttpCredential *credential,
                                 const HttpAsked *asked, GError **error);
/* Another header, whose value must not be in ordinary memory; it has been checked. */
gboolean http_outgoing_add_secret (HttpOutgoing *outgoing, const char *name, const char *prefix,
                                   const Secret *value, GError **error);
void http_outgoing_free (HttpOutgoing *outgoing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpOutgoing, http_outgoing_free)
