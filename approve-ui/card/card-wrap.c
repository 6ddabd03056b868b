/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/card-wrap.h"

#include <string.h>

static gsize
char_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

gsize
card_text_width (const char *text)
{
  gsize width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += char_width (g_utf8_get_char (p));
  return width;
}

/* How much of @text fits into @room columns, in bytes: all of it, or up to and with a space, or as
 * many characters as fit (one at least, or a narrow screen would never be filled). */
static gsize
fitting (const char *text, gsize room)
{
  const char *p = text, *space = NULL;
  gsize used = 0;

  for (; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      /* The space at which a line is broken may stand over its edge. */
      if (c == ' ' && used <= room)
        space = p;
      used += char_width (c);
      if (used > room && c != ' ')
        break;
    }
  if (*p == '\0' && used <= room)
    return p - text;
  if (space != NULL)
    return space + 1 - text;
  return MAX (p, g_utf8_next_char (text)) - text;
}

void
card_wrap (GString *out, const char *text, gsize indent, gsize width)
{
  gsize room = width > indent ? width - indent : 1;

  while (*text != '\0')
    {
      gsize n = fitting (text, room), shown = n;

      while (shown > 0 && text[n] != '\0' && text[shown - 1] == ' ')
        shown--;
      g_string_append_len (out, text, shown);
      text += n;
      if (*text != '\0')
        g_string_append_printf (out, "\n%*s", (int) indent, "");
    }
}
