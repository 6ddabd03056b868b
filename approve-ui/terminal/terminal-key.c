/* SPDX-License-Identifier: MIT */
#include "approve-ui/terminal/terminal-key.h"

#include <string.h>

#define SEQUENCE_MAX 32 /* bytes; what goes on for longer is no key */

/* What follows ESC [ or ESC O (ECMA-48 and xterm's ctlseqs). */
static const struct
{
  const char *sequence;
  TerminalKeyCode code;
} sequences[] = {
  { "A", TERMINAL_KEY_UP },       { "B", TERMINAL_KEY_DOWN },     { "C", TERMINAL_KEY_RIGHT },
  { "D", TERMINAL_KEY_LEFT },     { "H", TERMINAL_KEY_HOME },     { "F", TERMINAL_KEY_END },
  { "1~", TERMINAL_KEY_HOME },    { "7~", TERMINAL_KEY_HOME },    { "4~", TERMINAL_KEY_END },
  { "8~", TERMINAL_KEY_END },     { "5~", TERMINAL_KEY_PAGE_UP }, { "6~", TERMINAL_KEY_PAGE_DOWN },
  { "Z", TERMINAL_KEY_BACK_TAB }, { "M", TERMINAL_KEY_ENTER },
};

static TerminalKeyCode
find_sequence (const guint8 *bytes, gsize len)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sequences); i++)
    if (strlen (sequences[i].sequence) == len && memcmp (sequences[i].sequence, bytes, len) == 0)
      return sequences[i].code;
  return TERMINAL_KEY_OTHER;
}

/* @bytes begin with ESC. A sequence that we do not know is read to its end, so that its letters are
 * not taken for typed ones. */
static gsize
decode_escape (const guint8 *bytes, gsize len, gboolean whole, TerminalKey *key)
{
  gsize end = 2;

  key->code = TERMINAL_KEY_ESCAPE;
  if (len == 1)
    return whole ? 1 : 0;
  if (bytes[1] != '[' && bytes[1] != 'O')
    {
      /* Alt and a key: neither. */
      key->code = TERMINAL_KEY_OTHER;
      return 2;
    }
  while (bytes[1] == '[' && end < len && end < SEQUENCE_MAX
         && (bytes[end] < 0x40 || bytes[end] > 0x7e))
    end++;
  if (end == len && !whole)
    return 0;
  key->code = TERMINAL_KEY_OTHER;
  if (end == len || end == SEQUENCE_MAX)
    return end;
  key->code = find_sequence (bytes + 2, end - 1);
  return end + 1;
}

static TerminalKeyCode
control (guint8 byte)
{
  switch (byte)
    {
    case '\t':
      return TERMINAL_KEY_TAB;
    case '\r':
    case '\n':
      return TERMINAL_KEY_ENTER;
    case '\b':
    case 0x7f:
      return TERMINAL_KEY_BACKSPACE;
    case 'U' - '@':
      return TERMINAL_KEY_ERASE_LINE;
    case 'L' - '@':
      return TERMINAL_KEY_REDRAW;
    case 'D' - '@':
      return TERMINAL_KEY_END_OF_INPUT;
    default:
      return TERMINAL_KEY_OTHER;
    }
}

static gsize
decode_text (const guint8 *bytes, gsize len, gboolean whole, TerminalKey *key)
{
  gunichar c = g_utf8_get_char_validated ((const char *) bytes, len);

  if (c == (gunichar) -2 && !whole)
    return 0;
  if (c == (gunichar) -1 || c == (gunichar) -2 || !g_unichar_isprint (c))
    {
      key->code = TERMINAL_KEY_OTHER;
      return c == (gunichar) -1 || c == (gunichar) -2 ? 1 : g_unichar_to_utf8 (c, NULL);
    }
  *key = (TerminalKey){ TERMINAL_KEY_CHAR, c };
  return g_unichar_to_utf8 (c, NULL);
}

gsize
terminal_key_decode (const guint8 *bytes, gsize len, gboolean whole, TerminalKey *key)
{
  *key = (TerminalKey){ 0 };
  if (bytes[0] == 0x1b)
    return decode_escape (bytes, len, whole, key);
  if (bytes[0] >= 0x20 && bytes[0] != 0x7f)
    return decode_text (bytes, len, whole, key);
  key->code = control (bytes[0]);
  return 1;
}
