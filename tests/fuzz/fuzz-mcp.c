/* SPDX-License-Identifier: MIT
 *
 * Whatever a client sends, in whatever pieces, and whatever a broker answers: what goes out are
 * lines of strict JSON-RPC, each an answer or a notification; no id is answered more often than it
 * was asked; text and structuredContent of a result say the same.
 *
 * The arguments of a call are taken for the broker's answer to it, except that "hold" waits until
 * "free". Where the tool is one of ours or of OpaqueVault's they are its arguments too: what passes
 * for right here, the broker takes.
 */
#include "mcp/tools/mcp-question.h"
#include "mcp/tools/mcp-result.h"
#include "mcp/tools/mcp-tools.h"
#include "mcp/tools/mcp-vault.h"
#include "mcp/wire/mcp-lines.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_LINE 4096

static GQueue held = G_QUEUE_INIT;
static guint n_begun, n_ended;

/* What the broker would be asked, it would take. */
static void
check_question (const char *call, json_t *arguments)
{
  const Arguments *table = arguments_find (call);
  g_autoptr (GError) error = NULL;
  gboolean right = arguments_check (table, arguments, &error);
  int fds[MCP_QUESTION_FDS];

  g_assert_true (right == (error == NULL));
  /* Files are made by others of our tests. */
  if (!right || json_object_get (arguments, "output_file") != NULL)
    return;
  g_autoptr (McpQuestion) question = mcp_question_new (table, arguments, NULL);
  g_autoptr (json_t) message = mcp_question_message (question, 45, TRUE, fds, NULL);
  g_assert_true (arguments_check_socket (table, message, NULL));
  if (fds[0] >= 0)
    close (fds[0]);
}

static void
check_vault (const char *tool, json_t *arguments)
{
  McpVaultSession session = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (McpVault) vault = mcp_vault_new (tool, arguments, &session, &error);

  g_assert_true ((vault == NULL) == (error != NULL));
  if (vault != NULL)
    check_question (mcp_vault_call (vault), mcp_vault_params (vault));
}

static void
call_tool (gpointer user, McpCall *call)
{
  const char *tool = mcp_call_name (call);
  json_t *arguments = mcp_call_arguments (call);

  if (g_str_equal (tool, "none"))
    {
      mcp_call_refuse (call, MCP_INVALID_PARAMS, "there is none", NULL);
      return;
    }
  n_begun++;
  const Arguments *table = arguments_find (tool);
  if (table != NULL && !table->own)
    check_question (tool, arguments);
  if (mcp_vault_has (tool))
    check_vault (tool, arguments);
  if (g_str_equal (tool, "hold"))
    {
      g_queue_push_tail (&held, call);
      mcp_call_progress (call, "held");
      return;
    }
  for (McpCall *one; g_str_equal (tool, "free") && (one = g_queue_pop_tail (&held)) != NULL;)
    mcp_result_send_failure (one, "freed", "freed");
  if (json_is_object (arguments))
    mcp_result_send (call, arguments, -1);
  else
    mcp_result_send_error (call, arguments);
}

static void
cancelled (gpointer user, McpCall *call)
{
  g_assert_true (g_queue_remove (&held, call));
  n_ended++;
}

static json_t *
list (gpointer user, McpSession *session, McpList list)
{
  return json_array ();
}

static const McpHandler handler = { .identity = { .name = "t", .version = "1" },
                                    .offers = MCP_OFFERS_TOOLS,
                                    .list = list,
                                    .call = call_tool,
                                    .cancelled = cancelled };

/* A call's result: the same facts twice. */
static void
check_result (const json_t *result)
{
  const json_t *structured = json_object_get (result, "structuredContent"), *value;
  const json_t *content = json_object_get (result, "content");
  const char *key;

  if (content == NULL)
    return;
  n_ended++;
  const char *text = wire_string (json_array_get (content, 0), "text");
  g_autoptr (json_t) flat = json_loads (text, JSON_REJECT_DUPLICATES, NULL);
  g_assert_nonnull (flat);
  g_assert_true (json_is_boolean (json_object_get (flat, "success")));
  json_object_foreach ((json_t *) structured, key, value) if (!g_str_equal (key, "result"))
      g_assert_true (json_equal (json_object_get (flat, key), value));
  g_assert_true (!json_is_true (json_object_get (flat, "success"))
                 || !json_is_true (json_object_get (result, "isError")));
}

static void
check_message (const json_t *message)
{
  const json_t *result = json_object_get (message, "result");
  guint kinds = (result != NULL) + (json_object_get (message, "error") != NULL)
                + (json_object_get (message, "method") != NULL);

  g_assert_cmpstr (wire_string (message, "jsonrpc"), ==, "2.0");
  g_assert_cmpuint (kinds, ==, 1);
  g_assert_true (json_object_get (message, "method") != NULL
                 || json_object_get (message, "id") != NULL);
  check_result (result);
}

static void
check_line (const char *line, gsize len)
{
  g_autoptr (json_t) message = json_loadb (line, len, JSON_REJECT_DUPLICATES, NULL);
  gsize i;
  const json_t *one;

  g_assert_nonnull (message);
  if (!json_is_array (message))
    check_message (message);
  g_assert_true (!json_is_array (message) || json_array_size (message) > 0);
  json_array_foreach ((json_t *) message, i, one) check_message (one);
}

static void
check_output (Outbox *outbox, int fds[2])
{
  g_autoptr (WireReader) reader = wire_reader_new (16 * 1024 * 1024);
  char piece[16 * 1024];
  gsize len;

  while (outbox_size (outbox) > 0)
    {
      g_assert_true (outbox_flush (outbox, fds[0], NULL));
      gssize n = recv (fds[1], piece, sizeof piece, MSG_DONTWAIT);
      g_assert_true (n > 0 && wire_reader_push (reader, piece, n, NULL));
    }
  for (gssize n; (n = recv (fds[1], piece, sizeof piece, MSG_DONTWAIT)) > 0;)
    g_assert_true (wire_reader_push (reader, piece, n, NULL));
  for (const char *line; (line = wire_reader_next (reader, &len)) != NULL;)
    check_line (line, len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (Outbox) outbox = outbox_new ();
  g_autoptr (McpServer) server = mcp_server_new (&handler, NULL);
  g_autoptr (McpChannel) channel = mcp_channel_new (outbox, NULL, NULL);
  McpSession *session = mcp_session_new (server, NULL);
  g_autoptr (McpLines) lines = mcp_lines_new (session, channel, MAX_LINE);
  gsize step = size == 0 ? 1 : 1 + data[0] % 251;
  gboolean framed = TRUE;
  int fds[2];

  n_begun = n_ended = 0;
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  for (gsize i = 0; i < size && framed; i += step)
    {
      g_autoptr (GError) error = NULL;
      framed = mcp_lines_push (lines, (const char *) data + i, MIN (step, size - i), &error);
      g_assert_true (framed == (error == NULL));
      check_output (outbox, fds);
    }
  mcp_session_free (session);
  g_assert_cmpuint (g_queue_get_length (&held), ==, 0);
  g_assert_cmpuint (n_ended, <=, n_begun);
  close (fds[0]);
  close (fds[1]);
  return 0;
}
