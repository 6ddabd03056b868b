/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-callback-request.h"

#include <openssl/crypto.h>
#include <string.h>

#include "broker/base/wire.h"

#define END "\r\n\r\n"

typedef struct
{
  const char *start;
  gsize len;
} Span;

typedef enum
{
  PARAMETER_STATE,
  PARAMETER_CODE,
  PARAMETER_ERROR,
  PARAMETER_ISSUER,
  PARAMETERS
} Parameter;
static const char *const parameter_names[PARAMETERS] = { "state", "code", "error", "iss" };

/* Decoded; NULL: not there. They share @room. */
typedef struct
{
  char *room;
  gsize size;
  const char *values[PARAMETERS];
} Query;

static gboolean
equals (Span span, const char *text)
{
  return span.len == strlen (text) && memcmp (span.start, text, span.len) == 0;
}

/* What stands before the first @byte, which is taken off @rest as well; all of it when there is
 * none. */
static Span
cut (Span *rest, char byte)
{
  const char *at = rest->len > 0 ? memchr (rest->start, byte, rest->len) : NULL;
  Span before = { rest->start, at != NULL ? (gsize) (at - rest->start) : rest->len };
  gsize taken = before.len + (at != NULL ? 1 : 0);

  *rest = (Span){ rest->start + taken, rest->len - taken };
  return before;
}

gboolean
http_callback_request_is_whole (const char *bytes, gsize len)
{
  return len > HTTP_CALLBACK_REQUEST_MAX || memmem (bytes, len, END, strlen (END)) != NULL;
}

/* ---- the lines ---- */

static gboolean
is_printable (Span line)
{
  for (gsize i = 0; i < line.len; i++)
    if ((guint8) line.start[i] < ' ' || (guint8) line.start[i] >= 0x7f)
      return FALSE;
  return TRUE;
}

/* FALSE: it does not end as lines do, or has what no line of ours has. */
static gboolean
cut_line (Span *rest, Span *line)
{
  *line = cut (rest, '\n');
  if (line->len == 0 || line->start[line->len - 1] != '\r')
    return FALSE;
  line->len--;
  return TRUE;
}

static Span
trim (Span text)
{
  while (text.len > 0 && (*text.start == ' ' || *text.start == '\t'))
    text = (Span){ text.start + 1, text.len - 1 };
  while (text.len > 0 && strchr (" \t", text.start[text.len - 1]) != NULL)
    text.len--;
  return text;
}

static gboolean
is_header (Span name, const char *wanted)
{
  return name.len == strlen (wanted) && g_ascii_strncasecmp (name.start, wanted, name.len) == 0;
}

/* A request of a browser for a page has no body; one that has could hide another request in it. */
static gboolean
read_headers (Span head, Span *host)
{
  guint hosts = 0;
  Span line;

  while (head.len > 0)
    {
      if (!cut_line (&head, &line))
        return FALSE;
      Span value = line;
      Span name = cut (&value, ':');
      if (name.len == 0 || name.len == line.len || memchr (name.start, ' ', name.len) != NULL
          || memchr (line.start, '\0', line.len) != NULL || *name.start == '\t'
          || is_header (name, "Transfer-Encoding") || is_header (name, "Content-Length"))
        return FALSE;
      if (!is_header (name, "Host"))
        continue;
      hosts++;
      *host = trim (value);
    }
  return hosts == 1;
}

/* A name that leads elsewhere for others (DNS rebinding) is none of ours. */
static gboolean
is_own_host (Span host, guint16 port)
{
  static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *own = g_strdup_printf ("%s:%u", names[i], port);
      if (is_header (host, own))
        return TRUE;
    }
  return FALSE;
}

/* ---- the query ---- */

/* FALSE: a % that no two digits follow, or a byte that no value of ours has. */
static gboolean
decode (Span text, char **out)
{
  for (gsize i = 0; i < text.len; i++)
    {
      char byte = text.start[i] == '+' ? ' ' : text.start[i];
      if (byte == '%')
        {
          if (i + 2 >= text.len || !g_ascii_isxdigit (text.start[i + 1])
              || !g_ascii_isxdigit (text.start[i + 2]))
            return FALSE;
          byte = (char) (g_ascii_xdigit_value (text.start[i + 1]) << 4
                         | g_ascii_xdigit_value (text.start[i + 2]));
          i += 2;
        }
      if (byte == '\0')
        return FALSE;
      *(*out)++ = byte;
    }
  *(*out)++ = '\0';
  return TRUE;
}

/* One of a name that is not ours is none of our business. */
static gboolean
take_parameter (Query *self, Span part, char **room)
{
  Span value = part;
  Span name = cut (&value, '=');
  char *decoded = *room;

  if (!decode (name, room))
    return FALSE;
  for (Parameter p = 0; p < PARAMETERS; p++)
    if (strcmp (decoded, parameter_names[p]) == 0)
      {
        if (self->values[p] != NULL)
          return FALSE; /* RFC 6749, 3.1 */
        self->values[p] = *room;
        return decode (value, room);
      }
  return decode (value, room);
}

static gboolean
query_read (Query *self, Span text)
{
  /* Each part is at most as long as it was written, and has two ends. */
  self->size = 3 * text.len + 4;
  self->room = g_malloc0 (self->size);
  char *room = self->room;
  while (text.len > 0)
    if (!take_parameter (self, cut (&text, '&'), &room))
      return FALSE;
  return TRUE;
}

static void
query_clear (Query *self)
{
  wire_text_free (self->room, self->size);
}

/* ---- what it means ---- */

/* Those after which a person can do something else than look how the client is registered. */
static const char *
error_code (const char *text)
{
  static const struct
  {
    const char *word, *code;
  } words[] = {
    { "access_denied", "access_denied" },        { "invalid_scope", "invalid_scope" },
    { "server_error", "unavailable" },           { "temporarily_unavailable", "unavailable" },
    { "unauthorized_client", "invalid_client" }, { "unsupported_response_type", "unsupported" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (text, words[i].word) == 0)
      return words[i].code;
  return "refused";
}

static gboolean
is_ours (const HttpCallbackExpected *expected, const Query *query)
{
  const char *state = query->values[PARAMETER_STATE], *issuer = query->values[PARAMETER_ISSUER];
  gsize len = strlen (expected->state);

  if (state == NULL || strlen (state) != len || CRYPTO_memcmp (state, expected->state, len) != 0)
    return FALSE;
  if (issuer == NULL)
    return !expected->issuer_required;
  return expected->issuer == NULL || strcmp (issuer, expected->issuer) == 0;
}

/* RFC 6749, appendix A.11 */
static gboolean
is_code (const char *text)
{
  return *text != '\0' && is_printable ((Span){ text, strlen (text) });
}

static HttpCallbackKind
judge (const HttpCallbackExpected *expected, const Query *query, const char **error, Secret **code)
{
  const char *given = query->values[PARAMETER_CODE], *refused = query->values[PARAMETER_ERROR];

  if (!is_ours (expected, query))
    return HTTP_CALLBACK_FOREIGN;
  if ((given != NULL) == (refused != NULL) || (given != NULL && !is_code (given)))
    return HTTP_CALLBACK_BAD;
  if (refused != NULL)
    {
      *error = error_code (refused);
      return HTTP_CALLBACK_ERROR;
    }
  *code = secret_new_from (given, strlen (given), NULL);
  return *code != NULL ? HTTP_CALLBACK_CODE : HTTP_CALLBACK_BAD;
}

/* "GET TARGET HTTP/1.1", RFC 9112, 3. */
static HttpCallbackKind
read_line (const HttpCallbackExpected *expected, Span line, Span host, const char **error,
           Secret **code)
{
  Span method = cut (&line, ' '), target = cut (&line, ' ');
  Query query = { 0 };

  if (target.len == 0 || *target.start != '/' || !is_printable (target)
      || (!equals (line, "HTTP/1.1") && !equals (line, "HTTP/1.0"))
      || memchr (target.start, '#', target.len) != NULL)
    return HTTP_CALLBACK_BAD;
  if (!is_own_host (host, expected->port))
    return HTTP_CALLBACK_HOST;
  if (!equals (cut (&target, '?'), expected->path))
    return HTTP_CALLBACK_PATH;
  if (!equals (method, "GET"))
    return HTTP_CALLBACK_METHOD;
  HttpCallbackKind kind
      = query_read (&query, target) ? judge (expected, &query, error, code) : HTTP_CALLBACK_BAD;
  query_clear (&query);
  return kind;
}

HttpCallbackKind
http_callback_request_read (const HttpCallbackExpected *expected, const char *bytes, gsize len,
                            const char **error, Secret **code)
{
  const char *end = memmem (bytes, len, END, strlen (END));
  Span head = { bytes, end != NULL ? (gsize) (end - bytes) + 2 : 0 }, line, host = { "", 0 };

  *error = NULL;
  *code = NULL;
  if (end == NULL ? len > HTTP_CALLBACK_REQUEST_MAX : head.len + 2 > HTTP_CALLBACK_REQUEST_MAX)
    return HTTP_CALLBACK_LARGE;
  if (end == NULL || !cut_line (&head, &line))
    return HTTP_CALLBACK_BAD;
  /* Before its target: a body would say that it is no page that is asked for. */
  if (!read_headers (head, &host))
    return HTTP_CALLBACK_BAD;
  return read_line (expected, line, host, error, code);
}
