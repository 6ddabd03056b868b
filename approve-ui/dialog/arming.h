/* SPDX-License-Identifier: MIT
 *
 * A window that has just come takes no answer: what is typed then was meant for another.
 *
 * MUST
 *  - be armed only while the window is drawn and in front, and has been so, unchanged and with
 * nothing typed, for 500 ms
 */
#pragma once

#include <gtk/gtk.h>

typedef struct _Arming Arming;

/* Watches @window; @changed is called whenever it has become armed or is no longer. */
Arming *arming_new (GtkWindow *window, void (*changed) (gpointer user), gpointer user);
void arming_free (Arming *self);
/* What the window shows has changed, or somebody types: the time begins again. */
void arming_begin (Arming *self);
gboolean arming_is_armed (const Arming *self);
