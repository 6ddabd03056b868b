/* SPDX-License-Identifier: MIT
 *
 * A value on its way through countersign-mcp. The linker puts the two functions below between our
 * code and free(): they look for the canary in what is about to be freed.
 */
#include "broker/client/client.h"
#include "mcp/tools/mcp-result.h"
#include "mcp/wire/mcp-lines.h"

#include <malloc.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CANARY "sk-canary-0123456789"

void __real_free (void *memory);
void __wrap_free (void *memory);
void __real_g_free (void *memory);
void __wrap_g_free (void *memory);

static guint n_freed, n_leaked;

static void
look (void *memory)
{
  if (memory == NULL)
    return;
  n_freed++;
  if (memmem (memory, malloc_usable_size (memory), CANARY, strlen (CANARY)) != NULL)
    n_leaked++;
}

void
__wrap_free (void *memory)
{
  look (memory);
  __real_free (memory);
}

void
__wrap_g_free (void *memory)
{
  look (memory);
  __real_g_free (memory);
}

static void
expect_wiped (void)
{
  g_assert_cmpuint (n_freed, >, 0);
  g_assert_cmpuint (n_leaked, ==, 0);
}

static void
send_back (gpointer user, McpCall *call)
{
  mcp_result_send (call, mcp_call_arguments (call), -1);
}

#define LINE(method, params)                                                                       \
  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":" params "}\n"

static void
say (McpLines *lines, const char *line)
{
  g_assert_true (mcp_lines_push (lines, line, strlen (line), NULL));
}

static void
test_call (void)
{
  static const McpHandler handler = { .identity = { .name = "t", .version = "1" },
                                      .offers = MCP_OFFERS_TOOLS,
                                      .call = send_back };
  McpServer *server = mcp_server_new (&handler, NULL);
  McpSession *session = mcp_session_new (server, NULL);
  Outbox *outbox = outbox_new ();
  McpChannel *channel = mcp_channel_new (outbox, NULL, NULL);
  McpLines *lines = mcp_lines_new (session, channel, 65536);
  char got[4096] = "";
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
  n_freed = n_leaked = 0;
  say (lines, LINE ("initialize", "{\"protocolVersion\":\"2025-11-25\"}"));
  say (lines, LINE ("tools/call", "{\"name\":\"resolve_secret\",\"arguments\":{\"status\":"
                                  "\"completed\",\"result\":{\"value\":\"" CANARY "\"}}}"));
  g_assert_true (outbox_flush (outbox, fds[0], NULL));
  g_assert_cmpint (read (fds[1], got, sizeof got - 1), >, 0);
  g_assert_nonnull (strstr (got, CANARY));
  /* A value that is the text of several is taken apart. */
  say (lines, LINE ("tools/call",
                    "{\"name\":\"get_aws_credentials\",\"arguments\":{\"status\":\"completed\","
                    "\"result\":{\"provider\":\"aws\",\"value\":\"{\\\"SecretAccessKey\\\":"
                    "\\\"" CANARY "\\\"}\"}}}"));
  g_assert_true (outbox_flush (outbox, fds[0], NULL));
  g_assert_cmpint (read (fds[1], got, sizeof got - 1), >, 0);
  g_assert_nonnull (strstr (got, "\"SecretAccessKey\":\"" CANARY));
  /* Grown, so that what was sent before would be moved along if it were still there. */
  say (lines, LINE ("tools/call", "{\"name\":\"x\",\"arguments\":{\"status\":\"" CANARY "\"}}"));
  mcp_lines_free (lines);
  mcp_session_free (session);
  mcp_channel_free (channel);
  mcp_server_free (server);
  outbox_free (outbox);
  expect_wiped ();
  close (fds[0]);
  close (fds[1]);
}

static void
test_client (void)
{
  static const char answer[]
      = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"value\":\"" CANARY "\"}}\n";
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
  g_assert_cmpint (write (fds[1], answer, strlen (answer)), ==, (gssize) strlen (answer));
  n_freed = n_leaked = 0;
  Client *client = client_open_fd (fds[0], NULL);
  json_t *params = json_pack ("{s:s}", "value", CANARY);
  json_t *result = client_call (client, "store_secret", params, -1, NULL, NULL);
  g_assert_cmpstr (wire_string (result, "value"), ==, CANARY);
  json_decref (params);
  json_decref (result);
  client_free (client);
  expect_wiped ();
  close (fds[1]);
}

static void
test_unsent (void)
{
  Outbox *outbox = outbox_new ();
  g_autofree char *fill = g_strnfill (64 * 1024, ' ');

  n_freed = n_leaked = 0;
  outbox_add_text (outbox, CANARY);
  g_assert_true (outbox_end (outbox, -1, NULL));
  outbox_add_text (outbox, CANARY);
  outbox_add_text (outbox, fill); /* moves into a larger buffer */
  outbox_free (outbox);
  expect_wiped ();
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mcp-wipe/a call and its answer", test_call);
  g_test_add_func ("/mcp-wipe/what goes to the broker and comes back", test_client);
  g_test_add_func ("/mcp-wipe/what was never sent", test_unsent);
  return g_test_run ();
}
