/* SPDX-License-Identifier: MIT
 *
 * A thread that speaks to the notification daemon: libnotify waits for each answer, for 25 s where
 * none comes, and the main loop must not.
 */
#pragma once

#include "approve-ui/notice/notice-text.h"

typedef enum
{
  NOTICE_BUTTON_DENY = 0,
  NOTICE_BUTTON_REVIEW
} NoticeButton;

typedef struct _NoticeThread NoticeThread;

/* @content: what was shown when @button was pressed. */
typedef void (*NoticePressed) (const NoticeContent *content, NoticeButton button, gpointer user);

/* @pressed is called from the main context of the caller. */
NoticeThread *notice_thread_new (NoticePressed pressed, gpointer user);
/* Shows @content (a reference is taken) in place of what is shown, or with NULL withdraws that.
 * Waits for nothing; of several that come while the daemon is slow the last counts. */
void notice_thread_want (NoticeThread *self, NoticeContent *content);
/* Shows this once, beside what is wanted, for as long as the daemon shows what passes: @title in
 * plain text, @text escaped for people and no markup. Waits for nothing; where the daemon is slow,
 * some are left out. */
void notice_thread_tell (NoticeThread *self, const char *title, const char *text);
/* Withdraws, waits a second at most until that is done, and lets go of @self. @pressed is not
 * called any more. */
void notice_thread_leave (NoticeThread *self);
