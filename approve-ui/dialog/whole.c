/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/whole.h"

#include "approve-ui/card/i18n.h"
#include "approve-ui/dialog/look.h"

#define WIDTH 720
#define HEIGHT 560

/* Lines of it are laid out as they come into sight: a megabyte shows as soon as a word. */
static GtkWidget *
new_text (const CardLine *line)
{
  GtkWidget *view = gtk_text_view_new ();
  g_autofree char *text = card_line_whole (line);
  g_autofree char *isolated = look_isolate (text);

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), isolated, -1);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (view, "whole");
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, line->label,
                                  -1);
  return view;
}

static gboolean
on_escape (GtkWidget *window, GVariant *arguments, gpointer user)
{
  gtk_window_destroy (GTK_WINDOW (window));
  return TRUE;
}

static void
close_on_escape (GtkWidget *window)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                        gtk_callback_action_new (on_escape, NULL, NULL)));
  gtk_widget_add_controller (window, keys);
}

GtkWindow *
whole_show (GtkWindow *parent, const CardLine *line)
{
  GtkWidget *window = gtk_window_new (), *scroller = gtk_scrolled_window_new ();
  g_autofree char *title = g_strdup_printf (_ ("All of it: %s"), line->label);

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), new_text (line));
  gtk_scrolled_window_set_overlay_scrolling (GTK_SCROLLED_WINDOW (scroller), FALSE);
  gtk_window_set_child (GTK_WINDOW (window), scroller);
  gtk_window_set_titlebar (GTK_WINDOW (window), gtk_header_bar_new ());
  gtk_window_set_title (GTK_WINDOW (window), title);
  gtk_window_set_default_size (GTK_WINDOW (window), WIDTH, HEIGHT);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  gtk_widget_add_css_class (window, "approve");
  close_on_escape (window);
  gtk_window_present (GTK_WINDOW (window));
  return GTK_WINDOW (window);
}
