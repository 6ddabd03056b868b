/* SPDX-License-Identifier: MIT */
#include "broker/worker/exec-output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE (64 * 1024)
#define TOLD_MAX (8 * 1024) /* six bytes each as JSON at the worst: a line holds 64 KiB */

struct _ExecOutput
{
  const char *name;
  int fd;
  RedactStream *stream;
  GByteArray *kept, *passing;
  gsize max, told;
  guint64 bytes;
  gboolean truncated;
};

ExecOutput *
exec_output_new (const char *name, int fd, Redactor *redactor, gsize max)
{
  ExecOutput *self = g_new0 (ExecOutput, 1);

  self->name = name;
  self->fd = fd;
  self->stream = redact_stream_new (redactor);
  self->kept = g_byte_array_new ();
  self->passing = g_byte_array_new ();
  self->max = max;
  fcntl (fd, F_SETFL, O_NONBLOCK);
  return self;
}

void
exec_output_free (ExecOutput *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  redact_stream_free (self->stream);
  g_byte_array_unref (self->kept);
  g_byte_array_unref (self->passing);
  g_free (self);
}

int
exec_output_fd (const ExecOutput *output)
{
  return output->fd;
}

/* How many bytes at the end of @data begin a character that is not whole. */
static gsize
unfinished (const guint8 *data, gsize len)
{
  for (gsize back = 1; back <= MIN (len, 3); back++)
    {
      const guint8 byte = data[len - back];
      const gsize whole = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
      if (byte >= 0x80 && byte < 0xc0)
        continue;
      return back < whole ? back : 0;
    }
  return 0;
}

static void
keep_passed (ExecOutput *self)
{
  gsize room = self->max - self->kept->len;
  gsize taken = self->truncated ? 0 : MIN (room, self->passing->len);

  g_byte_array_append (self->kept, self->passing->data, (guint) taken);
  if (taken < self->passing->len && !self->truncated)
    {
      self->truncated = TRUE;
      g_byte_array_set_size (
          self->kept, self->kept->len - (guint) unfinished (self->kept->data, self->kept->len));
    }
  g_byte_array_set_size (self->passing, 0);
}

void
exec_output_end (ExecOutput *self)
{
  if (self->fd < 0)
    return;
  close (self->fd);
  self->fd = -1;
  redact_stream_end (self->stream, self->passing);
  keep_passed (self);
}

void
exec_output_read (ExecOutput *self)
{
  char piece[PIECE];
  gssize n = self->fd >= 0 ? read (self->fd, piece, sizeof piece) : 0;

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0)
    {
      exec_output_end (self);
      return;
    }
  self->bytes += (guint64) n;
  /* What is dropped is read all the same, and counted by the redactor. */
  redact_stream_feed (self->stream, piece, (gsize) n, self->passing);
  explicit_bzero (piece, (gsize) n);
  keep_passed (self);
}

gboolean
exec_output_tell (ExecOutput *self, WorkerLink *link)
{
  const guint8 *from = self->kept->data + self->told;
  gsize len = MIN (TOLD_MAX, self->kept->len - self->told);

  len -= len > 0 ? unfinished (from, len) : 0;
  if (len == 0)
    return FALSE;
  g_autofree char *text = g_utf8_make_valid ((const char *) from, (gssize) len);
  worker_link_notify (link, "output", json_pack ("{s:s, s:s}", "stream", self->name, "text", text),
                      -1);
  self->told += len;
  return self->told < self->kept->len;
}

void
exec_output_add_to (const ExecOutput *self, json_t *answer)
{
  g_autofree char *bytes = g_strconcat (self->name, "_bytes", NULL);
  g_autofree char *base64 = g_strconcat (self->name, "_base64", NULL);
  const char *data = (const char *) self->kept->data;

  if (g_utf8_validate (self->kept->len > 0 ? data : "", self->kept->len, NULL))
    json_object_set_new (answer, self->name,
                         json_stringn (self->kept->len > 0 ? data : "", self->kept->len));
  else
    {
      g_autofree char *text = g_base64_encode (self->kept->data, self->kept->len);
      json_object_set_new (answer, base64, json_string (text));
    }
  json_object_set_new (answer, bytes, json_integer ((json_int_t) self->bytes));
}

gboolean
exec_output_truncated (const ExecOutput *output)
{
  return output->truncated;
}
