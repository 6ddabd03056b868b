/* SPDX-License-Identifier: MIT
 *
 * Whatever a client sends, of either era, on a stream or over HTTP with whatever headers: what goes
 * out is strict JSON-RPC, each id is answered at most as often as it was asked, a channel is over
 * once all that was asked on it is answered, and then nothing more is written to it.
 *
 * The first line is "stdio", or HTTP's headers with tabs between: version, method, name, and what
 * Mcp-Param says. Each further line is a message, over HTTP on a channel of its own; but "@close"
 * closes the last channel, "@free" answers what is held, "@changed" tells of changes.
 */
#include "mcp/wire/mcp-call.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHANNELS_MOST 64

typedef struct
{
  McpChannel *channel;
  Outbox *outbox;
  gboolean closed;
} Line;

static GQueue held = G_QUEUE_INIT;
static Line lines[CHANNELS_MOST];
static gsize n_lines;
static GHashTable *asked; /* how often, by the id's text */
static int fds[2];

/* --- The program --- */

static json_t *
list (gpointer user, McpSession *session, McpList which)
{
  return json_pack ("[{s:s, s:{s:{s:{s:s}}}}, {s:s}, {s:s}]", "name", "answer", "inputSchema",
                    "properties", "a", "x-mcp-header", "A", "name", "b", "title", "name", "c");
}

static void
on_asked (gpointer user, McpCall *call, const json_t *result, const json_t *error)
{
  g_assert_true ((result == NULL) != (error == NULL));
  g_assert_true (g_queue_remove (&held, call));
  mcp_call_result (call, json_is_object (result) ? result : mcp_call_params (call));
}

static void
answer_modern (McpCall *call, const char *name)
{
  g_autoptr (json_t) wish
      = json_pack ("{s:{s:s, s:O*}}", "k", "method",
                   g_str_has_prefix (name, "roots") ? "roots/list" : "elicitation/create", "params",
                   mcp_call_arguments (call));

  if (g_str_has_suffix (name, "task"))
    mcp_call_task (
        call, &(McpTask){
                  .id = name, .status = "working", .created = "c", .updated = "u", .ttl_ms = -1 });
  else
    mcp_call_input_required (call, wish, mcp_call_request_state (call));
}

static void
call_any (gpointer user, McpCall *call)
{
  const char *name = mcp_call_name (call);
  gboolean modern = mcp_version_is_modern (mcp_call_version (call));
  McpAnswer answer = { .flat = mcp_call_params (call), .structured = mcp_call_params (call) };
  const json_t *content = json_object_get (mcp_call_arguments (call), "content");

  mcp_call_progress_of (call, 0, 1, name);
  mcp_call_progress (call, name);
  mcp_call_log (call, "warning", NULL, mcp_call_params (call));
  g_assert_true (mcp_session_claim (mcp_call_session (call)) == NULL
                 || wire_string (mcp_session_claim (mcp_call_session (call)), "name") != NULL);
  if (json_is_array (content))
    answer.content = content;
  if (g_str_has_prefix (name, "hold")
      || (g_str_has_prefix (name, "ask")
          && mcp_call_ask (call, "elicitation/create", mcp_call_arguments (call), on_asked, NULL)))
    g_queue_push_tail (&held, call);
  else if (mcp_call_kind (call) == MCP_CALL_TASK_GET || g_str_has_prefix (name, "refuse"))
    mcp_call_refuse (call, MCP_RESOURCE_NOT_FOUND, "there is none", mcp_call_params (call));
  else if (mcp_call_kind (call) != MCP_CALL_TOOL)
    mcp_call_result (call, mcp_call_params (call));
  else if (modern && g_str_has_prefix (name, "roots"))
    answer_modern (call, name);
  else
    mcp_call_answer (call, &answer);
}

static void
cancelled (gpointer user, McpCall *call)
{
  g_assert_true (g_queue_remove (&held, call));
  mcp_call_progress (call, "not heard by anybody, or before the end");
}

static const McpHandler handler
    = { .identity = { .name = "t", .version = "1" },
        .offers = MCP_OFFERS_TOOLS | MCP_OFFERS_RESOURCES | MCP_OFFERS_PROMPTS
                  | MCP_OFFERS_COMPLETIONS | MCP_OFFERS_LOGGING | MCP_OFFERS_TASKS
                  | MCP_OFFERS_CHANGES | MCP_OFFERS_HEADERS,
        .list = list,
        .call = call_any,
        .cancelled = cancelled };

/* --- What is asked and answered --- */

static char *
text_of_id (const json_t *message)
{
  const json_t *id = json_object_get (message, "id");

  return json_is_string (id) || json_is_integer (id)
             ? json_dumps (id, JSON_COMPACT | JSON_ENCODE_ANY)
             : NULL;
}

static void
count (const json_t *message, int by)
{
  char *id = text_of_id (message);

  if (id == NULL)
    return;
  int n = GPOINTER_TO_INT (g_hash_table_lookup (asked, id)) + by;
  g_assert_cmpint (n, >=, 0);
  g_hash_table_insert (asked, g_strdup (id), GINT_TO_POINTER (n));
  free (id);
}

static void
each (const json_t *value, int by)
{
  const json_t *one;
  gsize i;

  if (!json_is_array (value))
    count (value, by);
  json_array_foreach ((json_t *) value, i, one) count (one, by);
}

static void
check_message (const json_t *message)
{
  guint kinds = (json_object_get (message, "result") != NULL)
                + (json_object_get (message, "error") != NULL)
                + (json_object_get (message, "method") != NULL);

  g_assert_cmpstr (wire_string (message, "jsonrpc"), ==, "2.0");
  g_assert_cmpuint (kinds, ==, 1);
  if (json_object_get (message, "method") == NULL)
    count (message, -1);
}

static void
check_written (Outbox *outbox)
{
  g_autoptr (WireReader) reader = wire_reader_new (1024 * 1024);
  char piece[16 * 1024];
  gsize len, i;

  while (outbox_size (outbox) > 0)
    {
      g_assert_true (outbox_flush (outbox, fds[0], NULL));
      for (gssize n; (n = recv (fds[1], piece, sizeof piece, MSG_DONTWAIT)) > 0;)
        g_assert_true (wire_reader_push (reader, piece, n, NULL));
    }
  for (const char *text; (text = wire_reader_next (reader, &len)) != NULL;)
    {
      g_autoptr (json_t) value = json_loadb (text, len, JSON_REJECT_DUPLICATES, NULL);
      const json_t *one;
      g_assert_nonnull (value);
      if (!json_is_array (value))
        check_message (value);
      json_array_foreach (value, i, one) check_message (one);
    }
}

static void
on_message (gpointer user, McpChannel *channel, McpMessageKind kind, guint status)
{
  g_assert_false (((Line *) user)->closed);
  g_assert_true (status == 200 || status == 400 || status == 404);
  check_written (mcp_channel_outbox (channel));
}

/* --- The transport --- */

static Line *
open_line (void)
{
  static const McpChannelEvents events = { .message = on_message };
  Line *line = &lines[n_lines++];

  line->outbox = outbox_new ();
  line->channel = mcp_channel_new (line->outbox, &events, line);
  line->closed = FALSE;
  return line;
}

static const char *
param (gpointer user, const char *name)
{
  return g_ascii_strcasecmp (name, "A") == 0 ? user : NULL;
}

static void
command (McpServer *server, McpSession *session, const char *text)
{
  g_autoptr (json_t) flat = json_object ();
  Line *last = &lines[n_lines - 1];

  if (g_str_equal (text, "@close") && !last->closed)
    {
      last->closed = TRUE;
      mcp_session_channel_closed (session, last->channel);
    }
  for (McpCall *call; g_str_equal (text, "@free") && (call = g_queue_pop_tail (&held)) != NULL;)
    mcp_call_answer (call, &(McpAnswer){ .flat = flat });
  if (g_str_equal (text, "@changed"))
    {
      mcp_server_changed (server, MCP_LIST_TOOLS);
      mcp_server_updated (server, "a:b");
    }
}

static void
converse (char **texts)
{
  g_auto (GStrv) words = g_strsplit (texts[0], "\t", 5);
  gboolean http = g_strv_length (words) >= 4;
  McpHeaders headers = { 0 };
  g_autoptr (McpServer) server = mcp_server_new (&handler, NULL);
  g_autoptr (McpSession) session = mcp_session_new (server, NULL);

  mcp_server_set_page (server, 2);
  if (http)
    headers = (McpHeaders){ words[0], words[1], words[2], param, words[3] };
  open_line ();
  for (char **text = texts + 1; *text != NULL; text++)
    {
      g_autoptr (json_t) value = wire_parse (*text, strlen (*text), TRUE, NULL);
      if (**text == '@')
        {
          command (server, session, *text);
          continue;
        }
      if ((http || lines[n_lines - 1].closed) && n_lines < CHANNELS_MOST)
        open_line ();
      if (lines[n_lines - 1].closed)
        break;
      each (value, 1);
      mcp_session_take_text (session, lines[n_lines - 1].channel, *text, strlen (*text),
                             http ? &headers : NULL);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *all = g_strndup ((const char *) data, size);
  g_auto (GStrv) texts = g_strsplit (all, "\n", -1);

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (texts[0] != NULL)
    converse (texts);
  g_assert_cmpuint (g_queue_get_length (&held), ==, 0);
  for (; n_lines > 0; n_lines--)
    {
      g_assert_cmpuint (outbox_size (lines[n_lines - 1].outbox), ==, 0);
      mcp_channel_free (lines[n_lines - 1].channel);
      outbox_free (lines[n_lines - 1].outbox);
    }
  g_hash_table_unref (asked);
  close (fds[0]);
  close (fds[1]);
  return 0;
}
