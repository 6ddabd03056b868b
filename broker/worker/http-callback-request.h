/* SPDX-License-Identifier: MIT
 *
 * What a browser, or anybody else on this machine, asks of the callback of an authorization code
 * flow (RFC 6749, 4.1.2; RFC 8252, 7.3; RFC 9207).
 *
 * MUST
 *  - take no answer, neither code nor error, but one with the state of this flow and of this issuer
 *  - refuse what can be read in two ways: a parameter twice, a code and an error, bytes that no URL
 *    has
 *  - give out nothing of a request but its code; an error becomes a word of ours
 */
#pragma once

#include "broker/base/secret.h"

#define HTTP_CALLBACK_REQUEST_MAX 8192 /* bytes of its head */

typedef struct
{
  guint16 port;
  const char *path, *state;
  const char *issuer;       /* NULL: not known */
  gboolean issuer_required; /* the issuer has announced that it names itself */
} HttpCallbackExpected;

typedef enum
{
  HTTP_CALLBACK_BAD = 0, /* no request that can be understood */
  HTTP_CALLBACK_LARGE,
  HTTP_CALLBACK_METHOD,
  HTTP_CALLBACK_HOST, /* is meant for another site */
  HTTP_CALLBACK_PATH,
  HTTP_CALLBACK_FOREIGN, /* of another flow, or another issuer's */
  HTTP_CALLBACK_ERROR,
  HTTP_CALLBACK_CODE
} HttpCallbackKind;

/* TRUE when there is nothing to wait for: the head of a request has ended, or is too large. */
gboolean http_callback_request_is_whole (const char *bytes, gsize len);

/* @error, with HTTP_CALLBACK_ERROR, is set to what that of RFC 6749 4.1.2.1 means: access_denied,
 * invalid_scope, invalid_client, unsupported, unavailable; "refused" for any other. @code, with
 * HTTP_CALLBACK_CODE, is the caller's to free. */
HttpCallbackKind http_callback_request_read (const HttpCallbackExpected *expected,
                                             const char *bytes, gsize len, const char **error,
                                             Secret **code);
