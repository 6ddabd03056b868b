/* SPDX-License-Identifier: MIT
 *
 * A card is read or refused, never both; what is shown of it cannot act on a screen, and fits.
 */
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
    check_text (((CardLine *) lines->pdata[i])->value);
  return 0;
}
