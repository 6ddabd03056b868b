/* SPDX-License-Identifier: MIT */
#include "mcp/mcp-stdio.h"

#include "mcp/wire/mcp-lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_SIZE (64 * 1024)
#define BACKLOG_MOST                                                                               \
  (4 * 1024 * 1024) /* not taken by the client or the broker: nothing more is read */

/* What is offered stays as it is while the program runs; an upgrade is noticed that much later. */
#define LISTS_TTL_MS (5 * 60 * 1000)

typedef struct
{
  McpBroker *broker;
  McpLines *lines;
  Outbox *outbox;
  int out;
  char *piece;
  gboolean ended;
} Stdio;

/* A pipe of our own that does not block, on the same pipe: O_NONBLOCK on the one we were given
 * would change it for all who share it. Sockets (which Node passes) need no flag; files and
 * terminals may block. */
static int
open_output (void)
{
  struct stat st;
  int fd = -1;

  if (fstat (STDOUT_FILENO, &st) == 0 && S_ISFIFO (st.st_mode))
    fd = open ("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  return fd >= 0 ? fd : STDOUT_FILENO;
}

static gboolean
is_backed_up (const Stdio *self)
{
  return outbox_size (self->outbox) > BACKLOG_MOST || mcp_broker_is_busy (self->broker);
}

static int
timeout_ms (const Stdio *self)
{
  gint64 due = mcp_broker_due (self->broker), left;

  if (due == G_MAXINT64)
    return -1;
  left = due - g_get_monotonic_time ();
  return left <= 0 ? 0 : (int) MIN ((left + 999) / 1000, G_MAXINT);
}

static gboolean
read_input (Stdio *self, GError **error)
{
  gssize n = read (STDIN_FILENO, self->piece, PIECE_SIZE);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return TRUE;
  if (n <= 0)
    {
      self->ended = TRUE;
      return TRUE;
    }
  gboolean fits = mcp_lines_push (self->lines, self->piece, n, error);
  explicit_bzero (self->piece, n);
  return fits;
}

static void
wait_for_work (Stdio *self, struct pollfd slots[3])
{
  gboolean backed_up = is_backed_up (self);
  gboolean writing = outbox_size (self->outbox) > 0;

  /* Its end is noticed even while it is not read. */
  slots[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = backed_up ? POLLRDHUP : POLLIN };
  slots[1] = (struct pollfd){ .fd = writing ? self->out : -1, .events = POLLOUT };
  slots[2] = (struct pollfd){ .fd = mcp_broker_fd (self->broker), .events = POLLIN };
  if (mcp_broker_has_backlog (self->broker))
    slots[2].events |= POLLOUT;
  if (poll (slots, 3, timeout_ms (self)) < 0)
    slots[0].revents = slots[1].revents = slots[2].revents = 0;
}

/* One turn: many lines in, many messages to and from the broker, one write to each. */
static gboolean
turn (Stdio *self, GError **error)
{
  struct pollfd slots[3];
  gboolean fine = TRUE;

  wait_for_work (self, slots);
  if (slots[0].revents != 0)
    fine = read_input (self, error);
  if (slots[2].revents != 0)
    mcp_broker_read (self->broker);
  mcp_broker_tick (self->broker);
  mcp_broker_flush (self->broker);
  return outbox_flush (self->outbox, self->out, fine ? error : NULL) && fine;
}

gboolean
mcp_stdio_run (McpBroker *broker, const McpHandler *handler, GError **error)
{
  g_autoptr (Outbox) outbox = outbox_new ();
  g_autoptr (McpServer) server = mcp_server_new (handler, NULL);
  g_autoptr (McpChannel) channel = mcp_channel_new (outbox, NULL, NULL);
  g_autoptr (McpSession) session = mcp_session_new (server, broker);
  g_autoptr (McpLines) lines = mcp_lines_new (session, channel, MCP_STDIO_MAX_LINE);
  Stdio self = { broker, lines, outbox, open_output (), g_malloc (PIECE_SIZE), FALSE };
  gboolean fine = TRUE;

  mcp_server_set_ttl (server, LISTS_TTL_MS);
  while (fine && !self.ended)
    fine = turn (&self, error);
  g_free (self.piece);
  if (self.out != STDOUT_FILENO)
    close (self.out);
  return fine;
}
