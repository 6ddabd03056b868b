/* SPDX-License-Identifier: MIT */
#include "mcp/mcp-options.h"

#include "broker/base/paths.h"
#include "mcp/http/http-usage.h"
#include "mcp/tools/mcp-config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_FAILED 1
#define STATUS_USAGE 2

static const char usage[]
    = "usage: countersign-mcp [--tools SET] [--capabilities LIST] [--hold SECONDS] [--socket "
      "PATH]\n"
      "                       [--state-dir DIR] [--verbose]\n"
      "       countersign-mcp --print-config CLIENT [--http URL] [OPTION]...\n"
      "       countersign-mcp --http [ADDR:PORT] [OPTION]...\n"
      "\n"
      "Serves MCP on standard input and output: an MCP client starts it.\n"
      "  --tools SET     which tools: countersign (else), or opaquevault or vouch for those of\n"
      "                  OpaqueVault or of Vouch's credential broker\n"
      "  --capabilities LIST\n"
      "                  only these, separated by commas: tools by name, and groups: read, use,\n"
      "                  write, reveal, mint; what asks for nothing stays\n"
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
                            "  --print-config CLIENT\n"
                            "                  print what goes into the file of claude-code, "
                            "claude-desktop, cursor,\n"
                            "                  vscode, codex, gemini or zed, and say which file it "
                            "is; other options\n"
                            "                  are put into it. With --http URL it is for a server "
                            "at that address.\n"
                            "\n"
                            "With --http it serves the same over the network, and those who verify "
                            "minted tokens,\nuntil SIGTERM:\n" HTTP_USAGE "\n"
                            "Exit status: 0 standard input ended, 1 it could not go on, 2 wrong "
                            "usage.\n";

/* For the file: the same option, so that the client starts what was asked for. Takes @value. */
static void
pass_on (McpOptions *options, const char *option, char *value)
{
  g_ptr_array_add (options->passed, g_strdup (option));
  if (value != NULL)
    g_ptr_array_add (options->passed, value);
}

static gboolean
take_hold (McpOptions *options, const char *text)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, MCP_HOLD_MAX, &number, NULL))
    {
      fprintf (stderr, "countersign-mcp: --hold takes a whole number from 0 to %d\n", MCP_HOLD_MAX);
      return FALSE;
    }
  options->broker.hold_seconds = number;
  pass_on (options, "--hold", g_strdup (text));
  return TRUE;
}

static int
take_words (McpOptions *options, const char *option, const char **place, const char *words)
{
  *place = words;
  pass_on (options, option, g_strdup (words));
  return -1;
}

/* A client starts its servers somewhere else. */
static gboolean
take_path (McpOptions *options, const char *option, const char *path)
{
  pass_on (options, option, g_canonicalize_filename (path, NULL));
  if (strcmp (option, "--socket") == 0)
    options->broker.socket = path;
  else
    paths_set_root (g_ptr_array_index (options->passed, options->passed->len - 1));
  return TRUE;
}

static int
wrong_usage (void)
{
  fputs (usage, stderr);
  return STATUS_USAGE;
}

/* -1: go on. */
static int
take_option (McpOptions *options, int option)
{
  switch (option)
    {
    case 'o':
      return take_hold (options, optarg) ? -1 : STATUS_USAGE;
    case 't':
      return take_words (options, "--tools", &options->tools, optarg);
    case 'c':
      return take_words (options, "--capabilities", &options->capabilities, optarg);
    case 's':
      return take_path (options, "--socket", optarg) ? -1 : STATUS_USAGE;
    case 'd':
      return take_path (options, "--state-dir", optarg) ? -1 : STATUS_USAGE;
    case 'p':
      options->client = optarg;
      return -1;
    case 'u':
      options->url = optarg;
      return -1;
    case 'v':
      options->broker.verbose = TRUE;
      pass_on (options, "--verbose", NULL);
      return -1;
    case 'h':
      fputs (usage, stdout);
      return EXIT_SUCCESS;
    case 'V':
      puts ("countersign-mcp " COUNTERSIGN_VERSION);
      return EXIT_SUCCESS;
    default:
      return wrong_usage ();
    }
}

static gboolean
choose_offered (McpOptions *options)
{
  g_autoptr (GError) error = NULL;

  options->offered = mcp_offered_new (options->tools, options->capabilities, &error);
  options->broker.offered = options->offered;
  if (error != NULL)
    fprintf (stderr, "countersign-mcp: %s\n", error->message);
  return options->offered != NULL;
}

int
mcp_options_parse (McpOptions *options, int argc, char **argv)
{
  static const struct option table[] = {
    { "hold", required_argument, NULL, 'o' },
    { "tools", required_argument, NULL, 't' },
    { "capabilities", required_argument, NULL, 'c' },
    { "socket", required_argument, NULL, 's' },
    { "state-dir", required_argument, NULL, 'd' },
    { "print-config", required_argument, NULL, 'p' },
    { "http", required_argument, NULL, 'u' },
    { "verbose", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    { NULL, 0, NULL, 0 },
  };
  int option, status = -1;

  options->passed = g_ptr_array_new_with_free_func (g_free);
  while (status < 0 && (option = getopt_long (argc, argv, "h", table, NULL)) != -1)
    status = take_option (options, option);
  if (status < 0 && (optind < argc || (options->url != NULL && options->client == NULL)))
    status = wrong_usage ();
  if (status < 0 && !choose_offered (options))
    status = STATUS_USAGE;
  g_ptr_array_add (options->passed, NULL);
  return status;
}

void
mcp_options_clear (McpOptions *options)
{
  g_clear_pointer (&options->passed, g_ptr_array_unref);
  g_clear_pointer (&options->offered, mcp_offered_free);
}

static gboolean
has_option (char **argv, const char *name)
{
  gsize len = strlen (name);

  for (char **word = argv + 1; *word != NULL; word++)
    if (strncmp (*word, name, len) == 0 && ((*word)[len] == '\0' || (*word)[len] == '='))
      return TRUE;
  return FALSE;
}

gboolean
mcp_options_want_http (char **argv)
{
  return has_option (argv, "--http") && !has_option (argv, "--print-config");
}

/* --- --print-config --- */

/* Of the tools as they are listed; g_strfreev(). */
static char **
tool_names (const McpOptions *options)
{
  g_autoptr (json_t) tools = mcp_offered_list (options->offered, MCP_LIST_TOOLS);
  GStrvBuilder *names = g_strv_builder_new ();
  json_t *tool;
  gsize i;

  json_array_foreach (tools, i, tool) g_strv_builder_add (names, wire_string (tool, "name"));
  char **list = g_strv_builder_end (names);
  g_strv_builder_unref (names);
  return list;
}

int
mcp_options_print_config (const McpOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = paths_program ("countersign-mcp", &error);
  g_autofree char *text = NULL, *advice = NULL;
  g_auto (GStrv) tools = tool_names (options);
  McpConfig config = { .client = options->client,
                       .url = options->url,
                       .program = program,
                       .arguments = (const char *const *) options->passed->pdata,
                       .tools = (const char *const *) tools };

  if (program == NULL || !mcp_config_make (&config, &text, &advice, &error))
    {
      fprintf (stderr, "countersign-mcp: %s\n", error->message);
      return error->domain == MCP_CONFIG_ERROR ? STATUS_USAGE : STATUS_FAILED;
    }
  fputs (advice, stderr);
  fflush (stderr);
  fputs (text, stdout);
  return fflush (stdout) == 0 ? EXIT_SUCCESS : STATUS_FAILED;
}
