/* SPDX-License-Identifier: MIT
 *
 * What goes on in the person's browser, on the screen by itself: the whole address, and the code
 * that is asked for there.
 */
#include "approve-ui/terminal/terminal-full-private.h"

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"

void
full_show_pages (Full *self)
{
  const GPtrArray *pages = self->backend->pages;

  if (pages->len == 0 && self->in_page)
    full_close_page (self);
  for (guint i = 0; i < pages->len; i++)
    {
      TerminalPage *page = pages->pdata[i];
      if (page->told)
        continue;
      page->told = self->in_page = TRUE;
      terminal_pane_begin (self->page, 0);
      terminal_pane_reset (self->page);
    }
}

void
full_close_page (Full *self)
{
  self->in_page = FALSE;
  full_disarm (self);
}

static void
add (Full *self, const char *text, TerminalInk ink)
{
  terminal_pane_add (self->page, &(TerminalText){ NULL, NULL, text, ink, -1 });
}

static void
add_page (Full *self, const TerminalPage *page)
{
  g_autofree char *title = browse_title (page->browse);

  add (self, title, TERMINAL_INK_STRONG);
  add (self, browse_what_to_do (page->browse), TERMINAL_INK_PLAIN);
  add (self, " ", TERMINAL_INK_PLAIN);
  add (self, page->browse->url, TERMINAL_INK_STRONG);
  add (self, " ", TERMINAL_INK_PLAIN);
  if (page->browse->user_code != NULL)
    {
      g_autofree char *code = card_escape (page->browse->user_code);
      g_autofree char *shown = g_strdup_printf ("    %s", code);
      add (self, shown, TERMINAL_INK_CURSOR);
      add (self, " ", TERMINAL_INK_PLAIN);
    }
  add (self, page->state, TERMINAL_INK_PLAIN);
  add (self, " ", TERMINAL_INK_PLAIN);
}

void
full_draw_page (Full *self, guint columns, guint room)
{
  terminal_pane_begin (self->page, columns);
  for (guint i = 0; i < self->backend->pages->len; i++)
    add_page (self, self->backend->pages->pdata[i]);
  terminal_pane_set_height (self->page, room);
  terminal_pane_draw (self->page, self->screen, 1, FALSE);
}
