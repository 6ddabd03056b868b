/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/approve.h"

#include "approve-ui/dialog/approve-touch.h"
#include "approve-ui/dialog/attract.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/dialog/dialog.h"
#include "approve-ui/card/draft.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/card/told.h"
#include "approve-ui/dialog/link.h"
#include "approve-ui/dialog/pages.h"
#include "approve-ui/card/queue.h"
#include "approve-ui/dialog/window.h"

#define IDLE_SECONDS 600 /* without anything to show, it is not needed */

struct _Approve
{
  Link *link;
  Queue *queue;
  ApproveDialog *dialog;
  ApproveWindow *window;
  Attract *attract;
  Pages *pages;
  gboolean registered;
  guint unread;         /* wait, and cannot be shown before the PIN is given */
  gboolean locked;      /* the broker: no PIN shows anything */
  GHashTable *answered; /* request_ids of what we have answered and not heard the end of */
  ApproveTouch *touch;  /* of a security key, for a grant; NULL: none is waited for */
  guint idle;
  void (*ended) (gpointer user, const GError *error);
  gpointer user;
};

static gboolean
on_idle (gpointer user)
{
  Approve *self = user;

  self->idle = 0;
  self->ended (self->user, NULL);
  return G_SOURCE_REMOVE;
}

/* What blinks for a card that is not looked at any more is for nothing. */
static void
check_touch (Approve *self)
{
  const CardGroup *group = queue_current (self->queue);

  if (self->touch != NULL
      && (group == NULL || group->cards->pdata[0] != approve_touch_card (self->touch)))
    g_clear_pointer (&self->touch, approve_touch_free);
}

/* Shows what there is to show. */
static void
refresh (Approve *self)
{
  check_touch (self);
  g_clear_handle_id (&self->idle, g_source_remove);
  if (!self->registered && queue_length (self->queue) == 0 && pages_shown (self->pages) == 0
      && !gtk_widget_get_visible (GTK_WIDGET (self->window)))
    self->idle = g_timeout_add_seconds (IDLE_SECONDS, on_idle, self);
  approve_dialog_show (self->dialog, self->queue);
  approve_window_update (self->window);
  attract_update (self->attract, self->locked ? 0 : self->unread);
}

void
approve_raise (Approve *self)
{
  approve_window_raise (self->window);
  refresh (self);
}

/* --- What the broker says --- */

static void
on_held (gpointer user, Card *card)
{
  Approve *self = user;

  queue_add (self->queue, card);
  refresh (self);
}

/* It stays held for another approver, or until its deadline denies it. */
static void
on_unreadable (gpointer user, const char *request_id, const GError *error)
{
  g_printerr ("countersign-approve: request %s is left unanswered: %s\n",
              request_id != NULL ? request_id : "", error->message);
}

static void
on_closed (gpointer user, const char *request_id, const char *status, const char *by)
{
  Approve *self = user;
  QueueRemoved removed = queue_remove (self->queue, request_id);
  gboolean ours = g_hash_table_remove (self->answered, request_id);

  refresh (self);
  if (removed == QUEUE_CURRENT_GONE && queue_length (self->queue) > 0 && !ours)
    {
      g_autofree char *how = card_status (status);
      g_autofree char *who = by != NULL ? card_process (by) : NULL;
      g_autofree char *text
          = who != NULL ? g_strdup_printf (_ ("The request before this one: %s, by %s."), how, who)
                        : g_strdup_printf (_ ("The request before this one: %s."), how);
      approve_dialog_say (self->dialog, text);
    }
}

/* Instead of cards: this connection may not read them, or not any more. */
static void
on_waiting (gpointer user, guint held)
{
  Approve *self = user;

  queue_clear (self->queue);
  self->unread = held;
  approve_window_set_unread (self->window, held, self->locked);
  refresh (self);
}

static void
on_state (gpointer user, const char *state)
{
  Approve *self = user;

  self->locked = !g_str_equal (state, "unlocked");
  approve_window_set_unread (self->window, self->unread, self->locked);
  refresh (self);
}

static void
on_raise (gpointer user)
{
  approve_raise (user);
}

static void
on_browse (gpointer user, const json_t *params)
{
  Approve *self = user;

  pages_begin (self->pages, params);
}

static void
on_browse_over (gpointer user, const json_t *params)
{
  Approve *self = user;

  pages_end (self->pages, params);
}

static void
on_told (gpointer user, const json_t *params)
{
  Approve *self = user;
  g_autofree char *title = told_title (params), *text = told_text (params);

  if (text != NULL)
    attract_tell (self->attract, title, text);
}

static void
on_pages_changed (gpointer user)
{
  refresh (user);
}

static void
on_gone (gpointer user, const GError *error)
{
  Approve *self = user;

  queue_clear (self->queue);
  approve_dialog_show (self->dialog, self->queue);
  self->ended (self->user, error);
}

static const LinkEvents link_events
    = { on_held,  on_unreadable, on_closed,      on_waiting, on_state,
        on_raise, on_browse,     on_browse_over, on_told, on_gone };

static void
on_subscribed (gpointer user, const json_t *result, const GError *error, const char *reason)
{
  Approve *self = user;

  if (error != NULL)
    self->ended (self->user, error);
}

/* --- What the person does --- */

static void
on_granted (gpointer user, const json_t *result, const GError *error, const char *reason)
{
  Approve *self = user;
  gboolean wants_pin = g_strcmp0 (reason, "pin_needed") == 0;

  if (result == NULL && wants_pin)
    approve_dialog_refused (self->dialog, _ ("This needs your PIN."), TRUE);
  else if (result == NULL)
    {
      g_autofree char *text = card_escape (error->message);
      approve_dialog_refused (self->dialog, text, FALSE);
    }
}

static void
on_touch_said (gpointer user, const char *words)
{
  Approve *self = user;

  approve_dialog_urge (self->dialog, words);
}

static void
on_touch_failed (gpointer user, const GError *error)
{
  Approve *self = user;
  g_autofree char *text = card_escape (error->message);

  g_clear_pointer (&self->touch, approve_touch_free);
  approve_dialog_refused (self->dialog, text, FALSE);
}

static void
on_touch_decided (gpointer user, const json_t *result, const GError *error, const char *reason)
{
  Approve *self = user;

  g_clear_pointer (&self->touch, approve_touch_free);
  on_granted (user, result, error, reason);
}

/* Takes @decision. A key is not made to blink for a grant that still lacks its PIN. */
static void
grant_by_touch (Approve *self, const Card *card, json_t *decision, const Secret *pin)
{
  static const ApproveTouchEvents events = { on_touch_said, on_touch_failed, on_touch_decided };

  g_clear_pointer (&self->touch, approve_touch_free);
  if (pin == NULL
      && (card->risk == CARD_RISK_DISCLOSE || json_is_true (json_object_get (decision, "always"))))
    {
      json_decref (decision);
      approve_dialog_refused (self->dialog, _ ("This needs your PIN."), TRUE);
      return;
    }
  self->touch = approve_touch_new (self->link, card, decision, pin, &events, self);
}

static void
grant (gpointer user, json_t *decision, const Secret *pin)
{
  Approve *self = user;
  const CardGroup *group = queue_current (self->queue);
  const Card *card = group != NULL ? group->cards->pdata[0] : NULL;

  g_hash_table_add (self->answered, g_strdup (wire_string (decision, "request_id")));
  if (card != NULL && card->confirm == CARD_CONFIRM_KEY)
    grant_by_touch (self, card, decision, pin);
  else
    link_call (self->link, "decide", decision, pin, on_granted, self);
}

static void
deny_one (Approve *self, const char *request_id, const char *reason, gint64 seconds)
{
  g_hash_table_add (self->answered, g_strdup (request_id));
  link_call (self->link, "decide", draft_denial (request_id, reason, seconds), NULL, NULL, NULL);
}

static void
deny (gpointer user, const char *reason, gint64 seconds)
{
  Approve *self = user;
  const CardGroup *group = queue_current (self->queue);

  for (guint i = 0; group != NULL && i < group->cards->len; i++)
    deny_one (self, ((Card *) group->cards->pdata[i])->request_id, reason, seconds);
}

/* From the notification. */
static void
deny_noticed (const char *const *request_ids, gpointer user)
{
  for (; *request_ids != NULL; request_ids++)
    deny_one (user, *request_ids, NULL, 0);
}

static void
review_noticed (gpointer user)
{
  Approve *self = user;

  if (queue_current (self->queue) != NULL)
    approve_dialog_raise (self->dialog);
  else
    approve_raise (self);
}

static void
move (gpointer user, int by)
{
  Approve *self = user;

  if (queue_move (self->queue, by))
    refresh (self);
}

/* From the main window. */
static void
review (gpointer user, const char *request_id)
{
  Approve *self = user;

  if (queue_look_at (self->queue, request_id))
    refresh (self);
  approve_dialog_raise (self->dialog);
}

/* The PIN was given in the main window, so from now on there are cards. */
static void
authenticated (gpointer user)
{
  Approve *self = user;

  self->unread = 0;
  approve_window_set_unread (self->window, 0, FALSE);
  if (self->registered)
    link_call (self->link, "subscribe", NULL, NULL, on_subscribed, self);
}

static const ApproveWindowEvents window_events = { review, authenticated };
static const ApproveDialogEvents dialog_events = { grant, deny, move };

Approve *
approve_new (Client *client, gboolean registered,
             void (*ended) (gpointer user, const GError *error), gpointer user)
{
  Approve *self = g_new0 (Approve, 1);

  self->registered = registered;
  self->ended = ended;
  self->user = user;
  self->queue = queue_new ();
  self->answered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->dialog = approve_dialog_new (&dialog_events, registered, self);
  self->link = link_new (client, &link_events, self);
  self->window = approve_window_new (self->link, self->queue, &window_events, self);
  self->attract
      = attract_new (GTK_WINDOW (self->dialog), self->queue, review_noticed, deny_noticed, self);
  self->pages = pages_new (on_pages_changed, self);
  g_signal_connect_swapped (self->window, "hide", G_CALLBACK (refresh), self);
  link_call (self->link, "subscribe", NULL, NULL, on_subscribed, self);
  refresh (self);
  return self;
}

void
approve_free (Approve *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->idle, g_source_remove);
  g_clear_pointer (&self->touch, approve_touch_free);
  g_signal_handlers_disconnect_by_data (self->window, self);
  attract_free (self->attract);
  pages_free (self->pages);
  gtk_window_destroy (GTK_WINDOW (self->window));
  gtk_window_destroy (GTK_WINDOW (self->dialog));
  link_free (self->link);
  queue_free (self->queue);
  g_hash_table_unref (self->answered);
  g_free (self);
}
