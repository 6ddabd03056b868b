/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-field.h"

#include <string.h>

#define METHOD_MAX 16
#define PATH_MAX_BYTES 2048

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
  char *const texts[]
      = { head->method,           head->path,          head->host,          head->type,
          head->accept,           head->if_none_match, head->authorization, head->origin,
          head->protocol_version, head->mcp_method,    head->mcp_name,      head->session_id,
          head->last_event_id };
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  g_clear_pointer (&head->params, g_ptr_array_unref);
  g_free (head);
}

const char *
http_head_param (const HttpHead *head, const char *name)
{
  for (guint i = 0; head->params != NULL && i < head->params->len; i++)
    {
      const HttpField *field = head->params->pdata[i];
      if (g_ascii_strcasecmp (field->name + strlen (HTTP_PARAM_PREFIX), name) == 0)
        return field->value;
    }
  return NULL;
}

/* RFC 9110, section 12.4.2: a weight of nothing says that it is not wanted. */
static gboolean
is_unwanted (char **parameters)
{
  for (; *parameters != NULL; parameters++)
    {
      const char *weight = g_strstrip (*parameters);
      if (g_str_has_prefix (weight, "q=") && strspn (weight + 2, "0.") == strlen (weight + 2))
        return TRUE;
    }
  return FALSE;
}

gboolean
http_head_accepts (const HttpHead *head, const char *type)
{
  g_auto (GStrv) listed = g_strsplit (head->accept != NULL ? head->accept : "", ",", -1);

  for (char **one = listed; *one != NULL; one++)
    {
      g_auto (GStrv) parts = g_strsplit (*one, ";", -1);
      if (parts[0] != NULL && g_str_equal (g_strstrip (parts[0]), type) && !is_unwanted (parts + 1))
        return TRUE;
    }
  return FALSE;
}

/* --- The request line --- */

static gboolean
take_target (HttpHead *head, HttpSpan target, HttpRefusal *refusal)
{
  const char *query = memchr (target.at, '?', http_span_len (target));
  gboolean asterisk = http_span_is (target, "*") && g_str_equal (head->method, "OPTIONS");

  if (http_span_len (target) > PATH_MAX_BYTES)
    return http_refuse (refusal, 414, "The address is too long.");
  for (const char *at = target.at; at < target.end; at++)
    if (*at <= ' ' || *at >= 0x7f || *at == '#')
      return http_refuse (refusal, 400, "The address is not one of HTTP.");
  if (!asterisk && (target.at == target.end || *target.at != '/'))
    return http_refuse (refusal, 400, "The request must name a path that begins with a slash.");
  head->has_query = query != NULL;
  head->path = http_span_dup ((HttpSpan){ target.at, query != NULL ? query : target.end });
  return TRUE;
}

static gboolean
take_request_line (HttpHead *head, HttpSpan line, HttpRefusal *refusal)
{
  const char *first = memchr (line.at, ' ', http_span_len (line));
  const char *second = first != NULL ? memchr (first + 1, ' ', line.end - first - 1) : NULL;
  HttpSpan method = { line.at, first }, version = { second != NULL ? second + 1 : NULL, line.end };

  if (second == NULL || http_span_len (method) > METHOD_MAX || !http_span_is_token (method))
    return http_refuse (refusal, 400,
                        "The request does not begin with a method, a path and HTTP/1.1.");
  head->method = http_span_dup (method);
  if (!take_target (head, (HttpSpan){ first + 1, second }, refusal))
    return FALSE;
  if (http_span_len (version) != 8 || memcmp (version.at, "HTTP/1.", 7) != 0
      || (version.at[7] != '0' && version.at[7] != '1'))
    return http_refuse (refusal, 505, "This server speaks HTTP/1.1.");
  head->close = version.at[7] == '0';
  return TRUE;
}

/* --- The lines --- */

/* The next line without its end. FALSE: one ends otherwise than in CR LF. */
static gboolean
next_line (HttpSpan *rest, HttpSpan *line)
{
  const char *end = memmem (rest->at, http_span_len (*rest), "\r\n", 2);

  if (end == NULL)
    return FALSE;
  *line = (HttpSpan){ rest->at, end };
  rest->at = end + 2;
  return memchr (line->at, '\n', http_span_len (*line)) == NULL
         && memchr (line->at, '\r', http_span_len (*line)) == NULL;
}

static gboolean
read_all (HttpFields *fields, HttpSpan rest)
{
  static const char not_lines[] = "The request's lines do not end as those of HTTP.";
  HttpSpan line;

  if (!next_line (&rest, &line))
    return http_refuse (fields->refusal, 400, not_lines);
  if (!take_request_line (fields->head, line, fields->refusal))
    return FALSE;
  while (rest.at < rest.end)
    {
      if (!next_line (&rest, &line))
        return http_refuse (fields->refusal, 400, not_lines);
      if (line.at < line.end && !http_fields_take (fields, line))
        return FALSE;
    }
  if (fields->head->host == NULL)
    return http_refuse (fields->refusal, 400, "Host is missing.");
  return fields->head->body == 0 || g_str_equal (fields->head->method, "POST")
         || http_refuse (fields->refusal, 400, "Only POST has a body here.");
}

HttpHead *
http_head_parse (const char *data, gsize len, HttpRefusal *refusal)
{
  g_autoptr (HttpHead) head = g_new0 (HttpHead, 1);
  HttpFields fields = { .head = head, .refusal = refusal };

  return read_all (&fields, (HttpSpan){ data, data + len }) ? g_steal_pointer (&head) : NULL;
}

const char *
http_head_write (const HttpHead *head)
{
  return g_str_equal (head->method, "HEAD")
             ? "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
             : "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
}
