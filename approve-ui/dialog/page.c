/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/page.h"

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/dialog/look.h"
#include "approve-ui/dialog/portal.h"

#define WIDTH 560

struct _ApprovePage
{
  GtkWindow parent;
  GtkLabel *heading, *what, *address, *code, *status;
  GtkWidget *place, *copy, *again, *close;
  char *url; /* NULL: none that is opened */
  char *until;
  GCancellable *cancel;
  gboolean over;
};

G_DEFINE_FINAL_TYPE (ApprovePage, approve_page, GTK_TYPE_WINDOW)

/* @text is escaped. */
static void
say (ApprovePage *self, const char *text)
{
  look_set_text (self->status, text);
}

static void
on_opened (gpointer user, const GError *error)
{
  ApprovePage *self = user;
  g_autofree char *text = NULL;

  if (self->over)
    return;
  if (error == NULL)
    text = g_strdup_printf (_ ("Your browser is asked to open it. %s"), self->until);
  else
    text = g_strdup_printf (_ ("Nothing here could open it: copy the address, and open it in your "
                               "browser. %s"),
                            self->until);
  say (self, text);
}

static void
on_again (ApprovePage *self)
{
  portal_open (self->url, self->cancel, on_opened, self);
}

static void
on_copy (ApprovePage *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->url);
  if (!self->over)
    say (self, _ ("The address is copied."));
}

static char *
until_words (gint64 expires_at)
{
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (expires_at / G_USEC_PER_SEC);
  g_autofree char *clock
      = expires_at > 0 && then != NULL ? g_date_time_format (then, "%H:%M") : NULL;

  return clock != NULL ? g_strdup_printf (_ ("Waiting until %s."), clock) : g_strdup ("");
}

static void
set_heading (ApprovePage *self, const char *text)
{
  g_autofree char *title = g_strdup_printf ("Countersign: %s", text);

  gtk_window_set_title (GTK_WINDOW (self), title);
  look_set_text (self->heading, text);
}

/* Nothing that was said in words is there to be pressed any more. */
static void
show_buttons (ApprovePage *self, gboolean shown)
{
  gtk_widget_set_visible (self->copy, shown);
  gtk_widget_set_visible (self->again, shown);
}

ApprovePage *
approve_page_new (const Browse *browse)
{
  ApprovePage *self = g_object_new (APPROVE_TYPE_PAGE, NULL);
  g_autofree char *heading = browse_title (browse);
  g_autofree char *code = browse->user_code != NULL ? card_escape (browse->user_code) : NULL;

  self->url = g_strdup (browse->url);
  self->until = until_words (browse->expires_at);
  set_heading (self, heading);
  gtk_label_set_text (self->what, browse_what_to_do (browse));
  look_set_text (self->address, browse->url);
  gtk_widget_set_visible (GTK_WIDGET (self->code), code != NULL);
  if (code != NULL)
    look_set_text (self->code, code);
  gtk_window_present (GTK_WINDOW (self));
  gtk_window_set_focus (GTK_WINDOW (self), self->close);
  portal_open (self->url, self->cancel, on_opened, self);
  return self;
}

ApprovePage *
approve_page_new_refused (const char *heading, const char *why)
{
  ApprovePage *self = g_object_new (APPROVE_TYPE_PAGE, NULL);

  set_heading (self, heading);
  gtk_widget_set_visible (GTK_WIDGET (self->what), FALSE);
  gtk_widget_set_visible (self->place, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->code), FALSE);
  show_buttons (self, FALSE);
  say (self, why);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}

void
approve_page_end (ApprovePage *self, const char *text, gboolean ok)
{
  self->over = TRUE;
  gtk_widget_set_visible (GTK_WIDGET (self->what), FALSE);
  gtk_widget_set_visible (self->place, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->code), FALSE);
  show_buttons (self, FALSE);
  say (self, text);
  if (!ok)
    gtk_widget_add_css_class (GTK_WIDGET (self->status), "error");
  /* What is left is little. */
  gtk_window_set_default_size (GTK_WINDOW (self), WIDTH, -1);
  gtk_window_set_focus (GTK_WINDOW (self), self->close);
}

static gboolean
on_escape (GtkWidget *widget, GVariant *arguments, gpointer user)
{
  gtk_window_close (GTK_WINDOW (widget));
  return TRUE;
}

static void
approve_page_dispose (GObject *object)
{
  ApprovePage *self = APPROVE_PAGE (object);

  g_cancellable_cancel (self->cancel);
  G_OBJECT_CLASS (approve_page_parent_class)->dispose (object);
}

static void
approve_page_finalize (GObject *object)
{
  ApprovePage *self = APPROVE_PAGE (object);

  g_clear_object (&self->cancel);
  g_free (self->url);
  g_free (self->until);
  G_OBJECT_CLASS (approve_page_parent_class)->finalize (object);
}

static void
approve_page_class_init (ApprovePageClass *class)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = approve_page_dispose;
  G_OBJECT_CLASS (class)->finalize = approve_page_finalize;
  gtk_widget_class_set_template_from_resource (widget, "/org/countersign/Approve/page.ui");
  gtk_widget_class_bind_template_child (widget, ApprovePage, heading);
  gtk_widget_class_bind_template_child (widget, ApprovePage, what);
  gtk_widget_class_bind_template_child (widget, ApprovePage, place);
  gtk_widget_class_bind_template_child (widget, ApprovePage, address);
  gtk_widget_class_bind_template_child (widget, ApprovePage, code);
  gtk_widget_class_bind_template_child (widget, ApprovePage, status);
  gtk_widget_class_bind_template_child (widget, ApprovePage, copy);
  gtk_widget_class_bind_template_child (widget, ApprovePage, again);
  gtk_widget_class_bind_template_child (widget, ApprovePage, close);
  gtk_widget_class_bind_template_callback (widget, on_copy);
  gtk_widget_class_bind_template_callback (widget, on_again);
  gtk_widget_class_add_binding (widget, GDK_KEY_Escape, 0, on_escape, NULL);
}

static void
approve_page_init (ApprovePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_window_set_default_size (GTK_WINDOW (self), WIDTH, -1);
  self->cancel = g_cancellable_new ();
}
