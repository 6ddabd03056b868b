/* SPDX-License-Identifier: MIT
 *
 * What the broker says, and what the client hears of it. The one tool of this server is given the
 * broker's answer as its arguments and sends it on.
 */
#include "mcp/tools/mcp-result.h"
#include "mcp/tools/mcp-value.h"
#include "tests/unit/mcp-talk.h"
#include "tests/unit/table.h"

#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static int value_fd = -1;

static void
call_tool (gpointer user, McpCall *call)
{
  json_t *arguments = mcp_call_arguments (call);

  if (g_str_equal (mcp_call_name (call), "error"))
    mcp_result_send_error (call, arguments);
  else
    mcp_result_send (call, arguments, value_fd);
  value_fd = -1;
}

static const McpHandler handler = { .identity = { .name = "t", .version = "1" },
                                    .offers = MCP_OFFERS_TOOLS,
                                    .call = call_tool };

/* The result that the client hears. */
static json_t *
pass (const char *tool, const char *given, const char *version)
{
  g_autoptr (McpTalk) talk = mcp_talk_new (&handler, NULL, 1024 * 1024);
  g_autofree char *line = g_strdup_printf (
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\","
      "\"arguments\":%s}}",
      tool, given);

  mcp_talk_begin (talk, version);
  g_autofree char *heard = mcp_talk (talk, line);
  g_autoptr (json_t) message = wire_parse (heard, strlen (heard), FALSE, NULL);
  g_assert_nonnull (message);
  return json_incref (json_object_get (message, "result"));
}

static const char *
text_of (const json_t *result)
{
  const json_t *content = json_object_get (result, "content");

  g_assert_cmpuint (json_array_size (content), ==, 1);
  g_assert_cmpstr (wire_string (json_array_get (content, 0), "type"), ==, "text");
  return wire_string (json_array_get (content, 0), "text");
}

static const struct
{
  const char *sentence, *tool, *given;
  const char *text, *structured;
  gboolean is_error;
} rows[] = {
  { "completed", "answer",
    "{\"status\":\"completed\",\"request_id\":\"r1\",\"result\":{\"reference\":{\"id\":\"x\"},"
    "\"message\":\"m\"}}",
    "{\"success\":true,\"reference\":{\"id\":\"x\"},\"message\":\"m\",\"status\":\"completed\","
    "\"request_id\":\"r1\"}",
    "{\"status\":\"completed\",\"request_id\":\"r1\",\"result\":{\"reference\":{\"id\":\"x\"},"
    "\"message\":\"m\"}}",
    FALSE },
  { "completed without a request", "answer",
    "{\"status\":\"completed\",\"result\":{\"secrets\":[],\"count\":0}}",
    "{\"success\":true,\"secrets\":[],\"count\":0,\"status\":\"completed\"}",
    "{\"status\":\"completed\",\"result\":{\"secrets\":[],\"count\":0}}", FALSE },
  { "a result cannot call itself something else", "answer",
    "{\"status\":\"completed\",\"result\":{\"status\":\"denied\",\"x\":1}}",
    "{\"success\":true,\"status\":\"completed\",\"x\":1}",
    "{\"status\":\"completed\",\"result\":{\"status\":\"denied\",\"x\":1}}", FALSE },
  { "the status of HTTP has a name of its own in the text", "answer",
    "{\"status\":\"completed\",\"result\":{\"status\":404,\"body\":\"\"}}",
    "{\"success\":true,\"http_status\":404,\"status\":\"completed\",\"body\":\"\"}",
    "{\"status\":\"completed\",\"result\":{\"status\":404,\"body\":\"\"}}", FALSE },
  { "pending is no error", "answer",
    "{\"status\":\"pending\",\"request_id\":\"r1\",\"expires_at\":\"2026-11-21T09:30:00.123Z\","
    "\"poll_after_ms\":2000,\"message\":\"m\"}",
    "{\"success\":false,\"status\":\"pending\",\"request_id\":\"r1\",\"expires_at\":"
    "\"2026-11-21T09:30:00.123Z\",\"poll_after_ms\":2000,\"message\":\"m\"}",
    "{\"status\":\"pending\",\"request_id\":\"r1\",\"expires_at\":\"2026-11-21T09:30:00.123Z\","
    "\"poll_after_ms\":2000,\"message\":\"m\"}",
    FALSE },
  { "denied is an error, with the next step", "answer",
    "{\"status\":\"denied\",\"request_id\":\"r1\",\"code\":\"person\",\"message\":\"ask them\"}",
    "{\"success\":false,\"status\":\"denied\",\"request_id\":\"r1\",\"code\":\"person\",\"error\":"
    "\"ask them\"}",
    "{\"status\":\"denied\",\"request_id\":\"r1\",\"code\":\"person\",\"error\":\"ask them\"}",
    TRUE },
  { "expired is an error", "answer", "{\"status\":\"expired\",\"message\":\"m\"}",
    "{\"success\":false,\"status\":\"expired\",\"error\":\"m\"}",
    "{\"status\":\"expired\",\"error\":\"m\"}", TRUE },
  { "failed is an error", "answer",
    "{\"status\":\"failed\",\"code\":\"not_found\",\"message\":\"no such secret\"}",
    "{\"success\":false,\"status\":\"failed\",\"code\":\"not_found\",\"error\":\"no such secret\"}",
    "{\"status\":\"failed\",\"code\":\"not_found\",\"error\":\"no such secret\"}", TRUE },
  { "a status that we do not know is an error", "answer", "{\"status\":\"granted\"}",
    "{\"success\":false,\"status\":\"granted\"}", "{\"status\":\"granted\"}", TRUE },
  { "an answer without a status is an error", "answer", "{\"result\":{\"value\":\"v\"}}",
    "{\"success\":false,\"status\":\"failed\",\"error\":\"The broker's answer cannot be "
    "understood.\",\"code\":\"protocol\"}",
    "{\"status\":\"failed\",\"error\":\"The broker's answer cannot be understood.\",\"code\":"
    "\"protocol\"}",
    TRUE },
  { "not initialised names the command", "error", "{\"code\":1,\"message\":\"Not set up.\"}",
    "{\"success\":false,\"status\":\"failed\",\"error\":\"Not set up. A person must run "
    "`countersign "
    "init` first.\",\"code\":\"not_initialised\"}",
    "{\"status\":\"failed\",\"error\":\"Not set up. A person must run `countersign init` "
    "first.\",\"code\":\"not_initialised\"}",
    TRUE },
  { "the command is not named twice", "error",
    "{\"code\":3,\"message\":\"Run `countersign unlock`.\"}",
    "{\"success\":false,\"status\":\"failed\",\"error\":\"Run `countersign "
    "unlock`.\",\"code\":\"locked\"}",
    "{\"status\":\"failed\",\"error\":\"Run `countersign unlock`.\",\"code\":\"locked\"}", TRUE },
  { "an error of an unknown code is a failure", "error", "{\"code\":-5,\"message\":\"m\"}",
    "{\"success\":false,\"status\":\"failed\",\"error\":\"m\",\"code\":\"failed\"}",
    "{\"status\":\"failed\",\"error\":\"m\",\"code\":\"failed\"}", TRUE },
  { "an error without words is a failure", "error", "{}",
    "{\"success\":false,\"status\":\"failed\",\"error\":\"The broker gave no "
    "reason.\",\"code\":\"failed\"}",
    "{\"status\":\"failed\",\"error\":\"The broker gave no reason.\",\"code\":\"failed\"}", TRUE },
};

/* What has a code says who decided, who can change it and what to do next (test-mcp-denial.c has
 * the words); the rest of it. */
static char *
without_advice (const char *text)
{
  const char *advice = strstr (text, ",\"rule\":");

  g_assert_true ((advice != NULL) == (strstr (text, "\"code\":") != NULL));
  if (advice == NULL)
    return g_strdup (text);
  g_assert_nonnull (strstr (advice, ",\"who_can_change\":"));
  g_assert_nonnull (strstr (advice, ",\"next\":"));
  return g_strdup_printf ("%.*s}", (int) (advice - text), text);
}

static void
test_row (gconstpointer data)
{
  const typeof (rows[0]) *row = data;
  g_autoptr (json_t) result = pass (row->tool, row->given, "2025-11-25");
  g_autoptr (json_t) plain = pass (row->tool, row->given, "2024-11-05");
  g_autofree char *structured
      = json_dumps (json_object_get (result, "structuredContent"), JSON_COMPACT);

  g_autofree char *said = without_advice (text_of (result));
  g_autofree char *fields = without_advice (structured);
  g_assert_cmpstr (said, ==, row->text);
  g_assert_cmpstr (fields, ==, row->structured);
  g_assert_true (json_is_true (json_object_get (result, "isError")) == row->is_error);
  g_assert_cmpstr (text_of (plain), ==, text_of (result));
  g_assert_null (json_object_get (plain, "structuredContent"));
}

/* --- Values that come beside their answer --- */

#define WITH_VALUE "{\"status\":\"completed\",\"result\":{\"value_fd\":true}}"

static int
make_memfd (const void *data, gsize len, int seals)
{
  int fd = memfd_create ("value", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  g_assert_cmpint (write (fd, data, len), ==, (gssize) len);
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, seals), ==, 0);
  return fd;
}

static const struct
{
  const char *sentence, *data;
  gsize len;
  int seals;
  const char *text;
} values[] = {
  { "a sealed value takes its place", "long \"value\"", 12,
    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE,
    "{\"success\":true,\"value\":\"long \\\"value\\\"\",\"status\":\"completed\"}" },
  { "a value that its sender can still change is refused", "value", 5, F_SEAL_SHRINK | F_SEAL_GROW,
    "{\"success\":false,\"status\":\"failed\",\"error\":\"the value that came is not "
    "sealed\",\"code\":\"value\"}" },
  { "an empty value is refused", "", 0, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE,
    "{\"success\":false,\"status\":\"failed\",\"error\":\"the value that came is empty or too "
    "large\",\"code\":\"value\"}" },
  { "a value that is not text is refused", "\xff\xfe", 2,
    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE,
    "{\"success\":false,\"status\":\"failed\",\"error\":\"the value is not text: it cannot be "
    "passed "
    "on here\",\"code\":\"value\"}" },
};

static void
test_value (gconstpointer data)
{
  const typeof (values[0]) *row = data;

  value_fd = make_memfd (row->data, row->len, row->seals);
  g_autoptr (json_t) result = pass ("answer", WITH_VALUE, "2025-11-25");
  g_autofree char *said = without_advice (text_of (result));
  g_assert_cmpstr (said, ==, row->text);
}

static void
test_large_value (void)
{
  g_autofree char *large = g_strnfill (MCP_VALUE_MAX + 1, 'v');

  value_fd = make_memfd (large, MCP_VALUE_MAX + 1, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  g_autoptr (json_t) result = pass ("answer", WITH_VALUE, "2025-11-25");
  g_assert_nonnull (strstr (text_of (result), "too large"));
}

static void
test_not_a_memfd (void)
{
  int ends[2];

  g_assert_cmpint (pipe (ends), ==, 0);
  value_fd = ends[0];
  g_autoptr (json_t) result = pass ("answer", WITH_VALUE, "2025-11-25");
  g_assert_nonnull (strstr (text_of (result), "not sealed"));
  close (ends[1]);
}

static void
test_there_and_back (void)
{
  g_autofree char *text = g_strnfill (MCP_VALUE_MAX, 'v');
  g_autoptr (json_t) value = json_string (text);
  int fd = mcp_value_send (value, NULL), all = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_GET_SEALS) & all, ==, all);
  g_autoptr (json_t) back = mcp_value_receive (fd, NULL);
  g_assert_true (json_equal (value, back));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  wire_init ();
  ADD_TABLE ("/mcp-result/", rows, test_row)
  ADD_TABLE ("/mcp-result/", values, test_value)
  g_test_add_func ("/mcp-result/a value over the limit is refused", test_large_value);
  g_test_add_func ("/mcp-result/what is no memfd is refused", test_not_a_memfd);
  g_test_add_func ("/mcp-result/a value survives the way", test_there_and_back);
  return g_test_run ();
}
