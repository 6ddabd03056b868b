/* SPDX-License-Identifier: MIT */
#include "broker/serve/conn.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/base/outbox.h"

#define PIECE (64 * 1024)
#define FDS_MAX 4              /* waiting for their message; more end the connection */
#define OUT_PAUSE (256 * 1024) /* a peer that leaves this much unread is not read from */
#define OUT_MAX                                                                                    \
  (64 * 1024                                                                                       \
   * 1024) /* and this much ends it: an approver who joins is told of all that waits at once */

struct _Conn
{
  ConnHub *hub;
  int fd;
  Process *peer;
  const ConnEvents *events;
  gpointer user;
  LoopWatch watch;
  guint32 watched;
  WireReader *reader;
  GArray *in_fds;
  Outbox *out;
  gboolean dirty, closing, in_events, dead;
};

struct _ConnHub
{
  Loop *loop;
  GHashTable *all;
  GPtrArray *dirty;
  char *piece;
};

static void
conn_free (Conn *self)
{
  if (self->dirty)
    g_ptr_array_remove_fast (self->hub->dirty, self);
  g_hash_table_remove (self->hub->all, self);
  loop_unwatch (self->hub->loop, self->fd, &self->watch);
  for (guint i = 0; i < self->in_fds->len; i++)
    close (g_array_index (self->in_fds, int, i));
  close (self->fd);
  g_array_unref (self->in_fds);
  outbox_free (self->out);
  wire_reader_free (self->reader);
  g_clear_pointer (&self->peer, process_unref);
  g_free (self);
}

/* Frees at once, or when the events that are running on it have returned. */
static void
conn_end (Conn *self)
{
  if (self->dead)
    return;
  self->dead = TRUE;
  self->events->closed (self, self->user);
  if (!self->in_events)
    conn_free (self);
}

static void
update_watch (Conn *self)
{
  guint32 want = (self->closing || outbox_size (self->out) > OUT_PAUSE ? 0 : EPOLLIN)
                 | (outbox_size (self->out) > 0 && !self->dirty ? EPOLLOUT : 0) | EPOLLRDHUP;

  if (want == self->watched)
    return;
  loop_rewatch (self->hub->loop, self->fd, want, &self->watch);
  self->watched = want;
}

static void
mark_dirty (Conn *self)
{
  if (self->dirty || self->dead)
    return;
  self->dirty = TRUE;
  g_ptr_array_add (self->hub->dirty, self);
}

static void
conn_flush (Conn *self)
{
  if (!outbox_flush (self->out, self->fd, NULL) || (self->closing && outbox_size (self->out) == 0))
    conn_end (self);
  else
    update_watch (self);
}

gboolean
conn_hub_flush (ConnHub *hub)
{
  gboolean any = hub->dirty->len > 0;

  while (hub->dirty->len > 0)
    {
      Conn *conn = g_ptr_array_steal_index_fast (hub->dirty, hub->dirty->len - 1);
      conn->dirty = FALSE;
      conn_flush (conn);
    }
  return any;
}

/* Credentials and descriptors of one piece. FALSE: the sender is another. */
static gboolean
read_control (Conn *self, struct msghdr *msg)
{
  gboolean same = self->peer == NULL;

  for (struct cmsghdr *c = CMSG_FIRSTHDR (msg); c != NULL; c = CMSG_NXTHDR (msg, c))
    {
      if (c->cmsg_level != SOL_SOCKET)
        continue;
      if (c->cmsg_type == SCM_CREDENTIALS && self->peer != NULL)
        {
          struct ucred cred;
          memcpy (&cred, CMSG_DATA (c), sizeof cred);
          same = cred.pid == process_pid (self->peer) && cred.uid == process_uid (self->peer);
        }
      else if (c->cmsg_type == SCM_RIGHTS)
        {
          gsize n = (c->cmsg_len - CMSG_LEN (0)) / sizeof (int);
          g_array_append_vals (self->in_fds, CMSG_DATA (c), n);
        }
    }
  return same && (msg->msg_flags & MSG_CTRUNC) == 0 && self->in_fds->len <= FDS_MAX;
}

static void
dispatch_lines (Conn *self)
{
  char *line;
  gsize len;

  while (!self->dead && !self->closing && (line = wire_reader_next (self->reader, &len)) != NULL)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (json_t) message = wire_parse (line, len, FALSE, &error);
      if (message != NULL)
        self->events->message (self, message, self->user);
      else
        self->events->malformed (self, error, self->user);
    }
}

/* FALSE when the connection is to end. */
static gboolean
read_piece (Conn *self)
{
  union
  {
    struct cmsghdr header;
    char room[CMSG_SPACE (sizeof (struct ucred)) + CMSG_SPACE (FDS_MAX * sizeof (int))];
  } control;
  struct iovec iov = { self->hub->piece, PIECE };
  struct msghdr msg = { .msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = control.room,
                        .msg_controllen = sizeof control.room };
  g_autoptr (GError) error = NULL;

  gssize got = recvmsg (self->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0)
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  if (!read_control (self, &msg) || got == 0)
    return FALSE;
  if (self->events->piece != NULL && !self->events->piece (self, self->user))
    return FALSE;

  gboolean whole = self->hub->piece[got - 1] == '\n';
  gboolean framed = wire_reader_push (self->reader, self->hub->piece, got, &error);
  explicit_bzero (self->hub->piece, got);
  dispatch_lines (self);
  if (!framed && !self->dead)
    {
      self->events->malformed (self, error, self->user);
      self->closing = TRUE; /* what follows cannot be framed */
      mark_dirty (self);
    }
  /* A descriptor that no message announced would be taken for the next one's. */
  return !whole || self->in_fds->len == 0;
}

static void
on_ready (gpointer data, guint32 events)
{
  Conn *self = data;
  gboolean live = TRUE;

  self->in_events = TRUE;
  if (events & EPOLLIN)
    live = read_piece (self);
  else if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
    live = FALSE;
  self->in_events = FALSE;
  if (self->dead)
    conn_free (self);
  else if (!live)
    conn_end (self);
  else if (events & EPOLLOUT)
    conn_flush (self);
}

Conn *
conn_new (ConnHub *hub, int fd, Process *peer, const ConnEvents *events, gpointer user,
          GError **error)
{
  Conn *self = g_new0 (Conn, 1);

  self->hub = hub;
  self->fd = fd;
  self->peer = peer;
  self->events = events;
  self->user = user;
  self->reader = wire_reader_new (WIRE_MAX_LINE);
  self->in_fds = g_array_new (FALSE, FALSE, sizeof (int));
  self->out = outbox_new ();
  self->watch = (LoopWatch){ on_ready, self };
  self->watched = EPOLLIN | EPOLLRDHUP;
  g_hash_table_add (hub->all, self);
  if (!loop_watch (hub->loop, fd, self->watched, &self->watch, error))
    {
      conn_free (self);
      return NULL;
    }
  return self;
}

Process *
conn_peer (const Conn *self)
{
  return self->peer;
}

void
conn_close (Conn *self, gboolean at_once)
{
  if (at_once)
    {
      conn_end (self);
      return;
    }
  self->closing = TRUE;
  mark_dirty (self);
}

/* FALSE: nothing more is sent to this one. What it has not read for so long it can ask for again.
 */
static gboolean
may_send (Conn *self)
{
  if (outbox_size (self->out) > OUT_MAX)
    self->closing = TRUE;
  return !self->dead && !self->closing;
}

void
conn_send_text (Conn *self, const char *line, gsize len)
{
  if (!may_send (self))
    return;
  outbox_add (self->out, line, len);
  outbox_end (self->out, -1, NULL);
  mark_dirty (self);
}

void
conn_send (Conn *self, const json_t *message, int fd)
{
  g_autoptr (GError) error = NULL;

  if (may_send (self))
    {
      outbox_add_json (self->out, message);
      if (!outbox_end (self->out, fd, &error))
        {
          g_warning ("an answer could not be sent: %s", error->message);
          self->closing = TRUE;
        }
      mark_dirty (self);
    }
  if (fd >= 0)
    close (fd);
}

int
conn_take_fd (Conn *self)
{
  if (self->in_fds->len == 0)
    return -1;
  int fd = g_array_index (self->in_fds, int, 0);
  g_array_remove_index (self->in_fds, 0);
  return fd;
}

ConnHub *
conn_hub_new (Loop *loop)
{
  ConnHub *hub = g_new0 (ConnHub, 1);

  hub->loop = loop;
  hub->all = g_hash_table_new (NULL, NULL);
  hub->dirty = g_ptr_array_new ();
  hub->piece = g_malloc (PIECE);
  return hub;
}

guint
conn_hub_count (const ConnHub *hub)
{
  return g_hash_table_size (hub->all);
}

void
conn_hub_free (ConnHub *hub)
{
  if (hub == NULL)
    return;
  g_autofree gpointer *all = g_hash_table_get_keys_as_array (hub->all, NULL);
  for (gpointer *conn = all; *conn != NULL; conn++)
    if (g_hash_table_contains (hub->all, *conn)) /* the end of one may be that of another */
      conn_end (*conn);
  g_hash_table_unref (hub->all);
  g_ptr_array_unref (hub->dirty);
  explicit_bzero (hub->piece, PIECE);
  g_free (hub->piece);
  g_free (hub);
}
