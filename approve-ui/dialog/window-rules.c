/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/window-rules.h"

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/dialog/window-row.h"

struct _WindowRules
{
  GtkWidget *section;
  GtkListBox *list;
  Link *link;
  void (*say) (gpointer user, const char *text);
  gpointer user;
  gboolean wanted; /* the window is open still */
};

WindowRules *
window_rules_new (GtkWidget *section, GtkListBox *list, Link *link,
                  void (*say) (gpointer user, const char *text), gpointer user)
{
  WindowRules *self = g_new0 (WindowRules, 1);

  *self = (WindowRules){ section, list, link, say, user, FALSE };
  return self;
}

void
window_rules_free (WindowRules *self)
{
  g_free (self);
}

static void
clear_rows (WindowRules *self)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
}

void
window_rules_clear (WindowRules *self)
{
  self->wanted = FALSE;
  clear_rows (self);
  gtk_widget_set_visible (self->section, FALSE);
}

static void
on_removed (gpointer user, const json_t *result, const GError *error, const char *reason)
{
  WindowRules *self = user;
  g_autofree char *text = error != NULL ? card_escape (error->message) : g_strdup ("");

  self->say (self->user, text);
  if (self->wanted)
    window_rules_refresh (self);
}

static void
on_remove (GtkButton *button, WindowRules *self)
{
  const char *id = g_object_get_data (G_OBJECT (button), "rule");

  link_call (self->link, "rule_rm", json_pack ("{s:s}", "rule_id", id), NULL, on_removed, self);
}

static GtkWidget *
rule_row (WindowRules *self, const json_t *rule)
{
  GtkWidget *button, *row = window_row_rule (rule, &button);

  g_object_set_data_full (G_OBJECT (button), "rule", g_strdup (wire_string (rule, "id")), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_remove), self);
  return row;
}

static void
on_rules (gpointer user, const json_t *result, const GError *error, const char *reason)
{
  WindowRules *self = user;
  const json_t *rules = json_object_get (result, "rules"), *rule;
  gsize i;

  if (!self->wanted || error != NULL)
    return;
  gtk_widget_set_visible (self->section, json_array_size (rules) > 0);
  /* A rule does not change. */
  if (window_row_same (self->list, rules) && json_object_get (result, "next") == NULL)
    return;
  clear_rows (self);
  json_array_foreach (rules, i, rule) gtk_list_box_append (self->list, rule_row (self, rule));
  if (json_object_get (result, "next") != NULL)
    gtk_list_box_append (self->list,
                         window_row_nothing (_ ("There are more: `countersign rules` lists all.")));
}

void
window_rules_refresh (WindowRules *self)
{
  self->wanted = TRUE;
  link_call (self->link, "rules", NULL, NULL, on_rules, self);
}
