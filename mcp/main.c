/* SPDX-License-Identifier: MIT
 *
 * countersign-mcp: the MCP server that an agent starts. It holds no key and decides nothing.
 */
#include "broker/base/paths.h"
#include "broker/base/variables.h"
#include "mcp/mcp-options.h"
#include "mcp/mcp-stdio.h"
#include "mcp/tools/mcp-handler.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define STATUS_FAILED 1

/* Another program, with a library that this one does without: it starts once a conversation. Does
 * not return, but with what to exit with when it is not there. */
static int
become_http (char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = paths_program ("countersign-mcp-http", &error);

  if (program != NULL)
    {
      argv[0] = (char *) "countersign-mcp-http"; /* how its errors begin */
      execv (program, argv);
      g_set_error (&error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", program,
                   g_strerror (errno));
    }
  fprintf (stderr, "countersign-mcp: %s\n", error->message);
  return STATUS_FAILED;
}

static int
serve (const McpOptions *options)
{
  const struct rlimit no_core = { 0, 0 };
  g_autoptr (GError) error = NULL;

  /* Values pass through. Not made non-dumpable beside it: the broker reads which program this is.
   */
  setrlimit (RLIMIT_CORE, &no_core);
  signal (SIGPIPE, SIG_IGN);

  g_autofree char *note = variables_note ();
  if (note != NULL)
    fprintf (stderr, "countersign-mcp: %s\n", note);
  g_autofree McpHandler *handler = mcp_tools_handler_new (options->offered);
  g_autoptr (McpBroker) broker = mcp_broker_new (&options->broker);
  if (mcp_stdio_run (broker, handler, &error))
    return EXIT_SUCCESS;
  if (options->broker.verbose)
    fprintf (stderr, "countersign-mcp: %s\n", error->message);
  return STATUS_FAILED;
}

int
main (int argc, char **argv)
{
  McpOptions options = { .broker.hold_seconds = MCP_HOLD_DEFAULT };

  if (mcp_options_want_http (argv))
    return become_http (argv);
  wire_init ();
  int status = mcp_options_parse (&options, argc, argv);
  if (status < 0)
    status = options.client != NULL ? mcp_options_print_config (&options) : serve (&options);
  mcp_options_clear (&options);
  return status;
}
