/* SPDX-License-Identifier: MIT
 *
 * One notification for all that waits.
 *
 * MUST
 *  - never grant: who may show notifications, or speak for the daemon that does, is any program of
 *    the person's session
 *  - never hold up the main loop, whatever bus and daemon do
 *  - show text, never markup, of what came from an agent
 *
 * Without a session bus or a daemon nothing is shown, and nothing else is different. One Notice in
 * a process at a time. To be used from the thread whose main loop calls back.
 */
#pragma once

#include <glib.h>

typedef struct _Notice Notice;

/* The person wants to see what waits. Called from the main loop. */
typedef void (*NoticeReview) (gpointer user);
/* The person denies @request_ids: what the notification was about when it was pressed, which may
 * have been answered since. Called from the main loop. */
typedef void (*NoticeDeny) (const char *const *request_ids, gpointer user);

Notice *notice_new (NoticeReview review, NoticeDeny deny, gpointer user);
/* Withdraws. Waits for a daemon that does not answer for a second at most. */
void notice_free (Notice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Notice, notice_free)

/* Shows this, or replaces what is shown by it: @sentence, @detail (may be NULL; both escaped text,
 * no markup), and that @waiting wait. Its Deny is about @request_ids. The same again changes
 * nothing, also when the person has closed it. */
void notice_show (Notice *self, const char *sentence, const char *detail, guint waiting,
                  const char *const *request_ids);
void notice_withdraw (Notice *self);
/* Shows this beside it, once; @title and @text are as @sentence. */
void notice_tell (Notice *self, const char *title, const char *text);
