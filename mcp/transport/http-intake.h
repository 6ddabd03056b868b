/* SPDX-License-Identifier: MIT
 *
 * What libsoup gets in place of a connection: a stream on which one request appears, only once it
 * has wholly come and was understood, and then as what http_head_write() says. The request itself
 * is fetched here by whoever answers. libsoup keeps no connection open that it has not accepted
 * itself: for the next request it gets another stream. It is a GObject because GIO's streams are.
 *
 * MUST
 *  - answer what cannot be read itself, and end the connection: nobody knows where it would go on
 *  - say since when it waits, so that it can be ended: a client has no right to our patience
 */
#pragma once

#include "mcp/transport/http-reader.h"

#include <gio/gio.h>

#define HTTP_TYPE_INTAKE (http_intake_get_type ())
G_DECLARE_FINAL_TYPE (HttpIntake, http_intake, HTTP, INTAKE, GIOStream)

typedef enum
{
  HTTP_INTAKE_IDLE,      /* no byte of the next request has come */
  HTTP_INTAKE_READING,   /* some have */
  HTTP_INTAKE_ANSWERING, /* a request is with libsoup, or its answer on the way */
  HTTP_INTAKE_LEAVING,   /* refused; what still comes is thrown away */
  HTTP_INTAKE_CLOSED,
} HttpIntakePhase;

/* @socket: whose end is the connection's. @stream: what is read and written, over it. Both are
 * referenced. @closed (may be NULL) is called once. */
HttpIntake *http_intake_new (GSocketConnection *socket, GIOStream *stream,
                             void (*closed) (gpointer user, HttpIntake *intake), gpointer user);

HttpIntakePhase http_intake_phase (const HttpIntake *intake);
gint64 http_intake_since (const HttpIntake *intake); /* monotonic, µs */
/* The request that libsoup has been told of; the caller owns it. Once. */
HttpRequest *http_intake_take (HttpIntake *intake);
/* The answer has wholly gone out. */
void http_intake_set_answered (HttpIntake *intake);
/* For one that was closed: the stream for what the client sends next; NULL: nothing comes, and the
 * connection is closed too. */
HttpIntake *http_intake_next (HttpIntake *intake,
                              void (*closed) (gpointer user, HttpIntake *intake), gpointer user);
/* What is under way ends: the client is told that it took too long when it was heard of at all. */
void http_intake_end (HttpIntake *intake);
