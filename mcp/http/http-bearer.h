/* SPDX-License-Identifier: MIT
 *
 * Which token a request presents (RFC 6750, section 2.1), and how one that presents none, or a
 * wrong one, is told what is wanted (section 3; RFC 9728, section 5.1).
 *
 * MUST
 *  - copy no token
 *  - put nothing into a header that a sender chose
 */
#pragma once

#include <glib.h>

typedef enum
{
  HTTP_BEARER_NONE = 0,  /* nobody says who calls, or not by a token */
  HTTP_BEARER_MALFORMED, /* what stands behind Bearer is no token */
  HTTP_BEARER_TOKEN,
} HttpBearer;

/* @authorization: that header, or NULL. @token: within it. */
HttpBearer http_bearer_read (const char *authorization, const char **token);

typedef struct
{
  const char *metadata;    /* where the resource's metadata is; NULL: there is none, and nothing
                              else is told either */
  const char *scopes;      /* all that are needed, with a space between; or NULL */
  const char *error;       /* a code of RFC 6750, section 3.1; NULL: no token was presented */
  const char *description; /* for a person who looks into it; or NULL */
} HttpChallenge;

/* The value of WWW-Authenticate; g_free(). */
char *http_challenge_write (const HttpChallenge *challenge);
