/* SPDX-License-Identifier: MIT */
#include "broker/base/writer.h"

typedef struct
{
  const WriterGroup *group;
  WriterRun run;
  WriterDone done;
  gpointer data;
  GError *error;
} Job;

struct _Writer
{
  GMainContext *context;
  GThread *thread;
  GMutex mutex;
  GCond wake, idle;
  GQueue pushed; /* Job, under mutex */
  GQueue ended;  /* Job, under mutex */
  gboolean running, stop;
  GSource *deliver;
};

static void
job_free (Job *job)
{
  g_clear_error (&job->error);
  g_free (job);
}

/* A job that says no must never count as done, even when it does not say why. */
static void
job_run (Job *job)
{
  if (!job->run (job->data, &job->error) && job->error == NULL)
    job->error = g_error_new_literal (g_quark_from_static_string ("countersign_writer_error"), 0,
                                      "failed, with no reason given");
}

/* One group's jobs, all of the same kind: begin, each, end. */
static void
run_group (const WriterGroup *group, GQueue *jobs)
{
  g_autoptr (GError) begin = NULL, end = NULL;
  gboolean begun = TRUE;

  if (group != NULL && group->begin != NULL)
    begun = group->begin (group->user, &begin);
  for (GList *l = jobs->head; l != NULL; l = l->next)
    {
      Job *job = l->data;
      if (!begun)
        job->error = g_error_copy (begin);
      else
        job_run (job);
    }
  if (begun && group != NULL && group->end != NULL && !group->end (group->user, &end))
    for (GList *l = jobs->head; l != NULL; l = l->next)
      {
        Job *job = l->data;
        if (job->error == NULL)
          job->error = g_error_copy (end);
      }
}

static void
move_all (GQueue *from, GQueue *to)
{
  Job *job;
  while ((job = g_queue_pop_head (from)) != NULL)
    g_queue_push_tail (to, job);
}

static void
run_batch (Writer *self, GQueue *batch)
{
  while (!g_queue_is_empty (batch))
    {
      GQueue same = G_QUEUE_INIT;
      const WriterGroup *group = ((Job *) batch->head->data)->group;

      do
        g_queue_push_tail (&same, g_queue_pop_head (batch));
      while (batch->head != NULL && ((Job *) batch->head->data)->group == group);
      run_group (group, &same);

      /* Whoever waited for this group does not wait for the next one too. */
      g_mutex_lock (&self->mutex);
      move_all (&same, &self->ended);
      g_source_set_ready_time (self->deliver, 0);
      g_mutex_unlock (&self->mutex);
    }
}

static gpointer
writer_thread (gpointer user)
{
  Writer *self = user;

  g_mutex_lock (&self->mutex);
  for (;;)
    {
      GQueue batch = G_QUEUE_INIT;

      while (g_queue_is_empty (&self->pushed) && !self->stop)
        g_cond_wait (&self->wake, &self->mutex);
      if (g_queue_is_empty (&self->pushed))
        break;
      self->running = TRUE;
      move_all (&self->pushed, &batch);
      g_mutex_unlock (&self->mutex);
      run_batch (self, &batch);
      g_mutex_lock (&self->mutex);
      self->running = FALSE;
      g_cond_broadcast (&self->idle);
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

static Job *
pop_ended (Writer *self)
{
  Job *job;

  g_mutex_lock (&self->mutex);
  job = g_queue_pop_head (&self->ended);
  g_mutex_unlock (&self->mutex);
  return job;
}

/* One at a time from the one queue: a done that drains must not overtake those before it. No more
 * than had ended by now, so that jobs pushed by dones do not keep the main loop here. */
static gboolean
deliver (gpointer user)
{
  Writer *self = user;
  Job *job;
  guint n;

  g_mutex_lock (&self->mutex);
  g_source_set_ready_time (self->deliver, -1);
  n = self->ended.length;
  g_mutex_unlock (&self->mutex);
  for (; n > 0 && (job = pop_ended (self)) != NULL; n--)
    {
      if (job->done != NULL)
        job->done (job->data, job->error);
      job_free (job);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user)
{
  return callback (user);
}

static GSourceFuncs source_funcs = { NULL, NULL, source_dispatch, NULL, NULL, NULL };

Writer *
writer_new (GMainContext *context)
{
  Writer *self = g_new0 (Writer, 1);

  self->context = context;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->wake);
  g_cond_init (&self->idle);
  g_queue_init (&self->pushed);
  g_queue_init (&self->ended);
  self->deliver = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_callback (self->deliver, deliver, self, NULL);
  g_source_attach (self->deliver, context);
  self->thread = g_thread_new ("writer", writer_thread, self);
  return self;
}

void
writer_free (Writer *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->mutex);
  self->stop = TRUE;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->mutex);
  g_thread_join (self->thread);
  g_source_destroy (self->deliver);
  g_source_unref (self->deliver);
  g_queue_clear_full (&self->ended, (GDestroyNotify) job_free);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->wake);
  g_cond_clear (&self->idle);
  g_free (self);
}

void
writer_push (Writer *self, const WriterGroup *group, WriterRun run, WriterDone done, gpointer data)
{
  Job *job = g_new0 (Job, 1);

  job->group = group;
  job->run = run;
  job->done = done;
  job->data = data;
  g_mutex_lock (&self->mutex);
  g_queue_push_tail (&self->pushed, job);
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->mutex);
}

void
writer_drain (Writer *self)
{
  g_mutex_lock (&self->mutex);
  while (self->running || !g_queue_is_empty (&self->pushed))
    g_cond_wait (&self->idle, &self->mutex);
  g_mutex_unlock (&self->mutex);
  deliver (self);
}
