/* SPDX-License-Identifier: MIT
 *
 * The main window: what waits, what is granted, what is always allowed, what was decided; revoke,
 * lock, panic.
 *
 * MUST
 *  - show names of what is granted and was decided only after the PIN was given for this opening
 *  - forget them when it closes
 */
#pragma once

#include <gtk/gtk.h>

#include "approve-ui/dialog/link.h"
#include "approve-ui/card/queue.h"

#define APPROVE_TYPE_WINDOW (approve_window_get_type ())
G_DECLARE_FINAL_TYPE (ApproveWindow, approve_window, APPROVE, WINDOW, GtkWindow)

typedef struct
{
  void (*review) (gpointer user, const char *request_id); /* the person wants to see it */
  void (*authenticated) (gpointer user);                  /* the PIN was right */
} ApproveWindowEvents;

/* All must outlive the window. */
ApproveWindow *approve_window_new (Link *link, const Queue *queue,
                                   const ApproveWindowEvents *events, gpointer user);
/* So many wait that cannot be shown before the PIN is given, or before the broker is unlocked. */
void approve_window_set_unread (ApproveWindow *self, guint n, gboolean locked);
/* Opens it, or brings it to the front. */
void approve_window_raise (ApproveWindow *self);
/* The queue has changed. */
void approve_window_update (ApproveWindow *self);
