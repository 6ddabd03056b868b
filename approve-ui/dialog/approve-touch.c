/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/approve-touch.h"

#include <glib-unix.h>

#include "approve-ui/key/key-step.h"

struct _ApproveTouch
{
  gint refs; /* one for its owner, one for each answer that the link still owes */
  gboolean freed;
  Link *link;
  Card *card;
  json_t *decision;
  Secret *pin; /* or NULL */
  KeyStep *step;
  guint source;
  const ApproveTouchEvents *events;
  gpointer user;
};

static void
touch_unref (ApproveTouch *self)
{
  if (--self->refs > 0)
    return;
  g_clear_pointer (&self->decision, json_decref);
  card_unref (self->card);
  g_free (self);
}

/* Ends all that is under way on our side. */
static void
stop (ApproveTouch *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_pointer (&self->step, key_step_free);
  g_clear_pointer (&self->pin, secret_free);
}

static void
fail (ApproveTouch *self, const GError *error)
{
  stop (self);
  if (!self->freed)
    self->events->failed (self->user, error);
}

static void
on_decided (gpointer user, const json_t *result, const GError *error, const char *reason)
{
  ApproveTouch *self = user;

  if (!self->freed)
    self->events->decided (self->user, result, error, reason);
  touch_unref (self);
}

static void
decide (ApproveTouch *self)
{
  g_autoptr (GError) error = NULL;
  json_t *key = key_step_take (self->step, &error);

  if (key == NULL)
    {
      fail (self, error);
      return;
    }
  json_object_set_new (self->decision, "key", key);
  self->refs++;
  link_call (self->link, "decide", g_steal_pointer (&self->decision), self->pin, on_decided, self);
  stop (self);
}

static gboolean
on_step (gint fd, GIOCondition condition, gpointer user)
{
  ApproveTouch *self = user;
  KeyStepState state = key_step_state (self->step);
  const char *words = key_step_words (state);

  if (words != NULL)
    self->events->say (self->user, words);
  if (state != KEY_STEP_DONE && state != KEY_STEP_FAILED)
    return G_SOURCE_CONTINUE;
  self->source = 0;
  self->refs++; /* its owner may free it for what it hears */
  decide (self);
  touch_unref (self);
  return G_SOURCE_REMOVE;
}

static void
on_challenge (gpointer user, const json_t *result, const GError *error, const char *reason)
{
  ApproveTouch *self = user;
  g_autoptr (GError) trouble = NULL;

  if (self->freed)
    {
      touch_unref (self);
      return;
    }
  if (result != NULL)
    self->step = key_step_grant (self->card, result, &trouble);
  if (self->step != NULL)
    {
      self->source = g_unix_fd_add (key_step_fd (self->step), G_IO_IN, on_step, self);
      self->events->say (self->user, key_step_words (KEY_STEP_LOOKING));
    }
  else
    fail (self, error != NULL ? error : trouble);
  touch_unref (self);
}

ApproveTouch *
approve_touch_new (Link *link, const Card *card, json_t *decision, const Secret *pin,
                   const ApproveTouchEvents *events, gpointer user)
{
  ApproveTouch *self = g_new0 (ApproveTouch, 1);

  self->refs = 2;
  self->link = link;
  self->card = card_ref (card);
  self->decision = decision;
  self->pin = pin != NULL ? secret_copy (pin, NULL) : NULL;
  self->events = events;
  self->user = user;
  link_call (link, "key_challenge", json_pack ("{s:s}", "request_id", card->request_id), NULL,
             on_challenge, self);
  return self;
}

void
approve_touch_free (ApproveTouch *self)
{
  self->freed = TRUE;
  stop (self);
  touch_unref (self);
}

const Card *
approve_touch_card (const ApproveTouch *self)
{
  return self->card;
}
