/* SPDX-License-Identifier: MIT
 *
 * countersign-approve: shows requests in windows and sends back what a person decides. The broker
 * starts it, with a connection; or a person does, beside a broker that has no display (in system
 * mode), and it opens one.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <gtk/gtk.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "approve-ui/dialog/approve.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/dialog/look.h"
#include "broker/base/display.h"
#include "broker/base/paths.h"
#include "broker/base/secret.h"
#include "broker/base/tracer.h"
#include "broker/client/client-system.h"

#ifdef __SANITIZE_ADDRESS__
/* GTK and fontconfig keep much until the end; what is theirs cannot be told from what is ours. */
int __lsan_is_turned_off (void);
int
__lsan_is_turned_off (void)
{
  return 1;
}
#endif

typedef struct
{
  int broker_fd;
  gboolean window, version, clean;
  char *socket, *state_dir;
} Options;

#define AGAIN_SECONDS 5

typedef struct
{
  const Options *options;
  GMainLoop *loop;
  Approve *approve; /* NULL: not connected */
  int status;
} Run;

static gboolean fail (const char *format, ...) G_GNUC_PRINTF (1, 2);

static gboolean
fail (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  g_printerr ("countersign-approve: %s\n", text);
  return FALSE;
}

/* A PIN is typed here, so nobody may look into this process, nor have begun to before it could say
 * so; nothing it starts may become more than it is. */
static gboolean
harden (void)
{
  const struct rlimit none = { 0, 0 };
  int tracer;

  if (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit (RLIMIT_CORE, &none) != 0
      || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return fail ("cannot be shielded: %s", g_strerror (errno));
  tracer = tracer_pid ();
  return tracer == 0
         || fail ("refuses to start: traced by process %d, which could read the PIN", tracer);
}

static gboolean
read_options (Options *options, int *argc, char ***argv)
{
  const GOptionEntry entries[]
      = { { "broker-fd", 0, 0, G_OPTION_ARG_INT, &options->broker_fd,
            "The descriptor on which the broker speaks, which has started this program", "N" },
          { "socket", 0, 0, G_OPTION_ARG_FILENAME, &options->socket,
            "The broker's human.sock, instead of the usual place", "PATH" },
          { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->state_dir,
            "The broker that has everything below DIR", "DIR" },
          { "clean", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &options->clean, NULL, NULL },
          { "window", 0, 0, G_OPTION_ARG_NONE, &options->window, "Show the main window at once",
            NULL },
          { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Show the version", NULL },
          G_OPTION_ENTRY_NULL };
  g_autoptr (GOptionContext) context
      = g_option_context_new ("— shows requests and sends back what a person decides");
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (
      context, "The broker starts this program where it has a display; `countersign ui` shows its "
               "main window. A broker in system mode has none: there a person starts it, best with "
               "the session, and it waits for requests.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    return fail ("%s; see countersign-approve --help", error->message);
  if (*argc > 1)
    return fail ("%s is not an option; see countersign-approve --help", (*argv)[1]);
  if (options->broker_fd != -1 && (options->socket != NULL || options->state_dir != NULL))
    return fail ("--broker-fd goes without --socket and --state-dir");
  return TRUE;
}

static gboolean
is_socket (int fd)
{
  struct sockaddr_un address;
  socklen_t len = sizeof address;

  return getsockname (fd, (struct sockaddr *) &address, &len) == 0 && address.sun_family == AF_UNIX;
}

/* The same program again, with an environment in which no file of the user's changes what a card
 * shows. Returns only when that fails. */
static int
start_clean (const Options *options)
{
  g_auto (GStrv) own = g_get_environ (), environment = display_environment (own);
  g_autofree char *socket = NULL, *path = NULL;
  const char *arguments[] = {
    "countersign-approve", "--clean", "--socket", NULL, options->window ? "--window" : NULL, NULL
  };

  if (!display_is_there (own))
    return fail ("there is no display to draw on") ? 0 : 1;
  if (options->state_dir != NULL)
    {
      g_autofree char *root = g_canonicalize_filename (options->state_dir, NULL);
      paths_set_root (root);
    }
  else if (options->socket == NULL && !client_is_system (NULL))
    return fail (
               "there is no broker in system mode here; any other starts this program itself, and "
               "`countersign ui` shows its window")
               ? 0
               : 3;
  socket
      = options->socket != NULL ? g_strdup (options->socket) : client_default_socket (CLIENT_HUMAN);
  arguments[3] = path = g_canonicalize_filename (socket, NULL);
  execve ("/proc/self/exe", (char **) arguments, environment);
  return fail ("cannot start itself again: %s", g_strerror (errno)) ? 0 : 1;
}

static gboolean connect_again (gpointer user);

static void
on_ended (gpointer user, const GError *error)
{
  Run *run = user;

  /* The broker that went is no failure of ours; whoever was not started by it waits for the next.
   */
  if (run->options->broker_fd == -1)
    {
      g_idle_add (connect_again, run);
      return;
    }
  if (error != NULL && !g_error_matches (error, CLIENT_ERROR, CLIENT_ERROR_CLOSED))
    {
      fail ("%s", error->message);
      run->status = 1;
    }
  g_main_loop_quit (run->loop);
}

static gboolean
begin (Run *run, GError **error)
{
  const Options *options = run->options;
  gboolean registered = options->broker_fd == -1;
  Client *client = registered ? client_open (CLIENT_HUMAN, options->socket, NULL, error)
                              : client_adopt (options->broker_fd, CLIENT_HUMAN, error);

  if (client == NULL)
    return FALSE;
  run->approve = approve_new (client, registered, on_ended, run);
  return TRUE;
}

static gboolean
connect_again (gpointer user)
{
  Run *run = user;

  g_clear_pointer (&run->approve, approve_free);
  if (!begin (run, NULL))
    g_timeout_add_seconds (AGAIN_SECONDS, connect_again, run);
  return G_SOURCE_REMOVE;
}

static gboolean
on_signal (gpointer user)
{
  g_main_loop_quit (user);
  return G_SOURCE_CONTINUE;
}

static int
run (const Options *options)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Run running = { options, loop, NULL, 0 };
  g_autoptr (GError) error = NULL;

  look_init ();
  if (!begin (&running, &error))
    {
      if (options->broker_fd != -1 || options->window
          || !g_error_matches (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE))
        return fail ("%s", error->message) ? 0 : 3;
      g_timeout_add_seconds (AGAIN_SECONDS, connect_again, &running);
    }
  if (options->window)
    approve_raise (running.approve);
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  g_unix_signal_add (SIGHUP, on_signal, loop);
  g_main_loop_run (loop);
  approve_free (running.approve);
  return running.status;
}

static gboolean
take_descriptor (int fd)
{
  return is_socket (fd) && fcntl (fd, F_SETFD, FD_CLOEXEC) == 0
         && fcntl (fd, F_SETFL, O_NONBLOCK) == 0;
}

int
main (int argc, char **argv)
{
  Options options = { .broker_fd = -1 };
  g_autoptr (GError) error = NULL;

  i18n_init ();
  gtk_disable_setlocale ();
  g_set_prgname ("countersign-approve");
  if (!read_options (&options, &argc, &argv))
    return 2;
  if (options.version)
    {
      g_print ("countersign-approve %s\n", COUNTERSIGN_VERSION);
      return 0;
    }
  if (options.broker_fd == -1 && !options.clean)
    return start_clean (&options);
  if (options.broker_fd != -1 && !take_descriptor (options.broker_fd))
    return fail ("--broker-fd %d is no socket", options.broker_fd) ? 0 : 2;
  wire_init ();
  if (!harden ())
    return 1;
  if (!secret_init (&error))
    return fail ("%s", error->message) ? 0 : 1;
  if (!gtk_init_check ())
    return fail ("there is no display to draw on") ? 0 : 1;
  g_set_application_name ("Countersign");
  gtk_window_set_default_icon_name ("org.countersign.Approve");
  return run (&options);
}
