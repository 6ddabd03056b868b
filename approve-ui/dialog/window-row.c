/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/window-row.h"

#include <string.h>

#include "approve-ui/card/card-show.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/dialog/look.h"
#include "broker/base/text.h"
#include "broker/base/wire.h"

static GtkWidget *
new_row (const char *title, const char *details, GtkLabel **second)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12),
            *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *first = look_text (title),
            *below = look_text (details);

  gtk_widget_add_css_class (first, "strong");
  gtk_widget_add_css_class (below, "dim-label");
  gtk_widget_add_css_class (below, "caption");
  gtk_box_append (GTK_BOX (texts), first);
  gtk_box_append (GTK_BOX (texts), below);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_widget_add_css_class (box, "row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  if (second != NULL)
    *second = GTK_LABEL (below);
  return row;
}

static GtkWidget *
add_button (GtkWidget *row, const char *text, const char *about)
{
  GtkWidget *button = gtk_button_new_with_label (text);
  g_autofree char *name = g_strdup_printf ("%s: %s", text, about);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_box_append (GTK_BOX (gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (row))), button);
  return button;
}

GtkWidget *
window_row_nothing (const char *text)
{
  GtkWidget *row = gtk_list_box_row_new (), *label = look_text (text);

  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, "row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

gboolean
window_row_same (GtkListBox *list, const json_t *things)
{
  const json_t *thing;
  gsize i;

  json_array_foreach (things, i, thing)
  {
    GtkListBoxRow *row = gtk_list_box_get_row_at_index (list, i);
    if (row == NULL
        || g_strcmp0 (g_object_get_data (G_OBJECT (row), "id"), wire_string (thing, "id")) != 0)
      return FALSE;
  }
  return gtk_list_box_get_row_at_index (list, i) == NULL;
}

GtkWidget *
window_row_waiting (const CardGroup *group, GtkWidget **action)
{
  const Card *card = group->cards->pdata[0];
  g_autofree char *sentence = card_sentence (card);
  g_autofree char *purpose = card->purpose != NULL ? card_quote (card->purpose) : g_strdup ("");
  g_autofree char *many = group->cards->len > 1 ? g_strdup_printf (
                              i18n_n ("%u request: %s", "%u requests alike: %s", group->cards->len),
                              group->cards->len, purpose)
                                                : g_strdup (purpose);
  GtkWidget *row = new_row (sentence, many, NULL);

  *action = add_button (row, _ ("Review"), sentence);
  return row;
}

/* "get_secret github-token" */
static char *
subject (const json_t *about)
{
  const char *operation = wire_string (about, "operation"),
             *resource = wire_string (about, "resource");
  g_autofree char *first = card_name (operation != NULL ? operation : "");
  g_autofree char *second = resource != NULL ? card_name (resource) : NULL;

  return second != NULL ? g_strdup_printf ("%s %s", first, second) : g_steal_pointer (&first);
}

typedef struct
{
  char *who; /* scopes and holder */
  gint64 ends, uses;
  GtkLabel *label;
} Left;

static void
left_free (gpointer data)
{
  Left *left = data;

  g_free (left->who);
  g_free (left);
}

gboolean
window_row_tick (GtkWidget *row, gint64 now)
{
  const Left *left = g_object_get_data (G_OBJECT (row), "left");
  g_autofree char *time = NULL, *text = NULL;

  if (left == NULL)
    return TRUE;
  time = text_format_duration (MAX ((left->ends - now) / G_USEC_PER_SEC, 0));
  text = left->uses > 0 ? g_strdup_printf (
             i18n_n ("%s left and %u use; %s", "%s left and %u uses; %s", (gulong) left->uses),
             time, (guint) left->uses, left->who)
                        : g_strdup_printf (_ ("%s left; %s"), time, left->who);
  look_set_text (left->label, text);
  return left->ends > now;
}

static char *
scopes_words (const json_t *scopes)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  for (gsize i = 0; i < json_array_size (scopes); i++)
    g_ptr_array_add (words, (char *) json_string_value (json_array_get (scopes, i)));
  g_ptr_array_add (words, NULL);
  return card_names ((char **) words->pdata, ", ");
}

GtkWidget *
window_row_grant (const json_t *grant, GtkWidget **action)
{
  g_autofree char *title = subject (grant);
  g_autofree char *scopes = scopes_words (json_object_get (grant, "scopes"));
  const char *name = wire_string (grant, "holder");
  g_autofree char *holder = card_process (name != NULL ? name : "");
  gint64 now = g_get_real_time ();
  Left *left = g_new0 (Left, 1);
  GtkWidget *row = new_row (title, "", &left->label);

  left->who = g_strdup_printf (_ ("%s, held by %s"), scopes, holder);
  left->ends = now + wire_integer (grant, "expires_in", 0) * G_USEC_PER_SEC;
  left->uses = wire_integer (grant, "uses_left", 0);
  g_object_set_data_full (G_OBJECT (row), "left", left, left_free);
  g_object_set_data_full (G_OBJECT (row), "id", g_strdup (wire_string (grant, "id")), g_free);
  *action = add_button (row, _ ("Revoke"), title);
  window_row_tick (row, now);
  return row;
}

static char *
clock_time (const char *text)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text != NULL ? text : "", NULL);
  g_autoptr (GDateTime) local = time != NULL ? g_date_time_to_local (time) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  if (local == NULL || now == NULL)
    return g_strdup ("");
  return g_date_time_get_year (local) == g_date_time_get_year (now)
                 && g_date_time_get_day_of_year (local) == g_date_time_get_day_of_year (now)
             ? g_date_time_format (local, "%H:%M:%S")
             : g_date_time_format (local, "%Y-%m-%d %H:%M:%S");
}

GtkWidget *
window_row_rule (const json_t *rule, GtkWidget **action)
{
  const char *text = wire_string (rule, "rule");
  g_autofree char *title = card_escape (text != NULL ? text : "");
  g_autofree char *scopes = scopes_words (json_object_get (rule, "scopes"));
  g_autofree char *at = clock_time (wire_string (rule, "made_at"));
  g_autofree char *details = g_strdup_printf (_ ("for %s; made %s"), scopes, at);
  GtkWidget *row = new_row (title, details, NULL);

  g_object_set_data_full (G_OBJECT (row), "id", g_strdup (wire_string (rule, "id")), g_free);
  *action = add_button (row, _ ("Remove"), title);
  return row;
}

/* Who calls over HTTP has no pid. */
static char *
asker (const char *name, gint64 pid)
{
  g_autofree char *shown = card_name (name);

  return pid > 0 ? g_strdup_printf ("%s (pid %" G_GINT64_FORMAT ")", shown, pid)
                 : g_steal_pointer (&shown);
}

GtkWidget *
window_row_event (const json_t *event)
{
  const char *status = wire_string (event, "status"), *by = wire_string (event, "by"),
             *name = wire_string (event, "who");
  g_autofree char *about = subject (event), *at = clock_time (wire_string (event, "time"));
  g_autofree char *became = card_status (status != NULL ? status : "");
  g_autofree char *who = asker (name != NULL ? name : "", wire_integer (event, "pid", 0));
  g_autofree char *decider = by != NULL ? card_process (by) : NULL;
  g_autofree char *title = g_strdup_printf ("%s: %s", about, became);
  g_autofree char *details = decider != NULL
                                 ? g_strdup_printf (_ ("%s, for %s, by %s"), at, who, decider)
                                 : g_strdup_printf (_ ("%s, for %s"), at, who);

  return new_row (title, details, NULL);
}
