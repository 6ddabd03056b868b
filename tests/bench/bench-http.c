/* SPDX-License-Identifier: MIT
 *
 * bench-http PORT ROUNDS CONNECTIONS TOTAL ANSWERED: a request over HTTP, on loopback, ROUNDS times
 * one after the other on one connection, then TOTAL times on CONNECTIONS at once. The request is
 * read from stdin to its last byte; "@00000000" in it becomes a number of nine digits. Each answer
 * is a 200 with ANSWERED in it.
 *
 * Prints "serial_us X", "serial_p99_us X" and "at_once_per_second X".
 */
#include "tests/bench/bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PLACE "@00000000"

typedef struct
{
  int fd;
  gsize len;
  char data[65536];
} Connection;

typedef struct
{
  char *text; /* the request */
  gsize len;
  char *place;
  const char *answered;
  guint next;
} Request;

static void
fail (const char *what)
{
  fprintf (stderr, "bench-http: %s: %s\n", what, g_strerror (errno));
  exit (1);
}

static Connection *
connection_new (guint16 port)
{
  Connection *self = g_new0 (Connection, 1);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  int one = 1;
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  self->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (self->fd < 0 || connect (self->fd, (struct sockaddr *) &address, sizeof address) != 0)
    fail ("connect");
  setsockopt (self->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return self;
}

static void
connection_free (Connection *self)
{
  close (self->fd);
  g_free (self);
}

static void
ask (Connection *self, Request *request)
{
  if (request->place != NULL)
    {
      char digits[16];
      g_snprintf (digits, sizeof digits, "%09u", 100000000 + request->next++ % 800000000);
      memcpy (request->place, digits, 9);
    }
  if (send (self->fd, request->text, request->len, MSG_NOSIGNAL) != (ssize_t) request->len)
    fail ("send");
}

/* The answer is whole: with the length that it tells, or by its last chunk. */
static gboolean
whole (const Connection *self)
{
  const char *end = strstr (self->data, "\r\n\r\n");
  if (end == NULL)
    return FALSE;
  const char *length = strcasestr (self->data, "\r\ncontent-length:");
  if (length != NULL && length < end)
    return (gsize) (end + 4 - self->data) + strtoul (length + 17, NULL, 10) == self->len;
  return self->len > 5 && memcmp (self->data + self->len - 5, "0\r\n\r\n", 5) == 0;
}

/* Reads what is there; TRUE when that ends the answer. */
static gboolean
take (Connection *self, const Request *request)
{
  ssize_t got = recv (self->fd, self->data + self->len, sizeof self->data - 1 - self->len, 0);
  if (got <= 0)
    fail ("the other end went away");
  self->len += (gsize) got;
  self->data[self->len] = '\0';
  if (!whole (self))
    return FALSE;
  if (strncmp (self->data, "HTTP/1.1 200", 12) != 0
      || strstr (self->data, request->answered) == NULL)
    {
      fprintf (stderr, "bench-http: %s\n", self->data);
      exit (1);
    }
  self->len = 0;
  return TRUE;
}

static void
serial (guint16 port, Request *request, gsize rounds)
{
  BenchTimes times = { 0 };
  Connection *connection = connection_new (port);
  for (gsize i = 0; i < rounds; i++)
    {
      gint64 before = bench_now ();
      ask (connection, request);
      while (!take (connection, request))
        ;
      bench_times_add (&times, bench_now () - before);
    }
  printf ("serial_us %.2f\nserial_p99_us %.2f\n", bench_times_at (&times, 0.5),
          bench_times_at (&times, 0.99));
  g_free (times.values);
  connection_free (connection);
}

static void
at_once (guint16 port, Request *request, gsize connections, gsize total)
{
  g_autofree Connection **all = g_new (Connection *, connections);
  int epoll = epoll_create1 (EPOLL_CLOEXEC);
  for (gsize i = 0; i < connections; i++)
    {
      all[i] = connection_new (port);
      struct epoll_event event = { .events = EPOLLIN, .data.ptr = all[i] };
      epoll_ctl (epoll, EPOLL_CTL_ADD, all[i]->fd, &event);
    }
  gint64 before = bench_now ();
  gsize sent = 0, got = 0;
  for (; sent < MIN (connections, total); sent++)
    ask (all[sent], request);
  while (got < total)
    {
      struct epoll_event events[64];
      int n = epoll_wait (epoll, events, G_N_ELEMENTS (events), -1);
      for (int i = 0; i < n; i++)
        if (take (events[i].data.ptr, request))
          {
            got++;
            if (sent < total)
              {
                ask (events[i].data.ptr, request);
                sent++;
              }
          }
    }
  printf ("at_once_per_second %.0f\n", (double) total * 1e9 / (double) (bench_now () - before));
  for (gsize i = 0; i < connections; i++)
    connection_free (all[i]);
  close (epoll);
}

static char *
read_all (gsize *len)
{
  GString *text = g_string_new (NULL);
  char piece[4096];
  for (gsize got; (got = fread (piece, 1, sizeof piece, stdin)) > 0;)
    g_string_append_len (text, piece, (gssize) got);
  *len = text->len;
  return g_string_free (text, FALSE);
}

int
main (int argc, char **argv)
{
  if (argc != 6)
    return 2;
  Request request = { .answered = argv[5] };
  request.text = read_all (&request.len);
  request.place = strstr (request.text, PLACE);
  guint16 port = (guint16) strtoul (argv[1], NULL, 10);
  serial (port, &request, strtoul (argv[2], NULL, 10));
  at_once (port, &request, strtoul (argv[3], NULL, 10), strtoul (argv[4], NULL, 10));
  g_free (request.text);
  return 0;
}
