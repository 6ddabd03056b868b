/* SPDX-License-Identifier: MIT
 *
 * Keys out of the bytes that a terminal sends. Read here and by no library: the bytes may be a PIN,
 * and a library would keep them.
 */
#pragma once

#include <glib.h>

typedef enum
{
  TERMINAL_KEY_OTHER = 0, /* none that we know: it does nothing */
  TERMINAL_KEY_CHAR,
  TERMINAL_KEY_UP,
  TERMINAL_KEY_DOWN,
  TERMINAL_KEY_LEFT,
  TERMINAL_KEY_RIGHT,
  TERMINAL_KEY_PAGE_UP,
  TERMINAL_KEY_PAGE_DOWN,
  TERMINAL_KEY_HOME,
  TERMINAL_KEY_END,
  TERMINAL_KEY_TAB,
  TERMINAL_KEY_BACK_TAB,
  TERMINAL_KEY_ENTER,
  TERMINAL_KEY_ESCAPE,
  TERMINAL_KEY_BACKSPACE,
  TERMINAL_KEY_ERASE_LINE, /* Ctrl-U */
  TERMINAL_KEY_REDRAW,     /* Ctrl-L */
  TERMINAL_KEY_END_OF_INPUT
} TerminalKeyCode;

typedef struct
{
  TerminalKeyCode code;
  gunichar c; /* of a CHAR; never a control character */
} TerminalKey;

/* The key that @bytes begin with, and how many bytes it has. 0: there is more of it to come, which
 * @whole says there is not. @bytes are @len, at least 1. */
gsize terminal_key_decode (const guint8 *bytes, gsize len, gboolean whole, TerminalKey *key);
