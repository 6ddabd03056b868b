/* SPDX-License-Identifier: MIT */
#include "broker/human/approver.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/base/display.h"
#include "broker/base/paths.h"
#include "broker/human/human.h"
#include "broker/request/request.h"
#include "broker/serve/child.h"

/* One that falls each time it is shown a card must not be started for ever. */
#define STARTS_MAX 3
#define STARTS_WITHIN (60 * G_USEC_PER_SEC)
#define OWED_MAX 8

struct _Approver
{
  Vault *vault;
  Process *process; /* NULL: it does not run */
  Human *human;     /* our end; its conn is NULL once it is closed */
  Lifetime lifetime;
  GPtrArray *owed;            /* of json_t: what it is told as soon as it listens */
  gint64 started[STARTS_MAX]; /* µs of boot time; the oldest first */
};

static void
forget (Approver *self)
{
  lifetime_clear (self->vault->lifetimes, &self->lifetime);
  g_clear_pointer (&self->process, process_unref);
  if (self->human != NULL && self->human->conn != NULL)
    conn_close (self->human->conn, TRUE);
  g_clear_pointer (&self->human, human_unref);
}

/* It leaves by itself when it has had nothing to show for long; what came in that moment, or what
 * it was showing when it fell, brings the next one. */
static void
on_gone (gpointer data)
{
  Approver *self = data;
  pid_t pid = process_pid (self->process);

  waitpid (pid, NULL, 0);
  forget (self);
  if (requests_count_held (self->vault->requests) > 0)
    approver_wanted (self);
}

Approver *
approver_new (Vault *vault)
{
  Approver *self = g_new0 (Approver, 1);

  self->vault = vault;
  self->owed = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  self->lifetime = (Lifetime){ .gone = on_gone, .data = self };
  return self;
}

void
approver_free (Approver *self)
{
  if (self == NULL)
    return;
  if (self->process != NULL)
    forget (self);
  g_ptr_array_unref (self->owed);
  g_free (self);
}

static pid_t
spawn (const char *program, int end, gboolean window, GError **error)
{
  g_auto (GStrv) own = g_get_environ (), environment = display_environment (own);
  const char *arguments[]
      = { program, "--broker-fd", G_STRINGIFY (CHILD_FD), window ? "--window" : NULL, NULL };

  return child_spawn (arguments, environment, end, error);
}

/* Takes @end, ours. */
static gboolean
watch (Approver *self, pid_t pid, int end, GError **error)
{
  self->process = process_open (pid, -1, error);
  if (self->process == NULL)
    {
      close (end);
      return FALSE;
    }
  self->human = human_adopt (self->vault, end, process_ref (self->process), error);
  return self->human != NULL
         && lifetime_set (self->vault->lifetimes, &self->lifetime, self->process, error);
}

static gboolean
start (Approver *self, gboolean window, GError **error)
{
  g_autofree char *program = paths_program ("countersign-approve", error);
  int ends[2];

  if (program == NULL || !child_ends (ends, error))
    return FALSE;
  pid_t pid = spawn (program, ends[1], window, error);
  close (ends[1]);
  if (pid < 0)
    {
      close (ends[0]);
      return FALSE;
    }
  if (watch (self, pid, ends[0], error))
    return TRUE;
  /* Not to be spoken to: it is a child of ours, so its number is still its own. */
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  forget (self);
  return FALSE;
}

static gboolean
may_start (Approver *self)
{
  gint64 now = loop_now ();

  if (self->started[0] != 0 && now - self->started[0] < STARTS_WITHIN)
    return FALSE;
  for (int i = 0; i + 1 < STARTS_MAX; i++)
    self->started[i] = self->started[i + 1];
  self->started[STARTS_MAX - 1] = now;
  return TRUE;
}

/* A broker started from the agent's side has the agent's display; nobody is asked there. */
static gboolean
has_display (const Vault *vault)
{
  g_auto (GStrv) own = g_get_environ ();

  return vault->was_unlocked && !vault->system && display_is_there (own);
}

void
approver_wanted (Approver *self)
{
  g_autoptr (GError) error = NULL;

  if (self->process != NULL || !has_display (self->vault) || !may_start (self))
    return;
  if (!start (self, FALSE, &error))
    g_printerr ("countersignd: no dialog: %s\n", error->message);
}

void
approver_owe (Approver *self, json_t *message)
{
  if (has_display (self->vault) && self->owed->len < OWED_MAX)
    g_ptr_array_add (self->owed, message);
  else
    json_decref (message);
  approver_wanted (self);
}

void
approver_pay (Approver *self, Conn *conn)
{
  for (guint i = 0; i < self->owed->len; i++)
    conn_send (conn, g_ptr_array_index (self->owed, i), -1);
  g_ptr_array_set_size (self->owed, 0);
}

gboolean
approver_raise (Approver *self, GError **error)
{
  if (self->process != NULL && self->human->conn != NULL)
    {
      g_autoptr (json_t) message
          = json_pack ("{s:s, s:s, s:{}}", "jsonrpc", "2.0", "method", "raise", "params");
      conn_send (self->human->conn, message, -1);
      return TRUE;
    }
  if (self->vault->system)
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
                         "the system broker starts no program: the person starts the dialog");
  else if (!has_display (self->vault))
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
                         "there is no display to show a window on: `countersign unlock`, called in "
                         "a desktop session, tells the broker where it is");
  else if (self->process != NULL || !may_start (self))
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
                         "the dialog program has ended several times within a minute; "
                         "broker.log may say why");
  else
    return start (self, TRUE, error);
  return FALSE;
}
