/* SPDX-License-Identifier: MIT
 *
 * countersign-mcp-http: serves those who verify what was minted. It has no key; what it publishes
 * and what it tells of a token it asks of the broker.
 */
#include "broker/client/client.h"
#include "mcp/http/http-endpoint.h"
#include "mcp/http/http-options.h"
#include "mcp/http/http-seal.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static gboolean
on_signal (gpointer user)
{
  http_server_stop (user);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  const struct rlimit no_core = { 0, 0 };
  g_auto (HttpOptions) options = { 0 };
  g_autoptr (GError) error = NULL;

  wire_init ();
  int status = http_options_parse (&options, argc, argv);
  if (status >= 0)
    return status;
  /* Tokens and verifiers' secrets pass through. */
  setrlimit (RLIMIT_CORE, &no_core);
  signal (SIGPIPE, SIG_IGN);
  /* Which else are GnuTLS's usual ones, or those that whoever started us says. */
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", TRUE);

  g_autofree char *socket
      = options.socket != NULL ? g_strdup (options.socket) : client_default_socket (CLIENT_AGENT);
  g_autoptr (HttpBroker) broker = http_broker_new (socket);
  HttpEndpoints endpoints = { broker, options.hosts, options.verbose };
  g_autoptr (HttpServer) server
      = http_seal_files (&error)
            ? http_server_new (&options.listen, http_endpoint_answer, &endpoints, &error)
            : NULL;
  if (server == NULL || !http_seal_calls (&error))
    {
      fprintf (stderr, "countersign-mcp-http: %s\n", error->message);
      return EXIT_FAILURE;
    }
  g_unix_signal_add (SIGTERM, on_signal, server);
  g_unix_signal_add (SIGINT, on_signal, server);
  g_autofree char *url = http_server_url (server);
  printf ("countersign-mcp-http: serving %s\n", url);
  fflush (stdout);
  http_server_run (server);
  return EXIT_SUCCESS;
}
