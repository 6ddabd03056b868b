/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-answer.h"

#include "broker/base/wire.h"

#include <string.h>

/* Shorter than a key that signs no more stays among those that verify. */
#define KEPT_FOR "public, max-age=300"

static void
set_header (SoupServerMessage *message, const char *name, const char *value)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (message), name, value);
}

/* Those that libsoup has no words for. NULL: it has. */
static const char *
phrase_of (guint status)
{
  switch (status)
    {
    case SOUP_STATUS_MISDIRECTED_REQUEST:
      return "Misdirected Request";
    case HTTP_TOO_MANY_REQUESTS:
      return "Too Many Requests";
    default:
      return NULL;
    }
}

/* @caching: Cache-Control. @body may be NULL. */
static void
answer (SoupServerMessage *message, guint status, const char *caching, const char *body)
{
  set_header (message, "Cache-Control", caching);
  set_header (message, "X-Content-Type-Options", "nosniff");
  soup_server_message_set_status (message, status, phrase_of (status));
  if (body != NULL)
    soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, body,
                                      strlen (body));
}

/* As wire_dump(), without the newline that ends a line there. */
static char *
dump (const json_t *body)
{
  return json_dumps (body, JSON_COMPACT | JSON_ENSURE_ASCII);
}

void
http_answer_public (SoupServerMessage *message, const HttpHead *head, const json_t *body)
{
  char *text = dump (body);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  g_autofree char *tag = g_strdup_printf ("\"%.32s\"", sum);
  gboolean known
      = head->if_none_match != NULL
        && (strstr (head->if_none_match, tag) != NULL || g_str_equal (head->if_none_match, "*"));

  answer (message, known ? SOUP_STATUS_NOT_MODIFIED : SOUP_STATUS_OK, KEPT_FOR,
          known ? NULL : text);
  set_header (message, "ETag", tag);
  wire_text_free (text, strlen (text));
}

void
http_answer_private (SoupServerMessage *message, guint status, const json_t *body)
{
  char *text = body != NULL ? dump (body) : NULL;

  answer (message, status, "no-store", text);
  if (text != NULL)
    wire_text_free (text, strlen (text));
}

void
http_answer_error (SoupServerMessage *message, guint status, const char *error,
                   const char *description, guint retry)
{
  g_autoptr (json_t) body
      = json_pack ("{s:s, s:s}", "error", error, "error_description", description);

  http_answer_private (message, status, body);
  if (status == SOUP_STATUS_UNAUTHORIZED)
    set_header (message, "WWW-Authenticate", "Basic realm=\"countersign\", charset=\"UTF-8\"");
  if (retry > 0)
    {
      g_autofree char *seconds = g_strdup_printf ("%u", retry);
      set_header (message, "Retry-After", seconds);
    }
}

void
http_answer_last (SoupServerMessage *message)
{
  set_header (message, "Connection", "close");
}

void
http_answer_allow (SoupServerMessage *message, guint status, const char *methods)
{
  if (status == SOUP_STATUS_METHOD_NOT_ALLOWED)
    http_answer_error (message, status, "invalid_request", "This address takes other methods.", 0);
  else
    http_answer_private (message, status, NULL);
  set_header (message, "Allow", methods);
}
