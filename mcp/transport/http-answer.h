/* SPDX-License-Identifier: MIT
 *
 * Answers, as they go to libsoup.
 *
 * MUST
 *  - let nobody keep an answer but those that are public: what is said of a token is nobody else's
 */
#pragma once

#include "mcp/transport/http-head.h"

#include <jansson.h>
#include <libsoup/soup.h>

#define HTTP_TOO_MANY_REQUESTS 429 /* RFC 6585 */

/* Public, and the same for everybody: may be kept for a few minutes, and asked for again by its
 * ETag. @body is borrowed. */
void http_answer_public (SoupServerMessage *message, const HttpHead *head, const json_t *body);
/* For the caller alone. @body is borrowed; NULL: none. */
void http_answer_private (SoupServerMessage *message, guint status, const json_t *body);
/* RFC 6749, section 5.2. @retry: seconds, or 0. */
void http_answer_error (SoupServerMessage *message, guint status, const char *error,
                        const char *description, guint retry);
/* The connection ends with this answer: its client is told. */
void http_answer_last (SoupServerMessage *message);
/* What may be done at this address: "GET, HEAD". @status: 405, or 204 for who asked. */
void http_answer_allow (SoupServerMessage *message, guint status, const char *methods);
