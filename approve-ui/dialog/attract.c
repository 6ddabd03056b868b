/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/attract.h"

#include "approve-ui/card/card-show.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"

#define SEEN_MS 700 /* by then a dialog that comes to the front is there */

struct _Attract
{
  GtkWindow *dialog;
  const Queue *queue;
  Notice *notice;
  guint unread, timer;
  gulong on_active;
};

static void
show_cards (Attract *self)
{
  const CardGroup *group = queue_current (self->queue);
  const Card *card = group->cards->pdata[0];
  g_autofree char *sentence = card_sentence (card);
  g_autofree char *purpose = card->purpose != NULL ? card_quote (card->purpose) : NULL;
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; i < group->cards->len; i++)
    g_ptr_array_add (ids, ((Card *) group->cards->pdata[i])->request_id);
  g_ptr_array_add (ids, NULL);
  notice_show (self->notice, sentence, purpose, queue_length (self->queue),
               (const char *const *) ids->pdata);
}

static void
show_unread (Attract *self)
{
  const char *none[] = { NULL };
  g_autofree char *text
      = g_strdup_printf (i18n_n ("%u request waits; your PIN shows it.",
                                 "%u requests wait; your PIN shows them.", self->unread),
                         self->unread);

  notice_show (self->notice, text, NULL, self->unread, none);
}

static gboolean
on_time (gpointer user)
{
  Attract *self = user;

  self->timer = 0;
  if (queue_current (self->queue) != NULL)
    show_cards (self);
  else if (self->unread > 0)
    show_unread (self);
  return G_SOURCE_REMOVE;
}

static void
consider (Attract *self)
{
  gboolean waits = queue_current (self->queue) != NULL || self->unread > 0;

  if (!waits || gtk_window_is_active (self->dialog))
    {
      g_clear_handle_id (&self->timer, g_source_remove);
      notice_withdraw (self->notice);
    }
  else if (self->timer == 0)
    self->timer = g_timeout_add (SEEN_MS, on_time, self);
}

void
attract_update (Attract *self, guint unread)
{
  self->unread = unread;
  consider (self);
}

Attract *
attract_new (GtkWindow *dialog, const Queue *queue, NoticeReview review, NoticeDeny deny,
             gpointer user)
{
  Attract *self = g_new0 (Attract, 1);

  self->dialog = dialog;
  self->queue = queue;
  self->notice = notice_new (review, deny, user);
  self->on_active
      = g_signal_connect_swapped (dialog, "notify::is-active", G_CALLBACK (consider), self);
  return self;
}

void
attract_free (Attract *self)
{
  if (self == NULL)
    return;
  g_signal_handler_disconnect (self->dialog, self->on_active);
  g_clear_handle_id (&self->timer, g_source_remove);
  notice_free (self->notice);
  g_free (self);
}

void
attract_tell (Attract *self, const char *title, const char *text)
{
  notice_tell (self->notice, title, text);
}
