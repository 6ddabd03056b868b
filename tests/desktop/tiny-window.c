/* SPDX-License-Identifier: MIT
 *
 * tiny-window: a window for trying what the tests of windows are made of. Says what is done to it.
 */
#include <gtk/gtk.h>
#include <stdio.h>

static GtkWidget *label;

static void
on_clicked (GtkButton *button, gpointer user)
{
  gtk_label_set_text (GTK_LABEL (label), "Pressed");
  puts ("[\"pressed\"]");
}

static gboolean
on_key (GtkEventControllerKey *keys, guint keyval, guint code, GdkModifierType state, gpointer user)
{
  printf ("[\"key\",\"%s\"]\n", gdk_keyval_name (keyval));
  return GDK_EVENT_STOP;
}

static gboolean
on_close (GtkWindow *window, gpointer loop)
{
  puts ("[\"closed\"]");
  g_main_loop_quit (loop);
  return FALSE;
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GtkWidget *window, *box, *button;
  GtkEventController *keys;

  setvbuf (stdout, NULL, _IOLBF, 0);
  g_set_prgname ("tiny-window");
  gtk_init ();
  window = gtk_window_new ();
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  label = gtk_label_new ("Not pressed");
  button = gtk_button_new_with_label ("Press me");
  keys = gtk_event_controller_key_new ();
  gtk_window_set_title (GTK_WINDOW (window), "Tiny window");
  gtk_window_set_default_size (GTK_WINDOW (window), 300, 200);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (window, keys);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), NULL);
  g_signal_connect (button, "clicked", G_CALLBACK (on_clicked), NULL);
  g_signal_connect (window, "close-request", G_CALLBACK (on_close), loop);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), button);
  gtk_window_set_child (GTK_WINDOW (window), box);
  gtk_window_present (GTK_WINDOW (window));
  g_main_loop_run (loop);
  /* What GTK, fontconfig and the like keep until the end is no leak of ours. */
  fflush (stdout);
  _Exit (0);
}
