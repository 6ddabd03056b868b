/* SPDX-License-Identifier: MIT
 *
 * countersign-mcp-http: serves those who call tools over the network, and those who verify what was
 * minted. It has no key and decides nothing: who calls, what they get and what it publishes it asks
 * of the broker.
 */
#include "broker/client/client.h"
#include "mcp/http/http-endpoint.h"
#include "mcp/http/http-options.h"
#include "mcp/http/http-resource.h"
#include "mcp/http/http-seal.h"
#include "mcp/http/http-start.h"
#include "mcp/tools/mcp-handler.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

typedef struct
{
  HttpOptions options;
  char *socket, *resource;
  HttpBroker *broker;
  McpHandler *handler;
  McpServer *offered;
  HttpMcp *mcp;
  HttpCallers *callers;
  HttpEndpoints endpoints;
  HttpServer *server;
} Program;

static void
on_over (gpointer user, McpBroker *caller)
{
  Program *program = user;

  if (program->mcp != NULL)
    http_mcp_forget (program->mcp, caller);
}

static gboolean
on_signal (gpointer user)
{
  Program *program = user;

  /* Who listens is told that it is over. */
  if (program->offered != NULL)
    mcp_server_end_listening (program->offered);
  http_server_stop (program->server);
  return G_SOURCE_CONTINUE;
}

static void
program_clear (Program *program)
{
  g_clear_pointer (&program->server, http_server_free);
  g_clear_pointer (&program->mcp, http_mcp_free); /* with its sessions, which have callers */
  g_clear_pointer (&program->offered, mcp_server_free);
  g_free (program->handler);
  g_clear_pointer (&program->callers, http_callers_free);
  g_clear_pointer (&program->broker, http_broker_free);
  g_free (program->resource);
  g_free (program->socket);
  http_options_clear (&program->options);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Program, program_clear)

/* --- Beginning --- */

/* Tokens and verifiers' secrets pass through. */
static void
close_up (void)
{
  const struct rlimit no_core = { 0, 0 };

  setrlimit (RLIMIT_CORE, &no_core);
  signal (SIGPIPE, SIG_IGN);
  /* Which else are GnuTLS's usual ones, or those that whoever started us says. */
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", TRUE);
}

static gboolean
ask_who_calls (Program *program, GError **error)
{
  g_autofree char *note = NULL;

  if (program->options.verifiers_only)
    return TRUE;
  if (!http_start_check (program->broker, program->options.vouch, &note, error))
    return FALSE;
  if (note != NULL)
    fprintf (stderr, "countersign-mcp-http: %s\n", note);
  return TRUE;
}

static gsize
body_most (gpointer user, const HttpHead *head)
{
  return http_gate_body_most (&((HttpEndpoints *) user)->gate, head);
}

static gboolean
listen_there (Program *program, GError **error)
{
  HttpOptions *options = &program->options;

  program->endpoints = (HttpEndpoints){ .hosts = (const char *const *) options->hosts };
  program->server
      = http_server_new (&options->listen, http_endpoint_answer, &program->endpoints, error);
  if (program->server == NULL)
    return FALSE;
  http_server_set_body_most (program->server, body_most);
  g_autofree char *url = http_server_url (program->server);
  if (!options->verifiers_only)
    program->resource = options->resource != NULL
                            ? g_strdup (options->resource)
                            : http_resource_default (
                                url, options->listen.certificate != NULL ? options->name : NULL);
  return TRUE;
}

static gpointer
ref_caller (gpointer caller)
{
  return mcp_broker_ref (caller);
}

static void
unref_caller (gpointer caller)
{
  mcp_broker_unref (caller);
}

static void
let_call (Program *program)
{
  const HttpOptions *options = &program->options;
  const HttpCallersOptions callers = { .each = { .socket = program->socket,
                                                 .resource = program->resource,
                                                 .hold_seconds = options->hold_seconds,
                                                 .offered = options->offered,
                                                 .verbose = options->verbose },
                                       .over = on_over,
                                       .user = program };
  const HttpMcpOptions served = { .owner_ref = ref_caller, .owner_unref = unref_caller };

  program->callers = http_callers_new (&callers);
  program->handler = mcp_tools_handler_new (options->offered);
  program->offered = mcp_server_new (program->handler, NULL);
  program->mcp = http_mcp_new (program->offered, &served);
}

static gboolean
begin (Program *program, GError **error)
{
  const HttpOptions *options = &program->options;

  program->socket
      = options->socket != NULL ? g_strdup (options->socket) : client_default_socket (CLIENT_AGENT);
  program->broker = http_broker_new (program->socket);
  if (!http_seal_files (error) || !ask_who_calls (program, error) || !listen_there (program, error)
      || !http_seal_calls (error))
    return FALSE;
  if (program->resource != NULL)
    let_call (program);
  program->endpoints.gate = (HttpGate){ program->broker, program->callers, program->mcp,
                                        program->resource, options->verbose };
  return TRUE;
}

static void
tell_where (const Program *program)
{
  g_autofree char *url = http_server_url (program->server);

  printf ("countersign-mcp-http: serving %s\n", url);
  if (program->resource != NULL)
    printf ("countersign-mcp-http: MCP clients call %s\n", program->resource);
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  g_auto (Program) program = { 0 };
  g_autoptr (GError) error = NULL;

  wire_init ();
  int status = http_options_parse (&program.options, argc, argv);
  if (status >= 0)
    return status;
  close_up ();
  if (!begin (&program, &error))
    {
      fprintf (stderr, "countersign-mcp-http: %s\n", error->message);
      return EXIT_FAILURE;
    }
  g_unix_signal_add (SIGTERM, on_signal, &program);
  g_unix_signal_add (SIGINT, on_signal, &program);
  tell_where (&program);
  http_server_run (program.server);
  return EXIT_SUCCESS;
}
