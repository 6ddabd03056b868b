/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/reason.h"

#define DENY_FOR 600 /* seconds, as the label says */

struct _ApproveReason
{
  GtkPopover parent;
  GtkEntry *reason;
  GtkCheckButton *deny_for;
};

G_DEFINE_FINAL_TYPE (ApproveReason, approve_reason, GTK_TYPE_POPOVER)

static guint deny_signal;

char *
approve_reason_text (ApproveReason *self)
{
  g_autofree char *reason = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->reason)));

  return *g_strstrip (reason) != '\0' ? g_steal_pointer (&reason) : NULL;
}

gint64
approve_reason_seconds (ApproveReason *self)
{
  return gtk_check_button_get_active (self->deny_for) ? DENY_FOR : 0;
}

void
approve_reason_clear (ApproveReason *self)
{
  gtk_popover_popdown (GTK_POPOVER (self));
  gtk_editable_set_text (GTK_EDITABLE (self->reason), "");
  gtk_check_button_set_active (self->deny_for, FALSE);
}

static void
on_deny (ApproveReason *self)
{
  g_signal_emit (self, deny_signal, 0);
}

static void
approve_reason_class_init (ApproveReasonClass *class)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget, "/org/countersign/Approve/reason.ui");
  gtk_widget_class_bind_template_child (widget, ApproveReason, reason);
  gtk_widget_class_bind_template_child (widget, ApproveReason, deny_for);
  gtk_widget_class_bind_template_callback (widget, on_deny);
  deny_signal = g_signal_new ("deny", APPROVE_TYPE_REASON, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
}

static void
approve_reason_init (ApproveReason *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
