/* SPDX-License-Identifier: MIT
 *
 * countersign-worker-exec: runs one command for the broker, confined. The same program is the first
 * process inside the confinement (--inner), and what `countersign run --sandbox` becomes
 * (--confine).
 */
#include <string.h>

#include "broker/worker/exec-confine.h"
#include "broker/worker/exec-request.h"
#include "broker/worker/exec-resolve.h"
#include "broker/worker/exec-run.h"
#include "broker/worker/inner.h"
#include "broker/worker/sandbox.h"
#include "broker/worker/seal-calls.h"
#include "broker/worker/start.h"

#define GRACE 5 /* seconds for a command to end with its worker */

typedef struct
{
  ExecRun *run;
  gint64 id;
  gboolean used;
  gboolean promised; /* told that the confinement is whole: so it must be */
} Worker;

static void
on_run (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  Worker *self = user;

  if (self->used)
    {
      worker_link_refuse (link, id, "params", "a worker runs one command: start another one");
      return;
    }
  self->used = TRUE;
  self->id = id;
  self->run = exec_run_new (link, id, params, self->promised);
}

static void
on_cancel (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  Worker *self = user;

  if (self->run != NULL && wire_integer (params, "id", 0) == self->id)
    exec_run_cancel (self->run);
  worker_link_answer (link, id, json_object ());
}

static void
on_probe (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  if (((Worker *) user)->used)
    worker_link_refuse (link, id, "params", "to be asked before a command runs");
  else
    worker_link_answer (link, id, sandbox_probe ());
}

static void
on_resolve (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  Worker *self = user;

  if (self->used)
    worker_link_refuse (link, id, "params", "to be asked before a command runs");
  else
    self->promised = exec_resolve (link, id, params);
}

static const WireField cancel_fields[] = {
  { "id", WIRE_INTEGER, TRUE, 1, G_MAXINT64, "the run's" },
};

static const WorkerMethod methods[] = {
  { "run", exec_request_fields, EXEC_REQUEST_FIELDS, on_run, FALSE },
  { "cancel", cancel_fields, G_N_ELEMENTS (cancel_fields), on_cancel, TRUE },
  { "resolve", exec_resolve_fields, EXEC_RESOLVE_FIELDS, on_resolve, TRUE },
  { "probe", NULL, 0, on_probe, TRUE },
};

/* The command, until it was answered. The broker's end of the link ends it too. */
static void
serve (Worker *self, WorkerLink *link)
{
  struct pollfd polls[1 + EXEC_RUN_POLLS];
  gboolean connected = TRUE;

  while (connected || self->run != NULL)
    {
      nfds_t n = 1;
      int wait = -1;
      polls[0]
          = (struct pollfd){ connected ? worker_link_fd (link) : -1, worker_link_events (link), 0 };
      if (self->run != NULL)
        {
          wait = exec_run_prepare (self->run, polls + 1);
          n += EXEC_RUN_POLLS;
        }
      poll (polls, n, wait);
      if (n > 1 && !exec_run_turn (self->run, polls + 1))
        g_clear_pointer (&self->run, exec_run_free);
      connected = connected && worker_link_turn (link, polls[0].revents);
      if (!connected && self->run != NULL)
        exec_run_cancel (self->run);
    }
}

int
main (int argc, char **argv)
{
  if (argc == 4 && strcmp (argv[1], "--inner") == 0)
    inner_main (argv[2], argv[3]);
  if (argc > 1 && strcmp (argv[1], "--confine") == 0)
    return exec_confine (argc, argv);

  int fd = worker_start (argc, argv, "countersign-worker-exec",
                         "Runs commands for the Countersign broker, which starts it.", GRACE);
  Worker self = { 0 };
  int failed = seal_calls (SEAL_CALLS_WORKER);
  if (failed != 0)
    {
      g_printerr ("countersign-worker-exec: cannot confine itself: seccomp: %s\n",
                  g_strerror (failed));
      return 1;
    }
  g_autoptr (WorkerLink) link = worker_link_new (fd, methods, G_N_ELEMENTS (methods), &self);
  serve (&self, link);
  return 0;
}
