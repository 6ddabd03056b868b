/* SPDX-License-Identifier: MIT
 *
 * Whole requests out of a stream of bytes.
 *
 * MUST
 *  - keep no more than one request's worth of bytes, and wipe what it lets go of
 *  - take in no larger body than whoever answers takes at that address
 */
#pragma once

#include "mcp/transport/http-budget.h"
#include "mcp/transport/http-head.h"

typedef struct
{
  HttpHead *head;
  char *body; /* head->body bytes, wiped */
} HttpRequest;

void http_request_free (HttpRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpRequest, http_request_free)

/* What all readers have in common. */
typedef struct
{
  /* How large a body may be, up to HTTP_BODY_MOST. NULL: HTTP_BODY_MAX. */
  gsize (*body_most) (gpointer user, const HttpHead *head);
  gpointer user;
  HttpBudget budget; /* for what is above HTTP_BODY_MAX */
} HttpReading;

typedef struct _HttpReader HttpReader;

/* @reading is borrowed. */
HttpReader *http_reader_new (HttpReading *reading);
void http_reader_free (HttpReader *reader);

/* Where to read at most @len bytes to, and then that @n have come. There is room while
 * http_reader_next() has no request and no refusal; it has one when @len is 0. */
char *http_reader_room (HttpReader *reader, gsize *len);
void http_reader_add (HttpReader *reader, gsize n);
gboolean http_reader_is_empty (const HttpReader *reader);
/* Bytes of body that the request which is being read has; 0 while its head is not whole. */
gsize http_reader_body (const HttpReader *reader);

/* The next request, which the caller owns; NULL when it is not whole, and then @refusal->status is
 * 0, or why what came is none. After a refusal nothing else can be read. */
HttpRequest *http_reader_next (HttpReader *reader, HttpRefusal *refusal);
