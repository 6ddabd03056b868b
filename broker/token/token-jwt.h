/* SPDX-License-Identifier: MIT
 *
 * JSON Web Tokens (RFC 7515, RFC 7519), made and judged. libjwt builds and verifies; what it does
 * not look at is looked at here.
 *
 * MUST
 *  - take a token for good only after all of: one strict spelling, an algorithm that the key is
 *    for, nothing critical, the signature, issuer, audience, and its times
 *  - find the key by its id among those given, and use nothing else that a header says of keys
 */
#pragma once

#include "broker/token/token-key.h"

#define TOKEN_MAX (16 * 1024) /* bytes of a token that is looked at */

/* The first thing found wrong. */
typedef enum
{
  TOKEN_MALFORMED = 0, /* not three parts of base64url with two JSON objects, or too long */
  TOKEN_BAD_ALGORITHM, /* none, HS*, one nobody knows, or one that the key is not for */
  TOKEN_CRITICAL,      /* its header demands what this does not know */
  TOKEN_BAD_TYPE,      /* is a JWT of another kind */
  TOKEN_UNKNOWN_KEY,
  TOKEN_BAD_SIGNATURE,
  TOKEN_BAD_CLAIMS, /* one that must be there is not, or is of the wrong type */
  TOKEN_BAD_ISSUER,
  TOKEN_BAD_AUDIENCE,
  TOKEN_EXPIRED,
  TOKEN_NOT_YET, /* nbf, or issued in the future */
  TOKEN_REVOKED, /* found by who keeps that: not by token_jwt_verify() */
  TOKEN_GOOD
} TokenVerdict;
const char *token_verdict_name (TokenVerdict verdict);

typedef struct
{
  const char *issuer;   /* must be "iss"; NULL: whatever it is */
  const char *audience; /* must be "aud" or in it; NULL: whoever it is for */
  const char *type;     /* of the header, such as "at+jwt"; NULL: "JWT", or none */
  gint64 now;           /* seconds since 1970 */
  gint64 leeway;        /* seconds that two clocks may differ */
} TokenExpect;

/* @text need not end with a NUL. *@claims is set (and the caller's) for TOKEN_GOOD only. */
TokenVerdict token_jwt_verify (const char *text, gsize len, const GPtrArray *keys,
                               const TokenExpect *expect, json_t **claims);

/* {"typ":"JWT","alg","kid"?} over @claims, by a key that signs. @with_id FALSE: no "kid", for those
 * who know the key otherwise. */
Secret *token_jwt_sign (const TokenKey *key, gboolean with_id, const json_t *claims,
                        GError **error);
