/* SPDX-License-Identifier: MIT */
#include "broker/sink/sink-run.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/base/text.h"
#include "broker/sink/sink-journal.h"
#include "broker/sink/sink-syslog.h"
#include "broker/sink/sink-trail.h"
#include "broker/sink/sink-wait.h"

#define BURST_BYTES (1024 * 1024)
#define RETRY_FIRST 1000 /* milliseconds, doubled each time */
#define RETRY_LAST 60000

typedef struct
{
  const SinkOptions *options;
  SinkTrail *trail;
  SinkLink *link;
  SinkWait wait;
  char *host;
  GPtrArray *messages; /* GString: read, and not taken yet */
  GArray *cursors;     /* SinkCursor: after each */
  char *trouble;       /* what was said last of why nothing moves; NULL: it moves */
  gboolean more;       /* the last burst was not all that there is */
  guint retry;         /* milliseconds */
  ino_t folder;        /* the trail's, when it was last looked at */
} Run;

static void
message_free (gpointer data)
{
  g_string_free (data, TRUE);
}

static void
cursor_clear (gpointer data)
{
  sink_cursor_clear (data);
}

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->trail, sink_trail_free);
  g_clear_pointer (&run->link, sink_link_free);
  g_clear_pointer (&run->messages, g_ptr_array_unref);
  g_clear_pointer (&run->cursors, g_array_unref);
  g_free (run->host);
  g_free (run->trouble);
  if (run->wait.fd >= 0)
    close (run->wait.fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* ---- what is said ---- */

static void
say (const char *words)
{
  g_autofree char *text = text_escape (words);

  fprintf (stderr, "countersign-audit-export: %s\n", text);
}

/* Once, not with each attempt. */
static void
on_trouble (Run *run, const GError *error)
{
  if (g_strcmp0 (run->trouble, error->message) != 0)
    say (error->message);
  g_free (run->trouble);
  run->trouble = g_strdup (error->message);
}

static void
on_well (Run *run)
{
  if (run->trouble != NULL)
    say ("goes on");
  g_clear_pointer (&run->trouble, g_free);
  run->retry = RETRY_FIRST;
}

/* ---- one burst ---- */

static gboolean
about_differing (const SinkRecord *record)
{
  return strcmp (record->event, "trail_differs") == 0;
}

static GString *
format (const Run *run, const SinkRecord *record, const char *log_id)
{
  return run->options->place.kind == SINK_JOURNALD
             ? sink_journal_format (record, log_id)
             : sink_syslog_format (record, log_id, run->host, SINK_SYSLOG_MAX);
}

/* Behind what was read already and not taken. FALSE with an error: nothing can be read for now. */
static gboolean
read_burst (Run *run, GError **error)
{
  gsize bytes = 0;

  run->more = TRUE;
  while (run->messages->len < sink_link_burst (run->link) && bytes < BURST_BYTES)
    {
      SinkRecord *record;
      SinkTrailRead got = sink_trail_next (run->trail, &record, error);
      run->more = got == SINK_TRAIL_RECORD;
      if (!run->more)
        return got == SINK_TRAIL_END;
      const SinkCursor *cursor = sink_trail_cursor (run->trail);
      GString *message = format (run, record, cursor->log != NULL ? cursor->log : "");
      SinkCursor after = { 0 };
      if (about_differing (record))
        say (record->message);
      sink_cursor_copy (&after, cursor);
      g_array_append_val (run->cursors, after);
      g_ptr_array_add (run->messages, message);
      bytes += message->len;
      sink_record_free (record);
    }
  return TRUE;
}

/* What was taken counts, also when the rest was not. */
static gboolean
send_burst (Run *run, GError **error)
{
  const SinkOptions *options = run->options;
  guint taken = sink_link_send (run->link, run->messages, error);

  if (taken == 0)
    return FALSE;
  gboolean all = taken == run->messages->len;
  const SinkCursor *after = &g_array_index (run->cursors, SinkCursor, taken - 1);
  g_autoptr (GError) trouble = NULL;
  gboolean kept
      = sink_cursor_save (options->dir, options->name, options->place.text, after, &trouble);
  g_array_remove_range (run->cursors, 0, taken);
  g_ptr_array_remove_range (run->messages, 0, taken);
  if (!kept && all)
    g_propagate_error (error, g_steal_pointer (&trouble));
  return all && kept;
}

/* @idle: there was nothing to send. */
static gboolean
burst (Run *run, gboolean *idle, GError **error)
{
  GError *inner = NULL;
  gboolean well = read_burst (run, &inner);

  *idle = well && run->messages->len == 0;
  if (run->messages->len > 0)
    {
      g_clear_error (&inner);
      well = send_burst (run, &inner);
    }
  if (!well)
    g_propagate_error (error, inner);
  return well;
}

/* ---- all of them ---- */

static void
try_later (Run *run)
{
  sink_pause (run->retry);
  run->retry = MIN (run->retry * 2, RETRY_LAST);
}

/* The trail was put aside, and another is in its place; unless all that is seen from here is the
 * one folder (a unit's mount). Whoever starts us anew is shown the new one. */
static gboolean
is_another (Run *run)
{
  struct stat now;

  return stat (run->options->dir, &now) != 0 || now.st_ino != run->folder;
}

static void
look (Run *run)
{
  struct stat now;

  sink_wait_watch (&run->wait, run->options->dir);
  run->folder = stat (run->options->dir, &now) == 0 ? now.st_ino : 0;
}

static gboolean
put_aside (const Run *run, GError **error)
{
  g_set_error (error, SINK_ERROR, SINK_ERROR_CURSOR, "%s: the trail was put aside",
               run->options->dir);
  return FALSE;
}

/* Until there is something to do again. FALSE: there will not be. */
static gboolean
rest (Run *run, gboolean idle, GError **error)
{
  if (!idle)
    sink_pause (sink_link_pause (run->link, run->more));
  else if (sink_wait (&run->wait) && !is_another (run))
    return put_aside (run, error);
  return TRUE;
}

static gboolean
run_all (Run *run, GError **error)
{
  gboolean follow = run->options->follow, idle = FALSE;

  for (;;)
    {
      g_autoptr (GError) trouble = NULL;

      look (run);
      if (burst (run, &idle, &trouble))
        {
          on_well (run);
          if (idle && !follow)
            return TRUE;
          if (!rest (run, idle, error))
            return FALSE;
          continue;
        }
      if (!follow)
        {
          g_propagate_error (error, g_steal_pointer (&trouble));
          return FALSE;
        }
      on_trouble (run, trouble);
      try_later (run);
    }
}

static gboolean
set_up (Run *run, const SinkCursor *cursor, GError **error)
{
  const SinkOptions *options = run->options;

  run->link = sink_link_new (&options->place, &options->tls, error);
  if (run->link != NULL)
    run->trail = sink_trail_new (options->dir, cursor, options->sealed, error);
  run->host = sink_syslog_host (g_get_host_name ());
  run->messages = g_ptr_array_new_with_free_func (message_free);
  run->cursors = g_array_new (FALSE, FALSE, sizeof (SinkCursor));
  g_array_set_clear_func (run->cursors, cursor_clear);
  sink_wait_init (&run->wait);
  run->retry = RETRY_FIRST;
  return run->trail != NULL;
}

/* Who is told of this sink keeps for it what was never sent. */
static gboolean
begin_cursor (const SinkOptions *options, SinkCursor *cursor, GError **error)
{
  gboolean missing;

  return sink_cursor_load (options->dir, options->name, options->place.text, cursor, &missing,
                           error)
         && (!missing || !options->follow
             || sink_cursor_save (options->dir, options->name, options->place.text, cursor, error));
}

gboolean
sink_run (const SinkOptions *options, GError **error)
{
  g_auto (Run) run = { .options = options, .wait = { -1 } };
  g_auto (SinkCursor) cursor = { 0 };
  int lock = sink_cursor_lock (options->dir, options->name, error);

  if (lock < 0)
    return FALSE;
  gboolean done = begin_cursor (options, &cursor, error) && set_up (&run, &cursor, error)
                  && run_all (&run, error);
  close (lock);
  return done;
}
