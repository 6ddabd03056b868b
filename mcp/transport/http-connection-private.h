/* SPDX-License-Identifier: MIT
 *
 * For the files that make up http-connection.h alone.
 */
#pragma once

#include "broker/base/outbox.h"
#include "mcp/transport/http-connection.h"

struct _HttpConnection
{
  HttpConnections *all;
  GSocketConnection *socket;
  GIOStream *stream;
  GSocketAddress *peer; /* HttpPeer */
  HttpReader *reader;
  HttpRequest *request;
  HttpIntake *intake; /* that libsoup has; or NULL */
  Outbox *out;        /* what waits of an answer that is written here; or NULL */
  GSource *readable, *writable;
  HttpConnectionPhase phase;
  gint64 since;
  gsize thrown_away;
  void (*gone) (gpointer user);
  gpointer gone_user;
  gboolean hung_up, broken; /* by the client; for good */
  gboolean last, answered;  /* nothing comes behind the request; its answer has gone out */
};

void http_connection_want_work (HttpConnection *connection);
void http_connection_set_broken (HttpConnection *connection);
/* What is left of a connection whose answer has gone out. */
void http_connection_go_on (HttpConnection *connection);
GPollableOutputStream *http_connection_output (HttpConnection *connection);
/* Bytes that wait of an answer that is written here. */
gsize http_connection_backlog (const HttpConnection *connection);
/* Destroys @source, if there is one. */
void http_connection_drop_source (GSource **source);
