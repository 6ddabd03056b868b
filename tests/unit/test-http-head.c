/* SPDX-License-Identifier: MIT
 *
 * What is read of a request's headers, and what is refused.
 */
#include "mcp/transport/http-reader.h"

#include <string.h>

#include "tests/unit/table.h"

static HttpHead *
read_head (const char *fields, HttpRefusal *refusal)
{
  g_autofree char *text
      = g_strdup_printf ("POST /mcp HTTP/1.1\r\nHost: localhost\r\n%s\r\n", fields);

  *refusal = (HttpRefusal){ 0 };
  g_assert_cmpuint (http_head_find (text, strlen (text)), ==, strlen (text));
  return http_head_parse (text, strlen (text), refusal);
}

static void
test_fields (void)
{
  HttpRefusal refusal;
  g_autoptr (HttpHead) head = read_head (
      "mcp-protocol-version: 2026-07-28\r\nMCP-METHOD:\ttools/call \r\nMcp-Name: "
      "=?base64?eA==?=\r\n"
      "Mcp-Session-Id: s\r\nLast-Event-ID: 1.2\r\nOrigin: null\r\nMcp-Param-Region: eu\r\n"
      "Mcp-Param-Empty:\r\n",
      &refusal);

  g_assert_cmpstr (head->protocol_version, ==, "2026-07-28");
  g_assert_cmpstr (head->mcp_method, ==, "tools/call");
  g_assert_cmpstr (head->mcp_name, ==, "=?base64?eA==?=");
  g_assert_cmpstr (head->session_id, ==, "s");
  g_assert_cmpstr (head->last_event_id, ==, "1.2");
  g_assert_cmpstr (head->origin, ==, "null");
  g_assert_cmpstr (http_head_param (head, "Region"), ==, "eu");
  g_assert_cmpstr (http_head_param (head, "rEGION"), ==, "eu");
  g_assert_cmpstr (http_head_param (head, "empty"), ==, "");
  g_assert_null (http_head_param (head, "regio"));
  g_assert_null (http_head_param (head, ""));
}

static void
test_absent (void)
{
  HttpRefusal refusal;
  g_autoptr (HttpHead) head = read_head ("Mcp-Param-: x\r\n", &refusal);

  g_assert_null (head->protocol_version);
  g_assert_null (head->accept);
  g_assert_null (http_head_param (head, ""));
  g_assert_false (http_head_accepts (head, "application/json"));
}

/* --- Accept --- */

typedef struct
{
  const char *sentence;
  const char *fields;
  gboolean json, events;
} Accepted;

static const Accepted accepted[] = {
  { "both", "Accept: application/json, text/event-stream\r\n", TRUE, TRUE },
  { "both, in two headers", "Accept: text/event-stream\r\nAccept: application/json\r\n", TRUE,
    TRUE },
  { "with weights", "Accept: application/json;q=0.9,text/event-stream; q=1\r\n", TRUE, TRUE },
  { "types have no case", "Accept: Application/JSON, TEXT/event-stream\r\n", TRUE, TRUE },
  { "among others", "Accept: text/html,, application/json;charset=utf-8 ,*/*\r\n", TRUE, FALSE },
  { "a weight of nothing", "Accept: application/json;q=0, text/event-stream;q=0.000\r\n", FALSE,
    FALSE },
  { "anything is not a list", "Accept: */*\r\n", FALSE, FALSE },
  { "any of one kind is not either", "Accept: application/*, text/*\r\n", FALSE, FALSE },
  { "a longer name", "Accept: application/json-seq, text/event-streams\r\n", FALSE, FALSE },
};

static void
test_accept (gconstpointer data)
{
  const Accepted *row = data;
  HttpRefusal refusal;
  g_autoptr (HttpHead) head = read_head (row->fields, &refusal);

  g_assert_cmpint (http_head_accepts (head, "application/json"), ==, row->json);
  g_assert_cmpint (http_head_accepts (head, "text/event-stream"), ==, row->events);
}

/* --- Refused --- */

typedef struct
{
  const char *sentence;
  const char *fields;
  guint status;
} Refused;

static const Refused refused[] = {
  { "two versions", "MCP-Protocol-Version: 2026-07-28\r\nMCP-Protocol-Version: 2026-07-28\r\n",
    400 },
  { "two methods", "Mcp-Method: a\r\nmcp-method: b\r\n", 400 },
  { "two names", "Mcp-Name: a\r\nMcp-Name: b\r\n", 400 },
  { "two sessions", "Mcp-Session-Id: a\r\nMcp-Session-Id: b\r\n", 400 },
  { "two events", "Last-Event-ID: a\r\nLast-Event-ID: b\r\n", 400 },
  { "two origins", "Origin: a\r\nOrigin: b\r\n", 400 },
  { "a parameter twice", "Mcp-Param-A: 1\r\nMCP-PARAM-a: 1\r\n", 400 },
  { "a control in a value", "Mcp-Name: a\001b\r\n", 400 },
  { "chunks", "Transfer-Encoding: chunked\r\n", 411 },
};

static void
test_refused (gconstpointer data)
{
  const Refused *row = data;
  HttpRefusal refusal;
  g_autoptr (HttpHead) head = read_head (row->fields, &refusal);

  g_assert_null (head);
  g_assert_cmpuint (refusal.status, ==, row->status);
}

static void
test_many_params (void)
{
  g_autoptr (GString) fields = g_string_new (NULL);
  HttpRefusal refusal;

  for (int i = 0; i < 65; i++)
    g_string_append_printf (fields, "Mcp-Param-%d: x\r\n", i);
  g_assert_null (read_head (fields->str, &refusal));
  g_assert_cmpuint (refusal.status, ==, 431);
}

/* --- Bodies --- */

typedef struct
{
  const char *sentence;
  const char *path;
  gsize body, left; /* of the budget before */
  guint status;     /* 0: it is waited for */
} Body;

static const Body bodies[] = {
  { "a small one, anywhere", "/", HTTP_BODY_MAX, 0, 0 },
  { "a large one, anywhere", "/", HTTP_BODY_MAX + 1, HTTP_BODY_MOST, 413 },
  { "a large one where it is taken", "/mcp", HTTP_BODY_MAX + 1, HTTP_BODY_MOST, 0 },
  { "the largest where it is taken", "/mcp", HTTP_BODY_MOST, HTTP_BODY_MOST, 0 },
  { "a larger one than anybody takes", "/mcp", HTTP_BODY_MOST + 1, HTTP_BODY_MOST, 413 },
  { "a large one while others come in", "/mcp", 4 * HTTP_BODY_MAX, 3 * HTTP_BODY_MAX, 503 },
  { "a small one while others come in", "/mcp", HTTP_BODY_MAX, 0, 0 },
};

static gsize
body_most (gpointer user, const HttpHead *head)
{
  return g_str_equal (head->path, "/mcp") ? G_MAXSIZE : HTTP_BODY_MAX;
}

/* FALSE: there is no room for it. */
static gboolean
feed (HttpReader *reader, const char *text, gsize len)
{
  for (gsize room; len > 0; text += room, len -= room)
    {
      char *to = http_reader_room (reader, &room);
      if (room == 0)
        return FALSE;
      room = MIN (room, len);
      memcpy (to, text, room);
      http_reader_add (reader, room);
    }
  return TRUE;
}

static void
test_body (gconstpointer data)
{
  const Body *row = data;
  HttpReading reading = { .body_most = body_most, .budget = { 0, row->left } };
  HttpReader *reader = http_reader_new (&reading);
  g_autofree char *head = g_strdup_printf (
      "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n\r\n", row->path, row->body);
  g_autofree char *body = g_malloc0 (row->body);
  HttpRefusal refusal;

  feed (reader, head, strlen (head));
  g_assert_null (http_reader_next (reader, &refusal));
  g_assert_cmpuint (refusal.status, ==, row->status == 413 ? 413 : 0);
  if (row->status != 413)
    {
      g_assert_cmpint (feed (reader, body, row->body - 1), ==, row->status == 0);
      g_assert_null (http_reader_next (reader, &refusal));
      g_assert_cmpuint (refusal.status, ==, row->status);
    }
  if (row->status == 0)
    {
      feed (reader, "x", 1);
      g_autoptr (HttpRequest) request = http_reader_next (reader, &refusal);
      g_assert_cmpint (request->body[row->body - 1], ==, 'x');
      g_assert_cmpuint (reading.budget.used, ==, 0);
      g_assert_true (http_reader_is_empty (reader));
    }
  http_reader_free (reader);
  g_assert_cmpuint (reading.budget.used, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/head/MCP's own headers, whatever their case", test_fields);
  g_test_add_func ("/head/what was not sent is not there", test_absent);
  ADD_TABLE ("/head/accept/", accepted, test_accept);
  ADD_TABLE ("/head/refused/", refused, test_refused);
  g_test_add_func ("/head/refused/more parameters than anything has", test_many_params);
  ADD_TABLE ("/body/", bodies, test_body);
  return g_test_run ();
}
