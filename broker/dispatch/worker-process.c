/* SPDX-License-Identifier: MIT */
#include "broker/dispatch/worker-process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/dispatch/worker-sealed.h"
#include "broker/serve/conn.h"

#define GRACE (5 * G_USEC_PER_SEC) /* for what it runs to end */
#define GRACE_FINISHING (40 * G_USEC_PER_SEC)
#define WORKERS_MAX 512 /* at once: an agent must not fill the machine by asking */

typedef struct
{
  WorkerAnswer answer;
  gpointer data;
} Call;

struct _Worker
{
  Vault *vault;
  const WorkerEvents *events; /* NULL: ended, nobody listens */
  gpointer user;
  WorkerKnock *knock; /* nobody has answered yet; NULL: somebody has */
  Conn *conn;         /* NULL: not yet, or closed */
  Process *process;   /* a child of ours that has not been waited for; or NULL */
  Lifetime lifetime;
  Deadline kill;
  GHashTable *calls; /* number → Call */
  gint64 last;
  guint inside; /* of our own functions: what ends meanwhile is freed when they return */
  int values;   /* came with the answer that is told; or -1 */
  gboolean finishes;
};

static void
worker_free (Worker *self)
{
  g_clear_pointer (&self->knock, worker_knock_free);
  loop_deadline_clear (self->vault->loop, &self->kill);
  lifetime_clear (self->vault->lifetimes, &self->lifetime);
  g_clear_pointer (&self->process, process_unref);
  g_hash_table_remove (self->vault->workers, self);
  g_hash_table_unref (self->calls);
  g_free (self);
}

static void
leave (Worker *self)
{
  if (--self->inside == 0 && self->events == NULL && self->process == NULL)
    worker_free (self);
}

/* A child of ours: its number is its own until we have waited for it. */
static void
on_kill (gpointer data)
{
  kill (process_pid (((Worker *) data)->process), SIGKILL);
}

static void
on_gone (gpointer data)
{
  Worker *self = data;
  pid_t pid = process_pid (self->process);

  self->inside++;
  waitpid (pid, NULL, 0);
  g_clear_pointer (&self->process, process_unref);
  if (self->conn != NULL)
    conn_close (self->conn, TRUE);
  leave (self);
}

/* ---- answers ---- */

static void
answer_call (Worker *self, gint64 number, json_t *result, const char *reason, const char *message)
{
  Call *found = g_hash_table_lookup (self->calls, &number);

  if (found == NULL)
    return;
  Call call = *found;
  g_hash_table_remove (self->calls, &number);
  call.answer (call.data, result, reason, message);
}

static void
take_answer (Worker *self, gint64 number, json_t *message)
{
  const json_t *error = json_object_get (message, "error");
  const char *reason = wire_string (json_object_get (error, "data"), "reason");
  const char *words = wire_string (error, "message");
  g_autoptr (json_t) result = json_incref (json_object_get (message, "result"));

  if (json_is_true (json_object_get (result, "result_fd")))
    {
      int fd = conn_take_fd (self->conn);
      json_decref (result);
      result = fd >= 0 ? worker_sealed_read (fd) : NULL;
      if (fd >= 0)
        close (fd);
    }
  if (json_is_true (json_object_get (result, "values_fd")))
    self->values = conn_take_fd (self->conn);
  if (json_is_object (result))
    answer_call (self, number, result, NULL, NULL);
  else
    answer_call (self, number, NULL, reason != NULL ? reason : "worker",
                 words != NULL ? words : "the worker's answer could not be read");
  if (self->values >= 0)
    close (g_steal_fd (&self->values));
}

static void
take_notice (Worker *self, const char *method, const json_t *params)
{
  int fd = strcmp (method, "listener") == 0 ? conn_take_fd (self->conn) : -1;

  if (self->events->notice != NULL)
    self->events->notice (self->user, method, params, fd);
  else if (fd >= 0)
    close (fd);
}

static void
on_message (Conn *conn, json_t *message, gpointer user)
{
  Worker *self = user;
  const char *method = wire_string (message, "method");

  if (self->events == NULL)
    return;
  self->inside++;
  if (method != NULL)
    take_notice (self, method, json_object_get (message, "params"));
  else
    take_answer (self, wire_integer (message, "id", 0), message);
  leave (self);
}

static void
on_malformed (Conn *conn, const GError *error, gpointer user)
{
  g_printerr ("countersignd: a worker's line could not be read: %s\n", error->message);
  conn_close (conn, FALSE);
}

/* There is no connection any more, or will be none. */
static void
end_calls (Worker *self, const char *message)
{
  g_autofree gpointer *numbers = g_hash_table_get_keys_as_array (self->calls, NULL);
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (gint64));

  self->inside++;
  for (gpointer *number = numbers; *number != NULL; number++)
    g_array_append_val (open, *(gint64 *) *number);
  for (guint i = 0; i < open->len && self->events != NULL; i++)
    answer_call (self, g_array_index (open, gint64, i), NULL, "worker", message);
  if (self->events != NULL && self->events->gone != NULL)
    self->events->gone (self->user);
  leave (self);
}

static void
on_closed (Conn *conn, gpointer user)
{
  Worker *self = user;

  self->conn = NULL;
  end_calls (self, "the worker ended before it was done");
}

static const ConnEvents conn_events = { NULL, on_message, on_malformed, on_closed };

/* ---- beginning ---- */

/* Takes @fd and @peer. */
static gboolean
converse (Worker *self, int fd, Process *peer, GError **error)
{
  self->conn = conn_new (self->vault->hub, fd, peer, &conn_events, self, error);
  return self->conn != NULL;
}

static void
send_message (Worker *self, const json_t *message, int fd)
{
  if (self->conn != NULL)
    conn_send (self->conn, message, fd);
  else if (self->knock != NULL)
    worker_knock_keep (self->knock, message, fd);
  else if (fd >= 0)
    close (fd);
}

static void
on_met (gpointer user, int fd, Process *peer, const GError *error)
{
  Worker *self = user;
  WorkerKnock *knock = g_steal_pointer (&self->knock);
  g_autoptr (GError) fault = error != NULL ? g_error_copy (error) : NULL;

  gboolean met = peer != NULL && converse (self, fd, peer, &fault);
  if (met)
    worker_knock_tell (knock, self->conn);
  worker_knock_free (knock);
  if (!met)
    end_calls (self, fault->message);
}

static gboolean
start (Worker *self, WorkerKind kind, GError **error)
{
  Vault *vault = self->vault;
  int fd;

  if (vault->worker_sockets != NULL)
    {
      self->knock = worker_knock (vault->loop, vault->worker_sockets, kind, on_met, self, error);
      return self->knock != NULL;
    }
  return worker_spawn (kind, &fd, &self->process, error)
         && converse (self, fd, process_ref (self->process), error)
         && lifetime_set (vault->lifetimes, &self->lifetime, self->process, error);
}

/* Now, whatever it does, unless nothing may get lost that it does. */
static void
end_child (Worker *self)
{
  if (self->process == NULL)
    return;
  pid_t pid = process_pid (self->process);
  if (!self->finishes)
    {
      kill (pid, SIGKILL);
      waitpid (pid, NULL, 0);
    }
  g_clear_pointer (&self->process, process_unref);
}

Worker *
worker_new (Vault *vault, WorkerKind kind, const WorkerEvents *events, gpointer user,
            GError **error)
{
  if (g_hash_table_size (vault->workers) >= WORKERS_MAX)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
                   "%d workers run already; try again when one has ended", WORKERS_MAX);
      return NULL;
    }
  Worker *self = g_new0 (Worker, 1);
  self->vault = vault;
  self->user = user;
  self->calls = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->last = WORKER_HELLO_ID;
  self->values = -1;
  self->lifetime = (Lifetime){ .gone = on_gone, .data = self };
  self->kill = (Deadline){ .due = on_kill, .data = self };
  if (!start (self, kind, error))
    {
      end_child (self);
      if (self->conn != NULL)
        conn_close (self->conn, TRUE); /* frees */
      else
        worker_free (self);
      return NULL;
    }
  self->events = events;
  g_hash_table_add (vault->workers, self);
  return self;
}

void
workers_free (Vault *vault)
{
  g_autofree gpointer *all = g_hash_table_get_keys_as_array (vault->workers, NULL);

  for (gpointer *worker = all; *worker != NULL; worker++)
    {
      Worker *self = *worker;
      self->events = NULL;
      end_child (self);
      worker_free (self);
    }
  g_hash_table_unref (vault->workers);
}

/* ---- calling ---- */

void
worker_attach (Worker *self, const char *as, const char *name, int fd)
{
  g_autoptr (json_t) message = json_pack ("{s:s, s:s, s:{s:s, s:s*}}", "jsonrpc", "2.0", "method",
                                          "attach", "params", "as", as, "name", name);

  send_message (self, message, fd);
}

gboolean
worker_attach_bytes (Worker *self, const char *as, GBytes *bytes)
{
  int fd = worker_sealed_bytes (bytes);

  if (fd >= 0)
    worker_attach (self, as, NULL, fd);
  return fd >= 0;
}

gboolean
worker_attach_secret (Worker *self, const char *as, const char *name, const Secret *value,
                      GError **error)
{
  int fd = secret_to_memfd (value, error);

  if (fd < 0)
    return FALSE;
  worker_attach (self, as, name, fd);
  return TRUE;
}

gint64
worker_call (Worker *self, const char *method, json_t *params, WorkerAnswer answer, gpointer data)
{
  gint64 number = ++self->last;
  g_autoptr (json_t) message = json_pack ("{s:s, s:I, s:s, s:o}", "jsonrpc", "2.0", "id",
                                          (json_int_t) number, "method", method, "params", params);

  if (self->conn == NULL && self->knock == NULL)
    {
      answer (data, NULL, "worker", "the worker has ended");
      return number;
    }
  Call *call = g_new (Call, 1);
  *call = (Call){ answer, data };
  g_hash_table_insert (self->calls, g_memdup2 (&number, sizeof number), call);
  send_message (self, message, -1);
  return number;
}

void
worker_cancel (Worker *self, gint64 call)
{
  g_autoptr (json_t) message = json_pack ("{s:s, s:s, s:{s:I}}", "jsonrpc", "2.0", "method",
                                          "cancel", "params", "id", (json_int_t) call);

  send_message (self, message, -1);
}

int
worker_take_values (Worker *self)
{
  return g_steal_fd (&self->values);
}

void
worker_finishes (Worker *self)
{
  self->finishes = TRUE;
}

void
worker_end (Worker *self)
{
  if (self == NULL)
    return;
  self->events = NULL;
  g_hash_table_remove_all (self->calls);
  g_clear_pointer (&self->knock, worker_knock_free);
  self->inside++;
  if (self->conn != NULL)
    conn_close (self->conn, TRUE);
  if (self->process != NULL)
    loop_deadline_set (self->vault->loop, &self->kill,
                       loop_now () + (self->finishes ? GRACE_FINISHING : GRACE));
  leave (self);
}

const char *
worker_code (const char *const *known, const char *word, const char *otherwise)
{
  for (; word != NULL && *known != NULL; known++)
    if (strcmp (*known, word) == 0)
      return *known;
  return otherwise;
}
