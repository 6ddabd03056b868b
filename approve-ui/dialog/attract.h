/* SPDX-License-Identifier: MIT
 *
 * When a notification says that something waits: while the dialog is not in front, and not for what
 * was seen at once.
 */
#pragma once

#include <gtk/gtk.h>

#include "approve-ui/notice/notice.h"
#include "approve-ui/card/queue.h"

typedef struct _Attract Attract;

/* @dialog is where the cards are seen. @review, @deny: as in notice.h. All must outlive it. */
Attract *attract_new (GtkWindow *dialog, const Queue *queue, NoticeReview review, NoticeDeny deny,
                      gpointer user);
void attract_free (Attract *self);
/* The queue has changed; @unread wait that cannot be shown before the PIN is given. */
void attract_update (Attract *self, guint unread);
/* What was decided without the person: escaped words. */
void attract_tell (Attract *self, const char *title, const char *text);
