/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/window.h"

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/dialog/look.h"
#include "approve-ui/dialog/pin-entry.h"
#include "approve-ui/dialog/window-row.h"
#include "approve-ui/dialog/window-rules.h"

#define REFRESH_SECONDS 2

struct _ApproveWindow
{
  GtkWindow parent;
  GtkListBox *waiting, *grants, *rules, *events;
  GtkLabel *state, *status;
  GtkWidget *pin_box, *lists, *rules_section, *lock, *panic_popover;
  ApprovePinEntry *pin;

  WindowRules *standing;
  Link *link;
  const Queue *queue;
  const ApproveWindowEvents *on;
  gpointer user;
  guint unread;    /* waiting, and not to be shown before the PIN is given */
  gboolean locked; /* the broker: no PIN shows anything */
  gboolean opened; /* by the PIN, since it was shown */
  guint ticking;
  guint changing; /* what waits has changed, and is not drawn yet */
  guint ticks;
};

G_DEFINE_FINAL_TYPE (ApproveWindow, approve_window, GTK_TYPE_WINDOW)

static void refresh (ApproveWindow *self);

static void
say (gpointer user, const char *text)
{
  look_set_text (APPROVE_WINDOW (user)->status, text);
}

static void
clear_list (GtkListBox *list)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, row);
}

/* --- What waits --- */

static void
on_review (GtkButton *button, ApproveWindow *self)
{
  self->on->review (self->user, g_object_get_data (G_OBJECT (button), "request"));
}

static void
draw_waiting (ApproveWindow *self)
{
  clear_list (self->waiting);
  for (guint i = 0; queue_nth (self->queue, i) != NULL; i++)
    {
      const CardGroup *group = queue_nth (self->queue, i);
      GtkWidget *button;
      gtk_list_box_append (self->waiting, window_row_waiting (group, &button));
      g_object_set_data_full (G_OBJECT (button), "request",
                              g_strdup (((Card *) group->cards->pdata[0])->request_id), g_free);
      g_signal_connect (button, "clicked", G_CALLBACK (on_review), self);
    }
  if (self->unread > 0)
    {
      g_autofree char *text
          = self->locked
                ? g_strdup_printf (i18n_n ("%u request waits until the broker is unlocked.",
                                           "%u requests wait until the broker is unlocked.",
                                           self->unread),
                                   self->unread)
                : g_strdup_printf (i18n_n ("%u request waits; your PIN shows it.",
                                           "%u requests wait; your PIN shows them.", self->unread),
                                   self->unread);
      gtk_list_box_append (self->waiting, window_row_nothing (text));
    }
  else if (queue_length (self->queue) == 0)
    gtk_list_box_append (self->waiting, window_row_nothing (_ ("Nothing waits for you.")));
}

static gboolean
on_changed (gpointer user)
{
  ApproveWindow *self = user;

  self->changing = 0;
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    return G_SOURCE_REMOVE;
  draw_waiting (self);
  if (self->opened)
    refresh (self);
  return G_SOURCE_REMOVE;
}

/* Once for all that came together: a flood must not have a list drawn for each of its drops. */
void
approve_window_update (ApproveWindow *self)
{
  if (self->changing == 0)
    self->changing = g_idle_add (on_changed, self);
}

/* --- What is granted, and what was --- */

/* A call that narrows, or its refusal. */
static void
on_done (gpointer user, const json_t *result, const GError *error, const char *reason)
{
  ApproveWindow *self = user;
  g_autofree char *text = error != NULL ? card_escape (error->message) : g_strdup ("");

  say (self, text);
  refresh (self);
}

static void
on_revoke (GtkButton *button, ApproveWindow *self)
{
  const char *id = g_object_get_data (G_OBJECT (button), "grant");

  link_call (self->link, "revoke", json_pack ("{s:s}", "grant_id", id), NULL, on_done, self);
}

static GtkWidget *
grant_row (ApproveWindow *self, const json_t *grant)
{
  GtkWidget *button, *row = window_row_grant (grant, &button);

  g_object_set_data_full (G_OBJECT (button), "grant", g_strdup (wire_string (grant, "id")), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_revoke), self);
  return row;
}

static gboolean
has_focus_within (GtkListBox *list)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (list)));

  return focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (list));
}

static void
on_grants (gpointer user, const json_t *result, const GError *error, const char *reason)
{
  ApproveWindow *self = user;
  const json_t *grants = json_object_get (result, "grants"), *grant;
  gsize i;

  if (!self->opened)
    return;
  if (error != NULL)
    {
      g_autofree char *text = card_escape (error->message);
      say (self, text);
      return;
    }
  if (json_array_size (grants) > 0 && window_row_same (self->grants, grants)
      && has_focus_within (self->grants))
    return;
  clear_list (self->grants);
  json_array_foreach (grants, i, grant) gtk_list_box_append (self->grants, grant_row (self, grant));
  if (json_object_get (result, "next") != NULL)
    gtk_list_box_append (
        self->grants, window_row_nothing (_ ("There are more: `countersign grants` lists all.")));
  if (json_array_size (grants) == 0)
    gtk_list_box_append (self->grants, window_row_nothing (_ ("Nothing is granted now.")));
}

static void
on_events (gpointer user, const json_t *result, const GError *error, const char *reason)
{
  ApproveWindow *self = user;
  const json_t *events = json_object_get (result, "events"), *event;
  gsize i;

  if (!self->opened || error != NULL)
    return;
  clear_list (self->events);
  json_array_foreach (events, i, event)
      gtk_list_box_append (self->events, window_row_event (event));
  if (json_array_size (events) == 0)
    gtk_list_box_append (
        self->events, window_row_nothing (_ ("Nothing has been decided since it was unlocked.")));
}

static void
on_status (gpointer user, const json_t *result, const GError *error, const char *reason)
{
  ApproveWindow *self = user;
  const char *state = wire_string (result, "state");

  if (state == NULL)
    return;
  if (g_str_equal (state, "unlocked"))
    gtk_label_set_text (self->state, _ ("The broker is unlocked."));
  else if (g_str_equal (state, "panicked"))
    gtk_label_set_text (
        self->state,
        _ ("Panic: agents are refused until `countersign unlock` with the passphrase."));
  else
    gtk_label_set_text (self->state, _ ("The broker is locked: `countersign unlock`."));
  gtk_widget_set_sensitive (self->lock, g_str_equal (state, "unlocked"));
}

static void
refresh (ApproveWindow *self)
{
  link_call (self->link, "status", NULL, NULL, on_status, self);
  if (!self->opened)
    return;
  link_call (self->link, "grants", NULL, NULL, on_grants, self);
  window_rules_refresh (self->standing);
  link_call (self->link, "history", NULL, NULL, on_events, self);
}

static gboolean
on_tick (gpointer user)
{
  ApproveWindow *self = user;
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->grants, i)) != NULL; i++)
    window_row_tick (GTK_WIDGET (row), g_get_real_time ());
  if (++self->ticks % REFRESH_SECONDS == 0)
    refresh (self);
  return G_SOURCE_CONTINUE;
}

/* --- Opened by the PIN --- */

static void
show_opened (ApproveWindow *self, gboolean opened)
{
  self->opened = opened;
  gtk_widget_set_visible (self->pin_box, !opened);
  gtk_widget_set_visible (self->lists, opened);
  if (opened)
    return;
  clear_list (self->grants);
  clear_list (self->events);
  window_rules_clear (self->standing);
  approve_pin_entry_clear (self->pin);
}

static void
on_authenticated (gpointer user, const json_t *result, const GError *error, const char *reason)
{
  ApproveWindow *self = user;
  g_autofree char *text = error != NULL ? card_escape (error->message) : g_strdup ("");

  say (self, text);
  if (error != NULL || !gtk_widget_get_visible (GTK_WIDGET (self)))
    return;
  show_opened (self, TRUE);
  self->on->authenticated (self->user);
  refresh (self);
}

static void
on_pin (ApproveWindow *self)
{
  g_autoptr (Secret) pin = approve_pin_entry_take (self->pin);

  if (pin == NULL)
    say (self, _ ("Type your PIN first."));
  else
    link_call (self->link, "authenticate", NULL, pin, on_authenticated, self);
}

/* --- Lock and panic --- */

static void
on_lock (ApproveWindow *self)
{
  show_opened (self, FALSE);
  link_call (self->link, "lock", NULL, NULL, on_done, self);
}

static void
on_panic (ApproveWindow *self)
{
  gtk_popover_popdown (GTK_POPOVER (self->panic_popover));
  show_opened (self, FALSE);
  link_call (self->link, "panic", NULL, NULL, on_done, self);
}

/* --- Shown and gone --- */

void
approve_window_raise (ApproveWindow *self)
{
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    {
      say (self, "");
      show_opened (self, FALSE);
      self->ticking = g_timeout_add_seconds (1, on_tick, self);
      refresh (self);
    }
  gtk_window_present (GTK_WINDOW (self));
  approve_window_update (self);
}

static void
on_hidden (ApproveWindow *self)
{
  g_clear_handle_id (&self->ticking, g_source_remove);
  show_opened (self, FALSE);
}

static gboolean
on_escape (GtkWidget *widget, GVariant *arguments, gpointer user)
{
  gtk_window_close (GTK_WINDOW (widget));
  return TRUE;
}

void
approve_window_set_unread (ApproveWindow *self, guint n, gboolean locked)
{
  self->unread = n;
  self->locked = locked;
  if (n > 0)
    show_opened (self, FALSE);
  approve_window_update (self);
}

ApproveWindow *
approve_window_new (Link *link, const Queue *queue, const ApproveWindowEvents *events,
                    gpointer user)
{
  ApproveWindow *self = g_object_new (APPROVE_TYPE_WINDOW, NULL);

  self->link = link;
  self->standing = window_rules_new (self->rules_section, self->rules, link, say, self);
  self->queue = queue;
  self->on = events;
  self->user = user;
  return self;
}

static void
dispose (GObject *object)
{
  ApproveWindow *self = APPROVE_WINDOW (object);

  g_clear_handle_id (&self->ticking, g_source_remove);
  g_clear_handle_id (&self->changing, g_source_remove);
  g_clear_pointer (&self->standing, window_rules_free);
  G_OBJECT_CLASS (approve_window_parent_class)->dispose (object);
}

static void
approve_window_class_init (ApproveWindowClass *class)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (class);

  g_type_ensure (APPROVE_TYPE_PIN_ENTRY);
  G_OBJECT_CLASS (class)->dispose = dispose;
  gtk_widget_class_set_template_from_resource (widget, "/org/countersign/Approve/window.ui");
  gtk_widget_class_bind_template_child (widget, ApproveWindow, waiting);
  gtk_widget_class_bind_template_child (widget, ApproveWindow, grants);
  gtk_widget_class_bind_template_child (widget, ApproveWindow, rules);
  gtk_widget_class_bind_template_child (widget, ApproveWindow, rules_section);
  gtk_widget_class_bind_template_child (widget, ApproveWindow, events);
  gtk_widget_class_bind_template_child (widget, ApproveWindow, state);
  gtk_widget_class_bind_template_child (widget, ApproveWindow, status);
  gtk_widget_class_bind_template_child (widget, ApproveWindow, pin_box);
  gtk_widget_class_bind_template_child (widget, ApproveWindow, lists);
  gtk_widget_class_bind_template_child (widget, ApproveWindow, lock);
  gtk_widget_class_bind_template_child (widget, ApproveWindow, panic_popover);
  gtk_widget_class_bind_template_child (widget, ApproveWindow, pin);
  gtk_widget_class_bind_template_callback (widget, on_pin);
  gtk_widget_class_bind_template_callback (widget, on_lock);
  gtk_widget_class_bind_template_callback (widget, on_panic);
  gtk_widget_class_bind_template_callback (widget, on_hidden);
  gtk_widget_class_add_binding (widget, GDK_KEY_Escape, 0, on_escape, NULL);
}

static void
approve_window_init (ApproveWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
