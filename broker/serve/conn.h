/* SPDX-License-Identifier: MIT
 *
 * One connection of agent.sock, human.sock or the control socket: bytes in, messages out.
 *
 * MUST
 *  - end when a piece arrives whose sender is not the process that connected
 *  - read no further from a peer that does not read its answers
 *  - wipe what was sent: an answer may have held a value
 */
#pragma once

#include "broker/base/process.h"
#include "broker/base/wire.h"
#include "broker/serve/loop.h"

typedef struct _Conn Conn;
typedef struct _ConnHub
    ConnHub; /* the connections of one broker, and which of them have something to send */

typedef struct
{
  /* Before the messages of one received piece: FALSE ends the connection. May be NULL. */
  gboolean (*piece) (Conn *conn, gpointer user);
  /* @message is strict JSON, an object; nothing else is checked. */
  void (*message) (Conn *conn, json_t *message, gpointer user);
  /* A line that could not be read as one; answered here, the connection goes on. */
  void (*malformed) (Conn *conn, const GError *error, gpointer user);
  /* The last call: @user is the callee's to free, the connection is gone when it returns. */
  void (*closed) (Conn *conn, gpointer user);
} ConnEvents;

ConnHub *conn_hub_new (Loop *loop);
void conn_hub_free (ConnHub *hub);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ConnHub, conn_hub_free)
/* Sends what waits on all connections; TRUE when there was something. Once per turn. */
gboolean conn_hub_flush (ConnHub *hub);
guint conn_hub_count (const ConnHub *hub);

/* Takes @fd. @peer (taken; NULL on the control socket, where no credentials are asked) is who
 * connected. */
Conn *conn_new (ConnHub *hub, int fd, Process *peer, const ConnEvents *events, gpointer user,
                GError **error);
Process *conn_peer (const Conn *conn);
/* Ends after what waits has been sent, or at once. Safe inside the events. */
void conn_close (Conn *conn, gboolean at_once);

/* Queues one message. @fd is taken, or -1; it goes with the message's first byte. */
void conn_send (Conn *conn, const json_t *message, int fd);
/* The same with the text ready made: @line without its newline. */
void conn_send_text (Conn *conn, const char *line, gsize len);
/* The descriptor that came with the message at hand, the caller's to close; -1 when there is none.
 */
int conn_take_fd (Conn *conn);
