/* SPDX-License-Identifier: MIT
 *
 * countersignd: the broker's beginning and end.
 */
#include <fcntl.h>
#include <glib-unix.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/base/paths.h"
#include "broker/control.h"
#include "broker/harden.h"
#include "broker/request.h"
#include "broker/seat.h"
#include "broker/server.h"

#ifdef __SANITIZE_ADDRESS__
/* The leak check traces its own process, which one that is not dumpable does not allow. */
const char *__asan_default_options (void);
const char *
__asan_default_options (void)
{
  return "detect_leaks=0";
}
#endif

#define IDLE_SECONDS                                                                               \
  60 /* after which a broker that was never unlocked ends when nobody is connected */

typedef struct
{
  Loop *loop;
  Vault *vault;
  Places *places;
  Server *server;
  int seat;
  int status;
  Deadline idle, quit;
} Broker;

typedef struct
{
  int control_fd;
  int deadline;
  char *state_dir;
} Options;

static gboolean
parse_options (int argc, char **argv, Options *options)
{
  gboolean version = FALSE;
  const GOptionEntry entries[]
      = { { "control-fd", 0, 0, G_OPTION_ARG_INT, &options->control_fd,
            "Take one call from this descriptor (used by countersign init and unlock)", "N" },
          { "deadline", 0, 0, G_OPTION_ARG_INT, &options->deadline,
            "Seconds that a request waits for a person (1 to 3600; 300)", "SECONDS" },
          { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->state_dir,
            "Keep configuration, store, audit trail and sockets below this folder", "DIR" },
          { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (
      context, "The Countersign broker. People start it with `countersign init` and `countersign "
               "unlock`;\nstarted otherwise it holds no key and answers that it is locked.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1 || options->deadline < 1
      || options->deadline > 3600)
    {
      g_printerr ("countersignd: %s\nTry `countersignd --help`.\n",
                  error != NULL ? error->message
                  : argc > 1    ? "takes no arguments"
                                : "--deadline must be from 1 to 3600");
      exit (2);
    }
  if (version)
    g_print ("countersignd %s\n", COUNTERSIGN_VERSION);
  return !version;
}

static void
on_quit (gpointer data)
{
  loop_quit (((Broker *) data)->loop);
}

/* On the next turn: what was answered just now is still sent. */
static void
leave (gpointer data)
{
  Broker *self = data;
  loop_deadline_set (self->loop, &self->quit, loop_now ());
}

static void
give_up (gpointer data)
{
  Broker *self = data;
  self->status = 1;
  leave (self);
}

static gboolean
on_signal (gpointer data)
{
  vault_leave (((Broker *) data)->vault, FALSE, NULL);
  return G_SOURCE_CONTINUE;
}

static void
on_idle (gpointer data)
{
  Broker *self = data;

  if (!self->vault->was_unlocked && conn_hub_count (self->vault->hub) == 0)
    leave (self);
  else if (!self->vault->was_unlocked)
    loop_deadline_set (self->loop, &self->idle, loop_now () + IDLE_SECONDS * G_USEC_PER_SEC);
}

static gboolean
serve (gpointer data, GError **error)
{
  Broker *self = data;
  self->server = server_new (self->vault, self->places->runtime_dir, error);
  return self->server != NULL;
}

/* Without a person's passphrase: holds calls, tells how to unlock, ends when nobody needs it. */
static gboolean
start_locked (Broker *self, GError **error)
{
  Vault *vault = self->vault;
  g_autoptr (GError) unreadable = NULL;

  if (!paths_make_private (self->places->runtime_dir, error)
      || (self->seat = seat_take (self->places->runtime_dir, error)) < 0)
    return FALSE;
  vault->store = store_open (self->places->store_path, vault->writer, &unreadable);
  if (!g_error_matches (unreadable, STORE_ERROR, STORE_ERROR_MISSING))
    vault->state = VAULT_LOCKED;
  if (unreadable != NULL && vault->state == VAULT_LOCKED)
    g_printerr ("countersignd: %s\n", unreadable->message); /* `countersign unlock` says so too */
  loop_deadline_set (self->loop, &self->idle, loop_now () + IDLE_SECONDS * G_USEC_PER_SEC);
  return serve (self, error);
}

static gboolean
start_controlled (Broker *self, int fd, GError **error)
{
  ControlSetup setup = { .vault = self->vault,
                         .places = self->places,
                         .seat = &self->seat,
                         .serve = serve,
                         .give_up = give_up,
                         .user = self };

  if (fcntl (fd, F_SETFD, FD_CLOEXEC) != 0)
    {
      g_set_error (error, SEAT_ERROR, SEAT_ERROR_SYSTEM, "--control-fd %d is not open", fd);
      return FALSE;
    }
  return control_start (&setup, fd, error);
}

static gboolean
start (Broker *self, const Options *options, GError **error)
{
  self->loop = loop_new (error);
  self->vault = self->loop != NULL ? vault_new (self->loop, error) : NULL;
  if (self->vault == NULL)
    return FALSE;
  self->places = places_new ();
  self->quit = (Deadline){ .due = on_quit, .data = self };
  self->idle = (Deadline){ .due = on_idle, .data = self };
  self->vault->hold_limit = options->deadline;
  self->vault->on_leave = leave;
  self->vault->user = self;
  g_unix_signal_add (SIGTERM, on_signal, self);
  g_unix_signal_add (SIGINT, on_signal, self);
  g_unix_signal_add (SIGHUP, on_signal, self);
  return options->control_fd >= 0 ? start_controlled (self, options->control_fd, error)
                                  : start_locked (self, error);
}

/* Sockets first, seat last: whoever comes next finds either all of us or nothing. */
static void
finish (Broker *self)
{
  server_free (self->server);
  vault_free (self->vault);
  loop_free (self->loop);
  places_free (self->places);
  if (self->seat >= 0)
    close (self->seat);
}

/* Who waits for an answer over the control socket is told why there will be none. What it sent is
 * read: closed with that unread, the socket would reset and take the answer with it. */
static void
refuse_on (int fd, const char *message)
{
  struct pollfd wait = { .fd = fd, .events = POLLIN };
  char ignored[4096];

  g_autoptr (json_t) answer = json_pack ("{s:s, s:n, s:{s:i, s:s}}", "jsonrpc", "2.0", "id",
                                         "error", "code", RPC_FAILED, "message", message);
  gsize len;
  char *text = wire_dump (answer, &len);
  if (fd >= 0 && send (fd, text, len, MSG_NOSIGNAL) > 0 && shutdown (fd, SHUT_WR) == 0)
    while (poll (&wait, 1, 1000) > 0 && recv (fd, ignored, sizeof ignored, 0) > 0)
      ;
  explicit_bzero (ignored, sizeof ignored);
  wire_text_free (text, len);
}

int
main (int argc, char **argv)
{
  Options options = { .control_fd = -1, .deadline = 300 };
  Broker broker = { .seat = -1 };
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  wire_init ();
  if (!parse_options (argc, argv, &options))
    return 0;
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN); /* a file-size limit refuses like a full disk, instead of killing */
  if (options.state_dir != NULL)
    paths_set_root (options.state_dir);
  if (!harden_process (&error) || !secret_init (&error) || !start (&broker, &options, &error))
    {
      gboolean there = g_error_matches (error, SEAT_ERROR, SEAT_ERROR_TAKEN);
      g_printerr ("countersignd: %s\n", error->message);
      refuse_on (options.control_fd, error->message);
      finish (&broker);
      return there ? 0 : 1;
    }
  loop_run (broker.loop);
  finish (&broker);
  return broker.status;
}
