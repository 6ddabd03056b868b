/* SPDX-License-Identifier: MIT
 *
 * What the latency clients share: whole lines over descriptors, a clock, and the middle of many
 * measurements. Plain C, so that the client costs little beside what it measures.
 */
#pragma once

#include <glib.h>

typedef struct
{
  int in, out;
  char *data;
  gsize start, end, size;
} BenchStream;

void bench_stream_init (BenchStream *stream, int in, int out);
/* A connection to a Unix socket; ends the program when there is none. */
void bench_stream_connect (BenchStream *stream, const char *path);
/* Closes both ways. */
void bench_stream_clear (BenchStream *stream);
void bench_stream_send (BenchStream *stream, const char *text, gsize len);
void bench_stream_printf (BenchStream *stream, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The next line without its end; valid until the next call. Ends the program at the end of the
 * stream. */
const char *bench_stream_line (BenchStream *stream);
/* Lines until one contains @part. */
const char *bench_stream_until (BenchStream *stream, const char *part);

gint64 bench_now (void); /* ns, monotonic */

typedef struct
{
  gint64 *values;
  gsize n, size;
} BenchTimes;
void bench_times_add (BenchTimes *times, gint64 value);
/* In microseconds; sorts. @part 0.5 is the median. */
double bench_times_at (BenchTimes *times, double part);

/* {"id":@id} with @call's text around it, sent @count times, one at a time and then @window deep;
 * prints "serial_us X", "serial_p99_us X" and "pipelined_per_second X". */
void bench_rounds (BenchStream *stream, const char *call, const char *answered, gsize serial,
                   gsize pipelined, gsize window);
