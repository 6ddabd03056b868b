/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-answer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/text.h"

struct _HttpAnswer
{
  Redactor *redactor;
  RedactStream *stream;
  GByteArray *shown; /* redacted, not written yet, or kept */
  json_t *headers;
  gsize header_bytes, max_bytes;
  guint64 bytes, written;
  int output;
  HttpAnswerEnd end;
};

HttpAnswer *
http_answer_new (Redactor *redactor, gsize max_bytes, int output)
{
  HttpAnswer *self = g_new0 (HttpAnswer, 1);

  self->redactor = redactor;
  self->stream = redact_stream_new (redactor);
  self->shown = g_byte_array_new ();
  self->headers = json_array ();
  self->max_bytes = max_bytes;
  self->output = output;
  return self;
}

void
http_answer_free (HttpAnswer *self)
{
  if (self == NULL)
    return;
  redact_stream_free (self->stream);
  redactor_free (self->redactor);
  g_byte_array_unref (self->shown);
  json_decref (self->headers);
  if (self->output >= 0)
    close (self->output);
  g_free (self);
}

HttpAnswerEnd
http_answer_end (const HttpAnswer *self)
{
  return self->end;
}

static HttpAnswerVerdict
stop (HttpAnswer *self, HttpAnswerEnd end)
{
  self->end = end;
  return HTTP_ANSWER_STOP;
}

/* What serves browsers, one hop, or a session that is not the caller's. */
static gboolean
is_useful (const char *name)
{
  static const char *const useless[] = { "set-cookie",
                                         "set-cookie2",
                                         "connection",
                                         "keep-alive",
                                         "transfer-encoding",
                                         "te",
                                         "trailer",
                                         "upgrade",
                                         "alt-svc",
                                         "content-encoding",
                                         "strict-transport-security",
                                         "content-security-policy",
                                         "content-security-policy-report-only",
                                         "permissions-policy",
                                         "referrer-policy",
                                         "x-frame-options",
                                         "x-xss-protection",
                                         "x-content-type-options",
                                         "report-to",
                                         "reporting-endpoints",
                                         "nel",
                                         "expect-ct" };

  for (gsize i = 0; i < G_N_ELEMENTS (useless); i++)
    if (g_ascii_strcasecmp (name, useless[i]) == 0)
      return FALSE;
  return g_ascii_strncasecmp (name, "proxy-", 6) != 0
         && g_ascii_strncasecmp (name, "access-control-", 15) != 0;
}

static json_t *
redacted (HttpAnswer *self, const char *text)
{
  g_autofree char *shown = redact_text (self->redactor, text, -1);
  g_autofree char *utf8 = text_utf8 (shown);

  return json_string (utf8);
}

static void
keep_header (HttpAnswer *self, const char *line, gsize len)
{
  g_autofree char *text = g_strndup (line, len);
  char *colon = strchr (text, ':');

  if (colon == NULL)
    return;
  *colon = '\0';
  if (is_useful (text))
    json_array_append_new (self->headers, json_pack ("[oo]", redacted (self, text),
                                                     redacted (self, g_strstrip (colon + 1))));
}

HttpAnswerVerdict
http_answer_header (HttpAnswer *self, const char *line, gsize len)
{
  self->header_bytes += len;
  if (self->header_bytes > HTTP_ANSWER_HEADERS_MAX)
    return stop (self, HTTP_ANSWER_HEADERS);
  if (len >= 5 && g_ascii_strncasecmp (line, "HTTP/", 5) == 0 && memchr (line, ' ', len) != NULL)
    json_array_clear (self->headers); /* those were an interim answer's */
  else
    keep_header (self, line, len);
  return HTTP_ANSWER_GO_ON;
}

/* Writes what can be shown by now into the file. */
static HttpAnswerVerdict
write_out (HttpAnswer *self)
{
  gsize len = MIN (self->shown->len, HTTP_ANSWER_OUTPUT_MAX - self->written), done = 0;

  while (done < len)
    {
      gssize n = write (self->output, self->shown->data + done, len - done);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return stop (self, HTTP_ANSWER_OUTPUT);
      done += (gsize) n;
    }
  self->written += len;
  gboolean over = len < self->shown->len;
  g_byte_array_set_size (self->shown, 0);
  return over ? stop (self, HTTP_ANSWER_ENOUGH) : HTTP_ANSWER_GO_ON;
}

static HttpAnswerVerdict
cut (HttpAnswer *self)
{
  if (self->shown->len <= self->max_bytes)
    return HTTP_ANSWER_GO_ON;
  g_byte_array_set_size (self->shown, (guint) self->max_bytes);
  return stop (self, HTTP_ANSWER_ENOUGH);
}

HttpAnswerVerdict
http_answer_body (HttpAnswer *self, const char *data, gsize len)
{
  self->bytes += len;
  redact_stream_feed (self->stream, data, len, self->shown);
  return self->output >= 0 ? write_out (self) : cut (self);
}

/* A character that was cut in two is not shown by half. */
static void
drop_half_character (GByteArray *text)
{
  for (guint cut = 0; cut < 4 && cut < text->len; cut++)
    {
      guint8 byte = text->data[text->len - 1 - cut];
      if (byte < 0x80)
        return;
      if (byte >= 0xc0)
        {
          guint wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
          if (cut + 1 < wanted)
            g_byte_array_set_size (text, text->len - 1 - cut);
          return;
        }
    }
}

static void
add_body (HttpAnswer *self, json_t *result)
{
  const char *text = self->shown->len > 0 ? (const char *) self->shown->data : "";
  gsize len = self->shown->len;

  if (g_utf8_validate_len (text, len, NULL))
    json_object_set_new (result, "body", json_stringn (text, len));
  else
    {
      g_autofree char *coded = g_base64_encode (self->shown->data, len);
      json_object_set_new (result, "body_base64", json_string (coded));
    }
}

json_t *
http_answer_result (HttpAnswer *self, long status, gint64 elapsed_ms, gboolean whole)
{
  if (whole)
    {
      redact_stream_end (self->stream, self->shown);
      whole = (self->output >= 0 ? write_out (self) : cut (self)) == HTTP_ANSWER_GO_ON;
    }
  if (self->end == HTTP_ANSWER_OUTPUT)
    return NULL;
  json_t *result = json_pack ("{s:I, s:O, s:I, s:b, s:o, s:I}", "status", (json_int_t) status,
                              "headers", self->headers, "bytes", (json_int_t) self->bytes,
                              "truncated", !whole, "redacted", redactor_counts (self->redactor),
                              "elapsed_ms", (json_int_t) elapsed_ms);
  if (self->output >= 0)
    {
      json_object_set_new (result, "written", json_integer ((json_int_t) self->written));
      return result;
    }
  if (!whole)
    drop_half_character (self->shown);
  add_body (self, result);
  return result;
}
