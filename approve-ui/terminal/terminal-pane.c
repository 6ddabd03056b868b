/* SPDX-License-Identifier: MIT */
#include "approve-ui/terminal/terminal-pane.h"

#include <string.h>

#include "approve-ui/card/card-wrap.h"
#include "approve-ui/card/i18n.h"

#define NARROW 60
#define VALUE_COLUMN 17 /* where values begin: cursor, mark, blank, label, blank */
#define WIDE_COLUMN 1

typedef struct
{
  char *mark, *label, *text;
  TerminalInk ink;
  int item;
  guint column;   /* where the text begins */
  gboolean first; /* of its paragraph */
} Row;

struct _TerminalPane
{
  GPtrArray *rows; /* of Row */
  guint narrow;    /* where values begin on a narrow screen */
  guint width, height, top;
  int item;
};

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->mark);
  g_free (row->label);
  g_free (row->text);
  g_free (row);
}

TerminalPane *
terminal_pane_new (guint narrow)
{
  TerminalPane *self = g_new0 (TerminalPane, 1);

  self->narrow = narrow;
  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->item = -1;
  return self;
}

void
terminal_pane_free (TerminalPane *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->rows);
  g_free (self);
}

void
terminal_pane_begin (TerminalPane *self, guint width)
{
  self->width = width;
  g_ptr_array_set_size (self->rows, 0);
}

static guint
column_of (const TerminalPane *self, const TerminalText *text)
{
  if (text->label == NULL)
    return WIDE_COLUMN;
  return self->width < NARROW ? self->narrow : VALUE_COLUMN;
}

static void
add_row (TerminalPane *self, const TerminalText *text, const char *label, const char *value,
         gboolean first)
{
  Row *row = g_new0 (Row, 1);

  *row = (Row){ first ? g_strdup (text->mark) : NULL,
                g_strdup (label),
                g_strdup (value),
                text->ink,
                text->item,
                column_of (self, text),
                first };
  g_ptr_array_add (self->rows, row);
}

/* A line as card_wrap() made it. Where the screen counts columns otherwise, it is broken once more.
 */
static void
add_broken (TerminalPane *self, const TerminalText *text, const char *label, char *line,
            gboolean first)
{
  guint room = MAX (self->width - MIN (column_of (self, text), self->width), 2);
  char *end = line;

  for (guint used = 0; *end != '\0'; end = g_utf8_next_char (end))
    {
      g_autofree char *one = g_strndup (end, g_utf8_next_char (end) - end);
      used += terminal_screen_width (one);
      if (used <= room)
        continue;
      g_autofree char *head = g_strndup (line, end - line);
      add_row (self, text, label, head, first);
      line = end;
      used = terminal_screen_width (one);
      label = NULL;
      first = FALSE;
    }
  add_row (self, text, label, line, first);
}

void
terminal_pane_add (TerminalPane *self, const TerminalText *text)
{
  GString *wrapped = g_string_new (NULL);
  guint column = column_of (self, text);
  gboolean under = text->label != NULL && terminal_screen_width (text->label) + 4 > column;
  g_auto (GStrv) lines = NULL;

  card_wrap (wrapped, text->text, 0, self->width > column ? self->width - column : 2);
  lines = g_strsplit (wrapped->str, "\n", -1);
  g_string_free (wrapped, TRUE);
  if (under)
    add_row (self, text, text->label, "", TRUE);
  for (char **line = lines; *line != NULL; line++)
    add_broken (self, text, line == lines && !under ? text->label : NULL, *line,
                line == lines && !under);
}

guint
terminal_pane_rows (const TerminalPane *self)
{
  return self->rows->len;
}

guint
terminal_pane_height (const TerminalPane *self)
{
  return self->height;
}

static void
hold_place (TerminalPane *self)
{
  guint most = self->rows->len > self->height ? self->rows->len - self->height : 0;

  self->top = MIN (self->top, most);
}

void
terminal_pane_set_height (TerminalPane *self, guint height)
{
  self->height = height;
  hold_place (self);
}

void
terminal_pane_reset (TerminalPane *self)
{
  self->top = 0;
  self->item = -1;
}

void
terminal_pane_scroll (TerminalPane *self, int by)
{
  gint64 to = (gint64) self->top + by;

  self->top = CLAMP (to, 0, (gint64) self->rows->len);
  hold_place (self);
}

/* The rows of the item; FALSE when none is chosen, or it is not there. */
static gboolean
find_item (const TerminalPane *self, guint *first, guint *last)
{
  *first = G_MAXUINT;
  for (guint i = 0; self->item >= 0 && i < self->rows->len; i++)
    if (((Row *) self->rows->pdata[i])->item == self->item)
      {
        *first = MIN (*first, i);
        *last = i;
      }
  return *first != G_MAXUINT;
}

static void
show_item (TerminalPane *self)
{
  guint first, last;

  if (!find_item (self, &first, &last))
    return;
  if (last >= self->top + self->height)
    self->top = last + 1 - self->height;
  /* The beginning of one that is longer than the pane. */
  if (first < self->top)
    self->top = first;
  hold_place (self);
}

/* One that is longer than the pane is read to its end before the next one's turn. */
static gboolean
goes_on (const TerminalPane *self, int by)
{
  guint first, last;

  return find_item (self, &first, &last)
         && (by > 0 ? last >= self->top + self->height : first < self->top);
}

void
terminal_pane_choose (TerminalPane *self, int item)
{
  self->item = item;
  show_item (self);
}

/* Of one that is longer than the pane, for who comes from below. */
static void
show_end (TerminalPane *self)
{
  guint first, last;

  if (find_item (self, &first, &last) && last - first >= self->height)
    self->top = last + 1 - self->height;
}

gboolean
terminal_pane_move (TerminalPane *self, int by)
{
  int found = -1;

  if (goes_on (self, by))
    {
      terminal_pane_scroll (self, by);
      return TRUE;
    }
  for (guint i = 0; i < self->rows->len; i++)
    {
      int item = ((Row *) self->rows->pdata[i])->item;
      gboolean better = by > 0 ? item > self->item && (found == -1 || item < found)
                               : item < self->item && item > found;
      if (item >= 0 && better)
        found = item;
    }
  if (found == -1)
    return FALSE;
  terminal_pane_choose (self, found);
  if (by < 0)
    show_end (self);
  return TRUE;
}

int
terminal_pane_item (const TerminalPane *self)
{
  return self->item;
}

char *
terminal_pane_where (const TerminalPane *self, const char *down, const char *up)
{
  guint last = MIN (self->top + self->height, self->rows->len);

  if (self->rows->len <= self->height)
    return NULL;
  if (last < self->rows->len)
    return g_strdup_printf (_ ("line %u–%u of %u, %s for more"), self->top + 1, last,
                            self->rows->len, down);
  return g_strdup_printf (_ ("line %u–%u of %u, %s for the rest"), self->top + 1, last,
                          self->rows->len, up);
}

static void
draw_row (const TerminalPane *self, TerminalScreen *screen, const Row *row, guint at, gboolean here)
{
  gboolean under = row->label != NULL && *row->text == '\0';

  if (row->mark != NULL)
    terminal_screen_put (screen, at, 1, 1, row->ink, row->mark);
  if (row->label != NULL)
    terminal_screen_put (screen, at, 3, under ? self->width - 3 : row->column - 4,
                         here ? TERMINAL_INK_CURSOR : TERMINAL_INK_PLAIN, row->label);
  terminal_screen_put (screen, at, row->column, self->width - row->column,
                       here ? TERMINAL_INK_CURSOR : row->ink, row->text);
  if (here && row->first)
    terminal_screen_put (screen, at, 0, 1, TERMINAL_INK_STRONG, "▸");
}

void
terminal_pane_draw (const TerminalPane *self, TerminalScreen *screen, guint row, gboolean focused)
{
  for (guint i = 0; i < self->height && self->top + i < self->rows->len; i++)
    {
      const Row *one = self->rows->pdata[self->top + i];
      draw_row (self, screen, one, row + i, focused && one->item >= 0 && one->item == self->item);
    }
}
