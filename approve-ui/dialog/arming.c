/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/arming.h"

#define WAIT_MS 500

struct _Arming
{
  GtkWindow *window;
  void (*changed) (gpointer user);
  gpointer user;
  guint timer;
  gulong on_active, on_map, on_unmap;
  gboolean armed;
};

static gboolean
on_time (gpointer user)
{
  Arming *self = user;

  self->timer = 0;
  self->armed = TRUE;
  self->changed (self->user);
  return G_SOURCE_REMOVE;
}

void
arming_begin (Arming *self)
{
  gboolean was_armed = self->armed;

  g_clear_handle_id (&self->timer, g_source_remove);
  self->armed = FALSE;
  if (gtk_widget_get_mapped (GTK_WIDGET (self->window)) && gtk_window_is_active (self->window))
    self->timer = g_timeout_add (WAIT_MS, on_time, self);
  if (was_armed)
    self->changed (self->user);
}

gboolean
arming_is_armed (const Arming *self)
{
  return self->armed;
}

Arming *
arming_new (GtkWindow *window, void (*changed) (gpointer user), gpointer user)
{
  Arming *self = g_new0 (Arming, 1);

  self->window = window;
  self->changed = changed;
  self->user = user;
  self->on_active
      = g_signal_connect_swapped (window, "notify::is-active", G_CALLBACK (arming_begin), self);
  self->on_map = g_signal_connect_data (window, "map", G_CALLBACK (arming_begin), self, NULL,
                                        G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  self->on_unmap = g_signal_connect_data (window, "unmap", G_CALLBACK (arming_begin), self, NULL,
                                          G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  return self;
}

void
arming_free (Arming *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_signal_handler_disconnect (self->window, self->on_active);
  g_signal_handler_disconnect (self->window, self->on_map);
  g_signal_handler_disconnect (self->window, self->on_unmap);
  g_free (self);
}
