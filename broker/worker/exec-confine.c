/* SPDX-License-Identifier: MIT */
#include "broker/worker/exec-confine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/base/wire.h"
#include "broker/start/harden.h"
#include "broker/worker/sandbox-control.h"
#include "broker/worker/sandbox.h"
#include "broker/worker/seal-calls.h"

#define NAME "countersign run: "

enum
{
  OWN_FAILURE = 125,
  NOT_EXECUTABLE = 126,
  NOT_FOUND = 127
};

/* Those that a person or a program sends to us alone, meaning the command. */
static const int passed_on[]
    = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT, SIGWINCH };

typedef struct
{
  GPtrArray *write, *hide; /* of char*, borrowed */
  SandboxReach reach;      /* host NULL: nothing */
} Options;

static int
fail (int status, const char *message)
{
  g_printerr (NAME "%s\n", message);
  return status;
}

static int
block_signals (void)
{
  sigset_t set;

  sigemptyset (&set);
  for (gsize i = 0; i < G_N_ELEMENTS (passed_on); i++)
    sigaddset (&set, passed_on[i]);
  sigprocmask (SIG_BLOCK, &set, NULL);
  return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* What the kernel sends comes from the terminal, and to the whole group: the command has it. */
static void
pass_signals (Sandbox *sandbox, int fd)
{
  struct signalfd_siginfo info;

  while (read (fd, &info, sizeof info) == sizeof info)
    if (info.ssi_code != SI_KERNEL)
      sandbox_signal (sandbox, (int) info.ssi_signo, TRUE);
}

static int
status_of (const Sandbox *sandbox)
{
  int status = sandbox_status (sandbox);

  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

/* To whoever carries what comes in there, who alone has it from then on: so does its end close it.
 */
static gboolean
hand_over (Sandbox *sandbox, const SandboxReach *reach)
{
  int listener = sandbox_take_listener (sandbox);
  gboolean sent = control_send (reach->program, CONTROL_LISTENS, NULL, 0, listener);

  close (listener);
  return sent;
}

static int
watch (Sandbox *sandbox, const SandboxReach *reach, int signals)
{
  struct pollfd polls[] = { { sandbox_fd (sandbox), POLLIN, 0 }, { signals, POLLIN, 0 } };

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      poll (polls, G_N_ELEMENTS (polls), -1);
      if (polls[1].revents != 0)
        pass_signals (sandbox, signals);
      if (polls[0].revents == 0)
        continue;
      switch (sandbox_take (sandbox, &error))
        {
        case SANDBOX_FAILED:
          return fail (error->code == SANDBOX_ERROR_PROGRAM ? NOT_EXECUTABLE : OWN_FAILURE,
                       error->message);
        case SANDBOX_ENDED:
          return status_of (sandbox);
        case SANDBOX_LISTENS:
          if (!hand_over (sandbox, reach))
            return fail (OWN_FAILURE, "the way to the service was closed before it was used: its "
                                      "approval has ended; start it again");
          break;
        case SANDBOX_CONFINED:
        case SANDBOX_NOTHING:
        default:
          break;
        }
    }
}

static gboolean
parse_number (const char *text, int max, int *number)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 0, (guint64) max, &value, NULL))
    return FALSE;
  *number = (int) value;
  return TRUE;
}

static gboolean
parse_one (const char *word, Options *options)
{
  const char *value = strchr (word, '=');
  int number;

  if (value++ == NULL)
    return FALSE;
  if (g_str_has_prefix (word, "--write="))
    g_ptr_array_add (options->write, (char *) value);
  else if (g_str_has_prefix (word, "--hide="))
    g_ptr_array_add (options->hide, (char *) value);
  else if (g_str_has_prefix (word, "--reach="))
    options->reach.host = value;
  else if (g_str_has_prefix (word, "--port=") && parse_number (value, G_MAXUINT16, &number))
    options->reach.port = (guint16) number;
  else
    return g_str_has_prefix (word, "--program=")
           && parse_number (value, G_MAXINT, &options->reach.program);
  return TRUE;
}

/* Up to "--". What follows, or NULL. */
static char **
parse (char **argv, Options *options)
{
  for (; *argv != NULL && strcmp (*argv, "--") != 0; argv++)
    if (!parse_one (*argv, options))
      return NULL;
  if ((options->reach.host != NULL) != (options->reach.port > 0 && options->reach.program > 2))
    return NULL;
  return *argv != NULL && argv[1] != NULL ? argv + 1 : NULL;
}

static int
run (char **command_argv, const Options *options)
{
  g_autofree char *work_dir = realpath (".", NULL); /* $PWD may go through links */
  g_autoptr (GError) error = NULL;
  struct stat st;

  if (work_dir == NULL)
    return fail (OWN_FAILURE, "the working directory is gone");
  if (stat (command_argv[0], &st) != 0)
    return fail (errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE, g_strerror (errno));
  g_ptr_array_add (options->write, NULL);
  g_ptr_array_add (options->hide, NULL);
  const SandboxCommand command = { .program = command_argv[0],
                                   .device = st.st_dev,
                                   .inode = st.st_ino,
                                   .changed = sandbox_changed (&st),
                                   .argv = (const char *const *) command_argv,
                                   .env = (const char *const *) environ,
                                   .work_dir = work_dir,
                                   .write = (const char *const *) options->write->pdata,
                                   .hide = (const char *const *) options->hide->pdata,
                                   .reach_host = options->reach.host,
                                   .reach_port = options->reach.port,
                                   .fds = { 0, 1, 2 },
                                   .session = TRUE,
                                   .whole = TRUE };
  int signals = block_signals ();
  g_autoptr (Sandbox) sandbox = sandbox_start (&command, &error);
  return sandbox != NULL ? watch (sandbox, &options->reach, signals)
                         : fail (OWN_FAILURE, error->message);
}

int
exec_confine (int argc, char **argv)
{
  g_autoptr (GPtrArray) write = g_ptr_array_new (), hide = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  Options options = { .write = write, .hide = hide };
  char **command = parse (argv + 2, &options);

  /* What the command starts must not be able to keep its way open. */
  if (command == NULL
      || (options.reach.host != NULL && fcntl (options.reach.program, F_SETFD, FD_CLOEXEC) != 0))
    return fail (OWN_FAILURE, "--confine is for `countersign run --sandbox`");
  wire_init ();
  /* Our environment holds what the command is given. */
  if (!harden_process (&error))
    return fail (OWN_FAILURE, error->message);
  int failed = seal_calls (SEAL_CALLS_WORKER);
  return failed == 0 ? run (command, &options) : fail (OWN_FAILURE, g_strerror (failed));
}
