/* SPDX-License-Identifier: MIT
 *
 * countersign-mcp: the MCP server that an agent starts. It holds no key and decides nothing.
 */
#include "broker/base/paths.h"
#include "broker/base/variables.h"
#include "mcp/http/http-usage.h"
#include "mcp/mcp-stdio.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define STATUS_FAILED 1
#define STATUS_USAGE 2

static const char usage[]
    = "usage: countersign-mcp [--tools SET] [--hold SECONDS] [--socket PATH] [--state-dir DIR]\n"
      "                       [--verbose]\n"
      "       countersign-mcp --http ADDR:PORT [OPTION]...\n"
      "\n"
      "Serves MCP on standard input and output: an MCP client starts it.\n"
      "  --tools SET     which tools: countersign (else), or opaquevault for those of OpaqueVault\n"
      "  --hold SECONDS  how long a call waits for a person before it answers \"pending\"\n"
      "                  (0 to " G_STRINGIFY (MCP_HOLD_MAX) ", else " G_STRINGIFY (
          MCP_HOLD_DEFAULT) ")\n"
                            "  --socket PATH   the broker's agent.sock; no broker is started when "
                            "none is there\n"
                            "  --state-dir DIR where configuration, store and sockets are, when "
                            "not in the usual places\n"
                            "  --verbose       tell on standard error what happens, never what was "
                            "passed\n"
                            "  --help          this text\n"
                            "  --version       the version\n"
                            "\n"
                            "With --http it serves those who verify minted tokens instead, until "
                            "SIGTERM:\n" HTTP_USAGE "\n"
                            "Exit status: 0 standard input ended, 1 it could not go on, 2 wrong "
                            "usage.\n";

static gboolean
parse_hold (const char *text, guint *seconds)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, MCP_HOLD_MAX, &number, NULL))
    {
      fprintf (stderr, "countersign-mcp: --hold takes a whole number from 0 to %d\n", MCP_HOLD_MAX);
      return FALSE;
    }
  *seconds = number;
  return TRUE;
}

static gboolean
parse_tools (const char *text, gboolean *opaquevault)
{
  *opaquevault = strcmp (text, "opaquevault") == 0;
  if (*opaquevault || strcmp (text, "countersign") == 0)
    return TRUE;
  fputs ("countersign-mcp: --tools takes countersign or opaquevault\n", stderr);
  return FALSE;
}

static void
take_root (const char *dir)
{
  g_autofree char *absolute = g_canonicalize_filename (dir, NULL);

  paths_set_root (absolute);
}

static int
wrong_usage (void)
{
  fputs (usage, stderr);
  return STATUS_USAGE;
}

/* -1: go on. */
static int
parse_options (int argc, char **argv, McpBrokerOptions *options)
{
  static const struct option table[] = {
    { "hold", required_argument, NULL, 'o' },   { "tools", required_argument, NULL, 't' },
    { "socket", required_argument, NULL, 's' }, { "state-dir", required_argument, NULL, 'd' },
    { "verbose", no_argument, NULL, 'v' },      { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },      { NULL, 0, NULL, 0 },
  };
  int option;

  while ((option = getopt_long (argc, argv, "h", table, NULL)) != -1)
    switch (option)
      {
      case 'o':
        if (!parse_hold (optarg, &options->hold_seconds))
          return STATUS_USAGE;
        break;
      case 't':
        if (!parse_tools (optarg, &options->opaquevault))
          return STATUS_USAGE;
        break;
      case 's':
        options->socket = optarg;
        break;
      case 'd':
        take_root (optarg);
        break;
      case 'v':
        options->verbose = TRUE;
        break;
      case 'h':
        fputs (usage, stdout);
        return EXIT_SUCCESS;
      case 'V':
        puts ("countersign-mcp " COUNTERSIGN_VERSION);
        return EXIT_SUCCESS;
      default:
        return wrong_usage ();
      }
  return optind < argc ? wrong_usage () : -1;
}

/* Another program, with a library that this one does without: it starts once a conversation. Does
 * not return, but with what to exit with when it is not there. */
static int
become_http (char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = paths_program ("countersign-mcp-http", &error);

  if (program != NULL)
    {
      argv[0] = program;
      execv (program, argv);
      g_set_error (&error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", program,
                   g_strerror (errno));
    }
  fprintf (stderr, "countersign-mcp: %s\n", error->message);
  return STATUS_FAILED;
}

static gboolean
wants_http (char **argv)
{
  for (char **word = argv + 1; *word != NULL; word++)
    if (strcmp (*word, "--http") == 0 || g_str_has_prefix (*word, "--http="))
      return TRUE;
  return FALSE;
}

int
main (int argc, char **argv)
{
  const struct rlimit no_core = { 0, 0 };
  McpBrokerOptions options = { .hold_seconds = MCP_HOLD_DEFAULT };
  g_autoptr (GError) error = NULL;

  if (wants_http (argv))
    return become_http (argv);
  wire_init ();
  int status = parse_options (argc, argv, &options);
  if (status >= 0)
    return status;
  /* Values pass through. Not made non-dumpable beside it: the broker reads which program this is.
   */
  setrlimit (RLIMIT_CORE, &no_core);
  signal (SIGPIPE, SIG_IGN);

  g_autofree char *note = variables_note ();
  if (note != NULL)
    fprintf (stderr, "countersign-mcp: %s\n", note);
  g_autoptr (McpBroker) broker = mcp_broker_new (&options);
  if (mcp_stdio_run (broker, &error))
    return EXIT_SUCCESS;
  if (options.verbose)
    fprintf (stderr, "countersign-mcp: %s\n", error->message);
  return STATUS_FAILED;
}
