/* SPDX-License-Identifier: MIT */
#include "broker/sink/sink-private.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_MS 20000
/* What was sent and not acknowledged, or not taken for want of room there, in milliseconds. */
#define STUCK_MS (5 * 60 * 1000)
#define SLOW_MS 60000 /* after which it is said that the receiver takes its time */

/* ---- connecting ---- */

static gboolean
wait_connected (int fd)
{
  struct pollfd wait = { .fd = fd, .events = POLLOUT };
  int trouble = 0, n;
  socklen_t size = sizeof trouble;

  do
    n = poll (&wait, 1, CONNECT_MS);
  while (n < 0 && errno == EINTR);
  if (n == 0)
    errno = ETIMEDOUT;
  if (n <= 0 || getsockopt (fd, SOL_SOCKET, SO_ERROR, &trouble, &size) != 0)
    return FALSE;
  errno = trouble;
  return trouble == 0;
}

/* A machine that went away without a word is noticed, also while we wait for its answer. */
static void
watch_over (int fd)
{
  static const struct
  {
    int level, name, value;
  } options[] = { { SOL_SOCKET, SO_KEEPALIVE, 1 },
                  { IPPROTO_TCP, TCP_KEEPIDLE, 60 },
                  { IPPROTO_TCP, TCP_KEEPINTVL, 15 },
                  { IPPROTO_TCP, TCP_KEEPCNT, 4 },
                  { IPPROTO_TCP, TCP_USER_TIMEOUT, STUCK_MS } };

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    setsockopt (fd, options[i].level, options[i].name, &options[i].value, sizeof (int));
}

/* -1 with errno. */
static int
connect_one (const struct addrinfo *at)
{
  int fd = socket (at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  if (fd < 0)
    return -1;
  watch_over (fd);
  if ((connect (fd, at->ai_addr, at->ai_addrlen) == 0
       || (errno == EINPROGRESS && wait_connected (fd)))
      && fcntl (fd, F_SETFL, 0) == 0)
    return fd;
  int number = errno;
  close (fd);
  errno = number;
  return -1;
}

int
sink_stream_open (const SinkPlace *place, GError **error)
{
  const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
  struct addrinfo *found;
  int trouble = getaddrinfo (place->host, place->port, &hints, &found), fd = -1;

  if (trouble != 0)
    {
      sink_fail_words (place, gai_strerror (trouble), error);
      return -1;
    }
  for (const struct addrinfo *at = found; fd < 0 && at != NULL; at = at->ai_next)
    fd = connect_one (at);
  if (fd < 0)
    sink_fail (place, "cannot be reached", error);
  freeaddrinfo (found);
  return fd;
}

/* ---- sending ---- */

GString *
sink_stream_frame (const GPtrArray *messages)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < messages->len; i++)
    {
      const GString *message = messages->pdata[i];
      g_string_append_printf (out, "%" G_GSIZE_FORMAT " ", message->len);
      g_string_append_len (out, message->str, (gssize) message->len);
    }
  return out;
}

gboolean
sink_stream_write (int fd, const SinkPlace *place, const GString *data, GError **error)
{
  gsize sent = 0;

  while (sent < data->len)
    {
      gssize n = send (fd, data->str + sent, data->len - sent, MSG_NOSIGNAL);
      if (n < 0 && errno != EINTR)
        return sink_fail (place, "not taken", error);
      sent += n > 0 ? (gsize) n : 0;
    }
  return TRUE;
}

/* ---- the end ---- */

static void
wait_readable (int fd, const SinkPlace *place)
{
  struct pollfd wait = { .fd = fd, .events = POLLIN };

  if (poll (&wait, 1, SLOW_MS) != 0)
    return;
  fprintf (stderr, "%s takes its time: waiting until it has read what was sent, and closes\n",
           place->text);
  poll (&wait, 1, -1);
}

/* Who closes without having read everything resets the connection, and then the socket has an
 * error; who is not there any more does not acknowledge our end, and then it is not closed. */
static gboolean
was_read (int fd)
{
  struct tcp_info info = { 0 };
  socklen_t size = sizeof info, error_size = sizeof (int);
  int trouble = -1;

  return getsockopt (fd, SOL_SOCKET, SO_ERROR, &trouble, &error_size) == 0 && trouble == 0
         && getsockopt (fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0
         && info.tcpi_state == TCP_CLOSE;
}

gboolean
sink_stream_finish (int fd, const SinkPlace *place, GError **error)
{
  char unused[512];
  gssize n;

  /* It may have closed already. */
  if (shutdown (fd, SHUT_WR) != 0 && errno != ENOTCONN)
    return sink_fail (place, "not taken", error);
  do
    {
      wait_readable (fd, place);
      n = recv (fd, unused, sizeof unused, 0);
    }
  while (n > 0 || (n < 0 && errno == EINTR));
  if (n < 0)
    return sink_fail (place, "closed before it had read everything", error);
  return was_read (fd)
         || sink_fail_words (place, "closed before it had read everything; to be sent again",
                             error);
}
