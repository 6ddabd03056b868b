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
#include "broker/human/notify.h"
#include "broker/request/request.h"
#include "broker/serve/server.h"
#include "broker/start/confine.h"
#include "broker/start/control.h"
#include "broker/start/harden.h"
#include "broker/start/seat.h"
#include "broker/start/system.h"

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
  ControlSetup control;
  int seat;
  int status;
  Deadline idle, quit;
} Broker;

typedef struct
{
  int control_fd;
  int deadline;
  char *state_dir, *runtime_dir;
  gboolean system;
  char *person;
} Options;

/* NULL: they go together. */
static const char *
what_is_wrong (const Options *options)
{
  if (options->deadline < 1 || options->deadline > 3600)
    return "--deadline must be from 1 to 3600";
  if (options->system != (options->person != NULL))
    return "--system and --for USER go together";
  if (!options->system && options->runtime_dir != NULL)
    return "--runtime-dir goes with --system";
  if (options->system && options->control_fd >= 0)
    return "--control-fd does not go with --system: there is control.sock";
  return NULL;
}

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
            "Keep configuration, store, audit trail and sockets below this folder; with --system "
            "store and trail in it",
            "DIR" },
          { "system", 0, 0, G_OPTION_ARG_NONE, &options->system,
            "Be one person's broker under a uid of its own (see countersign@.service)", NULL },
          { "for", 0, 0, G_OPTION_ARG_STRING, &options->person, "With --system: whose", "USER" },
          { "runtime-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->runtime_dir,
            "With --system: where the sockets are", "DIR" },
          { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
          { NULL } };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (
      context, "The Countersign broker. People start it with `countersign init` and `countersign "
               "unlock`;\nstarted otherwise it holds no key and answers that it is locked.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1
      || what_is_wrong (options) != NULL)
    {
      g_printerr ("countersignd: %s\nTry `countersignd --help`.\n", error != NULL ? error->message
                                                                    : argc > 1
                                                                        ? "takes no arguments"
                                                                        : what_is_wrong (options));
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

/* Holds calls, and tells how to unlock. */
static gboolean
sit_down_locked (Broker *self, GError **error)
{
  Vault *vault = self->vault;
  g_autoptr (GError) unreadable = NULL;

  if ((self->seat = seat_take (self->places->runtime_dir, error)) < 0)
    return FALSE;
  vault->store = store_open (self->places->store_path, vault->writer, &unreadable);
  if (!g_error_matches (unreadable, STORE_ERROR, STORE_ERROR_MISSING))
    vault->state = VAULT_LOCKED;
  if (unreadable != NULL && vault->state == VAULT_LOCKED)
    g_printerr ("countersignd: %s\n", unreadable->message); /* `countersign unlock` says so too */
  return serve (self, error);
}

/* Without a person's passphrase: ends when nobody needs it. */
static gboolean
start_locked (Broker *self, GError **error)
{
  self->places = places_new ();
  if (!paths_make_private (self->places->runtime_dir, error) || !sit_down_locked (self, error))
    return FALSE;
  loop_deadline_set (self->loop, &self->idle, loop_now () + IDLE_SECONDS * G_USEC_PER_SEC);
  return TRUE;
}

static gboolean
start_controlled (Broker *self, int fd, GError **error)
{
  self->places = places_new ();
  self->control = (ControlSetup){ .vault = self->vault,
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
  return control_start (&self->control, fd, error);
}

static gboolean
go_on (gpointer data, GError **error)
{
  Broker *self = data;

  notify_state (self->vault);
  requests_go_on (self->vault->requests);
  notify_count (self->vault);
  return TRUE;
}

static void
on_control (gpointer data, int fd, Process *peer)
{
  control_accept (&((Broker *) data)->control, fd, peer);
}

/* For one person, from the start of the machine on; locked and unlocked in this one process. */
static gboolean
start_system (Broker *self, const Options *options, uid_t uid, GError **error)
{
  const SystemOptions where = { options->person, options->state_dir, options->runtime_dir };

  self->vault->system = TRUE;
  self->vault->uid = uid;
  self->places = system_places (&where, uid, error);
  if (self->places == NULL)
    return FALSE;
  self->control = (ControlSetup){
    .vault = self->vault, .places = self->places, .seat = &self->seat, .serve = go_on, .user = self
  };
  if (!sit_down_locked (self, error)
      || !server_add_control (self->server, self->places->runtime_dir, on_control, self, error))
    return FALSE;
  system_ready ();
  return TRUE;
}

/* Whom the system broker is for is looked up before it confines itself, and that before there is a
 * thread. */
static gboolean
become_system (const Options *options, uid_t *uid, WorkerSockets **workers, GError **error)
{
  if (!options->system)
    return TRUE;
  process_compare_with_first ();
  if (!system_person (options->person, uid, error))
    return FALSE;
  *workers = worker_sockets_new (options->person, *uid);
  return confine_process (error);
}

static gboolean
start (Broker *self, const Options *options, GError **error)
{
  WorkerSockets *workers = NULL;
  uid_t uid = 0;

  self->loop = loop_new (error);
  self->vault = self->loop != NULL && become_system (options, &uid, &workers, error)
                    ? vault_new (self->loop, error)
                    : NULL;
  if (self->vault == NULL)
    {
      worker_sockets_free (workers);
      return FALSE;
    }
  self->vault->worker_sockets = workers;
  self->quit = (Deadline){ .due = on_quit, .data = self };
  self->idle = (Deadline){ .due = on_idle, .data = self };
  self->vault->hold_limit = options->deadline;
  self->vault->on_leave = leave;
  self->vault->user = self;
  g_unix_signal_add (SIGTERM, on_signal, self);
  g_unix_signal_add (SIGINT, on_signal, self);
  g_unix_signal_add (SIGHUP, on_signal, self);
  if (options->system)
    return start_system (self, options, uid, error);
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
  if (options.state_dir != NULL && !options.system)
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
