/* SPDX-License-Identifier: MIT */
#include "broker/worker/sandbox-private.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/base/paths.h"
#include "broker/worker/sandbox-control.h"
#include "broker/worker/sandbox-tree.h"

#define KILL_ROUNDS 2000
#define KILL_PAUSE 1000 /* µs */
#define LOOK_EVERY 8    /* rounds */

static Sandbox *
sandbox_new (void)
{
  Sandbox *self = g_new0 (Sandbox, 1);

  self->control = self->listener = -1;
  self->errors = memfd_create ("countersign-errors", MFD_CLOEXEC);
  self->missing = g_ptr_array_new_with_free_func (g_free);
  return self;
}

Sandbox *
sandbox_start (const SandboxCommand *command, GError **error)
{
  g_autofree char *inner = paths_program ("countersign-worker-exec", error);
  g_autoptr (SandboxPaths) paths = inner != NULL ? sandbox_paths_new (command, error) : NULL;
  g_autoptr (Sandbox) self = NULL;
  SandboxStart start = { .inner = inner, .session = command->session };

  if (paths == NULL)
    return NULL;
  self = sandbox_new ();
  self->reaches = command->reach_host != NULL;
  prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  return sandbox_launch (self, &start, command, paths, error) ? g_steal_pointer (&self) : NULL;
}

/* --- What the inner stage tells --- */

int
sandbox_fd (const Sandbox *sandbox)
{
  return sandbox->control;
}

static void
keep_missing (Sandbox *self, const char *lines)
{
  g_auto (GStrv) each = g_strsplit (lines, "\n", -1);

  for (gsize i = 0; each[i] != NULL; i++)
    if (*each[i] != '\0')
      sandbox_miss (self, "%s", each[i]);
}

/* "F" and a letter of SandboxError, and the message. */
static SandboxEvent
fail (Sandbox *self, const char *text, GError **error)
{
  const char letter = *text != '\0' ? *text : CONTROL_BECAUSE_SYSTEM;

  self->over = TRUE;
  g_set_error_literal (error, SANDBOX_ERROR,
                       letter == CONTROL_BECAUSE_PROGRAM       ? SANDBOX_ERROR_PROGRAM
                       : letter == CONTROL_BECAUSE_CONFINEMENT ? SANDBOX_ERROR_CONFINEMENT
                       : letter == CONTROL_BECAUSE_FIELD       ? SANDBOX_ERROR_FIELD
                                                               : SANDBOX_ERROR_SYSTEM,
                       *text != '\0' ? text + 1 : "the command's first process ended");
  return SANDBOX_FAILED;
}

static SandboxEvent
take_ended (Sandbox *self, const char *data, gsize len)
{
  self->over = TRUE;
  if (len == sizeof self->status)
    memcpy (&self->status, data, len);
  return SANDBOX_ENDED;
}

static SandboxEvent
take_message (Sandbox *self, const char *data, gsize len, GError **error)
{
  switch (*data)
    {
    case CONTROL_CONFINED:
      keep_missing (self, data + 1);
      return SANDBOX_CONFINED;
    case CONTROL_FAILED:
      return fail (self, data + 1, error);
    case CONTROL_ENDED:
      return take_ended (self, data + 1, len - 1);
    default:
      return SANDBOX_NOTHING;
    }
}

SandboxEvent
sandbox_take (Sandbox *self, GError **error)
{
  char data[CONTROL_MAX + 1];
  int fd = -1;
  gssize len = self->over ? 0 : control_receive (self->control, data, &fd);

  if (self->over || (len < 0 && errno == EAGAIN))
    return SANDBOX_NOTHING;
  if (fd >= 0 && *data == CONTROL_LISTENS)
    {
      self->listener = fd;
      return SANDBOX_LISTENS;
    }
  if (fd >= 0)
    close (fd);
  if (len <= 0)
    return fail (self, "", error);
  data[len] = '\0';
  return take_message (self, data, (gsize) len, error);
}

int
sandbox_take_listener (Sandbox *sandbox)
{
  int fd = sandbox->listener;
  sandbox->listener = -1;
  return fd;
}

int
sandbox_status (const Sandbox *sandbox)
{
  return sandbox->status;
}

json_t *
sandbox_confinement (const Sandbox *self)
{
  json_t *missing = json_array ();
  gboolean landlock = TRUE;

  for (guint i = 0; i < self->missing->len; i++)
    {
      const char *what = g_ptr_array_index (self->missing, i);
      landlock = landlock && !g_str_has_prefix (what, "Landlock:");
      json_array_append_new (missing, json_string (what));
    }
  return json_pack ("{s:s, s:s, s:b, s:b, s:o}", "files",
                    self->namespaces ? "bubblewrap"
                    : landlock       ? "landlock"
                                     : "none",
                    "network", self->reaches ? "service" : "none", "seccomp", TRUE, "full",
                    self->missing->len == 0, "missing", missing);
}

/* --- Ending --- */

void
sandbox_signal (Sandbox *self, int signal, gboolean only_command)
{
  const char order[] = { only_command ? CONTROL_SIGNAL_ONE : CONTROL_SIGNAL_ALL, (char) signal };

  if (self->pid == 0)
    return;
  if (self->namespaces || only_command)
    send (self->control, order, sizeof order, MSG_DONTWAIT | MSG_NOSIGNAL);
  else
    sandbox_tree_signal (signal);
}

/* Orphans come to us: who has no child has no descendant either. */
static gboolean
has_children (void)
{
  pid_t pid;

  while ((pid = waitpid (-1, NULL, WNOHANG)) > 0)
    ;
  return pid == 0;
}

gboolean
sandbox_kill (Sandbox *self)
{
  /* With it bubblewrap's process 1 ends, and with that one its namespace. */
  if (self->pid > 0 && self->namespaces)
    {
      kill (self->pid, SIGKILL);
      sandbox_wait_for_child (self);
    }
  if (!has_children ())
    {
      self->pid = 0;
      return TRUE;
    }
  /* To look for them costs more than to wait a moment for those that are ending. */
  if (self->rounds++ % LOOK_EVERY == (self->namespaces ? LOOK_EVERY - 1 : 0))
    {
      /* Stopped first: what forks faster than it is looked for would never be found. */
      sandbox_tree_signal (SIGSTOP);
      sandbox_tree_signal (SIGKILL);
    }
  return FALSE;
}

void
sandbox_free (Sandbox *self)
{
  if (self == NULL)
    return;
  for (guint round = 0; round < KILL_ROUNDS && !sandbox_kill (self); round++)
    g_usleep (KILL_PAUSE);
  if (self->control >= 0)
    close (self->control);
  if (self->listener >= 0)
    close (self->listener);
  close (self->errors);
  g_ptr_array_unref (self->missing);
  g_free (self);
}
