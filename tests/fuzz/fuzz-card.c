/* SPDX-License-Identifier: MIT
 *
 * A card is read or refused, never both; what is shown of it cannot act on a screen, and fits.
 */
#include <string.h>

#include "approve-ui/card/card-show.h"
#include "approve-ui/card/card-wrap.h"
#include "broker/base/wire.h"
#include "tests/fuzz/fuzz.h"

static void
check_text (const char *text)
{
  g_autoptr (GString) wrapped = g_string_new (NULL);

  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_true (g_unichar_isprint (g_utf8_get_char (p)));
  card_wrap (wrapped, text, 4, 20);
  g_auto (GStrv) lines = g_strsplit (wrapped->str, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    g_assert_cmpuint (card_text_width (*line), <=, 20);
}

/* What is shown, and what is shown when all of it is asked for. */
static void
check_line (const CardLine *line)
{
  g_autofree char *whole = card_line_whole (line), *more = card_line_more (line);
  g_auto (GStrv) shown = g_strsplit (line->value, "\n", -1);
  g_auto (GStrv) rest = g_strsplit (whole, "\n", -1);

  g_assert_true (line->block || g_strv_length (shown) <= 1);
  g_assert_true (line->whole != NULL || strcmp (whole, line->value) == 0);
  check_text (line->label);
  check_text (more);
  for (char **one = shown; *one != NULL; one++)
    check_text (*one);
  for (char **one = rest; *one != NULL; one++)
    check_text (*one);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Card) card = card_parse ((const char *) data, size, &error);

  g_assert_true ((card == NULL) == (error != NULL));
  if (card == NULL)
    return 0;
  g_autofree char *sentence = card_sentence (card);
  g_autoptr (GPtrArray) lines = card_lines (card, card->received_at);
  check_text (sentence);
  for (guint i = 0; i < lines->len; i++)
    check_line (lines->pdata[i]);
  return 0;
}
