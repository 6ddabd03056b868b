/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/turns.h"

#include "approve-ui/card/i18n.h"

struct _ApproveTurns
{
  GtkBox parent;
  GtkWidget *previous, *next;
  GtkLabel *count;
};

G_DEFINE_FINAL_TYPE (ApproveTurns, approve_turns, GTK_TYPE_BOX)

static guint move_signal;

void
approve_turns_show (ApproveTurns *self, guint position, guint n)
{
  g_autofree char *text = g_strdup_printf (_ ("%u of %u"), position, n);

  gtk_label_set_text (self->count, n > 1 ? text : "");
  gtk_widget_set_sensitive (self->previous, position > 1);
  gtk_widget_set_sensitive (self->next, position < n);
  /* Their place is kept, so that nothing moves when a second request comes. */
  gtk_widget_set_opacity (self->previous, n > 1 ? 1 : 0);
  gtk_widget_set_opacity (self->next, n > 1 ? 1 : 0);
}

static void
on_previous (ApproveTurns *self)
{
  g_signal_emit (self, move_signal, 0, -1);
}

static void
on_next (ApproveTurns *self)
{
  g_signal_emit (self, move_signal, 0, 1);
}

static void
approve_turns_class_init (ApproveTurnsClass *class)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget, "/org/countersign/Approve/turns.ui");
  gtk_widget_class_bind_template_child (widget, ApproveTurns, previous);
  gtk_widget_class_bind_template_child (widget, ApproveTurns, next);
  gtk_widget_class_bind_template_child (widget, ApproveTurns, count);
  gtk_widget_class_bind_template_callback (widget, on_previous);
  gtk_widget_class_bind_template_callback (widget, on_next);
  move_signal = g_signal_new ("move", APPROVE_TYPE_TURNS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
approve_turns_init (ApproveTurns *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
