/* SPDX-License-Identifier: MIT
 *
 * Whatever a server sends to our client, in whatever pieces: what the client says are lines of
 * strict JSON-RPC, its requests have ids that were not used before, and of each call it hears once
 * at most. The first byte says which version it speaks.
 */
#include "mcp/wire/mcp-client.h"
#include "tests/fuzz/fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#define MAX_LINE 4096

typedef struct
{
  McpClient *client;
  guint n_begun, n_ended, n_asked;
  McpAsking *held; /* or NULL */
  McpClientCall *waiting;
  gint64 last_id;
} Fuzz;

static void
on_answered (gpointer user, const json_t *result, const json_t *error)
{
  Fuzz *fuzz = user;

  g_assert_true ((result == NULL) != (error == NULL));
  g_assert_cmpuint (++fuzz->n_ended, <=, fuzz->n_begun);
}

static void
on_progressed (gpointer user, const json_t *params)
{
  g_assert_true (json_is_object (params));
}

static void
on_opened (gpointer user, McpClient *client, const json_t *error)
{
  Fuzz *fuzz = user;
  g_autoptr (json_t) params = json_pack ("{s:s}", "name", "x");

  if (error != NULL)
    return;
  fuzz->n_begun += 2;
  mcp_client_request (client, "tools/call", params, on_answered, on_progressed, fuzz);
  mcp_client_request (client, "prompts/get", params, on_answered, NULL, fuzz);
}

/* What was left lying goes on. */
static void
on_notified (gpointer user, const char *method, const json_t *params)
{
  Fuzz *fuzz = user;
  g_autoptr (json_t) answer = json_object ();
  McpAsking *asking = g_steal_pointer (&fuzz->held);
  McpClientCall *call = g_steal_pointer (&fuzz->waiting);

  if (asking != NULL)
    mcp_asking_answer (asking, answer);
  if (call != NULL)
    mcp_client_call_again (call);
}

/* By turns: answered, left lying, declined. */
static void
on_asked (gpointer user, McpAsking *asking, const char *method, const json_t *params)
{
  Fuzz *fuzz = user;
  g_autoptr (json_t) answer = json_pack ("{s:s}", "action", "accept");

  switch (fuzz->n_asked++ % 3)
    {
    case 0:
      mcp_asking_answer (asking, answer);
      break;
    case 1:
      if (fuzz->held == NULL)
        {
          fuzz->held = asking;
          break;
        }
      G_GNUC_FALLTHROUGH;
    default:
      mcp_asking_decline (asking, -1, "no");
      break;
    }
}

static void
on_waits (gpointer user, McpClientCall *call)
{
  Fuzz *fuzz = user;

  if (fuzz->waiting == NULL)
    fuzz->waiting = call;
  else
    mcp_client_call_again (call);
}

static const McpClientHandler handler = { on_opened, on_notified, on_asked, on_waits };

static void
check_line (Fuzz *fuzz, const char *line, gsize len)
{
  g_autoptr (json_t) message = json_loadb (line, len, JSON_REJECT_DUPLICATES, NULL);
  const json_t *id = json_object_get (message, "id");

  g_assert_cmpstr (wire_string (message, "jsonrpc"), ==, "2.0");
  if (json_object_get (message, "method") == NULL)
    g_assert_true (id != NULL
                   && (json_object_get (message, "result") != NULL)
                          != (json_object_get (message, "error") != NULL));
  else if (id != NULL)
    {
      g_assert_cmpint (json_integer_value (id), >, fuzz->last_id);
      fuzz->last_id = json_integer_value (id);
    }
}

static void
check_output (Fuzz *fuzz, int fds[2])
{
  Outbox *outbox = mcp_client_outbox (fuzz->client);
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
    check_line (fuzz, line, len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const McpVersion spoken[] = { MCP_VERSION_NONE, MCP_VERSION_2025_11_25,
                                       MCP_VERSION_2026_07_28, MCP_VERSION_2025_03_26 };
  Fuzz fuzz = { 0 };
  gsize step = size == 0 ? 1 : 1 + data[0] % 251;
  gboolean framed = TRUE;
  int fds[2];

  fuzz.client = mcp_client_new (
      &(McpClientOptions){ .name = "f",
                           .version = "1",
                           .speaks = spoken[size == 0 ? 0 : data[0] % G_N_ELEMENTS (spoken)],
                           .max_line = MAX_LINE },
      &handler, &fuzz);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  mcp_client_open (fuzz.client);
  for (gsize i = 1; i < size && framed; i += step)
    {
      g_autoptr (GError) error = NULL;
      framed = mcp_client_push (fuzz.client, (const char *) data + i, MIN (step, size - i), &error);
      g_assert_true (framed == (error == NULL));
      check_output (&fuzz, fds);
    }
  mcp_client_free (fuzz.client);
  close (fds[0]);
  close (fds[1]);
  return 0;
}
