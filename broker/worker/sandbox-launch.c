/* SPDX-License-Identifier: MIT */
#include "broker/worker/sandbox-private.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/worker/sandbox-control.h"
#include "broker/worker/sandbox-tell.h"

#define UP_PATIENCE 10000 /* ms: a mount that hangs is no reason to wait for ever */
#define ATTEMPTS 20

static void
close_fd (gpointer fd)
{
  close (*(int *) fd);
}

static gboolean
launch (Sandbox *self, const SandboxStart *base, const SandboxCommand *command,
        const SandboxPaths *paths, GError **error)
{
  g_autoptr (GArray) kept = g_array_new (FALSE, FALSE, sizeof (int));
  SandboxStart start = *base;
  int pair[2];

  g_array_set_clear_func (kept, close_fd);
  start.kept = kept;
  start.errors = self->errors;
  start.spec = sandbox_tell (command, paths, start.bwrap != NULL, kept, error);
  if (start.spec < 0)
    return FALSE;
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    {
      close (start.spec);
      g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_SYSTEM, "cannot make a socket: %s",
                   g_strerror (errno));
      return FALSE;
    }
  start.control = pair[1];
  self->pid = sandbox_fork (&start, command, paths, error);
  self->control = pair[0];
  self->namespaces = start.bwrap != NULL;
  close (pair[1]);
  close (start.spec);
  return self->pid > 0;
}

/* The pid of what ended is kept until it was waited for. */
void
sandbox_wait_for_child (Sandbox *self)
{
  if (self->pid > 0)
    waitpid (self->pid, NULL, 0);
  self->pid = 0;
}

/* bubblewrap's last words. */
static char *
read_errors (const Sandbox *self)
{
  char text[512];
  gssize len = pread (self->errors, text, sizeof text - 1, 0);

  text[MAX (len, 0)] = '\0';
  g_strstrip (text);
  return len > 0 ? g_utf8_make_valid (text, -1) : g_strdup ("it ended without a word");
}

void
sandbox_miss (Sandbox *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->missing, g_strdup_vprintf (format, args));
  va_end (args);
}

/* What it says of its own mounts has these words; all else is about namespaces. */
static void
miss_bubblewrap (Sandbox *self)
{
  g_autofree char *words = read_errors (self);

  sandbox_miss (self,
                strstr (words, "Can't ") != NULL
                    ? "bubblewrap: it cannot show the command its files: %s"
                    : "user namespaces: bubblewrap cannot make one here: %s",
                words);
}

static gboolean
refuse_less (const Sandbox *self, GError **error)
{
  g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_CONFINEMENT,
               "the confinement that was asked for cannot be had: %s",
               (const char *) g_ptr_array_index (self->missing, 0));
  return FALSE;
}

/* Waits for the first word of who became process 1 in there. FALSE: there is none, so no
 * namespaces either. */
static gboolean
is_up (Sandbox *self)
{
  struct pollfd polled = { self->control, POLLIN, 0 };
  char word;

  if (poll (&polled, 1, UP_PATIENCE) == 1 && recv (self->control, &word, 1, 0) == 1
      && word == CONTROL_UP)
    return TRUE;
  kill (self->pid, SIGKILL);
  close (self->control);
  self->control = -1;
  sandbox_wait_for_child (self);
  return FALSE;
}

/* Whether a socket that was to be covered was gone by the time that bubblewrap came to it; the next
 * attempt looks anew. */
static gboolean
was_outrun (const Sandbox *self)
{
  g_autofree char *words = read_errors (self);

  return (strstr (words, "Can't create file at") != NULL
          || strstr (words, "Can't bind mount /oldroot/dev/null on") != NULL)
         && ftruncate (self->errors, 0) == 0 && lseek (self->errors, 0, SEEK_SET) == 0;
}

static gboolean
launch_with_namespaces (Sandbox *self, SandboxStart *start, const SandboxCommand *command,
                        const SandboxPaths *paths, GError **error)
{
  start->bwrap = sandbox_find_bwrap ();
  if (start->bwrap == NULL)
    {
      sandbox_miss (self, "bubblewrap: it is not installed");
      return TRUE;
    }
  for (int i = 0; i == 0 || (i < ATTEMPTS && was_outrun (self)); i++)
    {
      if (!launch (self, start, command, paths, error))
        return FALSE;
      if (is_up (self))
        return TRUE;
    }
  miss_bubblewrap (self);
  return TRUE;
}

static gboolean
launch_without (Sandbox *self, SandboxStart *start, const SandboxCommand *command,
                const SandboxPaths *paths, GError **error)
{
  if (command->whole)
    return refuse_less (self, error);
  if (command->reach_host != NULL)
    {
      g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_CONFINEMENT,
                   "reach: without user namespaces a command gets no network at all: %s",
                   (const char *) g_ptr_array_index (self->missing, 0));
      return FALSE;
    }
  start->bwrap = NULL;
  if (!sandbox_paths_check_apart (paths, error) || !launch (self, start, command, paths, error))
    return FALSE;
  if (is_up (self))
    return TRUE;
  g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_SYSTEM, "%s did not start", start->inner);
  return FALSE;
}

gboolean
sandbox_launch (Sandbox *self, SandboxStart *start, const SandboxCommand *command,
                const SandboxPaths *paths, GError **error)
{
  return launch_with_namespaces (self, start, command, paths, error)
         && (self->control >= 0 || launch_without (self, start, command, paths, error));
}
