/* SPDX-License-Identifier: MIT */
#include "approve-ui/terminal/terminal-screen.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

struct _TerminalScreen
{
  int in;
  FILE *input, *output;
  SCREEN *screen;
  struct termios found;
  gboolean colour, entered;
  int cursor_row, cursor_column; /* row -1: hidden */
};

enum
{
  PAIR_WARNING = 1,
  PAIR_CHANGED,
  PAIR_CLAIM
};

gboolean
terminal_screen_possible (int in, int out)
{
  const char *term = g_getenv ("TERM");

  return isatty (in) && isatty (out) && term != NULL && *term != '\0' && strcmp (term, "dumb") != 0;
}

/* The plain form writes UTF-8 whatever the locale says; so does this one. */
static void
want_utf8 (void)
{
  if (strcmp (nl_langinfo (CODESET), "UTF-8") != 0)
    setlocale (LC_CTYPE, "C.UTF-8");
}

/* What a terminal understands is looked up where only root writes: a description in the person's
 * own folders could make any text act on the screen. */
static SCREEN *
open_screen (FILE *output, FILE *input)
{
  const char *const own[] = { "TERMINFO", "TERMINFO_DIRS", "TERMCAP", "HOME", "LINES", "COLUMNS" };
  char *kept[G_N_ELEMENTS (own)];
  SCREEN *screen;

  for (gsize i = 0; i < G_N_ELEMENTS (own); i++)
    {
      kept[i] = g_strdup (g_getenv (own[i]));
      g_unsetenv (own[i]);
    }
  screen = newterm (NULL, output, input);
  for (gsize i = 0; i < G_N_ELEMENTS (own); i++)
    {
      if (kept[i] != NULL)
        g_setenv (own[i], kept[i], TRUE);
      g_free (kept[i]);
    }
  return screen;
}

static void
set_up_colours (TerminalScreen *self)
{
  const char *no_colour = g_getenv ("NO_COLOR");

  self->colour = (no_colour == NULL || *no_colour == '\0') && has_colors () && start_color () == OK
                 && use_default_colors () == OK;
  if (!self->colour)
    return;
  init_pair (PAIR_WARNING, COLOR_RED, -1);
  init_pair (PAIR_CHANGED, COLOR_YELLOW, -1);
  init_pair (PAIR_CLAIM, COLOR_CYAN, -1);
}

/* No echo, each key at once; Ctrl-C and Ctrl-Z are signals. */
static void
set_mode (TerminalScreen *self)
{
  struct termios wanted = self->found;

  wanted.c_iflag &= ~(IGNCR | INLCR | IXON);
  wanted.c_iflag |= ICRNL;
  wanted.c_lflag &= ~(ICANON | ECHO | ECHONL | IEXTEN);
  /* Without NOFLSH the kernel throws away what is being written when Ctrl-C is typed: what gives
   * the terminal back. */
  wanted.c_lflag |= ISIG | NOFLSH;
  wanted.c_cc[VMIN] = 1;
  wanted.c_cc[VTIME] = 0;
  tcsetattr (self->in, TCSAFLUSH, &wanted);
}

TerminalScreen *
terminal_screen_open (int in, int out, GError **error)
{
  g_autoptr (TerminalScreen) self = g_new0 (TerminalScreen, 1);

  self->in = in;
  want_utf8 ();
  if (tcgetattr (in, &self->found) == 0)
    {
      self->input = fdopen (dup (in), "r");
      self->output = fdopen (dup (out), "w");
      self->screen = self->input != NULL && self->output != NULL
                         ? open_screen (self->output, self->input)
                         : NULL;
    }
  if (self->screen == NULL)
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                           "this terminal cannot be drawn on: its TERM is not known here");
      return NULL;
    }
  set_term (self->screen);
  typeahead (-1); /* a key that waits is no reason to show only half of what it will act on */
  set_up_colours (self);
  set_mode (self);
  self->entered = TRUE;
  return g_steal_pointer (&self);
}

void
terminal_screen_leave (TerminalScreen *self)
{
  if (!self->entered)
    return;
  curs_set (1);
  endwin ();
  tcsetattr (self->in, TCSAFLUSH, &self->found);
  self->entered = FALSE;
}

void
terminal_screen_enter (TerminalScreen *self)
{
  if (self->entered)
    return;
  /* The shell may have changed it meanwhile. */
  tcgetattr (self->in, &self->found);
  self->entered = TRUE;
  terminal_screen_resize (self);
  /* What stood there may be no longer so. */
  erase ();
  refresh ();
  set_mode (self);
  clearok (curscr, TRUE);
}

void
terminal_screen_free (TerminalScreen *self)
{
  if (self == NULL)
    return;
  if (self->screen != NULL)
    {
      terminal_screen_leave (self);
      delscreen (self->screen);
    }
  g_clear_pointer (&self->input, fclose);
  g_clear_pointer (&self->output, fclose);
  g_free (self);
}

void
terminal_screen_resize (TerminalScreen *self)
{
  struct winsize size;

  if (ioctl (self->in, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
    resize_term (size.ws_row, size.ws_col);
  /* Each terminal makes something else of what stood there. */
  clearok (curscr, TRUE);
}

guint
terminal_screen_rows (const TerminalScreen *self)
{
  return LINES;
}

guint
terminal_screen_columns (const TerminalScreen *self)
{
  return COLS;
}

void
terminal_screen_begin (TerminalScreen *self)
{
  self->cursor_row = -1;
  attrset (A_NORMAL);
  erase ();
}

static attr_t
attributes (const TerminalScreen *self, TerminalInk ink)
{
  switch (ink)
    {
    case TERMINAL_INK_STRONG:
      return A_BOLD;
    case TERMINAL_INK_CLAIM:
      return self->colour ? COLOR_PAIR (PAIR_CLAIM) : A_NORMAL;
    case TERMINAL_INK_WARNING:
      return A_BOLD | (self->colour ? COLOR_PAIR (PAIR_WARNING) : 0);
    case TERMINAL_INK_CHANGED:
      return A_BOLD | (self->colour ? COLOR_PAIR (PAIR_CHANGED) : 0);
    case TERMINAL_INK_BAR:
    case TERMINAL_INK_CURSOR:
      return A_REVERSE;
    case TERMINAL_INK_PLAIN:
    case TERMINAL_INK_DIM:
    default:
      return A_NORMAL;
    }
}

static int
columns_of (gunichar c)
{
  int columns = wcwidth ((wchar_t) c);

  /* This C library does not know it: the place of one character is kept for it. */
  return columns < 0 ? 1 : columns;
}

guint
terminal_screen_width (const char *text)
{
  guint width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += columns_of (g_utf8_get_char (p));
  return width;
}

guint
terminal_screen_put (TerminalScreen *self, guint row, guint column, guint width, TerminalInk ink,
                     const char *text)
{
  g_autoptr (GArray) wide = g_array_new (TRUE, FALSE, sizeof (wchar_t));
  gboolean cut = terminal_screen_width (text) > width;
  guint room = cut && width > 0 ? width - 1 : width, used = 0;

  if (row >= terminal_screen_rows (self) || column >= terminal_screen_columns (self))
    return 0;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      wchar_t c = (wchar_t) g_utf8_get_char (p);
      guint columns = columns_of (c);
      if (used + columns > room)
        break;
      c = wcwidth (c) < 0 ? L'\ufffd' : c;
      g_array_append_val (wide, c);
      used += columns;
    }
  if (cut && width > 0)
    {
      const wchar_t more = L'…';
      g_array_append_val (wide, more);
      used++;
    }
  attrset (attributes (self, ink));
  mvaddnwstr (row, column, (const wchar_t *) wide->data, wide->len);
  attrset (A_NORMAL);
  return used;
}

void
terminal_screen_fill (TerminalScreen *self, guint row, guint column, TerminalInk ink,
                      const char *with)
{
  for (guint at = column; at < terminal_screen_columns (self); at++)
    terminal_screen_put (self, row, at, 1, ink, with);
}

void
terminal_screen_cursor (TerminalScreen *self, guint row, guint column)
{
  self->cursor_row = row;
  self->cursor_column = MIN (column, terminal_screen_columns (self) - 1);
}

void
terminal_screen_end (TerminalScreen *self)
{
  if (!self->entered)
    return;
  curs_set (self->cursor_row >= 0 ? 1 : 0);
  if (self->cursor_row >= 0)
    move (self->cursor_row, self->cursor_column);
  refresh ();
}

void
terminal_screen_redraw (TerminalScreen *self)
{
  clearok (curscr, TRUE);
}
