/* SPDX-License-Identifier: MIT
 *
 * The window in which a person answers a card.
 *
 * MUST
 *  - grant only by the grant button or Enter at the PIN, and only while armed: for 500 ms after it
 *    came, came to the front, or shows another card, what is typed or pressed grants nothing
 *  - take its closing for a no
 *  - show all of the card, or say where the rest is
 */
#pragma once

#include <gtk/gtk.h>

#include "approve-ui/card/draft.h"
#include "approve-ui/card/queue.h"
#include "broker/base/secret.h"

#define APPROVE_TYPE_DIALOG (approve_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ApproveDialog, approve_dialog, APPROVE, DIALOG, GtkWindow)

typedef struct
{
  /* @decision is taken; @pin may be NULL. */
  void (*grant) (gpointer user, json_t *decision, const Secret *pin);
  /* All that is shown. @reason may be NULL; @seconds 0: these requests alone. */
  void (*deny) (gpointer user, const char *reason, gint64 seconds);
  void (*move) (gpointer user, int by);
} ApproveDialogEvents;

/* @pin_always: each grant needs the PIN, whatever the card says. */
ApproveDialog *approve_dialog_new (const ApproveDialogEvents *events, gboolean pin_always,
                                   gpointer user);
/* Shows what @queue looks at, or closes when that is nothing. A card that is shown already stays as
 * the person left it. */
void approve_dialog_show (ApproveDialog *self, const Queue *queue);
/* Brings it to the front. */
void approve_dialog_raise (ApproveDialog *self);
/* A line below the card, for what happened. */
void approve_dialog_say (ApproveDialog *self, const char *text);
/* The same, for what the person is to do now. */
void approve_dialog_urge (ApproveDialog *self, const char *text);
/* The broker did not take the grant; @wants_pin: because it wants the PIN. */
void approve_dialog_refused (ApproveDialog *self, const char *text, gboolean wants_pin);
