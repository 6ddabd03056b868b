/* SPDX-License-Identifier: MIT
 *
 * What the files are that requesters run: their SHA-256, and the package that owns them. Found once
 * for each file, on a thread of its own.
 *
 * MUST
 *  - never make the main loop wait for a file
 *  - say nothing of a file that was changed since, or was being changed: not known is the answer
 *  - name a package only where root alone could have put the file
 */
#pragma once

#include "broker/base/process.h"
#include "broker/serve/loop.h"

typedef struct _Executables Executables;

/* Whoever waits; the owner's, and must live until it is told or executables_forget(). */
typedef struct _ExecutableWait
{
  void (*found) (gpointer data); /* called once: it is known, or will not be */
  gpointer data;
  GQueue *in; /* NULL: does not wait */
} ExecutableWait;

Executables *executables_new (Loop *loop);
void executables_free (Executables *self);

/* What is known by now of the file that @process runs, borrowed until the next call: each NULL
 * when it is not. A package is "" when none owns the file. @needs: bits of PolicyNeeds. */
void executables_look (Executables *self, const Process *process, guint needs, const char **sha256,
                       const char **package);
/* FALSE: there is nothing to wait for. Else @wait is told, within ten seconds. */
gboolean executables_wait (Executables *self, const Process *process, guint needs,
                           ExecutableWait *wait);
void executables_forget (ExecutableWait *wait);
