/* SPDX-License-Identifier: MIT */
#include "broker/client/client-stream.h"

#include "broker/base/outbox.h"
#include "broker/client/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE_SIZE (64 * 1024)
#define MAX_WAITING_FDS 16

struct _ClientStream
{
  int fd;
  WireReader *reader;
  Outbox *outbox;
  GArray *fds; /* passed to us, in order, not yet matched with their messages */
  char *piece; /* what is being read */
};

ClientStream *
client_stream_new (int fd)
{
  ClientStream *stream = g_new0 (ClientStream, 1);

  stream->fd = fd;
  stream->reader = wire_reader_new (CLIENT_MAX_LINE);
  stream->outbox = outbox_new ();
  stream->fds = g_array_new (FALSE, FALSE, sizeof (int));
  stream->piece = g_malloc (PIECE_SIZE);
  return stream;
}

void
client_stream_free (ClientStream *stream)
{
  close (stream->fd);
  for (guint i = 0; i < stream->fds->len; i++)
    close (g_array_index (stream->fds, int, i));
  g_array_unref (stream->fds);
  wire_reader_free (stream->reader);
  outbox_free (stream->outbox);
  g_free (stream->piece);
  g_free (stream);
}

int
client_stream_fd (const ClientStream *stream)
{
  return stream->fd;
}

/* --- Sending --- */

gsize
client_stream_backlog (const ClientStream *stream)
{
  return outbox_size (stream->outbox);
}

gboolean
client_stream_flush (ClientStream *stream, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (outbox_flush (stream->outbox, stream->fd, &local))
    return TRUE;
  g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_CLOSED, "the broker went away: %s",
               local->message);
  return FALSE;
}

/* Method names are ours: nothing in them needs escaping. */
static void
write_message (Outbox *outbox, gint64 id, const char *method, const json_t *params)
{
  char head[64] = "{\"jsonrpc\":\"2.0\",\"method\":\"";

  if (id != 0)
    g_snprintf (head, sizeof head, "{\"jsonrpc\":\"2.0\",\"id\":%" G_GINT64_FORMAT ",\"method\":\"",
                id);
  outbox_add_text (outbox, head);
  outbox_add_text (outbox, method);
  outbox_add_text (outbox, "\"");
  if (params != NULL)
    {
      outbox_add_text (outbox, ",\"params\":");
      outbox_add_json (outbox, params);
    }
  outbox_add_text (outbox, "}");
}

gboolean
client_stream_add (ClientStream *stream, gint64 id, const char *method, const json_t *params,
                   const int *fds, gsize n_fds, GError **error)
{
  g_autoptr (GError) local = NULL;

  write_message (stream->outbox, id, method, params);
  /* The broker would end the connection, and with it all other calls. */
  if (outbox_unended (stream->outbox) > WIRE_MAX_LINE)
    {
      outbox_take_back (stream->outbox);
      g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL,
                   "%s: what is passed is too large together", method);
      return FALSE;
    }
  if (outbox_end_fds (stream->outbox, fds, n_fds, &local))
    return TRUE;
  g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL, local->message);
  return FALSE;
}

/* --- Receiving --- */

static void
keep_passed (ClientStream *stream, struct msghdr *message)
{
  for (struct cmsghdr *part = CMSG_FIRSTHDR (message); part != NULL;
       part = CMSG_NXTHDR (message, part))
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
      g_array_append_vals (stream->fds, CMSG_DATA (part),
                           (part->cmsg_len - CMSG_LEN (0)) / sizeof (int));
}

/* Bytes read; 0 with @error NULL when nothing is there now. */
static gssize
read_piece (ClientStream *stream, GError **error)
{
  struct iovec iov = { stream->piece, PIECE_SIZE };
  union
  {
    char room[CMSG_SPACE (4 * sizeof (int))];
    struct cmsghdr header;
  } control;
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room };
  gssize n;

  message.msg_controllen = sizeof control.room;
  do
    n = recvmsg (stream->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return 0;
  if (n <= 0)
    {
      g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_CLOSED, "the broker went away%s%s",
                   n < 0 ? ": " : "", n < 0 ? g_strerror (errno) : "");
      return -1;
    }
  keep_passed (stream, &message);
  if ((message.msg_flags & MSG_CTRUNC) == 0 && stream->fds->len <= MAX_WAITING_FDS)
    return n;
  g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL,
                       "the broker passed descriptors that no message announced");
  return -1;
}

/* FALSE with @error NULL: nothing there. */
static gboolean
fill_reader (ClientStream *stream, GError **error)
{
  g_autoptr (GError) local = NULL;
  gssize n = read_piece (stream, error);

  if (n <= 0)
    return FALSE;
  gboolean framed = wire_reader_push (stream->reader, stream->piece, n, &local);
  explicit_bzero (stream->piece, n);
  if (!framed)
    g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL, "from the broker: %s", local->message);
  return framed;
}

/* A value that came beside its message: in a result, or in what a tool's answer calls its result.
 */
static gboolean
announces_fd (const json_t *message)
{
  const json_t *result = json_object_get (message, "result");

  return json_is_true (json_object_get (result, "value_fd"))
         || json_is_true (json_object_get (json_object_get (result, "result"), "value_fd"));
}

/* Descriptors come in the order of the messages that announce them. */
static gboolean
take_fd (ClientStream *stream, const json_t *message, int *fd, GError **error)
{
  *fd = -1;
  if (!announces_fd (message))
    return TRUE;
  if (stream->fds->len == 0)
    {
      g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL,
                           "the broker announced a descriptor and passed none");
      return FALSE;
    }
  *fd = g_array_index (stream->fds, int, 0);
  g_array_remove_index (stream->fds, 0);
  return TRUE;
}

json_t *
client_stream_next (ClientStream *stream, int *fd, GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize len;
  char *line = wire_reader_next (stream->reader, &len);

  if (line == NULL && fill_reader (stream, error))
    line = wire_reader_next (stream->reader, &len);
  if (line == NULL)
    return NULL;

  g_autoptr (json_t) message = wire_parse (line, len, FALSE, &local);
  if (message == NULL)
    {
      g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL, "from the broker: %s",
                   local->message);
      return NULL;
    }
  return take_fd (stream, message, fd, error) ? g_steal_pointer (&message) : NULL;
}
