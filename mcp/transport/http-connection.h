/* SPDX-License-Identifier: MIT
 *
 * One connection: requests are read from it as they come, one at a time; the answer to each is
 * written by libsoup, or, when it comes in pieces, here.
 *
 * MUST
 *  - answer what cannot be read itself, and end the connection: nobody knows where it would go on
 *  - say since when it waits, so that it can be ended: a client has no right to our patience
 *  - keep no more for a client that does not read than it may
 */
#pragma once

#include "mcp/transport/http-intake.h"
#include "mcp/transport/http-reader.h"

#include <libsoup/soup.h>

#define HTTP_BACKLOG_MOST (4 * 1024 * 1024) /* bytes that wait for one client */

typedef struct _HttpConnection HttpConnection;

typedef enum
{
  HTTP_CONNECTION_IDLE,      /* no byte of the next request has come */
  HTTP_CONNECTION_READING,   /* some have */
  HTTP_CONNECTION_ANSWERING, /* a request is with whoever answers, or the answer on its way */
  HTTP_CONNECTION_LEAVING,   /* refused; what still comes is thrown away */
} HttpConnectionPhase;

typedef struct
{
  HttpReading reading; /* shared by all of them */
  HttpBudget backlog;  /* for what waits to be written */
  /* A request is there: http_connection_begin() tells libsoup of it. */
  void (*request) (gpointer user, HttpConnection *connection);
  /* Wants http_connection_work() to be called, not from here. */
  void (*ready) (gpointer user, HttpConnection *connection);
  gpointer user;
} HttpConnections;

/* --- For the server --- */

/* @stream: what is read and written, over @socket. Both are referenced; @all is borrowed. */
HttpConnection *http_connection_new (HttpConnections *all, GSocketConnection *socket,
                                     GIOStream *stream);
void http_connection_free (HttpConnection *connection);
int http_connection_fd (const HttpConnection *connection);
HttpConnectionPhase http_connection_phase (const HttpConnection *connection);
gint64 http_connection_since (const HttpConnection *connection); /* monotonic, µs */
/* Whether its time is over at @now. */
gboolean http_connection_is_late (const HttpConnection *connection, gint64 now);
/* Whether there is a stream on it, and nothing of it on its way: it may wait for a person. */
gboolean http_connection_is_silent (const HttpConnection *connection);
/* The client has closed its end. */
void http_connection_set_hung_up (HttpConnection *connection);
/* Reads on. FALSE: it has ended and may be freed. */
gboolean http_connection_work (HttpConnection *connection);
/* Hands the request to libsoup. */
void http_connection_begin (HttpConnection *connection, SoupServer *soup, GSocketAddress *local);
/* libsoup has written the whole answer. */
void http_connection_set_answered (HttpConnection *connection);
/* What is under way ends: the client is told that it took too long when it was heard of at all. */
void http_connection_end (HttpConnection *connection);

/* --- For whoever answers --- */

/* On which @message goes out. */
HttpConnection *http_connection_of (SoupServerMessage *message);
/* The request that libsoup has been told of; the caller owns it. Once. */
HttpRequest *http_connection_take (HttpConnection *connection);
/* While the answer is awaited or comes in pieces: its time has no end, and @gone is told once when
 * the client is gone, or was too slow; then @connection is no more, and a message that libsoup has
 * is still to be finished. @gone is NULL: not any more. */
void http_connection_watch (HttpConnection *connection, void (*gone) (gpointer user),
                            gpointer user);
/* The answer is written here; libsoup lets go of @message. */
void http_connection_take_over (HttpConnection *connection, SoupServerMessage *message);
/* Sends all of it, or keeps what cannot be sent yet. */
typedef struct
{
  const char *data;
  gsize len;
} HttpPiece;
void http_connection_send (HttpConnection *connection, const HttpPiece *pieces, gsize n_pieces);
/* All was sent that is the answer. @last: and the connection ends with it. */
void http_connection_finish (HttpConnection *connection, gboolean last);
