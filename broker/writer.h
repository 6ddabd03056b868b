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

/* Runs on the writer thread. Errors go to the job's done. */
typedef gboolean (*WriterRun) (gpointer data, GError **error);
/* Runs on the main loop. @error is NULL when the job and its group's end succeeded. */
typedef void (*WriterDone) (gpointer data, const GError *error);

/* What stands around a run of neighbouring jobs of one kind: a transaction, or one sync for all. Both run on the
 * writer thread. When end fails, every job of the group fails with its error. Either may be NULL. */
typedef struct
{
  gboolean (*begin) (gpointer user, GError **error);
  gboolean (*end) (gpointer user, GError **error);
  gpointer user;
} WriterGroup;

/* Completions are delivered in @context (NULL: the default one). */
Writer *writer_new (GMainContext *context);
/* Finishes what was pushed, delivers nothing more, joins the thread. */
void writer_free (Writer *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Writer, writer_free)

/* @group must outlive the writer; jobs with the same @group that lie next to each other share one begin and end. */
void writer_push (Writer *writer, const WriterGroup *group, WriterRun run, WriterDone done, gpointer data);
/* Waits until all that was pushed has run, and delivers it: for start-up and shutdown only. */
void writer_drain (Writer *writer);
