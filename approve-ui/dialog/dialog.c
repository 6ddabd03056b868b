/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/dialog.h"

#include "approve-ui/dialog/arming.h"
#include "approve-ui/card/card-show.h"
#include "approve-ui/dialog/card-view.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/dialog/choices.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/dialog/look.h"
#include "approve-ui/dialog/pin-entry.h"
#include "approve-ui/dialog/reason.h"
#include "approve-ui/dialog/turns.h"

struct _ApproveDialog
{
  GtkWindow parent;
  GtkLabel *sentence, *countdown, *status, *pin_hint;
  GtkWidget *heading, *risk, *pin_row, *pin_label, *deny, *grant;
  GtkScrolledWindow *scroller;
  ApproveCardView *view;
  ApproveChoices *choices;
  ApprovePinEntry *pin;
  ApproveReason *reason;
  ApproveTurns *turns;

  const ApproveDialogEvents *events;
  gpointer user;
  Card *card;   /* shown; NULL: none is */
  Draft *draft; /* of it */
  Arming *arming;
  guint ticking; /* the countdown */
  gboolean pin_always;
  gboolean asked; /* the broker has our grant, and has not answered */
};

G_DEFINE_FINAL_TYPE (ApproveDialog, approve_dialog, GTK_TYPE_WINDOW)

/* --- What can be pressed --- */

static gboolean
shows_pin (const ApproveDialog *self)
{
  return gtk_widget_get_visible (self->pin_row);
}

/* Why granting is not possible, or NULL when it is. */
static char *
hindrance (ApproveDialog *self)
{
  char *why = NULL;

  if (self->card == NULL || self->asked)
    return g_strdup ("");
  if (!approve_choices_valid (self->choices, &why) || !draft_ready (self->draft, &why))
    return why;
  return NULL;
}

static void
update (ApproveDialog *self)
{
  g_autofree char *why = hindrance (self);

  gtk_widget_set_sensitive (self->grant, why == NULL && arming_is_armed (self->arming));
  gtk_widget_set_sensitive (self->deny, self->card != NULL);
}

void
approve_dialog_say (ApproveDialog *self, const char *text)
{
  gtk_widget_remove_css_class (GTK_WIDGET (self->status), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->status), "strong");
  look_set_text (self->status, text);
}

void
approve_dialog_urge (ApproveDialog *self, const char *text)
{
  approve_dialog_say (self, text);
  gtk_widget_add_css_class (GTK_WIDGET (self->status), "strong");
}

static void
complain (ApproveDialog *self, const char *text)
{
  approve_dialog_say (self, text);
  gtk_widget_add_css_class (GTK_WIDGET (self->status), "error");
}

static void
on_armed (gpointer user)
{
  update (user);
}

/* --- Answers --- */

static void
grant (ApproveDialog *self)
{
  g_autofree char *why = hindrance (self);
  g_autoptr (Secret) pin = NULL;

  if (!arming_is_armed (self->arming))
    return;
  if (why != NULL)
    {
      complain (self, why);
      return;
    }
  pin = approve_pin_entry_take (self->pin);
  self->asked = TRUE;
  update (self);
  approve_dialog_say (self, "");
  self->events->grant (self->user, draft_decision (self->draft), pin);
}

static void
on_grant (ApproveDialog *self)
{
  grant (self);
}

/* Enter at the PIN. Without a PIN it is nothing: whoever means the button presses the button. */
static void
on_pin (ApproveDialog *self)
{
  if (approve_pin_entry_is_empty (self->pin))
    complain (self, _ ("Type your PIN to grant, or press Deny."));
  else
    grant (self);
}

static void
deny (ApproveDialog *self, const char *reason, gint64 seconds)
{
  if (self->card == NULL)
    return;
  gtk_popover_popdown (GTK_POPOVER (self->reason));
  self->events->deny (self->user, reason, seconds);
}

static void
on_deny (ApproveDialog *self)
{
  deny (self, NULL, 0);
}

static void
on_deny_more (ApproveDialog *self)
{
  g_autofree char *reason = approve_reason_text (self->reason);

  deny (self, reason, approve_reason_seconds (self->reason));
}

static gboolean
close_request (GtkWindow *window)
{
  deny (APPROVE_DIALOG (window), NULL, 0);
  return TRUE; /* it goes when the broker has taken the denial, as with any other answer */
}

static void
on_move (ApproveDialog *self, int by)
{
  self->events->move (self->user, by);
}

/* Keys that were meant for another window; whoever goes on typing there has not looked here. */
static gboolean
on_key (GtkEventControllerKey *keys, guint keyval, guint code, GdkModifierType state,
        ApproveDialog *self)
{
  if (arming_is_armed (self->arming))
    return GDK_EVENT_PROPAGATE;
  arming_begin (self->arming);
  return GDK_EVENT_STOP;
}

static gboolean
on_escape (GtkWidget *widget, GVariant *arguments, gpointer user)
{
  deny (APPROVE_DIALOG (widget), NULL, 0);
  return TRUE;
}

static gboolean
on_move_key (GtkWidget *widget, GVariant *arguments, gpointer user)
{
  ApproveDialog *self = APPROVE_DIALOG (widget);

  self->events->move (self->user, g_variant_get_int32 (arguments));
  return TRUE;
}

/* --- What is shown --- */

static gboolean
on_tick (gpointer user)
{
  ApproveDialog *self = user;
  g_autofree char *left = card_time_left (self->card, g_get_real_time ());
  g_autofree char *text = g_strdup_printf (_ ("Denied in %s if nobody answers"), left);

  gtk_label_set_text (self->countdown, text);
  return G_SOURCE_CONTINUE;
}

static const char *
risk_icon (CardRisk risk)
{
  switch (risk)
    {
    case CARD_RISK_READ:
      return "dialog-password-symbolic";
    case CARD_RISK_WRITE:
      return "document-edit-symbolic";
    case CARD_RISK_DISCLOSE:
    default:
      return "dialog-warning-symbolic";
    }
}

/* A rule that asks for a click is content with one, and one that asks for a security key with its
 * touch; what discloses is not. */
static gboolean
wants_pin (const ApproveDialog *self)
{
  if (self->card->risk == CARD_RISK_DISCLOSE)
    return TRUE;
  return self->card->confirm == CARD_CONFIRM_PIN
         || (self->pin_always && self->card->confirm != CARD_CONFIRM_KEY);
}

static void
show_pin (ApproveDialog *self)
{
  gboolean each = self->pin_always || self->card->risk != CARD_RISK_READ;

  approve_pin_entry_clear (self->pin);
  gtk_widget_set_visible (self->pin_row, wants_pin (self));
  gtk_label_set_text (
      self->pin_hint,
      each ? _ ("asked each time for this")
      : self->card->requester.caller != NULL
          ? _ ("may be left out for 5 minutes after it was given for this caller")
          : _ ("may be left out for 5 minutes after it was given for this program"));
}

/* What is hidden can still be changed over the accessibility bus. */
static void
forget_card (ApproveDialog *self)
{
  gtk_popover_popdown (GTK_POPOVER (self->reason)); /* it was begun for this one */
  approve_card_view_clear (self->view);
  approve_choices_clear (self->choices);
  g_clear_pointer (&self->draft, draft_free);
  g_clear_pointer (&self->card, card_unref);
}

static void
show_card (ApproveDialog *self, const CardGroup *group)
{
  Card *card = card_ref (group->cards->pdata[0]);
  g_autofree char *sentence = card_sentence (card);

  forget_card (self);
  self->card = card;
  self->draft = draft_new (card);
  self->asked = FALSE;
  gtk_image_set_from_icon_name (GTK_IMAGE (self->risk), risk_icon (card->risk));
  gtk_widget_set_css_classes (self->heading,
                              (const char *[]){ "heading", look_risk (card->risk), NULL });
  look_set_text (self->sentence, sentence);
  approve_card_view_show (self->view, group, self->draft);
  approve_choices_show (self->choices, card, self->draft);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
  approve_reason_clear (self->reason);
  show_pin (self);
  approve_dialog_say (self, "");
  on_tick (self);
  arming_begin (self->arming);
  gtk_widget_grab_focus (shows_pin (self) ? GTK_WIDGET (self->pin) : self->deny);
}

static void
leave (ApproveDialog *self)
{
  g_clear_handle_id (&self->ticking, g_source_remove);
  approve_pin_entry_clear (self->pin);
  forget_card (self);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
approve_dialog_show (ApproveDialog *self, const Queue *queue)
{
  const CardGroup *group = queue_current (queue);

  if (group == NULL)
    {
      leave (self);
      return;
    }
  if (self->card != group->cards->pdata[0])
    show_card (self, group);
  else
    approve_card_view_update_alike (self->view, group);
  if (self->ticking == 0)
    self->ticking = g_timeout_add_seconds (1, on_tick, self);
  approve_turns_show (self->turns, queue_position (queue), queue_length (queue));
  update (self);
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    gtk_window_present (GTK_WINDOW (self));
}

void
approve_dialog_raise (ApproveDialog *self)
{
  if (self->card == NULL)
    return;
  arming_begin (self->arming);
  gtk_window_present (GTK_WINDOW (self));
}

void
approve_dialog_refused (ApproveDialog *self, const char *text, gboolean wants_pin)
{
  if (!self->asked)
    return; /* it is about a card that is not looked at any more */
  self->asked = FALSE;
  complain (self, text);
  if (wants_pin)
    {
      gtk_widget_set_visible (self->pin_row, TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (self->pin));
    }
  update (self);
}

/* --- Made and gone --- */

ApproveDialog *
approve_dialog_new (const ApproveDialogEvents *events, gboolean pin_always, gpointer user)
{
  ApproveDialog *self = g_object_new (APPROVE_TYPE_DIALOG, NULL);

  self->events = events;
  self->pin_always = pin_always;
  self->user = user;
  return self;
}

static void
dispose (GObject *object)
{
  ApproveDialog *self = APPROVE_DIALOG (object);

  g_clear_handle_id (&self->ticking, g_source_remove);
  g_clear_pointer (&self->arming, arming_free);
  g_clear_pointer (&self->draft, draft_free);
  g_clear_pointer (&self->card, card_unref);
  G_OBJECT_CLASS (approve_dialog_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget)
{
  gtk_widget_class_bind_template_child (widget, ApproveDialog, sentence);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, countdown);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, status);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, pin_hint);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, heading);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, risk);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, pin_row);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, pin_label);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, deny);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, grant);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, reason);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, turns);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, scroller);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, view);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, choices);
  gtk_widget_class_bind_template_child (widget, ApproveDialog, pin);
}

static void
approve_dialog_class_init (ApproveDialogClass *class)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (class);

  g_type_ensure (APPROVE_TYPE_CARD_VIEW);
  g_type_ensure (APPROVE_TYPE_CHOICES);
  g_type_ensure (APPROVE_TYPE_PIN_ENTRY);
  g_type_ensure (APPROVE_TYPE_REASON);
  g_type_ensure (APPROVE_TYPE_TURNS);
  G_OBJECT_CLASS (class)->dispose = dispose;
  GTK_WINDOW_CLASS (class)->close_request = close_request;
  gtk_widget_class_set_template_from_resource (widget, "/org/countersign/Approve/dialog.ui");
  bind_children (widget);
  gtk_widget_class_bind_template_callback (widget, on_grant);
  gtk_widget_class_bind_template_callback (widget, on_deny);
  gtk_widget_class_bind_template_callback (widget, on_deny_more);
  gtk_widget_class_bind_template_callback (widget, on_move);
  gtk_widget_class_bind_template_callback (widget, on_pin);
  gtk_widget_class_bind_template_callback (widget, update);
  gtk_widget_class_add_binding (widget, GDK_KEY_Escape, 0, on_escape, NULL);
  gtk_widget_class_add_binding (widget, GDK_KEY_Page_Up, GDK_CONTROL_MASK, on_move_key, "i", -1);
  gtk_widget_class_add_binding (widget, GDK_KEY_Page_Down, GDK_CONTROL_MASK, on_move_key, "i", 1);
}

/* With a letter to press GTK 4.8 names a button twice, "_Deny Deny". */
static void
name_once (GtkWidget *button, const char *name)
{
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
approve_dialog_init (ApproveDialog *self)
{
  g_autoptr (GtkSizeGroup) labels = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  name_once (self->deny, _ ("Deny"));
  name_once (self->grant, _ ("Grant"));
  gtk_size_group_add_widget (labels, self->pin_label);
  approve_card_view_align (self->view, labels);
  approve_choices_align (self->choices, labels);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->deny);
  self->arming = arming_new (GTK_WINDOW (self), on_armed, self);
}
