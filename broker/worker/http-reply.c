/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-reply.h"

#include <string.h>

#include "broker/worker/wiping.h"

#define FIRST 4096

struct _HttpReply
{
  char *body; /* of wiping_realloc() */
  gsize len, room, max, header_bytes;
  GHashTable *headers; /* those that are looked at; "": it came again */
  gboolean over;
};

HttpReply *
http_reply_new (gsize max_bytes)
{
  HttpReply *self = g_new0 (HttpReply, 1);

  self->max = max_bytes;
  self->room = FIRST;
  self->body = wiping_realloc (NULL, FIRST);
  self->body[0] = '\0';
  self->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
http_reply_free (HttpReply *self)
{
  if (self == NULL)
    return;
  wiping_free (self->body);
  g_hash_table_unref (self->headers);
  g_free (self);
}

static void
keep_header (HttpReply *self, const char *line, gsize len)
{
  static const char *const looked_at[] = { "content-type", "retry-after", "date", "cache-control", NULL };
  g_autofree char *text = g_strndup (line, len);
  char *colon = strchr (text, ':');

  if (colon == NULL)
    return;
  *colon = '\0';
  g_autofree char *name = g_ascii_strdown (text, -1);
  if (!g_strv_contains (looked_at, name))
    return;
  gboolean again = g_hash_table_contains (self->headers, name);
  g_hash_table_insert (self->headers, g_steal_pointer (&name),
                       g_strdup (again ? "" : g_strstrip (colon + 1)));
}

static HttpAnswerVerdict
on_header (gpointer data, const char *line, gsize len)
{
  HttpReply *self = data;

  self->header_bytes += len;
  if (self->header_bytes > HTTP_ANSWER_HEADERS_MAX)
    {
      self->over = TRUE;
      return HTTP_ANSWER_STOP;
    }
  if (len >= 5 && g_ascii_strncasecmp (line, "HTTP/", 5) == 0 && memchr (line, ' ', len) != NULL)
    g_hash_table_remove_all (self->headers); /* those were an interim answer's */
  else
    keep_header (self, line, len);
  return HTTP_ANSWER_GO_ON;
}

static HttpAnswerVerdict
on_body (gpointer data, const char *bytes, gsize len)
{
  HttpReply *self = data;

  if (len > self->max - self->len)
    {
      self->over = TRUE;
      return HTTP_ANSWER_STOP;
    }
  if (self->len + len + 1 > self->room)
    {
      self->room = MAX (2 * self->room, self->len + len + 1);
      char *larger = wiping_realloc (self->body, self->room);
      if (larger == NULL)
        g_error ("no memory for an answer");
      self->body = larger;
    }
  memcpy (self->body + self->len, bytes, len);
  self->len += len;
  self->body[self->len] = '\0';
  return HTTP_ANSWER_GO_ON;
}

const HttpSink http_reply_sink = { on_header, on_body };

gboolean
http_reply_is_over (const HttpReply *self)
{
  return self->over;
}

const char *
http_reply_header (const HttpReply *self, const char *name)
{
  const char *value = g_hash_table_lookup (self->headers, name);

  return value != NULL && *value != '\0' ? value : NULL;
}

const char *
http_reply_body (const HttpReply *self, gsize *len)
{
  if (len != NULL)
    *len = self->len;
  return self->body;
}
