/* SPDX-License-Identifier: MIT
 *
 * The one thread that waits for disks. Store and audit hand it work; it commits in groups and
 * then releases, on the main loop, those who waited.
 *
 * MUST
 *  - run jobs in the order they were pushed
 *  - call every done exactly once, on the main loop, in the order of the jobs
 */
#pragma once

#include <glib.h>

typedef struct _Writer Writer;

/* Runs on the writer thread. FALSE is failure; the error goes to the job's done. */
typedef gboolean (*WriterRun) (gpointer data, GError **error);
/* Runs on the main loop. @error is NULL when the job and its group's end succeeded. */
typedef void (*WriterDone) (gpointer data, const GError *error);

/* What stands around a run of neighbouring jobs of one kind: a transaction, or one sync for all.
 * Both run on the writer thread. When end fails, every job of the group fails with its error.
 * Either may be NULL. */
typedef struct
{
  gboolean (*begin) (gpointer user, GError **error);
  gboolean (*end) (gpointer user, GError **error);
  gpointer user;
} WriterGroup;

/* Completions are delivered in @context (NULL: the default one). */
Writer *writer_new (GMainContext *context);
/* Finishes what was pushed, delivers nothing more, joins the thread. What was not delivered is lost
 * to whoever waits for it: writer_drain() first, and not from within a done. */
void writer_free (Writer *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Writer, writer_free)

/* From any thread. @group must outlive its jobs; jobs with the same @group that lie next to each
 * other share one begin and end. */
void writer_push (Writer *writer, const WriterGroup *group, WriterRun run, WriterDone done,
                  gpointer data);
/* Waits until all that was pushed has run, and delivers it, on the calling thread, which must be
 * that of the main loop: for start-up and shutdown only. What dones push meanwhile is not waited
 * for. */
void writer_drain (Writer *writer);
