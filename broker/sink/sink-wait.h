/* SPDX-License-Identifier: MIT
 *
 * Waiting for what is written to a directory.
 */
#pragma once

#include <glib.h>

typedef struct
{
  int fd; /* inotify; -1: this machine has none left, and the directory is looked at now and then */
} SinkWait;

void sink_wait_init (SinkWait *wait);
/* To be called before the directory is read: what is written from then on ends sink_wait(). */
void sink_wait_watch (SinkWait *wait, const char *dir);
/* Until something was written, or after some seconds where that cannot be watched. TRUE when the
 * directory was given another name. */
gboolean sink_wait (SinkWait *wait);
/* For that long, whatever happens. */
void sink_pause (guint milliseconds);
