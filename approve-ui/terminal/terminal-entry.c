/* SPDX-License-Identifier: MIT */
#include "approve-ui/terminal/terminal-entry.h"

#include <string.h>

#include "approve-ui/card/card-words.h"

#define ENTRY_MAX 1024 /* bytes */

struct _TerminalEntry
{
  char *prompt;
  gboolean hidden;
  Secret *text;
  gsize used;
};

TerminalEntry *
terminal_entry_new (const char *prompt, gboolean hidden, GError **error)
{
  g_autoptr (Secret) text = secret_new (ENTRY_MAX, error);
  TerminalEntry *self;

  if (text == NULL)
    return NULL;
  self = g_new0 (TerminalEntry, 1);
  *self = (TerminalEntry){ g_strdup (prompt), hidden, g_steal_pointer (&text), 0 };
  return self;
}

void
terminal_entry_free (TerminalEntry *self)
{
  if (self == NULL)
    return;
  secret_free (self->text);
  g_free (self->prompt);
  g_free (self);
}

static void
shorten (TerminalEntry *self, gsize to)
{
  explicit_bzero (secret_data (self->text) + to, self->used - to);
  self->used = to;
}

/* The last character goes whole. */
static void
erase (TerminalEntry *self)
{
  gsize to = self->used;

  while (to > 0 && (secret_peek (self->text)[to - 1] & 0xc0) == 0x80)
    to--;
  shorten (self, to > 0 ? to - 1 : 0);
}

TerminalEntryStep
terminal_entry_take (TerminalEntry *self, const TerminalKey *key, const guint8 *bytes, gsize len)
{
  switch ((int) key->code)
    {
    case TERMINAL_KEY_CHAR:
      /* Cut nothing: a line that is too long is seen not to grow. */
      if (self->used + len <= ENTRY_MAX)
        {
          memcpy (secret_data (self->text) + self->used, bytes, len);
          self->used += len;
        }
      return TERMINAL_ENTRY_GOES_ON;
    case TERMINAL_KEY_BACKSPACE:
      erase (self);
      return TERMINAL_ENTRY_GOES_ON;
    case TERMINAL_KEY_ERASE_LINE:
      shorten (self, 0);
      return TERMINAL_ENTRY_GOES_ON;
    case TERMINAL_KEY_ENTER:
      return TERMINAL_ENTRY_COMPLETE;
    case TERMINAL_KEY_ESCAPE:
      return TERMINAL_ENTRY_CANCELLED;
    default:
      return TERMINAL_ENTRY_GOES_ON;
    }
}

Secret *
terminal_entry_steal (TerminalEntry *self, GError **error)
{
  Secret *text = secret_new_from (secret_peek (self->text), self->used, error);

  shorten (self, 0);
  return text;
}

void
terminal_entry_draw (const TerminalEntry *self, TerminalScreen *screen, guint row)
{
  guint columns = terminal_screen_columns (screen);
  guint at
      = 1 + terminal_screen_put (screen, row, 1, columns - 2, TERMINAL_INK_STRONG, self->prompt);

  if (!self->hidden)
    {
      g_autofree char *text = g_strndup ((const char *) secret_peek (self->text), self->used);
      g_autofree char *shown = card_escape (text);
      const char *tail = shown;
      guint room = columns > at + 1 ? columns - at - 1 : 0;
      /* The end of a long line is where one types. */
      while (terminal_screen_width (tail) > room && *tail != '\0')
        tail = g_utf8_next_char (tail);
      if (tail != shown)
        terminal_screen_put (screen, row, at - 1, 1, TERMINAL_INK_DIM, "…");
      at += terminal_screen_put (screen, row, at, room, TERMINAL_INK_PLAIN, tail);
    }
  terminal_screen_cursor (screen, row, at);
}
