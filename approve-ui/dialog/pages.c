/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/pages.h"

#include "approve-ui/card/browse.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/dialog/page.h"
#include "broker/base/wire.h"

typedef struct
{
  Pages *pages;
  char *id, *provider;
  ApprovePage *window; /* NULL: the person has closed it */
  gboolean over;
} Page;

struct _Pages
{
  GPtrArray *all; /* of Page */
  void (*changed) (gpointer user);
  gpointer user;
};

static void
page_free (gpointer data)
{
  Page *page = data;

  if (page->window != NULL)
    {
      g_signal_handlers_disconnect_by_data (page->window, page);
      gtk_window_destroy (GTK_WINDOW (page->window));
    }
  g_free (page->id);
  g_free (page->provider);
  g_free (page);
}

/* Nothing more comes of one that is over and closed. */
static void
forget (Page *page)
{
  if (page->window == NULL && page->over)
    g_ptr_array_remove (page->pages->all, page);
}

static void
on_destroyed (Page *page)
{
  Pages *pages = page->pages;

  page->window = NULL;
  forget (page);
  pages->changed (pages->user);
}

Pages *
pages_new (void (*changed) (gpointer user), gpointer user)
{
  Pages *self = g_new0 (Pages, 1);

  self->all = g_ptr_array_new_with_free_func (page_free);
  self->changed = changed;
  self->user = user;
  return self;
}

void
pages_free (Pages *self)
{
  g_ptr_array_unref (self->all);
  g_free (self);
}

static Page *
find (const Pages *self, const char *id)
{
  for (guint i = 0; id != NULL && i < self->all->len; i++)
    if (g_str_equal (((Page *) self->all->pdata[i])->id, id))
      return self->all->pdata[i];
  return NULL;
}

static ApprovePage *
new_window (const json_t *params)
{
  const char *provider = wire_string (params, "provider");
  g_autoptr (GError) error = NULL;
  g_autoptr (Browse) browse = browse_parse (params, &error);
  g_autofree char *name = card_name (provider != NULL ? provider : "");
  g_autofree char *heading = g_strdup_printf (_ ("Log in to %s"), name);

  return browse != NULL ? approve_page_new (browse)
                        : approve_page_new_refused (heading, error->message);
}

static Page *
add (Pages *self, const char *id, const char *provider, ApprovePage *window)
{
  Page *page = g_new0 (Page, 1);

  page->pages = self;
  page->id = g_strdup (id);
  page->provider = g_strdup (provider != NULL ? provider : "");
  page->window = window;
  g_signal_connect_swapped (window, "destroy", G_CALLBACK (on_destroyed), page);
  g_ptr_array_add (self->all, page);
  self->changed (self->user);
  return page;
}

void
pages_begin (Pages *self, const json_t *params)
{
  const char *id = wire_string (params, "request_id");

  if (id != NULL && find (self, id) == NULL)
    add (self, id, wire_string (params, "provider"), new_window (params));
}

/* It came to no page at all: whoever approved it waits for one. */
static void
say_why (Pages *self, const json_t *params)
{
  const char *id = wire_string (params, "request_id"), *message = wire_string (params, "message");
  g_autofree char *why = message != NULL ? card_escape (message) : NULL;

  if (id != NULL && why != NULL)
    add (self, id, NULL, approve_page_new_refused (_ ("Not logged in"), why))->over = TRUE;
}

void
pages_end (Pages *self, const json_t *params)
{
  Page *page = find (self, wire_string (params, "request_id"));
  gboolean ok = json_is_true (json_object_get (params, "ok"));

  if (page == NULL && !ok)
    say_why (self, params);
  if (page == NULL)
    return;
  page->over = TRUE;
  if (page->window != NULL)
    {
      g_autofree char *text = browse_outcome (page->provider, params);
      approve_page_end (page->window, text, ok);
    }
  forget (page);
}

guint
pages_shown (const Pages *self)
{
  guint shown = 0;

  for (guint i = 0; i < self->all->len; i++)
    shown += ((Page *) self->all->pdata[i])->window != NULL;
  return shown;
}
