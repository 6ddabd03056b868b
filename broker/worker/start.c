/* SPDX-License-Identifier: MIT */
#include "broker/worker/start.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/base/secret.h"
#include "broker/base/wire.h"
#include "broker/start/harden.h"
#include "broker/worker/listen.h"
#include "broker/worker/wiping.h"

#ifdef __SANITIZE_ADDRESS__
/* The leak check traces its own process, which one that is not dumpable does not allow. */
const char *__asan_default_options (void);
const char *
__asan_default_options (void)
{
  return "detect_leaks=0";
}
#endif

static void
fail (const char *name, int status, const char *message)
{
  g_printerr ("%s: %s\n", name, message);
  exit (status);
}

typedef struct
{
  int fd;
  gboolean listen;
  char *unit;
} Options;

static Options
parse_options (int argc, char **argv, const char *name, const char *about)
{
  gboolean version = FALSE;
  Options options = { 0 };
  const GOptionEntry entries[]
      = { { "fd", 0, 0, G_OPTION_ARG_INT, &options.fd, "The socket to the broker (0)", "N" },
          { "listen", 0, 0, G_OPTION_ARG_NONE, &options.listen,
            "Begin a worker for each connection to the socket that systemd passes", NULL },
          { "unit", 0, 0, G_OPTION_ARG_STRING, &options.unit,
            "With --listen: take connections of this unit's processes alone", "UNIT" },
          { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (context, about);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1
      || (options.unit != NULL && !options.listen))
    {
      g_printerr ("%s: %s\nTry `%s --help`.\n", name,
                  error != NULL ? error->message
                  : argc > 1    ? "takes no arguments"
                                : "--unit goes with --listen",
                  name);
      exit (2);
    }
  if (version)
    {
      g_print ("%s %s\n", name, COUNTERSIGN_VERSION);
      exit (0);
    }
  return options;
}

static gboolean
is_stream_socket (int fd)
{
  int type = 0;
  socklen_t len = sizeof type;

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

int
worker_start (int argc, char **argv, const char *name, const char *about, guint grace)
{
  g_autoptr (GError) error = NULL;
  const Options options = parse_options (argc, argv, name, about);

  if (options.listen)
    {
      if (!harden_process (&error))
        fail (name, 1, error->message);
      exit (worker_listen (name, options.unit, grace));
    }
  /* Libraries take proxies, key logs, resolver options and more from there. */
  clearenv ();
  if (!is_stream_socket (options.fd))
    fail (name, 2, "is started by the broker, with a socket to it; people have no use for it");
  if (!harden_process (&error))
    fail (name, 1, error->message);
  if (!wiping_openssl ())
    fail (name, 1, "cannot see to it that OpenSSL wipes what it frees");
  wire_init ();
  if (!secret_init (&error))
    fail (name, 1, error->message);
  return options.fd;
}
