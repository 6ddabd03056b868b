/* SPDX-License-Identifier: MIT */
#include "tests/bench/bench.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static void
fail (const char *what)
{
  fprintf (stderr, "bench: %s: %s\n", what, g_strerror (errno));
  exit (1);
}

void
bench_stream_init (BenchStream *stream, int in, int out)
{
  stream->in = in;
  stream->out = out;
  stream->start = stream->end = 0;
  stream->size = 1 << 20;
  stream->data = g_malloc (stream->size);
}

void
bench_stream_connect (BenchStream *stream, const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
    errno = ENAMETOOLONG;
  else if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    {
      bench_stream_init (stream, fd, fd);
      return;
    }
  fail (path);
}

void
bench_stream_clear (BenchStream *stream)
{
  close (stream->in);
  if (stream->out != stream->in)
    close (stream->out);
  g_free (stream->data);
}

void
bench_stream_send (BenchStream *stream, const char *text, gsize len)
{
  while (len > 0)
    {
      ssize_t done = write (stream->out, text, len);
      if (done < 0 && errno != EINTR)
        fail ("write");
      if (done > 0)
        {
          text += done;
          len -= (gsize) done;
        }
    }
}

void
bench_stream_printf (BenchStream *stream, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  bench_stream_send (stream, text, strlen (text));
}

static void
fill (BenchStream *stream)
{
  if (stream->start > 0)
    {
      memmove (stream->data, stream->data + stream->start, stream->end - stream->start);
      stream->end -= stream->start;
      stream->start = 0;
    }
  if (stream->end == stream->size)
    stream->data = g_realloc (stream->data, stream->size *= 2);
  ssize_t got = read (stream->in, stream->data + stream->end, stream->size - stream->end);
  if (got <= 0 && !(got < 0 && errno == EINTR))
    fail ("the other end went away");
  if (got > 0)
    stream->end += (gsize) got;
}

const char *
bench_stream_line (BenchStream *stream)
{
  gsize looked = stream->start;
  for (;;)
    {
      char *end = memchr (stream->data + looked, '\n', stream->end - looked);
      if (end != NULL)
        {
          const char *line = stream->data + stream->start;
          *end = '\0';
          stream->start = (gsize) (end + 1 - stream->data);
          return line;
        }
      looked = stream->end - stream->start;
      fill (stream);
    }
}

const char *
bench_stream_until (BenchStream *stream, const char *part)
{
  for (;;)
    {
      const char *line = bench_stream_line (stream);
      if (strstr (line, part) != NULL)
        return line;
    }
}

gint64
bench_now (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

void
bench_times_add (BenchTimes *times, gint64 value)
{
  if (times->n == times->size)
    {
      times->size = MAX (1024, times->size * 2);
      times->values = g_renew (gint64, times->values, times->size);
    }
  times->values[times->n++] = value;
}

static int
compare (const void *a, const void *b)
{
  gint64 left = *(const gint64 *) a, right = *(const gint64 *) b;
  return (left > right) - (left < right);
}

double
bench_times_at (BenchTimes *times, double part)
{
  qsort (times->values, times->n, sizeof *times->values, compare);
  gsize at = (gsize) (part * (double) times->n);
  return (double) times->values[MIN (at, times->n - 1)] / 1000.0;
}

/* @call with the id put in where it says @ID@. */
static gsize
put_id (char *out, gsize size, const char *call, gsize id)
{
  const char *at = strstr (call, "@ID@");
  int len = snprintf (out, size, "%.*s%zu%s\n", (int) (at - call), call, id, at + 4);
  g_assert (len > 0 && (gsize) len < size);
  return (gsize) len;
}

static void
expect (const char *line, const char *answered)
{
  if (strstr (line, answered) != NULL)
    return;
  fprintf (stderr, "bench: an answer without %s: %s\n", answered, line);
  exit (1);
}

static void
serial_rounds (BenchStream *stream, const char *call, const char *answered, gsize count)
{
  BenchTimes times = { 0 };
  char text[4096];
  for (gsize i = 0; i < count; i++)
    {
      gsize len = put_id (text, sizeof text, call, i + 1000);
      gint64 before = bench_now ();
      bench_stream_send (stream, text, len);
      const char *line = bench_stream_line (stream);
      bench_times_add (&times, bench_now () - before);
      expect (line, answered);
    }
  printf ("serial_us %.2f\nserial_p99_us %.2f\n", bench_times_at (&times, 0.5),
          bench_times_at (&times, 0.99));
  g_free (times.values);
}

void
bench_rounds (BenchStream *stream, const char *call, const char *answered, gsize serial,
              gsize pipelined, gsize window)
{
  serial_rounds (stream, call, answered, serial);
  g_autoptr (GString) batch = g_string_new (NULL);
  char text[4096];
  gint64 before = bench_now ();
  gsize sent = 0, got = 0;
  while (got < pipelined)
    {
      /* Refilled by halves: neither end ever waits for the other's whole window. */
      g_string_truncate (batch, 0);
      if (sent - got <= window / 2)
        for (; sent < pipelined && sent - got < window; sent++)
          g_string_append_len (batch, text,
                               (gssize) put_id (text, sizeof text, call, sent + 1000000));
      bench_stream_send (stream, batch->str, batch->len);
      expect (bench_stream_line (stream), answered);
      got++;
    }
  printf ("pipelined_per_second %.0f\n",
          (double) pipelined * 1e9 / (double) (bench_now () - before));
  fflush (stdout);
}
