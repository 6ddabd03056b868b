/* SPDX-License-Identifier: MIT
 *
 * What comes over a connection: requests up to a refusal or the end, and the same ones in whatever
 * pieces it comes. A request says where it was sent, in what can be shown on one line.
 */
#include "mcp/http/http-form.h"
#include "mcp/transport/http-reader.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void
check_line (const char *text)
{
  for (; text != NULL && *text != '\0'; text++)
    g_assert_true (*text == '\t' || !g_ascii_iscntrl (*text));
}

static gsize
body_most (gpointer user, const HttpHead *head)
{
  return g_str_equal (head->path, "/mcp") ? HTTP_BODY_MOST : HTTP_BODY_MAX;
}

/* Tells of a request in what two readings can be compared by. */
static void
tell (GString *told, const HttpRequest *request)
{
  const HttpHead *head = request->head;
  const char *why;
  g_autoptr (HttpForm) form
      = http_form_parse (request->body, head->body, head->authorization, &why);

  g_assert_true (*head->method != '\0' && *head->host != '\0');
  g_assert_true (*head->path == '/' || g_str_equal (head->path, "*"));
  g_assert_cmpuint (head->body, <=, body_most (NULL, head));
  g_assert_true (head->body == 0 || g_str_equal (head->method, "POST"));
  g_assert_true (form != NULL || why != NULL);
  for (const char *const *text
       = (const char *const[]){ head->method, head->path, head->host, NULL };
       *text != NULL; text++)
    check_line (*text);
  check_line (head->type);
  check_line (head->authorization);
  check_line (head->if_none_match);
  check_line (head->accept);
  check_line (head->origin);
  check_line (head->protocol_version);
  check_line (head->mcp_method);
  check_line (head->mcp_name);
  check_line (head->session_id);
  check_line (head->last_event_id);
  g_string_append_printf (told, "%s %s %s %d %" G_GSIZE_FORMAT "\n", head->method, head->path,
                          head->host, head->close, head->body);
}

static char *
read_in_pieces (const guint8 *data, gsize len, gsize piece)
{
  HttpReading reading = { .body_most = body_most, .budget = { 0, HTTP_BODY_MOST } };
  HttpReader *reader = http_reader_new (&reading);
  GString *told = g_string_new (NULL);
  HttpRefusal refusal = { 0, NULL };
  HttpRequest *request;

  do
    {
      gsize room;
      char *to = http_reader_room (reader, &room);
      gsize n = MIN (MIN (room, len), piece);
      g_assert_cmpuint (room, >, 0);
      memcpy (to, data, n);
      http_reader_add (reader, n);
      data += n;
      len -= n;
      while (refusal.status == 0 && (request = http_reader_next (reader, &refusal)) != NULL)
        {
          tell (told, request);
          http_request_free (request);
        }
    }
  while (refusal.status == 0 && len > 0);
  g_assert_true ((refusal.status == 0) == (refusal.why == NULL));
  if (refusal.status != 0)
    g_string_append (told, "refused\n"); /* in pieces perhaps for another fault than whole */
  http_reader_free (reader);
  g_assert_cmpuint (reading.budget.used, ==, 0);
  return g_string_free (told, FALSE);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t len)
{
  g_autofree char *whole = read_in_pieces (data, len, G_MAXSIZE);
  g_autofree char *bytes = read_in_pieces (data, len, 1);

  g_assert_cmpstr (whole, ==, bytes);
  return 0;
}
