/* SPDX-License-Identifier: MIT
 *
 * Whether a token of an accepted issuer is good, and whose it is. Pure: no clock, no I/O.
 *
 * MUST
 *  - use nothing that a token says of itself, but to find the issuer and the key, before its
 *    signature was verified
 *  - use no key but the issuer's own: what a header says of keys ("jwk", "jku", "x5u", "x5c") is
 * not looked at
 *  - say in words for an operator which check failed, and nothing of the token
 */
#pragma once

#include "broker/caller/callers.h"
#include "broker/caller/subject.h"
#include "broker/token/token-jwt.h"

#define BEARER_LEEWAY 60 /* seconds that an issuer's clock may be ahead of ours */

#define BEARER_ERROR (bearer_error_quark ())
typedef enum
{
  BEARER_ERROR_TOKEN,  /* is no good: RFC 6750's invalid_token */
  BEARER_ERROR_SCOPE,  /* is good and has not what is required: insufficient_scope */
  BEARER_ERROR_KEY,    /* of bearer_judge(): signed by a key that is not among those given */
  BEARER_ERROR_ISSUER, /* it cannot be said now: the issuer's keys are not to be had */
  BEARER_ERROR_LOCKED,
  BEARER_ERROR_NAME /* of a local token: is taken, is none, or there are too many */
} BearerError;
GQuark bearer_error_quark (void);

/* The issuer that @token says it is of, unverified; NULL with an error when it is no JWT, or says
 * none. g_free(). */
char *bearer_issuer_of (const char *token, gsize len, GError **error);
/* @resource: the canonical URI of what is called. @now: seconds since 1970. subject_unref(). */
Subject *bearer_judge (const CallerIssuer *issuer, const GPtrArray *keys, const char *token,
                       gsize len, const char *resource, gint64 now, GError **error);
