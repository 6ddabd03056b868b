/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/choices.h"

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/dialog/look.h"
#include "broker/base/text.h"

struct _ApproveChoices
{
  GtkWidget parent;
  GtkGrid *grid;
  GtkBox *scopes, *holders;
  GtkWidget *scopes_label, *scopes_scroller, *time_label, *time_box, *holders_label,
      *holders_scroller, *always_box;
  GtkDropDown *time;
  GtkEntry *time_entry, *uses_entry;
  GtkCheckButton *always;
  GtkLabel *always_rule;

  const Card *card;
  Draft *draft;
  GArray *times;    /* gint64 seconds of each row of the list; 0: once; -1: typed */
  gboolean filling; /* it is us who change the widgets */
  char *wrong;      /* what was typed and is no choice, in words; NULL: nothing */
};

G_DEFINE_FINAL_TYPE (ApproveChoices, approve_choices, GTK_TYPE_WIDGET)

#define FEW 4
#define ROW 56   /* characters that surely fit beside a label */
#define ROOM 110 /* pixels; as the template has it at most */
#define ONCE 0
#define TYPED -1

static guint changed_signal;

static void
changed (ApproveChoices *self)
{
  if (!self->filling)
    g_signal_emit (self, changed_signal, 0);
}

gboolean
approve_choices_valid (ApproveChoices *self, char **why)
{
  *why = g_strdup (self->wrong);
  return self->wrong == NULL;
}

static void
clear_box (GtkBox *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

/* A check button whose label wraps: long names are shown whole. */
static GtkWidget *
new_check (const char *text, gboolean active)
{
  GtkWidget *check = gtk_check_button_new (), *label = look_text (text);

  gtk_check_button_set_child (GTK_CHECK_BUTTON (check), label);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), active);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  return check;
}

void
approve_choices_align (ApproveChoices *self, GtkSizeGroup *group)
{
  gtk_size_group_add_widget (group, self->scopes_label);
  gtk_size_group_add_widget (group, self->time_label);
  gtk_size_group_add_widget (group, self->holders_label);
}

/* A few stand as they are; many scroll, and so does what takes several rows. */
static void
fit (GtkWidget *scroller, guint n, glong longest)
{
  gboolean fits = n <= FEW && longest <= ROW;

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  fits ? GTK_POLICY_NEVER : GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller),
                                              longest > ROW ? ROOM : -1);
}

/* --- Scopes --- */

static void
on_scope (GtkCheckButton *check, ApproveChoices *self)
{
  draft_set_scope (self->draft, g_object_get_data (G_OBJECT (check), "scope"),
                   gtk_check_button_get_active (check));
  changed (self);
}

static void
show_scopes (ApproveChoices *self)
{
  guint n = g_strv_length (self->card->scopes);
  g_autofree char *cut = card_cut (self->card);
  glong longest = cut != NULL ? g_utf8_strlen (cut, -1) : 0;

  clear_box (self->scopes);
  for (char **scope = self->card->scopes; *scope != NULL; scope++)
    {
      g_autofree char *shown = card_name (*scope);
      GtkWidget *check = new_check (shown, TRUE);
      longest = MAX (longest, g_utf8_strlen (shown, -1));
      g_object_set_data (G_OBJECT (check), "scope", *scope);
      gtk_widget_set_sensitive (check, n > 1); /* to take the only one is to deny */
      g_signal_connect (check, "toggled", G_CALLBACK (on_scope), self);
      gtk_box_append (self->scopes, check);
    }
  if (cut != NULL)
    gtk_box_append (self->scopes, look_text (cut));
  fit (self->scopes_scroller, n + (cut != NULL), longest);
}

/* --- Time and uses --- */

static void
set_wrong (ApproveChoices *self, GtkEntry *entry, char *wrong)
{
  g_free (self->wrong);
  self->wrong = wrong;
  if (wrong != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
  else
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->time_entry), "error");
      gtk_widget_remove_css_class (GTK_WIDGET (self->uses_entry), "error");
    }
}

static gint64
chosen_time (const ApproveChoices *self)
{
  guint row = gtk_drop_down_get_selected (self->time);

  return row < self->times->len ? g_array_index (self->times, gint64, row)
                                : self->card->default_duration;
}

/* TRUE when the typed time is one. */
static gboolean
take_time (ApproveChoices *self)
{
  gint64 seconds = chosen_time (self);
  g_autoptr (GError) error = NULL;

  if (seconds == ONCE)
    seconds = self->card->default_duration;
  if (seconds == TYPED
      && !text_parse_duration (gtk_editable_get_text (GTK_EDITABLE (self->time_entry)),
                               self->card->max_duration, &seconds, &error))
    {
      g_autofree char *most = text_format_duration (self->card->max_duration);
      set_wrong (self, self->time_entry,
                 g_strdup_printf (
                     _ ("The time must be written like 90s, 10m or 2h, and be %s at most"), most));
      return FALSE;
    }
  draft_set_duration (self->draft, seconds);
  return TRUE;
}

static gboolean
take_uses (ApproveChoices *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->uses_entry));
  guint64 uses = self->card->default_uses;

  if (chosen_time (self) == ONCE)
    uses = 1;
  else if (*text != '\0' && !g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT32, &uses, NULL))
    uses = G_MAXINT64;
  if (draft_set_uses (self->draft, uses))
    return TRUE;
  set_wrong (self, self->uses_entry,
             draft_most_uses (self->draft) > 0
                 ? g_strdup_printf (_ ("Uses must be a whole number from 1 to %d."),
                                    (int) draft_most_uses (self->draft))
                 : g_strdup (_ ("Uses must be a whole number from 1 to 1000000.")));
  return FALSE;
}

static void
on_time (ApproveChoices *self)
{
  if (self->filling)
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self->time_entry), chosen_time (self) == TYPED);
  gtk_widget_set_sensitive (GTK_WIDGET (self->uses_entry), chosen_time (self) != ONCE);
  set_wrong (self, NULL, NULL);
  if (take_time (self))
    take_uses (self);
  changed (self);
}

static void
add_time (ApproveChoices *self, GtkStringList *rows, gint64 seconds, const char *text)
{
  gtk_string_list_append (rows, text);
  g_array_append_val (self->times, seconds);
}

/* Once, the usual ones that fit, the card's own default where it is none of them, the longest, and
 * what is typed. The longest is "until it exits" as well: a grant dies with its holder. */
static GtkStringList *
list_times (ApproveChoices *self)
{
  GtkStringList *rows = gtk_string_list_new (NULL);
  g_autofree char *most = text_format_duration (self->card->max_duration);
  g_autofree char *until = g_strdup_printf (_ ("until it exits, at most %s"), most);
  gint64 preset = self->card->default_duration;

  add_time (self, rows, ONCE, _ ("once"));
  for (const gint64 *seconds = draft_durations (self->draft); *seconds != 0; seconds++)
    {
      g_autofree char *text = text_format_duration (*seconds);
      g_autofree char *own = text_format_duration (preset);
      if (preset < *seconds
          && (self->times->len == 1
              || g_array_index (self->times, gint64, self->times->len - 1) < preset))
        add_time (self, rows, preset, own);
      add_time (self, rows, *seconds, text);
    }
  if (g_array_index (self->times, gint64, self->times->len - 1) < preset)
    {
      g_autofree char *own = text_format_duration (preset);
      add_time (self, rows, preset, own);
    }
  add_time (self, rows, self->card->max_duration, until);
  add_time (self, rows, TYPED, _ ("other time…"));
  return rows;
}

static void
show_time (ApproveChoices *self)
{
  g_autoptr (GtkStringList) rows = NULL;
  gboolean timed = self->card->max_duration > 0;
  g_autofree char *uses = self->card->default_uses > 0
                              ? g_strdup_printf ("%d", (int) self->card->default_uses)
                              : g_strdup ("");

  gtk_widget_set_visible (self->time_label, timed);
  gtk_widget_set_visible (self->time_box, timed);
  g_array_set_size (self->times, 0);
  if (!timed)
    return;
  rows = list_times (self);
  gtk_drop_down_set_model (self->time, G_LIST_MODEL (rows));
  for (guint i = 0; i < self->times->len; i++)
    if (g_array_index (self->times, gint64, i) == self->card->default_duration)
      {
        gtk_drop_down_set_selected (self->time, i);
        break;
      }
  gtk_editable_set_text (GTK_EDITABLE (self->time_entry), "");
  gtk_editable_set_text (GTK_EDITABLE (self->uses_entry), uses);
  gtk_widget_set_sensitive (GTK_WIDGET (self->time_entry), FALSE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->uses_entry), TRUE);
}

/* --- Holder --- */

static void
on_holder (GtkCheckButton *check, ApproveChoices *self)
{
  if (!gtk_check_button_get_active (check))
    return;
  draft_set_holder (self->draft, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (check), "holder")));
  changed (self);
}

static void
show_holders (ApproveChoices *self)
{
  GtkWidget *first = NULL;

  clear_box (self->holders);
  for (guint i = 0; i < self->card->holders->len; i++)
    {
      g_autofree char *label = card_holder (self->card->holders->pdata[i]);
      GtkWidget *check = new_check (label, i == 0);
      g_object_set_data (G_OBJECT (check), "holder", GUINT_TO_POINTER (i));
      gtk_check_button_set_group (GTK_CHECK_BUTTON (check), GTK_CHECK_BUTTON (first));
      gtk_widget_set_sensitive (check, self->card->holders->len > 1);
      g_signal_connect (check, "toggled", G_CALLBACK (on_holder), self);
      gtk_box_append (self->holders, check);
      first = first != NULL ? first : check;
    }
  fit (self->holders_scroller, self->card->holders->len, 0);
}

/* --- Always --- */

static void
on_always (ApproveChoices *self)
{
  if (self->filling)
    return;
  draft_set_always (self->draft, gtk_check_button_get_active (self->always));
  changed (self);
}

static void
show_always (ApproveChoices *self)
{
  g_autofree char *rule = self->card->always != NULL ? card_escape (self->card->always) : NULL;

  gtk_widget_set_visible (self->always_box, rule != NULL);
  gtk_check_button_set_active (self->always, FALSE);
  look_set_text (self->always_rule, rule != NULL ? rule : "");
}

void
approve_choices_show (ApproveChoices *self, const Card *card, Draft *draft)
{
  self->card = card;
  self->draft = draft;
  self->filling = TRUE;
  set_wrong (self, NULL, NULL);
  show_scopes (self);
  show_time (self);
  show_holders (self);
  show_always (self);
  self->filling = FALSE;
}

void
approve_choices_clear (ApproveChoices *self)
{
  self->filling = TRUE; /* what changes from now on is nobody's choice */
  clear_box (self->scopes);
  clear_box (self->holders);
  self->card = NULL;
  self->draft = NULL;
}

static void
dispose (GObject *object)
{
  ApproveChoices *self = APPROVE_CHOICES (object);

  g_clear_pointer ((GtkWidget **) &self->grid, gtk_widget_unparent);
  g_clear_pointer (&self->times, g_array_unref);
  g_clear_pointer (&self->wrong, g_free);
  G_OBJECT_CLASS (approve_choices_parent_class)->dispose (object);
}

static void
approve_choices_class_init (ApproveChoicesClass *class)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = dispose;
  gtk_widget_class_set_layout_manager_type (widget, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget, "/org/countersign/Approve/choices.ui");
  gtk_widget_class_bind_template_child (widget, ApproveChoices, grid);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, scopes);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, scopes_label);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, scopes_scroller);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, holders);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, holders_label);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, holders_scroller);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, time_label);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, time_box);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, time);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, time_entry);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, uses_entry);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, always_box);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, always);
  gtk_widget_class_bind_template_child (widget, ApproveChoices, always_rule);
  gtk_widget_class_bind_template_callback (widget, on_time);
  gtk_widget_class_bind_template_callback (widget, on_always);
  changed_signal = g_signal_new ("changed", APPROVE_TYPE_CHOICES, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
approve_choices_init (ApproveChoices *self)
{
  self->filling = TRUE; /* until there is a card */
  self->times = g_array_new (FALSE, FALSE, sizeof (gint64));
  gtk_widget_init_template (GTK_WIDGET (self));
  /* The button within takes the focus, so it needs the name too. */
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (gtk_widget_get_first_child (GTK_WIDGET (self->time))),
      GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("For how long"), -1);
}
