/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-options.h"

#include "broker/base/paths.h"
#include "mcp/http/http-resource.h"
#include "mcp/http/http-usage.h"
#include "mcp/tools/mcp-broker.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_USAGE 2
#define LOOPBACK "127.0.0.1"
#define VOUCH_PORT "3000"

static const char usage[]
    = "usage: countersign-mcp --http [ADDR:PORT] [--tls-certificate FILE --tls-key FILE]\n"
      "                       [--host NAME]... [--resource URI | --verifiers-only]\n"
      "                       [--tools SET] [--capabilities LIST] [--hold SECONDS]\n"
      "                       [--socket PATH] [--state-dir DIR] [--verbose]\n"
      "\n"
      "Serves MCP at /mcp to those who show a token that is accepted (`countersign caller`), and\n"
      "keys, metadata, introspection and revocation to those who verify minted tokens.\n" HTTP_USAGE
      "  --tools SET            which tools: countersign (else), or vouch\n"
      "  --capabilities LIST    only these, separated by commas: tools by name, and groups: read,\n"
      "                         use, write, reveal, mint; what asks for nothing stays\n"
      "  --hold SECONDS         how long a call waits for a person before it answers \"pending\"\n"
      "                         (0 to " G_STRINGIFY (MCP_HOLD_MAX) ", else " G_STRINGIFY (
          MCP_HOLD_DEFAULT) ")\n"
                            "  --socket PATH          the broker's agent.sock\n"
                            "  --state-dir DIR        where configuration, store and sockets are, "
                            "when not in the\n"
                            "                         usual places\n"
                            "  --verbose              tell on standard error what is asked for, "
                            "never what was\n"
                            "                         passed\n"
                            "  --help                 this text\n"
                            "  --version              the version\n"
                            "Without ADDR:PORT it is 127.0.0.1 and $PORT, when that or "
                            "VOUCH_ISSUER is set; "
                            "VOUCH_ISSUER\n"
                            "is an issuer that has to be accepted.\n"
                            "Exit status: 0 it was told to end (SIGTERM), 1 it could not begin, 2 "
                            "wrong usage.\n";

static gboolean
refuse (const char *words)
{
  fprintf (stderr, "countersign-mcp-http: %s\n", words);
  return FALSE;
}

static int
wrong_usage (void)
{
  fputs (usage, stderr);
  return STATUS_USAGE;
}

/* --- The address --- */

static gboolean
take_address (HttpOptions *options, const char *text)
{
  const char *colon = strrchr (text, ':');
  guint64 port;

  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &port, NULL))
    return refuse ("--http takes an address and a port, such as 127.0.0.1:8643");
  g_autofree char *host = g_strndup (text, colon - text);
  gsize len = strlen (host);
  gboolean brackets = len > 2 && host[0] == '[' && host[len - 1] == ']';
  g_autofree char *number = brackets
                                ? g_strndup (host + 1, len - 2)
                                : g_strdup (strcmp (host, "localhost") == 0 ? "127.0.0.1" : host);
  /* An IPv6 address without brackets cannot be told from its port. */
  g_autoptr (GInetAddress) address
      = brackets == (strchr (number, ':') != NULL) ? g_inet_address_new_from_string (number) : NULL;

  if (address == NULL)
    return refuse ("--http takes an IP address, such as 127.0.0.1:8643 or [::1]:8643");
  g_clear_object (&options->listen.address);
  options->listen.address = g_inet_socket_address_new (address, port);
  g_strv_builder_add (options->names, host);
  return TRUE;
}

static gboolean
take_host (HttpOptions *options, const char *name)
{
  g_autofree char *host = g_ascii_strdown (name, -1);

  if (*host == '\0' || strchr (host, '/') != NULL
      || (strchr (host, ':') != NULL && !g_str_has_suffix (host, "]")))
    return refuse (
        "--host takes a name alone, such as tokens.example.org, without https:// and port");
  if (options->name == NULL)
    options->name = name;
  g_strv_builder_add (options->names, host);
  return TRUE;
}

static gboolean
take_resource (HttpOptions *options, const char *uri)
{
  g_autoptr (GError) error = NULL;

  if (!http_resource_check (uri, &error))
    return refuse (error->message);
  g_autofree char *host = http_resource_host (uri);
  options->resource = uri;
  g_strv_builder_add (options->names, host);
  return TRUE;
}

/* Behind --http an address may stand as a word of its own. */
static char *
word_behind (char *const *argv)
{
  char *word = argv[optind];

  if (word == NULL || *word == '-')
    return NULL;
  optind++;
  return word;
}

static gboolean
take_hold (HttpOptions *options, const char *text)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, MCP_HOLD_MAX, &number, NULL))
    return refuse ("--hold takes a whole number from 0 to " G_STRINGIFY (MCP_HOLD_MAX));
  options->hold_seconds = number;
  return TRUE;
}

static const char *
variable (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

/* As Vouch's guide has it. */
static gboolean
take_port (HttpOptions *options)
{
  const char *port = variable ("PORT");
  g_autofree char *address = g_strconcat (LOOPBACK ":", port != NULL ? port : VOUCH_PORT, NULL);

  if (port == NULL && options->vouch == NULL)
    return refuse ("--http takes an address and a port, such as 127.0.0.1:8643");
  return take_address (options, address) || refuse ("(PORT in the environment says which)");
}

static void
take_root (const char *dir)
{
  g_autofree char *absolute = g_canonicalize_filename (dir, NULL);

  paths_set_root (absolute);
}

/* --- All of it --- */

static gboolean
is_loopback (const HttpOptions *options)
{
  return g_inet_address_get_is_loopback (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (options->listen.address)));
}

static gboolean
check (HttpOptions *options)
{
  if (options->listen.address == NULL && !take_port (options))
    return FALSE;
  if (options->verifiers_only && options->resource != NULL)
    return refuse (
        "--verifiers-only serves nobody who calls tools: it does not go with --resource");
  if ((options->listen.certificate == NULL) != (options->listen.key == NULL))
    return refuse ("--tls-certificate and --tls-key come together");
  if (!is_loopback (options) && options->listen.certificate == NULL)
    return refuse ("others reach that address: it needs --tls-certificate and --tls-key. Behind a "
                   "proxy that speaks TLS, serve 127.0.0.1 instead");
  if (!is_loopback (options) && options->name == NULL)
    return refuse ("others reach that address: say what they call it, with --host NAME");
  options->hosts = g_strv_builder_end (options->names);
  return TRUE;
}

/* -1: go on. */
static int
take_option (HttpOptions *options, int option, char *const *argv)
{
  const char *address;

  switch (option)
    {
    case 'l':
      address = optarg != NULL ? optarg : word_behind (argv);
      return address == NULL || take_address (options, address) ? -1 : STATUS_USAGE;
    case 'c':
      options->listen.certificate = optarg;
      return -1;
    case 'k':
      options->listen.key = optarg;
      return -1;
    case 'n':
      return take_host (options, optarg) ? -1 : STATUS_USAGE;
    case 'r':
      return take_resource (options, optarg) ? -1 : STATUS_USAGE;
    case 'w':
      return take_hold (options, optarg) ? -1 : STATUS_USAGE;
    case 'o':
      options->verifiers_only = TRUE;
      return -1;
    case 't':
      options->tools = optarg;
      return -1;
    case 'm':
      options->capabilities = optarg;
      return -1;
    case 's':
      options->socket = optarg;
      return -1;
    case 'd':
      take_root (optarg);
      return -1;
    case 'v':
      options->verbose = TRUE;
      return -1;
    case 'h':
      fputs (usage, stdout);
      return EXIT_SUCCESS;
    case 'V':
      puts ("countersign-mcp-http " COUNTERSIGN_VERSION);
      return EXIT_SUCCESS;
    default:
      return wrong_usage ();
    }
}

/* OpaqueVault's tools go by a project's file where they run, which is not where the caller is. */
static gboolean
choose_offered (HttpOptions *options)
{
  g_autoptr (GError) error = NULL;

  options->offered = mcp_offered_new (options->tools, options->capabilities, &error);
  if (options->offered == NULL)
    return refuse (error->message);
  return !mcp_offered_is_vault (options->offered)
         || refuse ("--tools takes countersign or vouch here: OpaqueVault's go by a file in the "
                    "project of who calls");
}

int
http_options_parse (HttpOptions *options, int argc, char **argv)
{
  static const struct option table[] = {
    { "http", optional_argument, NULL, 'l' },
    { "tls-certificate", required_argument, NULL, 'c' },
    { "tls-key", required_argument, NULL, 'k' },
    { "host", required_argument, NULL, 'n' },
    { "resource", required_argument, NULL, 'r' },
    { "hold", required_argument, NULL, 'w' },
    { "verifiers-only", no_argument, NULL, 'o' },
    { "tools", required_argument, NULL, 't' },
    { "capabilities", required_argument, NULL, 'm' },
    { "socket", required_argument, NULL, 's' },
    { "state-dir", required_argument, NULL, 'd' },
    { "verbose", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    { NULL, 0, NULL, 0 },
  };
  static const char *const own[] = { "localhost", "127.0.0.1", "[::1]", NULL };
  int option, status = -1;

  options->hold_seconds = MCP_HOLD_DEFAULT;
  options->vouch = variable ("VOUCH_ISSUER");
  options->names = g_strv_builder_new ();
  g_strv_builder_addv (options->names, (const char **) own);
  while (status < 0 && (option = getopt_long (argc, argv, "h", table, NULL)) != -1)
    status = take_option (options, option, argv);
  if (status < 0 && optind < argc)
    status = wrong_usage ();
  if (status < 0 && (!check (options) || !choose_offered (options)))
    status = STATUS_USAGE;
  return status;
}

void
http_options_clear (HttpOptions *options)
{
  g_clear_object (&options->listen.address);
  g_clear_pointer (&options->names, g_strv_builder_unref);
  g_strfreev (options->hosts);
  mcp_offered_free (options->offered);
}
