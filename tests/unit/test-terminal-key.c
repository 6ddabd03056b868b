/* SPDX-License-Identifier: MIT
 *
 * Keys out of bytes.
 */
#include "approve-ui/terminal/terminal-key.h"

#include <string.h>

#include "tests/unit/table.h"

typedef struct
{
  const char *sentence;
  const char *bytes;
  gboolean whole;
  gsize len; /* of the key; 0: more is to come */
  TerminalKeyCode code;
  gunichar c;
} Row;

static const Row rows[] = {
  { "a letter is one", "g0", TRUE, 1, TERMINAL_KEY_CHAR, 'g' },
  { "a character of several bytes is one", "é!", TRUE, 2, TERMINAL_KEY_CHAR, 0xe9 },
  { "the beginning of a character waits for the rest", "\xc3", FALSE, 0, 0, 0 },
  { "and is none when no more comes", "\xc3", TRUE, 1, TERMINAL_KEY_OTHER, 0 },
  { "a byte that is no text is none, and the next begins anew", "\xffg", TRUE, 1,
    TERMINAL_KEY_OTHER, 0 },
  { "a character that does not show is none", "\u200bg", TRUE, 3, TERMINAL_KEY_OTHER, 0 },
  { "an 8-bit control is none", "\xc2\x9b", TRUE, 2, TERMINAL_KEY_OTHER, 0 },
  { "Enter as a terminal sends it", "\r", TRUE, 1, TERMINAL_KEY_ENTER, 0 },
  { "Enter as the kernel makes of it", "\n", TRUE, 1, TERMINAL_KEY_ENTER, 0 },
  { "Enter on the number pad", "\033OM", TRUE, 3, TERMINAL_KEY_ENTER, 0 },
  { "Backspace", "\x7f", TRUE, 1, TERMINAL_KEY_BACKSPACE, 0 },
  { "Ctrl-H is Backspace too", "\b", TRUE, 1, TERMINAL_KEY_BACKSPACE, 0 },
  { "Ctrl-D", "\x04", TRUE, 1, TERMINAL_KEY_END_OF_INPUT, 0 },
  { "Ctrl-G is none", "\x07", TRUE, 1, TERMINAL_KEY_OTHER, 0 },
  { "Escape alone may be the beginning of more", "\033", FALSE, 0, 0, 0 },
  { "Escape alone is Escape when no more comes", "\033", TRUE, 1, TERMINAL_KEY_ESCAPE, 0 },
  { "an arrow", "\033[A", TRUE, 3, TERMINAL_KEY_UP, 0 },
  { "an arrow of a keypad in application mode", "\033OB", TRUE, 3, TERMINAL_KEY_DOWN, 0 },
  { "half an arrow waits for the rest", "\033[", FALSE, 0, 0, 0 },
  { "half an arrow is none when no more comes", "\033[", TRUE, 2, TERMINAL_KEY_OTHER, 0 },
  { "page down", "\033[6~", TRUE, 4, TERMINAL_KEY_PAGE_DOWN, 0 },
  { "page down is not half of it", "\033[6", FALSE, 0, 0, 0 },
  { "Shift-Tab", "\033[Z", TRUE, 3, TERMINAL_KEY_BACK_TAB, 0 },
  { "an arrow with Ctrl is none, to its last letter", "\033[1;5Ag", TRUE, 6, TERMINAL_KEY_OTHER,
    0 },
  { "a function key is none, to its last letter", "\033[15~g", TRUE, 5, TERMINAL_KEY_OTHER, 0 },
  { "a function key of the other kind is none", "\033OPg", TRUE, 3, TERMINAL_KEY_OTHER, 0 },
  { "Alt and a letter are none, and not the letter", "\033g", TRUE, 2, TERMINAL_KEY_OTHER, 0 },
  { "the beginning of a paste is none", "\033[200~g", TRUE, 6, TERMINAL_KEY_OTHER, 0 },
  { "a sequence without an end is given up", "\033[00000000000000000000000000000000000000g", FALSE,
    32, TERMINAL_KEY_OTHER, 0 },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  TerminalKey key;
  gsize len
      = terminal_key_decode ((const guint8 *) row->bytes, strlen (row->bytes), row->whole, &key);

  g_assert_cmpuint (len, ==, row->len);
  if (len == 0)
    return;
  g_assert_cmpint (key.code, ==, row->code);
  g_assert_cmpuint (key.c, ==, row->c);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/terminal-key/", rows, test_row);
  return g_test_run ();
}
