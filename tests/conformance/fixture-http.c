/* SPDX-License-Identifier: MIT
 *
 * The fixture over HTTP, for whoever is on this machine.
 */
#include "tests/conformance/fixture.h"

#include "mcp/transport/http-answer.h"
#include "mcp/transport/http-mcp.h"
#include "mcp/transport/http-origin.h"
#include "mcp/transport/http-server.h"

#include <glib-unix.h>
#include <stdio.h>

#define PATH "/mcp"

static void
refuse (SoupServerMessage *message, guint status, const char *why)
{
  g_autoptr (json_t) body = json_pack ("{s:s}", "error", why);

  http_answer_private (message, status, body);
}

static void
take (gpointer user, SoupServerMessage *message, HttpRequest *request)
{
  static const char *const hosts[] = { "127.0.0.1", "localhost", NULL };
  static char anybody;
  HttpMcp *mcp = user;
  const char *why;
  guint status = http_origin_check (hosts, request->head, &why);

  if (status == 0 && g_str_equal (request->head->path, PATH))
    {
      http_mcp_take (mcp, message, request, &anybody);
      return;
    }
  refuse (message, status != 0 ? status : 404, status != 0 ? why : "MCP is at " PATH ".");
  http_request_free (request);
}

typedef struct
{
  Fixture *fixture;
  HttpServer *server;
} Ending;

static gboolean
on_signal (gpointer user)
{
  const Ending *ending = user;

  mcp_server_end_listening (ending->fixture->server);
  http_server_stop (ending->server);
  return G_SOURCE_CONTINUE;
}

static gsize
body_most (gpointer user, const HttpHead *head)
{
  (void) user;
  return g_str_equal (head->path, PATH) ? HTTP_BODY_MOST : HTTP_BODY_MAX;
}

/* "127.0.0.1:0"; NULL: it is none. */
static GSocketAddress *
address_of (const char *text)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = colon != NULL ? g_strndup (text, colon - text) : NULL;
  guint64 port;

  if (host == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &port, NULL))
    return NULL;
  return g_inet_socket_address_new_from_string (host, port);
}

gboolean
fixture_run_http (Fixture *fixture, const char *address, GError **error)
{
  const HttpMcpOptions options = { 0 };
  g_autoptr (HttpMcp) mcp = http_mcp_new (fixture->server, &options);
  g_autoptr (GSocketAddress) bind = address_of (address);

  if (bind == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--http: %s is not an address with a port", address);
      return FALSE;
    }
  g_autoptr (HttpServer) server
      = http_server_new (&(HttpListen){ .address = bind }, take, mcp, error);
  if (server == NULL)
    return FALSE;
  http_server_set_body_most (server, body_most);
  Ending ending = { fixture, server };
  guint sources[] = { g_unix_signal_add (SIGTERM, on_signal, &ending),
                      g_unix_signal_add (SIGINT, on_signal, &ending) };
  g_autofree char *url = http_server_url (server);
  printf ("%s%s\n", url, PATH);
  fflush (stdout);
  http_server_run (server);
  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  return TRUE;
}
