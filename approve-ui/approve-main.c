/* SPDX-License-Identifier: MIT
 *
 * countersign-approve: shows requests in windows and sends back what a person decides. The broker
 * starts it.
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

#include "approve-ui/approve.h"
#include "approve-ui/i18n.h"
#include "approve-ui/look.h"
#include "broker/base/secret.h"

typedef struct
{
  int broker_fd;
  gboolean window, version;
} Options;

typedef struct
{
  GMainLoop *loop;
  int status;
} Run;

/* A PIN is typed here, so nobody may look into this process; nothing it starts may become more than
 * it is. */
static gboolean
harden (void)
{
  const struct rlimit none = { 0, 0 };

  return prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && setrlimit (RLIMIT_CORE, &none) == 0
         && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

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

static gboolean
read_options (Options *options, int *argc, char ***argv)
{
  const GOptionEntry entries[]
      = { { "broker-fd", 0, 0, G_OPTION_ARG_INT, &options->broker_fd,
            "The descriptor on which the broker speaks", "N" },
          { "window", 0, 0, G_OPTION_ARG_NONE, &options->window, "Show the main window at once",
            NULL },
          { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Show the version", NULL },
          G_OPTION_ENTRY_NULL };
  g_autoptr (GOptionContext) context
      = g_option_context_new ("— shows requests and sends back what a person decides");
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (
      context, "The broker starts this program where it has a display. To see its main window, run "
               "`countersign ui`.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    return fail ("%s; see countersign-approve --help", error->message);
  if (*argc > 1)
    return fail ("%s is not an option; see countersign-approve --help", (*argv)[1]);
  if (!options->version && options->broker_fd < 3)
    return fail ("--broker-fd is missing: the broker starts this program; for its main window run "
                 "`countersign ui`");
  return TRUE;
}

static gboolean
is_socket (int fd)
{
  struct sockaddr_un address;
  socklen_t len = sizeof address;

  return getsockname (fd, (struct sockaddr *) &address, &len) == 0 && address.sun_family == AF_UNIX;
}

static void
on_ended (gpointer user, const GError *error)
{
  Run *run = user;

  /* The broker that went is no failure of ours. */
  if (error != NULL && !g_error_matches (error, CLIENT_ERROR, CLIENT_ERROR_CLOSED))
    {
      fail ("%s", error->message);
      run->status = 1;
    }
  g_main_loop_quit (run->loop);
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
  Run running = { loop, 0 };
  g_autoptr (GError) error = NULL;
  Client *client = client_adopt (options->broker_fd, CLIENT_HUMAN, &error);

  if (client == NULL)
    return fail ("%s", error->message) ? 0 : 1;
  look_init ();
  Approve *approve = approve_new (client, on_ended, &running);
  if (options->window)
    approve_raise (approve);
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  g_unix_signal_add (SIGHUP, on_signal, loop);
  g_main_loop_run (loop);
  approve_free (approve);
  return running.status;
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
  if (!is_socket (options.broker_fd) || fcntl (options.broker_fd, F_SETFD, FD_CLOEXEC) != 0
      || fcntl (options.broker_fd, F_SETFL, O_NONBLOCK) != 0)
    return fail ("--broker-fd %d is no socket", options.broker_fd) ? 0 : 2;
  wire_init ();
  if (!harden ())
    return fail ("cannot be shielded: %s", g_strerror (errno)) ? 0 : 1;
  if (!secret_init (&error))
    return fail ("%s", error->message) ? 0 : 1;
  if (!gtk_init_check ())
    return fail ("there is no display to draw on") ? 0 : 1;
  g_set_application_name ("Countersign");
  gtk_window_set_default_icon_name ("org.countersign.Approve");
  return run (&options);
}
