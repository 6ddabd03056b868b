/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-options.h"

#include "broker/base/paths.h"
#include "mcp/http/http-usage.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_USAGE 2

static const char usage[]
    = "usage: countersign-mcp --http ADDR:PORT [--tls-certificate FILE --tls-key FILE]\n"
      "                       [--host NAME]... [--socket PATH] [--state-dir DIR] [--verbose]\n"
      "\n"
      "Serves those who verify minted tokens: keys, metadata, introspection and "
      "revocation.\n" HTTP_USAGE "  --socket PATH          the broker's agent.sock\n"
      "  --state-dir DIR        where configuration, store and sockets are, when not in the\n"
      "                         usual places\n"
      "  --verbose              tell on standard error what is asked for, never what was\n"
      "                         passed\n"
      "  --help                 this text\n"
      "  --version              the version\n"
      "Exit status: 0 it was told to end (SIGTERM), 1 it could not begin, 2 wrong usage.\n";

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
  g_strv_builder_add (options->names, host);
  return TRUE;
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
check (HttpOptions *options, gboolean named)
{
  if (options->listen.address == NULL)
    return refuse ("--http ADDR:PORT is missing");
  if ((options->listen.certificate == NULL) != (options->listen.key == NULL))
    return refuse ("--tls-certificate and --tls-key come together");
  if (!is_loopback (options) && options->listen.certificate == NULL)
    return refuse ("others reach that address: it needs --tls-certificate and --tls-key. Behind a "
                   "proxy that speaks TLS, serve 127.0.0.1 instead");
  if (!is_loopback (options) && !named)
    return refuse ("others reach that address: say what they call it, with --host NAME");
  options->hosts = g_strv_builder_end (options->names);
  return TRUE;
}

/* -1: go on. */
static int
take_option (HttpOptions *options, int option, gboolean *named)
{
  switch (option)
    {
    case 'l':
      return take_address (options, optarg) ? -1 : STATUS_USAGE;
    case 'c':
      options->listen.certificate = optarg;
      return -1;
    case 'k':
      options->listen.key = optarg;
      return -1;
    case 'n':
      *named = TRUE;
      return take_host (options, optarg) ? -1 : STATUS_USAGE;
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

int
http_options_parse (HttpOptions *options, int argc, char **argv)
{
  static const struct option table[] = {
    { "http", required_argument, NULL, 'l' },
    { "tls-certificate", required_argument, NULL, 'c' },
    { "tls-key", required_argument, NULL, 'k' },
    { "host", required_argument, NULL, 'n' },
    { "socket", required_argument, NULL, 's' },
    { "state-dir", required_argument, NULL, 'd' },
    { "verbose", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    { NULL, 0, NULL, 0 },
  };
  static const char *const own[] = { "localhost", "127.0.0.1", "[::1]", NULL };
  gboolean named = FALSE;
  int option, status = -1;

  options->names = g_strv_builder_new ();
  g_strv_builder_addv (options->names, (const char **) own);
  while (status < 0 && (option = getopt_long (argc, argv, "h", table, NULL)) != -1)
    status = take_option (options, option, &named);
  if (status < 0 && optind < argc)
    status = wrong_usage ();
  if (status < 0 && !check (options, named))
    status = STATUS_USAGE;
  return status;
}

void
http_options_clear (HttpOptions *options)
{
  g_clear_object (&options->listen.address);
  g_clear_pointer (&options->names, g_strv_builder_unref);
  g_strfreev (options->hosts);
}
