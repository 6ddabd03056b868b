/* SPDX-License-Identifier: MIT
 *
 * Whatever bytes come, in whatever pieces: the reader hands out lines within the limit, the parser
 * returns an object or an error, never both or neither; what it accepted is written as jansson
 * writes it, and survives being read again.
 */
#include "broker/base/wire.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define MAX_LINE 4096

static void
check_line (const char *line, gsize len)
{
  g_autoptr (GError) error = NULL, error_again = NULL;
  g_autoptr (json_t) root = wire_parse (line, len, TRUE, &error);

  g_assert_true ((root == NULL) == (error != NULL));
  if (root == NULL)
    return;

  gsize text_len;
  char *text = wire_dump (root, &text_len);
  g_autofree char *theirs = json_dumps (root, JSON_COMPACT);
  g_assert_nonnull (text);
  g_assert_true (strlen (theirs) + 1 == text_len && memcmp (text, theirs, text_len - 1) == 0);
  g_assert_true (text_len == strlen (text) && strchr (text, '\n') == text + text_len - 1);
  g_autoptr (json_t) again = wire_parse (text, text_len, TRUE, &error_again);
  g_assert_no_error (error_again);
  g_assert_true (json_equal (root, again));
  wire_text_free (text, text_len);
}

static void
drain (WireReader *reader)
{
  gsize len;

  for (const char *line; (line = wire_reader_next (reader, &len)) != NULL;)
    {
      g_assert_true (len > 0 && len <= MAX_LINE && line[len] == '\0');
      g_assert_null (memchr (line, '\n', len));
      check_line (line, len);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (WireReader) reader = wire_reader_new (MAX_LINE);
  gsize step = size == 0 ? 1 : 1 + data[0] % 61;

  for (gsize i = 0; i < size; i += step)
    {
      g_autoptr (GError) error = NULL;
      gboolean taken
          = wire_reader_push (reader, (const char *) data + i, MIN (step, size - i), &error);
      g_assert_true (taken == (error == NULL));
      drain (reader);
    }
  return 0;
}
