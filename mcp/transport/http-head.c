/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-head.h"

#include <string.h>

#define METHOD_MAX 16
#define PATH_MAX_BYTES 2048
#define HOST_MAX 255 /* RFC 1035 */

/* The bytes from @at up to @end that one line, or one part of it, is made of. */
typedef struct
{
  const char *at, *end;
} Span;

static gsize
span_len (Span span)
{
  return span.end - span.at;
}

static gboolean
span_is (Span span, const char *word)
{
  return span_len (span) == strlen (word)
         && g_ascii_strncasecmp (span.at, word, span_len (span)) == 0;
}

static char *
span_dup (Span span)
{
  return g_strndup (span.at, span_len (span));
}

static Span
span_trim (Span span)
{
  while (span.at < span.end && (*span.at == ' ' || *span.at == '\t'))
    span.at++;
  while (span.end > span.at && (span.end[-1] == ' ' || span.end[-1] == '\t'))
    span.end--;
  return span;
}

static gboolean
refuse (HttpRefusal *refusal, guint status, const char *why)
{
  *refusal = (HttpRefusal){ status, why };
  return FALSE;
}

gsize
http_head_find (const char *data, gsize len)
{
  const char *end = memmem (data, len, "\r\n\r\n", 4);

  return end != NULL ? (gsize) (end + 4 - data) : 0;
}

void
http_head_free (HttpHead *head)
{
  if (head == NULL)
    return;
  if (head->authorization != NULL)
    explicit_bzero (head->authorization, strlen (head->authorization));
  g_free (head->authorization);
  g_free (head->method);
  g_free (head->path);
  g_free (head->host);
  g_free (head->type);
  g_free (head->if_none_match);
  g_free (head);
}

/* RFC 9110, section 5.6.2. */
static gboolean
is_token (Span span)
{
  if (span.at == span.end)
    return FALSE;
  for (; span.at < span.end; span.at++)
    if (!g_ascii_isalnum (*span.at)
        && (*span.at == '\0' || strchr ("!#$%&'*+-.^_`|~", *span.at) == NULL))
      return FALSE;
  return TRUE;
}

static gboolean
is_value (Span span)
{
  for (; span.at < span.end; span.at++)
    if (*span.at != '\t' && g_ascii_iscntrl (*span.at))
      return FALSE;
  return TRUE;
}

/* --- The request line --- */

static gboolean
take_target (HttpHead *head, Span target, HttpRefusal *refusal)
{
  const char *query = memchr (target.at, '?', span_len (target));
  gboolean asterisk = span_is (target, "*") && g_str_equal (head->method, "OPTIONS");

  if (span_len (target) > PATH_MAX_BYTES)
    return refuse (refusal, 414, "The address is too long.");
  for (const char *at = target.at; at < target.end; at++)
    if (*at <= ' ' || *at >= 0x7f || *at == '#')
      return refuse (refusal, 400, "The address is not one of HTTP.");
  if (!asterisk && (target.at == target.end || *target.at != '/'))
    return refuse (refusal, 400, "The request must name a path that begins with a slash.");
  head->has_query = query != NULL;
  head->path = span_dup ((Span){ target.at, query != NULL ? query : target.end });
  return TRUE;
}

static gboolean
take_request_line (HttpHead *head, Span line, HttpRefusal *refusal)
{
  const char *first = memchr (line.at, ' ', span_len (line));
  const char *second = first != NULL ? memchr (first + 1, ' ', line.end - first - 1) : NULL;
  Span method = { line.at, first }, version = { second != NULL ? second + 1 : NULL, line.end };

  if (second == NULL || span_len (method) > METHOD_MAX || !is_token (method))
    return refuse (refusal, 400, "The request does not begin with a method, a path and HTTP/1.1.");
  head->method = span_dup (method);
  if (!take_target (head, (Span){ first + 1, second }, refusal))
    return FALSE;
  if (span_len (version) != 8 || memcmp (version.at, "HTTP/1.", 7) != 0
      || (version.at[7] != '0' && version.at[7] != '1'))
    return refuse (refusal, 505, "This server speaks HTTP/1.1.");
  head->close = version.at[7] == '0';
  return TRUE;
}

/* --- Fields --- */

/* RFC 3986, section 3.2.2, as far as names and addresses go. */
static gboolean
is_host (Span span)
{
  for (; span.at < span.end; span.at++)
    if (!g_ascii_isalnum (*span.at) && (*span.at == '\0' || strchr ("-._:[]", *span.at) == NULL))
      return FALSE;
  return TRUE;
}

static gboolean
take_host (HttpHead *head, Span value, HttpRefusal *refusal)
{
  const char *end = value.end;

  if (head->host != NULL)
    return refuse (refusal, 400, "There is more than one Host.");
  if (value.at < value.end && *value.at == '[')
    {
      const char *bracket = memchr (value.at, ']', span_len (value));
      end = bracket != NULL ? bracket + 1 : value.at;
    }
  else
    {
      const char *colon = memchr (value.at, ':', span_len (value));
      end = colon != NULL ? colon : value.end;
    }
  if (!is_host (value) || end == value.at || end - value.at > HOST_MAX
      || (end < value.end && *end != ':'))
    return refuse (refusal, 400, "Host is not a name or an address.");
  for (const char *at = end + 1; at < value.end; at++)
    if (!g_ascii_isdigit (*at))
      return refuse (refusal, 400, "Host is not a name or an address.");
  head->host = g_ascii_strdown (value.at, end - value.at);
  return TRUE;
}

static gboolean
take_length (HttpHead *head, Span value, HttpRefusal *refusal)
{
  gsize length = 0;

  if (value.at == value.end)
    return refuse (refusal, 400, "Content-Length is not a number.");
  for (; value.at < value.end; value.at++)
    {
      if (!g_ascii_isdigit (*value.at))
        return refuse (refusal, 400, "Content-Length is not a number.");
      length = MIN (length * 10 + (*value.at - '0'), HTTP_BODY_MAX + 1);
    }
  head->body = length;
  return length <= HTTP_BODY_MAX || refuse (refusal, 413, "The body is too large.");
}

static gboolean
take_connection (HttpHead *head, Span value)
{
  g_autofree char *text = span_dup (value);
  g_auto (GStrv) options = g_strsplit (text, ",", -1);

  for (char **option = options; *option != NULL; option++)
    if (g_ascii_strcasecmp (g_strstrip (*option), "close") == 0)
      head->close = TRUE;
  return TRUE;
}

static gboolean
take_text (char **place, Span value, HttpRefusal *refusal)
{
  if (*place != NULL)
    return refuse (refusal, 400, "A header that may stand once stands twice.");
  *place = span_dup (value);
  return TRUE;
}

static gboolean
take_type (HttpHead *head, Span value, HttpRefusal *refusal)
{
  const char *semicolon = memchr (value.at, ';', span_len (value));
  Span type = span_trim ((Span){ value.at, semicolon != NULL ? semicolon : value.end });

  if (head->type != NULL)
    return refuse (refusal, 400, "There is more than one Content-Type.");
  head->type = g_ascii_strdown (type.at, span_len (type));
  return TRUE;
}

typedef struct
{
  HttpHead *head;
  gboolean has_length;
  HttpRefusal *refusal;
} Reading;

static gboolean
take_framing (Reading *reading, Span name, Span value)
{
  if (!span_is (name, "Content-Length"))
    return refuse (reading->refusal, 411, "Send the body with a Content-Length.");
  if (reading->has_length)
    return refuse (reading->refusal, 400, "There is more than one Content-Length.");
  reading->has_length = TRUE;
  return take_length (reading->head, value, reading->refusal);
}

static gboolean
take_known (Reading *reading, Span name, Span value)
{
  HttpHead *head = reading->head;

  if (span_is (name, "Host"))
    return take_host (head, value, reading->refusal);
  if (span_is (name, "Content-Length") || span_is (name, "Transfer-Encoding"))
    return take_framing (reading, name, value);
  if (span_is (name, "Expect"))
    return refuse (reading->refusal, 417, "Send the body without waiting to be asked for it.");
  if (span_is (name, "Connection"))
    return take_connection (head, value);
  if (span_is (name, "Content-Type"))
    return take_type (head, value, reading->refusal);
  if (span_is (name, "Authorization"))
    return take_text (&head->authorization, value, reading->refusal);
  if (span_is (name, "If-None-Match"))
    return take_text (&head->if_none_match, value, reading->refusal);
  head->origin = head->origin || span_is (name, "Origin");
  return TRUE;
}

static gboolean
take_field (Reading *reading, Span line)
{
  const char *colon = memchr (line.at, ':', span_len (line));
  Span name = { line.at, colon }, value = { colon != NULL ? colon + 1 : NULL, line.end };

  if (colon == NULL || !is_token (name) || !is_value (value))
    return refuse (reading->refusal, 400, "A header is not one of HTTP.");
  return take_known (reading, name, span_trim (value));
}

/* The next line without its end. FALSE: one ends otherwise than in CR LF. */
static gboolean
next_line (Span *rest, Span *line)
{
  const char *end = memmem (rest->at, span_len (*rest), "\r\n", 2);

  if (end == NULL)
    return FALSE;
  *line = (Span){ rest->at, end };
  rest->at = end + 2;
  return memchr (line->at, '\n', span_len (*line)) == NULL
         && memchr (line->at, '\r', span_len (*line)) == NULL;
}

static gboolean
read_all (Reading *reading, Span rest)
{
  static const char not_lines[] = "The request's lines do not end as those of HTTP.";
  Span line;

  if (!next_line (&rest, &line))
    return refuse (reading->refusal, 400, not_lines);
  if (!take_request_line (reading->head, line, reading->refusal))
    return FALSE;
  while (rest.at < rest.end)
    {
      if (!next_line (&rest, &line))
        return refuse (reading->refusal, 400, not_lines);
      if (line.at < line.end && !take_field (reading, line))
        return FALSE;
    }
  if (reading->head->host == NULL)
    return refuse (reading->refusal, 400, "Host is missing.");
  return reading->head->body == 0 || g_str_equal (reading->head->method, "POST")
         || refuse (reading->refusal, 400, "Only POST has a body here.");
}

HttpHead *
http_head_parse (const char *data, gsize len, HttpRefusal *refusal)
{
  g_autoptr (HttpHead) head = g_new0 (HttpHead, 1);
  Reading reading = { .head = head, .refusal = refusal };

  return read_all (&reading, (Span){ data, data + len }) ? g_steal_pointer (&head) : NULL;
}

const char *
http_head_write (const HttpHead *head)
{
  if (g_str_equal (head->method, "HEAD"))
    return head->close ? "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                       : "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  return head->close ? "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                     : "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
}
