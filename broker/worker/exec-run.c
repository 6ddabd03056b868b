/* SPDX-License-Identifier: MIT */
#include "broker/worker/exec-run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/worker/exec-output.h"
#include "broker/worker/exec-request.h"
#include "broker/worker/seal-calls.h"
#include "broker/worker/seal-files.h"

#define GRACE (2 * G_USEC_PER_SEC)       /* between asking a command to end and ending it */
#define KILL_PAUSE 1000                  /* µs between two looks at whether all have ended */
#define LAST_OUTPUT G_USEC_PER_SEC       /* for what the ended had written */
#define TELL_EVERY (G_USEC_PER_SEC / 10) /* for both streams: 20 notifications a second */

struct _ExecRun
{
  WorkerLink *link;
  gint64 id;
  ExecRequest *request;
  Sandbox *sandbox;
  ExecOutput *out[2];
  gboolean confined; /* we are */
  gboolean ended, timed_out, cancelled, empty;
  int status;
  gint64 deadline; /* then SIGTERM, and, set anew, SIGKILL */
  gint64 tell_at, kill_at, give_up_at;
  gboolean stopping, killing, telling;
};

static const char *
reason_of (const GError *error)
{
  if (error->domain != SANDBOX_ERROR)
    return "system";
  switch ((SandboxError) error->code)
    {
    case SANDBOX_ERROR_FIELD:
      return "params";
    case SANDBOX_ERROR_PROGRAM:
      return "program";
    case SANDBOX_ERROR_CONFINEMENT:
      return "confinement";
    case SANDBOX_ERROR_SYSTEM:
    default:
      return "system";
    }
}

/* --- Starting --- */

static gboolean
make_pipes (int ends[2][2], GError **error)
{
  if (pipe2 (ends[0], O_CLOEXEC) == 0)
    {
      if (pipe2 (ends[1], O_CLOEXEC) == 0)
        return TRUE;
      close (ends[0][0]);
      close (ends[0][1]);
    }
  g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_SYSTEM, "cannot make a pipe: %s",
               g_strerror (errno));
  return FALSE;
}

static gboolean
start (ExecRun *self, gboolean whole, GError **error)
{
  static const char *const names[] = { "stdout", "stderr" };
  int ends[2][2];
  int null = self->request->input >= 0 ? -1 : open ("/dev/null", O_RDONLY | O_CLOEXEC);

  if (!make_pipes (ends, error))
    return FALSE;
  self->request->command.whole = whole;
  self->request->command.fds[0] = null >= 0 ? null : self->request->input;
  for (int i = 0; i < 2; i++)
    {
      self->request->command.fds[i + 1] = ends[i][1];
      self->out[i] = exec_output_new (names[i], ends[i][0], self->request->redactor,
                                      self->request->max_bytes);
    }
  self->sandbox = sandbox_start (&self->request->command, error);
  close (ends[0][1]);
  close (ends[1][1]);
  if (null >= 0)
    close (null);
  return self->sandbox != NULL;
}

ExecRun *
exec_run_new (WorkerLink *link, gint64 id, const json_t *params, gboolean whole)
{
  g_autoptr (ExecRun) self = g_new0 (ExecRun, 1);
  g_autoptr (GError) error = NULL;

  self->link = link;
  self->id = id;
  self->request = exec_request_new (link, params, &error);
  if (self->request == NULL || !start (self, whole, &error))
    {
      worker_link_refuse (link, id, reason_of (error), error->message);
      return NULL;
    }
  self->deadline = g_get_monotonic_time () + self->request->timeout_ms * 1000;
  /* The command has them by now, or nobody. */
  exec_request_forget_values (self->request);
  return g_steal_pointer (&self);
}

void
exec_run_free (ExecRun *self)
{
  if (self == NULL)
    return;
  sandbox_free (self->sandbox);
  for (int i = 0; i < 2; i++)
    exec_output_free (self->out[i]);
  exec_request_free (self->request);
  g_free (self);
}

/* What starts the command needs calls that this process needs no more: from here on it reads what
 * others wrote. Processes are all that it still looks up. */
static gboolean
confine_ourselves (ExecRun *self)
{
  const SealFiles files = { .only = "/proc" };
  int failed = seal_files_version () > 0 ? seal_files (&files) : 0;

  if (failed == 0)
    failed = seal_calls (SEAL_CALLS_WATCHER);
  if (failed != 0)
    {
      g_autofree char *words
          = g_strdup_printf ("the worker cannot confine itself: %s", g_strerror (failed));
      worker_link_refuse (self->link, self->id, "confinement", words);
    }
  self->confined = failed == 0;
  return self->confined;
}

/* --- Answering --- */

static void
add_status (json_t *answer, int status)
{
  if (WIFEXITED (status))
    {
      json_object_set_new (answer, "exit_code", json_integer (WEXITSTATUS (status)));
      return;
    }
  const char *abbreviation = sigabbrev_np (WTERMSIG (status));
  g_autofree char *name = abbreviation != NULL ? g_strconcat ("SIG", abbreviation, NULL)
                                               : g_strdup_printf ("%d", WTERMSIG (status));
  json_object_set_new (answer, "exit_code", json_null ());
  json_object_set_new (answer, "signal", json_string (name));
}

static void
answer (ExecRun *self)
{
  json_t *result = json_object ();
  gboolean truncated = FALSE;

  add_status (result, self->status);
  for (int i = 0; i < 2; i++)
    {
      exec_output_end (self->out[i]);
      exec_output_add_to (self->out[i], result);
      truncated = truncated || exec_output_truncated (self->out[i]);
    }
  json_object_set_new (result, "truncated", json_boolean (truncated));
  json_object_set_new (result, "timed_out", json_boolean (self->timed_out));
  if (self->cancelled)
    json_object_set_new (result, "cancelled", json_true ());
  json_object_set_new (result, "redacted", redactor_counts (self->request->redactor));
  json_object_set_new (result, "confinement", sandbox_confinement (self->sandbox));
  worker_link_answer (self->link, self->id, result);
}

/* --- Running --- */

static void
stop (ExecRun *self)
{
  if (self->stopping || self->ended)
    return;
  self->stopping = TRUE;
  self->deadline = g_get_monotonic_time () + GRACE;
  sandbox_signal (self->sandbox, SIGTERM, FALSE);
}

void
exec_run_cancel (ExecRun *self)
{
  self->cancelled = self->cancelled || !self->ended;
  stop (self);
}

static void
be_ended (ExecRun *self, int status)
{
  self->ended = TRUE;
  self->status = status;
  self->kill_at = 0;
  self->give_up_at = G_MAXINT64;
}

static void
pass_listener (ExecRun *self)
{
  int fd = sandbox_take_listener (self->sandbox);

  if (fd < 0)
    return;
  worker_link_notify (self->link, "listener", json_object (), fd);
  close (fd);
}

/* FALSE: it was refused. */
static gboolean
take_event (ExecRun *self)
{
  g_autoptr (GError) error = NULL;

  switch (sandbox_take (self->sandbox, &error))
    {
    case SANDBOX_CONFINED:
      return confine_ourselves (self);
    case SANDBOX_LISTENS:
      pass_listener (self);
      return TRUE;
    case SANDBOX_FAILED:
      worker_link_refuse (self->link, self->id, reason_of (error), error->message);
      return FALSE;
    case SANDBOX_ENDED:
      be_ended (self, sandbox_status (self->sandbox));
      return TRUE;
    case SANDBOX_NOTHING:
    default:
      return TRUE;
    }
}

/* What is due while it runs. */
static void
look_at_clock (ExecRun *self, gint64 now)
{
  if (now < self->deadline)
    return;
  if (!self->stopping)
    {
      self->timed_out = TRUE;
      stop (self);
    }
  else
    be_ended (self, SIGKILL);
}

/* After its end: until all of its processes and their output are gone. FALSE when done. */
static gboolean
clear_up (ExecRun *self, gint64 now)
{
  if (!self->empty && now >= self->kill_at)
    {
      self->empty = sandbox_kill (self->sandbox);
      self->kill_at = now + KILL_PAUSE;
      if (self->empty)
        self->give_up_at = now + LAST_OUTPUT;
    }
  gboolean silent = exec_output_fd (self->out[0]) < 0 && exec_output_fd (self->out[1]) < 0;
  return !self->empty || (!silent && now < self->give_up_at);
}

static void
tell (ExecRun *self, gint64 now)
{
  if (now < self->tell_at || worker_link_is_full (self->link))
    return;
  gboolean more = exec_output_tell (self->out[0], self->link);
  self->telling = exec_output_tell (self->out[1], self->link) || more;
  self->tell_at = now + TELL_EVERY;
}

int
exec_run_prepare (const ExecRun *self, struct pollfd *polls)
{
  gint64 next = self->ended ? (self->empty ? self->give_up_at : self->kill_at) : self->deadline;

  polls[0] = (struct pollfd){ self->ended ? -1 : sandbox_fd (self->sandbox), POLLIN, 0 };
  for (int i = 0; i < 2; i++)
    polls[i + 1]
        = (struct pollfd){ self->confined ? exec_output_fd (self->out[i]) : -1, POLLIN, 0 };
  if (self->telling)
    next = MIN (next, self->tell_at);
  return (int) CLAMP ((next - g_get_monotonic_time () + 999) / 1000, 0, 60000);
}

gboolean
exec_run_turn (ExecRun *self, const struct pollfd *polls)
{
  for (int i = 0; i < 2; i++)
    if (polls[i + 1].revents != 0)
      {
        exec_output_read (self->out[i]);
        self->telling = TRUE;
      }
  if (polls[0].revents != 0 && !take_event (self))
    return FALSE;
  gint64 now = g_get_monotonic_time ();
  if (!self->ended)
    {
      look_at_clock (self, now);
      tell (self, now);
      return TRUE;
    }
  if (clear_up (self, now))
    return TRUE;
  answer (self);
  return FALSE;
}
