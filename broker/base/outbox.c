/* SPDX-License-Identifier: MIT */
#include "broker/base/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_SIZE (4 * 1024)
#define KEPT_SIZE (256 * 1024) /* a larger buffer is given back once it is empty */

/* A message that carries descriptors. Places count from the first byte ever added. */
typedef struct
{
  guint64 from, to;
  int fds[OUTBOX_FDS_MAX];
  gsize n_fds;
} Passed;

/* Bytes from start to end wait; the message that is being added begins at line. */
struct _Outbox
{
  char *data;
  gsize size, start, end, line;
  guint64 written; /* place of start */
  GArray *passed;
  gboolean not_a_socket;
};

static void
close_passed (gpointer data)
{
  const Passed *passed = data;

  for (gsize i = 0; i < passed->n_fds; i++)
    close (passed->fds[i]);
}

Outbox *
outbox_new (void)
{
  Outbox *outbox = g_new0 (Outbox, 1);
  outbox->passed = g_array_new (FALSE, FALSE, sizeof (Passed));
  g_array_set_clear_func (outbox->passed, close_passed);
  return outbox;
}

static void
give_back (Outbox *outbox)
{
  if (outbox->data != NULL)
    explicit_bzero (outbox->data + outbox->start, outbox->end - outbox->start);
  g_clear_pointer (&outbox->data, g_free);
  outbox->size = outbox->start = outbox->end = outbox->line = 0;
}

void
outbox_free (Outbox *outbox)
{
  if (outbox == NULL)
    return;
  give_back (outbox);
  g_array_unref (outbox->passed);
  g_free (outbox);
}

/* Room for @len bytes at the end. Copies by hand: realloc() would leave the old bytes behind. */
static char *
reserve (Outbox *outbox, gsize len)
{
  gsize waiting = outbox->end - outbox->start;

  if (outbox->size - outbox->end >= len)
    return outbox->data + outbox->end;

  gsize size = MAX (FIRST_SIZE, outbox->size);
  while (size < waiting + len)
    size *= 2;
  char *data = g_malloc (size);
  if (waiting > 0)
    memcpy (data, outbox->data + outbox->start, waiting);
  gsize line = outbox->line - outbox->start;
  give_back (outbox);
  outbox->data = data;
  outbox->size = size;
  outbox->end = waiting;
  outbox->line = line;
  return data + waiting;
}

void
outbox_add (Outbox *outbox, const char *data, gsize len)
{
  memcpy (reserve (outbox, len), data, len);
  outbox->end += len;
}

void
outbox_add_text (Outbox *outbox, const char *text)
{
  outbox_add (outbox, text, strlen (text));
}

void
outbox_add_json (Outbox *outbox, const json_t *value)
{
  gsize len;
  char *text = wire_dump (value, &len);

  g_assert (text != NULL);            /* half a message would take the next one with it */
  outbox_add (outbox, text, len - 1); /* without the newline: more may come in the same message */
  wire_text_free (text, len);
}

gsize
outbox_unended (const Outbox *outbox)
{
  return outbox->end - outbox->line;
}

void
outbox_take_back (Outbox *outbox)
{
  if (outbox->end > outbox->line)
    explicit_bzero (outbox->data + outbox->line, outbox->end - outbox->line);
  outbox->end = outbox->line;
}

void
outbox_add_outbox (Outbox *outbox, Outbox *from)
{
  if (outbox_unended (from) > 0)
    outbox_add (outbox, from->data + from->line, outbox_unended (from));
  outbox_take_back (from);
}

static gboolean
set_errno_error (GError **error, const char *what)
{
  int saved = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved), "%s: %s", what,
               g_strerror (saved));
  return FALSE;
}

/* Those of @fds that there are, duplicated. */
static gboolean
keep_descriptors (Passed *passed, const int *fds, gsize n_fds)
{
  for (gsize i = 0; i < n_fds; i++)
    {
      if (fds[i] < 0)
        continue;
      int copy = fcntl (fds[i], F_DUPFD_CLOEXEC, 3);
      if (copy < 0)
        return FALSE;
      passed->fds[passed->n_fds++] = copy;
    }
  return TRUE;
}

gboolean
outbox_end_fds (Outbox *outbox, const int *fds, gsize n_fds, GError **error)
{
  g_assert (n_fds <= OUTBOX_FDS_MAX);
  outbox_add (outbox, "\n", 1);
  Passed passed = { .from = outbox->written + (outbox->line - outbox->start),
                    .to = outbox->written + (outbox->end - outbox->start) };
  if (!keep_descriptors (&passed, fds, n_fds))
    {
      set_errno_error (error, "cannot pass a descriptor");
      close_passed (&passed);
      outbox_take_back (outbox);
      return FALSE;
    }
  if (passed.n_fds > 0)
    g_array_append_val (outbox->passed, passed);
  outbox->line = outbox->end;
  return TRUE;
}

gboolean
outbox_end (Outbox *outbox, int fd, GError **error)
{
  return outbox_end_fds (outbox, &fd, 1, error);
}

void
outbox_end_plain (Outbox *outbox)
{
  outbox->line = outbox->end;
}

gsize
outbox_size (const Outbox *outbox)
{
  return outbox->line - outbox->start;
}

static gssize
send_bytes (Outbox *outbox, int to, gsize len, const Passed *passed)
{
  struct iovec iov = { outbox->data + outbox->start, len };
  union
  {
    char room[CMSG_SPACE (OUTBOX_FDS_MAX * sizeof (int))];
    struct cmsghdr header;
  } control = { 0 };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

  if (passed != NULL)
    {
      gsize size = passed->n_fds * sizeof (int);
      message.msg_control = control.room;
      message.msg_controllen = CMSG_SPACE (size);
      control.header.cmsg_level = SOL_SOCKET;
      control.header.cmsg_type = SCM_RIGHTS;
      control.header.cmsg_len = CMSG_LEN (size);
      memcpy (CMSG_DATA (&control.header), passed->fds, size);
    }
  return sendmsg (to, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static gssize
write_bytes (Outbox *outbox, int to, gsize len, const Passed *passed)
{
  if (!outbox->not_a_socket)
    {
      gssize n = send_bytes (outbox, to, len, passed);
      if (n >= 0 || errno != ENOTSOCK)
        return n;
      outbox->not_a_socket = TRUE;
    }
  if (passed != NULL)
    {
      errno = ENOTSOCK;
      return -1;
    }
  return write (to, outbox->data + outbox->start, len);
}

static void
drop_written (Outbox *outbox, gsize n)
{
  explicit_bzero (outbox->data + outbox->start, n);
  outbox->start += n;
  outbox->written += n;
  if (outbox->start < outbox->end)
    return;
  outbox->start = outbox->end = outbox->line = 0;
  if (outbox->size > KEPT_SIZE)
    give_back (outbox);
}

const char *
outbox_peek (const Outbox *outbox, gsize *len)
{
  *len = outbox_size (outbox);
  return outbox->data + outbox->start;
}

void
outbox_drop (Outbox *outbox, gsize n)
{
  g_assert (n <= outbox_size (outbox) && outbox->passed->len == 0);
  if (n > 0)
    drop_written (outbox, n);
}

gboolean
outbox_flush (Outbox *outbox, int to, GError **error)
{
  while (outbox_size (outbox) > 0)
    {
      gsize len = outbox_size (outbox);
      const Passed *passed = NULL;

      if (outbox->passed->len > 0)
        {
          const Passed *next = &g_array_index (outbox->passed, Passed, 0);
          guint64 until = next->from > outbox->written ? next->from : next->to;
          passed = next->from > outbox->written ? NULL : next;
          len = MIN (len, until - outbox->written);
        }
      gssize n = write_bytes (outbox, to, len, passed);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return TRUE;
      if (n < 0)
        return set_errno_error (error, "cannot write");
      if (passed != NULL)
        g_array_remove_index (outbox->passed, 0);
      drop_written (outbox, n);
    }
  return TRUE;
}
