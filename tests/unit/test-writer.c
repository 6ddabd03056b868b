/* SPDX-License-Identifier: MIT */
#include "broker/base/writer.h"
#include "tests/unit/table.h"

/* What happened, in order: the writer thread and the main loop both write to it. */
typedef struct
{
  GMutex mutex;
  GString *text;
  gboolean begin_fails, end_fails;
  guint left; /* dones to wait for; main loop only */
  GThread *main_thread;
  Writer *writer;
} Log;

typedef struct
{
  Log *log;
  const char *name;
  gboolean fails, silent;
} Step;

static void
note (Log *log, const char *what, const char *name)
{
  g_mutex_lock (&log->mutex);
  g_string_append_printf (log->text, "%s%s%s ", what, *name != '\0' ? ":" : "", name);
  g_mutex_unlock (&log->mutex);
}

static void
log_init (Log *log)
{
  *log = (Log){ .text = g_string_new (NULL), .main_thread = g_thread_self () };
  g_mutex_init (&log->mutex);
  log->writer = writer_new (NULL);
}

static void
log_clear (Log *log)
{
  writer_free (log->writer);
  g_string_free (log->text, TRUE);
  g_mutex_clear (&log->mutex);
}

static gboolean
group_step (Log *log, const char *what, gboolean fails, GError **error)
{
  g_assert_true (g_thread_self () != log->main_thread);
  note (log, what, "");
  if (fails)
    g_set_error (error, G_IO_CHANNEL_ERROR, 0, "%s failed", what);
  return !fails;
}

static gboolean
group_begin (gpointer user, GError **error)
{
  Log *log = user;

  return group_step (log, "begin", log->begin_fails, error);
}

static gboolean
group_end (gpointer user, GError **error)
{
  Log *log = user;

  return group_step (log, "end", log->end_fails, error);
}

static gboolean
step_run (gpointer data, GError **error)
{
  Step *step = data;

  g_assert_true (g_thread_self () != step->log->main_thread);
  note (step->log, "run", step->name);
  if (step->fails && !step->silent)
    g_set_error (error, G_IO_CHANNEL_ERROR, 0, "step failed");
  return !step->fails;
}

static void
step_done (gpointer data, const GError *error)
{
  Step *step = data;

  g_assert_true (g_thread_self () == step->log->main_thread);
  note (step->log, error == NULL ? "ok" : "no", step->name);
  step->log->left--;
}

static void
push (Log *log, const WriterGroup *group, Step *step)
{
  step->log = log;
  log->left++;
  writer_push (log->writer, group, step_run, step_done, step);
}

/* Holds the writer thread from closing until opening, so that what is pushed meanwhile is one
 * batch. */
typedef struct
{
  GMutex mutex;
  GCond cond;
  gboolean entered, open;
} Gate;

static gboolean
gate_run (gpointer data, GError **error)
{
  Gate *gate = data;

  g_mutex_lock (&gate->mutex);
  gate->entered = TRUE;
  g_cond_broadcast (&gate->cond);
  while (!gate->open)
    g_cond_wait (&gate->cond, &gate->mutex);
  g_mutex_unlock (&gate->mutex);
  return TRUE;
}

static void
gate_close (Gate *gate, Writer *writer)
{
  g_mutex_init (&gate->mutex);
  g_cond_init (&gate->cond);
  writer_push (writer, NULL, gate_run, NULL, gate);
  g_mutex_lock (&gate->mutex);
  while (!gate->entered)
    g_cond_wait (&gate->cond, &gate->mutex);
  g_mutex_unlock (&gate->mutex);
}

static void
gate_open (Gate *gate)
{
  g_mutex_lock (&gate->mutex);
  gate->open = TRUE;
  g_cond_broadcast (&gate->cond);
  g_mutex_unlock (&gate->mutex);
}

static void
loop_until_delivered (Log *log)
{
  while (log->left > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_neighbours_share (void)
{
  Log log;
  Gate gate = { 0 };
  Step a = { .name = "a" }, b = { .name = "b" }, c = { .name = "c" }, d = { .name = "d" };

  log_init (&log);
  const WriterGroup one = { group_begin, group_end, &log }, other = { NULL, NULL, NULL };
  gate_close (&gate, log.writer);
  push (&log, &one, &a);
  push (&log, &one, &b);
  push (&log, &other, &c);
  push (&log, &one, &d);
  gate_open (&gate);
  writer_drain (log.writer);
  g_assert_cmpstr (log.text->str, ==,
                   "begin run:a run:b end run:c begin run:d end ok:a ok:b ok:c ok:d ");
  log_clear (&log);
}

static const struct
{
  const char *sentence;
  gboolean begin_fails, end_fails, b_fails, silent;
  const char *expected;
} failures[] = {
  { "a job that fails leaves its neighbours alone", FALSE, FALSE, TRUE, FALSE,
    "begin run:a run:b run:c end ok:a no:b ok:c " },
  { "a job that fails without a reason has failed", FALSE, FALSE, TRUE, TRUE,
    "begin run:a run:b run:c end ok:a no:b ok:c " },
  { "a group that cannot begin runs nothing", TRUE, FALSE, FALSE, FALSE, "begin no:a no:b no:c " },
  { "a group that cannot end fails all its jobs", FALSE, TRUE, FALSE, FALSE,
    "begin run:a run:b run:c end no:a no:b no:c " },
};

static void
test_failure (gconstpointer row)
{
  typeof (&failures[0]) f = row;
  Log log;
  Gate gate = { 0 };
  Step a = { .name = "a" }, b = { .name = "b", .fails = f->b_fails, .silent = f->silent },
       c = { .name = "c" };

  log_init (&log);
  log.begin_fails = f->begin_fails;
  log.end_fails = f->end_fails;
  const WriterGroup group = { group_begin, group_end, &log };
  gate_close (&gate, log.writer);
  push (&log, &group, &a);
  push (&log, &group, &b);
  push (&log, &group, &c);
  gate_open (&gate);
  loop_until_delivered (&log);
  g_assert_cmpstr (log.text->str, ==, f->expected);
  log_clear (&log);
}

static void
drain_done (gpointer data, const GError *error)
{
  Step *step = data;

  writer_drain (step->log->writer);
  step_done (step, error);
}

static void
test_drain_in_done (void)
{
  Log log;
  Gate gate = { 0 };
  Step a = { .name = "a" }, b = { .name = "b" }, c = { .name = "c" };

  log_init (&log);
  a.log = &log;
  gate_close (&gate, log.writer);
  log.left++;
  writer_push (log.writer, NULL, step_run, drain_done, &a);
  push (&log, NULL, &b);
  push (&log, NULL, &c);
  gate_open (&gate);
  loop_until_delivered (&log);
  g_assert_cmpstr (log.text->str, ==, "run:a run:b run:c ok:b ok:c ok:a ");
  log_clear (&log);
}

typedef struct
{
  Log *log;
  guint n;
} Chain;

static gboolean
count_run (gpointer data, GError **error)
{
  return TRUE;
}

static void
chain_done (gpointer data, const GError *error)
{
  Chain *chain = data;

  chain->log->left--;
  if (++chain->n < 1000)
    {
      chain->log->left++;
      writer_push (chain->log->writer, NULL, count_run, chain_done, chain);
    }
}

static void
test_push_in_done (void)
{
  Log log;
  Chain chain = { .log = &log };

  log_init (&log);
  log.left = 1;
  writer_push (log.writer, NULL, count_run, chain_done, &chain);
  loop_until_delivered (&log);
  g_assert_cmpuint (chain.n, ==, 1000);
  log_clear (&log);
}

typedef struct
{
  guint *next;
  guint number;
} Numbered;

static void
numbered_done (gpointer data, const GError *error)
{
  Numbered *job = data;

  g_assert_cmpuint (job->number, ==, *job->next);
  ++*job->next;
}

static void
test_order (void)
{
  enum
  {
    N = 20000
  };
  Log log;
  guint next = 0;
  g_autofree Numbered *jobs = g_new0 (Numbered, N);

  log_init (&log);
  for (guint i = 0; i < N; i++)
    {
      jobs[i] = (Numbered){ &next, i };
      writer_push (log.writer, NULL, count_run, numbered_done, &jobs[i]);
      if (i % 100 == 0)
        g_main_context_iteration (NULL, FALSE);
    }
  writer_drain (log.writer);
  g_assert_cmpuint (next, ==, N);
  log_clear (&log);
}

static void
test_free_finishes (void)
{
  Log log;
  Gate gate = { 0 };
  Step a = { .name = "a" };

  log_init (&log);
  gate_close (&gate, log.writer);
  push (&log, NULL, &a);
  gate_open (&gate);
  writer_free (log.writer);
  g_assert_cmpstr (log.text->str, ==, "run:a ");
  log.writer = NULL;
  log_clear (&log);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/writer/neighbours of one kind share a begin and an end",
                   test_neighbours_share);
  ADD_TABLE ("/writer/", failures, test_failure);
  g_test_add_func ("/writer/a done that drains runs those behind it, each once",
                   test_drain_in_done);
  g_test_add_func ("/writer/a done may push", test_push_in_done);
  g_test_add_func ("/writer/dones come in the order of the jobs", test_order);
  g_test_add_func ("/writer/freeing finishes what was pushed", test_free_finishes);
  return g_test_run ();
}
