/* SPDX-License-Identifier: MIT */
#include "approve-ui/notice/notice-thread.h"

#include <gio/gio.h>
#include <libnotify/notify.h>

#include "approve-ui/card/i18n.h"

#define DAEMON "org.freedesktop.Notifications"
#define TELLINGS_MAX 8
#define APPLICATION "org.countersign.Approve"

struct _NoticeThread
{
  gatomicrefcount refs;
  GMainContext *main, *own;

  /* The main loop's alone; NULL after notice_thread_leave(). */
  NoticePressed pressed;
  gpointer user;

  GMutex lock;
  GCond left_now;
  NoticeContent *wanted; /* by the lock, as those below */
  GQueue tellings;       /* of char*: a title, then its text */
  gboolean leaving, left;

  /* The thread's alone. */
  gboolean looked;      /* whether there is a daemon has been found out */
  NoticeContent *tried; /* what a daemon was asked to show last, whether it did or not */
  NoticeContent *shown; /* what the person sees, as far as we know */
  NotifyNotification *notification;
  NoticeAbilities abilities;
  gboolean asked; /* the daemon for its abilities */
};

static void
unref (NoticeThread *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_pointer (&self->wanted, notice_content_unref);
  g_queue_clear_full (&self->tellings, g_free);
  g_main_context_unref (self->main);
  g_main_context_unref (self->own);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->left_now);
  g_free (self);
}

static NoticeThread *
ref (NoticeThread *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

static void
set (NoticeContent **place, NoticeContent *content)
{
  NoticeContent *before = *place;

  *place = content != NULL ? notice_content_ref (content) : NULL;
  g_clear_pointer (&before, notice_content_unref);
}

/* ---- a button, on its way to the main loop ---- */

typedef struct
{
  NoticeThread *thread;
  NoticeContent *content;
  NoticeButton button;
} Press;

static void
press_free (gpointer data)
{
  Press *press = data;

  notice_content_unref (press->content);
  unref (press->thread);
  g_free (press);
}

static gboolean
deliver (gpointer data)
{
  const Press *press = data;

  if (press->thread->pressed != NULL)
    press->thread->pressed (press->content, press->button, press->thread->user);
  return G_SOURCE_REMOVE;
}

static void
press (NoticeThread *self, NoticeButton button)
{
  g_autoptr (GSource) source = NULL;
  Press *press;

  if (self->shown == NULL)
    return;
  press = g_new0 (Press, 1);
  press->thread = ref (self);
  press->content = notice_content_ref (self->shown);
  press->button = button;
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver, press, press_free);
  g_source_attach (source, self->main);
}

static void
on_action (NotifyNotification *notification, char *action, gpointer user)
{
  press (user, g_strcmp0 (action, "deny") == 0 ? NOTICE_BUTTON_DENY : NOTICE_BUTTON_REVIEW);
}

/* ---- the notification ---- */

static void
do_what_is_due (NoticeThread *self)
{
  while (g_main_context_iteration (self->own, FALSE))
    continue;
}

/* FALSE when nobody answers. */
static gboolean
ask_abilities (NoticeThread *self)
{
  g_autofree char *name = NULL, *vendor = NULL, *version = NULL, *specification = NULL;
  GList *found;

  if (self->asked)
    return TRUE;
  if (!notify_get_server_info (&name, &vendor, &version, &specification))
    return FALSE;
  found = notify_get_server_caps ();
  self->abilities.body = g_list_find_custom (found, "body", (GCompareFunc) g_strcmp0) != NULL;
  self->abilities.body_markup
      = g_list_find_custom (found, "body-markup", (GCompareFunc) g_strcmp0) != NULL;
  self->abilities.actions = g_list_find_custom (found, "actions", (GCompareFunc) g_strcmp0) != NULL;
  g_list_free_full (found, g_free);
  self->asked = TRUE;
  return TRUE;
}

static NotifyNotification *
make (void)
{
  NotifyNotification *made = notify_notification_new ("", NULL, APPLICATION);

  notify_notification_set_urgency (made, NOTIFY_URGENCY_NORMAL);
  /* It stays for as long as somebody waits, and is withdrawn then. */
  notify_notification_set_timeout (made, NOTIFY_EXPIRES_NEVER);
  notify_notification_set_hint (made, "desktop-entry", g_variant_new_string (APPLICATION));
  return made;
}

/* What is not told by name cannot be denied by it. */
static void
offer_actions (NoticeThread *self, const NoticeContent *content)
{
  NotifyNotification *to = self->notification;

  notify_notification_clear_actions (to);
  if (!self->abilities.actions)
    return;
  /* "default" is a press on the notification itself, which some desktops show no button for. */
  notify_notification_add_action (to, "default", _ ("Review"), on_action, self, NULL);
  notify_notification_add_action (to, "review", _ ("Review"), on_action, self, NULL);
  if (content->request_ids[0] != NULL)
    notify_notification_add_action (to, "deny", _ ("Deny"), on_action, self, NULL);
}

static void
show (NoticeThread *self, NoticeContent *content)
{
  g_autofree char *summary = NULL, *body = NULL;

  if (!ask_abilities (self))
    return;
  if (self->notification == NULL)
    self->notification = make ();
  offer_actions (self, content);
  summary = notice_text_summary (content, &self->abilities);
  body = notice_text_body (content, &self->abilities);
  notify_notification_update (self->notification, summary, body, APPLICATION);
  if (!notify_notification_show (self->notification, NULL))
    return;
  if (self->shown == NULL)
    set (&self->shown, content);
  /* What was pressed before the daemon took this has arrived before its answer, and is about what
   * was shown until then. */
  do_what_is_due (self);
  if (self->notification != NULL)
    set (&self->shown, content);
}

static void
forget (NoticeThread *self)
{
  g_clear_object (&self->notification);
  g_clear_pointer (&self->shown, notice_content_unref);
}

static void
withdraw (NoticeThread *self)
{
  int id = 0;

  if (self->notification != NULL)
    g_object_get (self->notification, "id", &id, NULL);
  if (id != 0 && notify_notification_close (self->notification, NULL))
    do_what_is_due (self);
  forget (self);
}

/* ---- the daemon comes and goes ---- */

/* Another daemon knows nothing of ours, and what is number 7 to it may be somebody else's. */
static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user)
{
  NoticeThread *self = user;

  self->looked = TRUE;
  self->asked = FALSE;
  forget (self);
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user)
{
  NoticeThread *self = user;

  self->looked = TRUE;
  g_clear_pointer (&self->tried, notice_content_unref);
}

/* ---- the thread ---- */

/* FALSE when it is time to leave. @wanted is replaced by what is to be shown. */
static gboolean
look_what_is_wanted (NoticeThread *self, NoticeContent **wanted)
{
  gboolean leaving;

  g_mutex_lock (&self->lock);
  set (wanted, self->wanted);
  leaving = self->leaving;
  g_mutex_unlock (&self->lock);
  return !leaving;
}

/* Once for each content and daemon: one that cannot be reached, or that this ends, is not started
 * over and over. */
static void
try (NoticeThread *self, NoticeContent *wanted)
{
  set (&self->tried, wanted);
  if (wanted != NULL)
    show (self, wanted);
  else
    withdraw (self);
}

/* FALSE when there is nothing to tell. */
static gboolean
take_telling (NoticeThread *self, char **title, char **text)
{
  g_mutex_lock (&self->lock);
  *title = g_queue_pop_head (&self->tellings);
  *text = g_queue_pop_head (&self->tellings);
  g_mutex_unlock (&self->lock);
  return *title != NULL;
}

static gboolean
tell_one (NoticeThread *self)
{
  g_autofree char *title = NULL, *text = NULL, *body = NULL;

  if (!take_telling (self, &title, &text))
    return FALSE;
  if (!ask_abilities (self))
    return TRUE;
  body = self->abilities.body_markup ? g_markup_escape_text (text, -1) : g_strdup (text);
  NotifyNotification *one
      = notify_notification_new (title, self->abilities.body ? body : NULL, APPLICATION);
  notify_notification_set_hint (one, "desktop-entry", g_variant_new_string (APPLICATION));
  notify_notification_show (one, NULL);
  g_object_unref (one);
  return TRUE;
}

static void
serve (NoticeThread *self, GDBusConnection *bus)
{
  g_autoptr (NoticeContent) wanted = NULL;
  guint watch;

  /* When the session's bus ends, what waits can still be answered. */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  notify_init ("Countersign");
  watch = g_bus_watch_name_on_connection (bus, DAEMON, G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared,
                                          on_vanished, self, NULL);
  while (look_what_is_wanted (self, &wanted))
    if (self->looked && wanted != self->tried)
      try (self, wanted);
    else if (!self->looked || !tell_one (self))
      g_main_context_iteration (self->own, TRUE);
  g_bus_unwatch_name (watch);
  withdraw (self);
  g_clear_pointer (&self->tried, notice_content_unref);
  notify_uninit ();
  /* GIO lets go of what the proxy listened to from here. */
  do_what_is_due (self);
}

static gpointer
run (gpointer data)
{
  NoticeThread *self = data;
  g_autoptr (GDBusConnection) bus = NULL;

  g_main_context_push_thread_default (self->own);
  bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  if (bus != NULL)
    serve (self, bus);
  g_main_context_pop_thread_default (self->own);

  g_mutex_lock (&self->lock);
  self->left = TRUE;
  g_cond_signal (&self->left_now);
  g_mutex_unlock (&self->lock);
  unref (self);
  return NULL;
}

NoticeThread *
notice_thread_new (NoticePressed pressed, gpointer user)
{
  NoticeThread *self = g_new0 (NoticeThread, 1);

  g_atomic_ref_count_init (&self->refs);
  self->main = g_main_context_ref_thread_default ();
  self->own = g_main_context_new ();
  self->pressed = pressed;
  self->user = user;
  g_mutex_init (&self->lock);
  g_cond_init (&self->left_now);
  g_thread_unref (g_thread_new ("notice", run, ref (self)));
  return self;
}

void
notice_thread_want (NoticeThread *self, NoticeContent *content)
{
  g_mutex_lock (&self->lock);
  set (&self->wanted, content);
  g_mutex_unlock (&self->lock);
  g_main_context_wakeup (self->own);
}

void
notice_thread_tell (NoticeThread *self, const char *title, const char *text)
{
  g_mutex_lock (&self->lock);
  if (self->tellings.length < 2 * TELLINGS_MAX)
    {
      g_queue_push_tail (&self->tellings, g_strdup (title));
      g_queue_push_tail (&self->tellings, g_strdup (text));
    }
  g_mutex_unlock (&self->lock);
  g_main_context_wakeup (self->own);
}

void
notice_thread_leave (NoticeThread *self)
{
  gint64 until = g_get_monotonic_time () + G_USEC_PER_SEC;

  self->pressed = NULL;
  g_mutex_lock (&self->lock);
  self->leaving = TRUE;
  g_main_context_wakeup (self->own);
  while (!self->left && g_cond_wait_until (&self->left_now, &self->lock, until))
    continue;
  g_mutex_unlock (&self->lock);
  unref (self);
}
