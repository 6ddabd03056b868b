/* SPDX-License-Identifier: MIT */
#include "approve-ui/notice/notice.h"

#include "approve-ui/notice/notice-thread.h"

struct _Notice
{
  NoticeReview review;
  NoticeDeny deny;
  gpointer user;
  NoticeThread *thread;   /* NULL: there is no session bus */
  NoticeContent *content; /* what is to be seen, or NULL */
};

static void
pressed (const NoticeContent *content, NoticeButton button, gpointer user)
{
  Notice *self = user;

  if (button == NOTICE_BUTTON_DENY)
    self->deny ((const char *const *) content->request_ids, self->user);
  else
    self->review (self->user);
}

Notice *
notice_new (NoticeReview review, NoticeDeny deny, gpointer user)
{
  Notice *self = g_new0 (Notice, 1);

  self->review = review;
  self->deny = deny;
  self->user = user;
  /* Where none is named, GIO would start one of its own. */
  if (g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL)
    self->thread = notice_thread_new (pressed, self);
  return self;
}

void
notice_free (Notice *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->content, notice_content_unref);
  g_clear_pointer (&self->thread, notice_thread_leave);
  g_free (self);
}

/* Takes @content. */
static void
want (Notice *self, NoticeContent *content)
{
  g_clear_pointer (&self->content, notice_content_unref);
  self->content = content;
  if (self->thread != NULL)
    notice_thread_want (self->thread, content);
}

void
notice_show (Notice *self, const char *sentence, const char *detail, guint waiting,
             const char *const *request_ids)
{
  g_autoptr (NoticeContent) content = notice_content_new (sentence, detail, waiting, request_ids);

  if (!notice_content_equal (self->content, content))
    want (self, g_steal_pointer (&content));
}

void
notice_withdraw (Notice *self)
{
  if (self->content != NULL)
    want (self, NULL);
}

void
notice_tell (Notice *self, const char *title, const char *text)
{
  if (self->thread != NULL)
    notice_thread_tell (self->thread, title, text);
}
