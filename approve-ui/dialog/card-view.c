/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/card-view.h"

#include <string.h>

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/dialog/look.h"
#include "approve-ui/dialog/whole.h"

struct _ApproveCardView
{
  GtkWidget parent;
  GtkGrid *grid;
  int rows;
  Draft *draft;
  GPtrArray *lines;   /* of CardLine, as they are drawn */
  GtkWindow *whole;   /* one of them at full length; NULL: none is */
  GHashTable *values; /* id of a line → its GtkLabel */
  GtkLabel *alike;
  GtkSizeGroup *labels;
  GCancellable *lookup; /* of the program's package; tells one card's from another's */
};

G_DEFINE_FINAL_TYPE (ApproveCardView, approve_card_view, GTK_TYPE_WIDGET)

static guint touched_signal;

/* Drawn elsewhere in the dialog: as choices, as a countdown. */
static const char *const elsewhere[] = { "scopes", "cut", "duration", "holder", "request", NULL };

static const char *
style_of (const CardLine *line)
{
  switch (line->emphasis)
    {
    case CARD_STRONG:
      return "strong";
    case CARD_CLAIM:
      return "claim";
    case CARD_WARNING:
      return "warned";
    case CARD_PLAIN:
    default:
      return NULL;
    }
}

static void
on_touched (GtkCheckButton *check, ApproveCardView *self)
{
  draft_touch (self->draft, g_object_get_data (G_OBJECT (check), "line"));
  gtk_widget_set_sensitive (GTK_WIDGET (check), FALSE); /* what was read has been read */
  g_signal_emit (self, touched_signal, 0);
}

static GtkWidget *
new_touch (ApproveCardView *self, const CardLine *line)
{
  GtkWidget *check = gtk_check_button_new_with_label (_ ("I have read this"));
  g_autofree char *name = g_strdup_printf (_ ("I have read this: %s"), line->label);

  g_object_set_data_full (G_OBJECT (check), "line", g_strdup (line->id), g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect (check, "toggled", G_CALLBACK (on_touched), self);
  gtk_widget_add_css_class (check, "touch");
  return check;
}

void
approve_card_view_align (ApproveCardView *self, GtkSizeGroup *group)
{
  g_set_object (&self->labels, group);
}

static GtkWidget *
new_label (ApproveCardView *self, const CardLine *line)
{
  GtkWidget *label = gtk_label_new (line->label);

  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  if (self->labels != NULL)
    gtk_size_group_add_widget (self->labels, label);
  return label;
}

static void
add_before (GtkBox *box, const CardLine *line)
{
  g_autofree char *text = line->before != NULL
                              ? g_strdup_printf (_ ("new; before: %s"), line->before)
                              : g_strdup (_ ("new; there was none before"));
  GtkWidget *label = look_text (text);

  gtk_widget_add_css_class (label, "before");
  gtk_box_append (box, label);
}

static void
close_whole (ApproveCardView *self)
{
  if (self->whole != NULL)
    gtk_window_destroy (self->whole);
}

static void
on_more (GtkButton *button, ApproveCardView *self)
{
  const char *id = g_object_get_data (G_OBJECT (button), "line");
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  close_whole (self);
  for (guint i = 0; i < self->lines->len; i++)
    {
      const CardLine *line = self->lines->pdata[i];
      if (strcmp (line->id, id) == 0)
        g_set_weak_pointer (&self->whole, whole_show (GTK_WINDOW (root), line));
    }
}

/* What is not shown is said, and is one press away. */
static GtkWidget *
new_more (ApproveCardView *self, const CardLine *line)
{
  g_autofree char *more = card_line_more (line);
  g_autofree char *text = g_strconcat ("… ", more, NULL);
  GtkWidget *button = gtk_button_new_with_label (text);

  g_object_set_data_full (G_OBJECT (button), "line", g_strdup (line->id), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_more), self);
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_widget_add_css_class (button, "more");
  return button;
}

static void
add_styles (GtkWidget *value, const Card *card, const CardLine *line)
{
  if (style_of (line) != NULL)
    gtk_widget_add_css_class (value, style_of (line));
  if (line->block)
    gtk_widget_add_css_class (value, "block");
  if (line->word)
    gtk_label_set_wrap_mode (GTK_LABEL (value), PANGO_WRAP_CHAR);
  if (strcmp (line->id, "risk") == 0)
    gtk_widget_add_css_class (value, look_risk (card->risk));
}

static void
add_line (ApproveCardView *self, const Card *card, const CardLine *line)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *value = look_text (line->value);

  add_styles (value, card, line);
  gtk_box_append (GTK_BOX (box), value);
  if (line->whole != NULL)
    gtk_box_append (GTK_BOX (box), new_more (self, line));
  if (line->changed)
    {
      gtk_widget_add_css_class (box, "changed");
      add_before (GTK_BOX (box), line);
    }
  if (card_line_to_touch (card, line))
    gtk_box_append (GTK_BOX (box), new_touch (self, line));
  g_hash_table_insert (self->values, g_strdup (line->id), value);
  gtk_grid_attach (self->grid, new_label (self, line), 0, self->rows, 1, 1);
  gtk_grid_attach (self->grid, box, 1, self->rows++, 1, 1);
}

void
approve_card_view_clear (ApproveCardView *self)
{
  GtkWidget *child;

  close_whole (self);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_hash_table_remove_all (self->values);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->grid))) != NULL)
    gtk_grid_remove (self->grid, child);
  self->rows = 0;
  self->alike = NULL;
  self->draft = NULL;
}

/* Purposes of the others, each once; those of the first card are a line of it. */
static char *
alike_words (const CardGroup *group)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  const Card *first = group->cards->pdata[0];
  GString *out = g_string_new (NULL);

  if (group->cards->len == 1)
    return g_string_free (out, FALSE);
  g_string_printf (out, _ ("%u requests, all but for their words the same; one answer for all"),
                   group->cards->len);
  if (first->purpose != NULL)
    g_hash_table_add (seen, first->purpose);
  for (guint i = 1; i < group->cards->len; i++)
    {
      const Card *card = group->cards->pdata[i];
      if (card->purpose == NULL || !g_hash_table_add (seen, card->purpose))
        continue;
      g_autofree char *quoted = card_quote (card->purpose);
      g_string_append_printf (out, "\n%s", quoted);
    }
  return g_string_free (out, FALSE);
}

void
approve_card_view_update_alike (ApproveCardView *self, const CardGroup *group)
{
  g_autofree char *words = alike_words (group);

  look_set_text (self->alike, words);
  gtk_widget_set_visible (GTK_WIDGET (self->alike), *words != '\0');
}

static void
look_up_package (GTask *task, gpointer source, gpointer exe, GCancellable *cancellable)
{
  g_task_return_pointer (task, card_package (exe), g_free);
}

static void
on_package (GObject *view, GAsyncResult *result, gpointer user)
{
  ApproveCardView *self = APPROVE_CARD_VIEW (view);
  g_autofree char *owner = g_task_propagate_pointer (G_TASK (result), NULL);
  GtkLabel *label = self->values != NULL ? g_hash_table_lookup (self->values, "package") : NULL;

  /* Another card may have come meanwhile, of another program. */
  if (label != NULL && g_task_get_cancellable (G_TASK (result)) == self->lookup)
    look_set_text (label, owner != NULL ? owner : _ ("cannot be told"));
}

/* Its place is kept, so that nothing moves when the answer comes. */
static void
add_package (ApproveCardView *self, const Card *card)
{
  char wait[] = "…";
  g_autofree char *label = g_strdup (card_label ("package"));
  CardLine line = { .id = "package", .label = label, .value = wait };
  g_autoptr (GTask) task = NULL;

  g_clear_object (&self->lookup);
  self->lookup = g_cancellable_new ();
  task = g_task_new (self, self->lookup, on_package, NULL);
  add_line (self, card, &line);
  g_task_set_task_data (task, g_strdup (card_packaged (card)), g_free);
  g_task_run_in_thread (task, look_up_package);
}

void
approve_card_view_show (ApproveCardView *self, const CardGroup *group, Draft *draft)
{
  const Card *card = group->cards->pdata[0];

  approve_card_view_clear (self);
  self->draft = draft;
  self->lines = card_lines (card, g_get_real_time ());
  for (guint i = 0; i < self->lines->len; i++)
    {
      const CardLine *line = self->lines->pdata[i];
      if (line->changed || !g_strv_contains (elsewhere, line->id))
        add_line (self, card, line);
      if (strcmp (line->id, "who") == 0 && card_packaged (card) != NULL)
        add_package (self, card);
    }
  self->alike = GTK_LABEL (look_text (""));
  gtk_widget_add_css_class (GTK_WIDGET (self->alike), "claim");
  gtk_grid_attach (self->grid, GTK_WIDGET (self->alike), 1, self->rows, 1, 1);
  approve_card_view_update_alike (self, group);
}

static void
dispose (GObject *object)
{
  ApproveCardView *self = APPROVE_CARD_VIEW (object);

  close_whole (self);
  g_clear_weak_pointer (&self->whole);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_clear_pointer (&self->values, g_hash_table_unref);
  g_clear_object (&self->labels);
  g_clear_object (&self->lookup);
  g_clear_pointer ((GtkWidget **) &self->grid, gtk_widget_unparent);
  G_OBJECT_CLASS (approve_card_view_parent_class)->dispose (object);
}

static void
approve_card_view_class_init (ApproveCardViewClass *class)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = dispose;
  gtk_widget_class_set_layout_manager_type (widget, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget, "/org/countersign/Approve/card-view.ui");
  gtk_widget_class_bind_template_child (widget, ApproveCardView, grid);
  touched_signal = g_signal_new ("touched", APPROVE_TYPE_CARD_VIEW, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
approve_card_view_init (ApproveCardView *self)
{
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
}
