/* SPDX-License-Identifier: MIT
 *
 * A program of the test's that serves MCP over HTTP at /mcp, with the transport as it is and two
 * tools: `echo` answers at once, `wait` when the test says so. lib/mcpserve.py is the other end.
 *
 * Arguments: seconds after which a session ends, how many of one caller's there may be (0: as
 * usual), a certificate with its key.
 *
 * On standard input, a line each: WORD KEY [ARGUMENT], KEY being what `wait` was called with.
 *   answer KEY TEXT     ends the call          large KEY BYTES   the same, with so much text
 *   progress KEY TEXT   tells how it gets on   flood KEY BYTES   the same, with so much text
 *   hangup KEY MS       ends its stream        changed           the list of tools has changed
 *   forget KEY          all that is KEY's, who calls
 * On standard output: "called KEY", "cancelled KEY", "closed OWNER", "held OWNER", "released
 * OWNER". Who calls is what stands behind "Bearer"; of nobody the last three are not told.
 */
#include "mcp/transport/http-mcp.h"
#include "mcp/transport/http-origin.h"
#include "mcp/transport/http-server.h"
#include "mcp/wire/mcp-call.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  McpServer *server;
  HttpMcp *mcp;
  HttpServer *http;
  GHashTable *calls; /* KEY → McpCall */
  GString *input;
} Served;

static void
tell (const char *word, const char *what)
{
  printf ("%s %s\n", word, what);
  fflush (stdout);
}

/* Of somebody only: what is told of each call would have to be read. */
static void
tell_of (const char *word, const char *owner)
{
  if (!g_str_equal (owner, "nobody"))
    tell (word, owner);
}

/* --- The tools --- */

static json_t *
list (gpointer user, McpSession *session, McpList which)
{
  if (which != MCP_LIST_TOOLS)
    return json_array ();
  return json_pack ("[{s:s, s:s, s:{s:s}}, {s:s, s:s, s:{s:s}}]", "name", "echo", "description",
                    "says it again", "inputSchema", "type", "object", "name", "wait", "description",
                    "waits", "inputSchema", "type", "object");
}

static void
answer (McpCall *call, const char *text)
{
  g_autoptr (json_t) said = json_pack ("{s:s}", "said", text);

  mcp_call_answer (call, &(McpAnswer){ .flat = said, .structured = said });
}

static void
take_call (gpointer user, McpCall *call)
{
  Served *served = user;
  const char *key = wire_string (mcp_call_arguments (call), "key");

  if (g_str_equal (mcp_call_name (call), "echo"))
    answer (call, key != NULL ? key : "");
  else if (key == NULL || g_hash_table_contains (served->calls, key))
    mcp_call_refuse (call, MCP_INVALID_PARAMS, "key: is missing, or waits already", NULL);
  else
    {
      char *copy = g_strdup (key);
      mcp_call_set_data (call, copy);
      g_hash_table_insert (served->calls, copy, call);
      tell ("called", key);
    }
}

static void
on_cancelled (gpointer user, McpCall *call)
{
  Served *served = user;

  tell ("cancelled", mcp_call_get_data (call));
  g_hash_table_remove (served->calls, mcp_call_get_data (call));
}

static void
on_closed (gpointer user, McpSession *session)
{
  tell_of ("closed", mcp_session_get_owner (session));
}

/* --- Who calls --- */

static gpointer
hold_owner (gpointer owner)
{
  tell_of ("held", owner);
  return owner;
}

static void
release_owner (gpointer owner)
{
  tell_of ("released", owner);
}

static void
take_request (gpointer user, SoupServerMessage *message, HttpRequest *request)
{
  static const char *const hosts[] = { "localhost", "127.0.0.1", "[::1]", NULL };
  Served *served = user;
  const HttpHead *head = request->head;
  const char *why, *bearer = head->authorization;
  guint status = http_origin_check (hosts, head, &why);

  if (status == 0 && !g_str_equal (head->path, "/mcp"))
    status = SOUP_STATUS_NOT_FOUND;
  if (status == 0)
    {
      gboolean named = bearer != NULL && g_str_has_prefix (bearer, "Bearer ");
      http_mcp_take (served->mcp, message, request,
                     (gpointer) g_intern_string (named ? bearer + strlen ("Bearer ") : "nobody"));
      return;
    }
  soup_server_message_set_status (message, status, "Refused");
  http_request_free (request);
}

static gsize
body_most (gpointer user, const HttpHead *head)
{
  return g_str_equal (head->path, "/mcp") ? HTTP_BODY_MOST : HTTP_BODY_MAX;
}

/* --- What the test says --- */

static void
end_call (Served *served, McpCall *call, const char *key, const char *text)
{
  answer (call, text);
  g_hash_table_remove (served->calls, key);
}

static void
obey (Served *served, const char *word, const char *key, const char *argument)
{
  McpCall *call = g_hash_table_lookup (served->calls, key);
  guint64 number = g_ascii_strtoull (argument, NULL, 10);
  gboolean large = g_str_equal (word, "large") || g_str_equal (word, "flood");
  g_autofree char *text = large ? g_strnfill (number, 'x') : g_strdup (argument);

  if (g_str_equal (word, "changed"))
    mcp_server_changed (served->server, MCP_LIST_TOOLS);
  else if (g_str_equal (word, "forget"))
    http_mcp_forget (served->mcp, (gpointer) g_intern_string (key));
  else if (call == NULL)
    tell ("unknown", key);
  else if (g_str_equal (word, "answer") || g_str_equal (word, "large"))
    end_call (served, call, key, text);
  else if (g_str_equal (word, "progress") || g_str_equal (word, "flood"))
    mcp_call_progress (call, text);
  else if (g_str_equal (word, "hangup"))
    mcp_call_hang_up (call, number);
  else
    g_error ("no such word: %s", word);
}

static void
read_lines (Served *served)
{
  const char *end;

  while ((end = strchr (served->input->str, '\n')) != NULL)
    {
      g_autofree char *line = g_strndup (served->input->str, end - served->input->str);
      g_auto (GStrv) words = g_strsplit (line, " ", 3);
      guint n = g_strv_length (words);
      g_string_erase (served->input, 0, strlen (line) + 1);
      obey (served, words[0], n > 1 ? words[1] : "", n > 2 ? words[2] : "");
    }
}

static gboolean
on_input (int fd, GIOCondition condition, gpointer user)
{
  Served *served = user;
  char piece[4096];
  gssize n = read (fd, piece, sizeof piece);

  if (n <= 0)
    {
      mcp_server_end_listening (served->server);
      http_server_stop (served->http);
      return G_SOURCE_REMOVE;
    }
  g_string_append_len (served->input, piece, n);
  read_lines (served);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  static const McpHandler handler = { .identity = { .name = "served", .version = "1" },
                                      .offers = MCP_OFFERS_TOOLS | MCP_OFFERS_CHANGES,
                                      .list = list,
                                      .call = take_call,
                                      .cancelled = on_cancelled,
                                      .closed = on_closed };
  HttpMcpOptions options = { .owner_ref = hold_owner, .owner_unref = release_owner };
  g_autoptr (GError) error = NULL;
  Served served = { .input = g_string_new (NULL) };

  wire_init ();
  signal (SIGPIPE, SIG_IGN);
  if (argc > 1)
    options.session_idle_s = g_ascii_strtoull (argv[1], NULL, 10);
  if (argc > 2)
    options.sessions_most = options.requests_most = g_ascii_strtoull (argv[2], NULL, 10);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  served.calls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  served.server = mcp_server_new (&handler, &served);
  served.mcp = http_mcp_new (served.server, &options);
  const HttpListen listen = { .address = address,
                              .certificate = argc > 3 ? argv[3] : NULL,
                              .key = argc > 3 ? argv[3] : NULL };
  served.http = http_server_new (&listen, take_request, &served, &error);
  if (served.http == NULL)
    g_error ("%s", error->message);
  http_server_set_body_most (served.http, body_most);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_input, &served);
  g_autofree char *url = http_server_url (served.http);
  tell ("serving", url);
  http_server_run (served.http);
  http_mcp_free (served.mcp);
  http_server_free (served.http);
  mcp_server_free (served.server);
  g_hash_table_unref (served.calls);
  g_string_free (served.input, TRUE);
  return EXIT_SUCCESS;
}
