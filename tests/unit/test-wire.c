/* SPDX-License-Identifier: MIT */
#include "broker/base/wire.h"
#include "tests/unit/table.h"

#include <string.h>

/* --- The reader. What comes out does not depend on the pieces in which it came. --- */

typedef struct
{
  const char *sentence;
  gsize max_line;
  const char *stream;
  const char *lines; /* each followed by "|" */
  gboolean fails;
} StreamCase;

static const StreamCase stream_cases[] = {
  { "LF ends a line", 64, "one\ntwo\n", "one|two|", FALSE },
  { "a CR before it is dropped", 64, "one\r\ntwo\r\n", "one|two|", FALSE },
  { "only one CR is dropped", 64, "one\r\r\n", "one\r|", FALSE },
  { "a CR alone ends nothing", 64, "one\rtwo\n", "one\rtwo|", FALSE },
  { "blank lines are dropped", 64, "\n\r\n\none\n\n\n", "one|", FALSE },
  { "what has no end is not a line", 64, "one\ntwo", "one|", FALSE },
  { "nothing is nothing", 64, "", "", FALSE },
  { "a line at the limit", 8, "12345678\n1\n", "12345678|1|", FALSE },
  { "the CR counts", 8, "1234567\r\n", "1234567|", FALSE },
  { "a line over the limit ends the stream", 8, "123456789\n", "", TRUE },
  { "a line over the limit is not waited for", 8, "123456789", "", TRUE },
  { "a CR over the limit", 8, "12345678\r\n", "", TRUE },
  { "many short lines are not one long one", 4, "a\nb\nc\nd\ne\nf\ng\nh\n", "a|b|c|d|e|f|g|h|",
    FALSE },
};

static void
collect (WireReader *reader, GString *lines)
{
  gsize len;

  for (const char *line; (line = wire_reader_next (reader, &len)) != NULL;)
    {
      g_assert_cmpuint (strlen (line), ==, len);
      g_string_append_printf (lines, "%s|", line);
    }
}

static void
test_stream (gconstpointer data)
{
  const StreamCase *row = data;
  gsize total = strlen (row->stream);

  for (gsize step = 1; step <= total + 1; step++)
    {
      g_autoptr (WireReader) reader = wire_reader_new (row->max_line);
      g_autoptr (GString) lines = g_string_new (NULL);
      g_autoptr (GError) error = NULL;

      for (gsize i = 0; i < total && error == NULL; i += step)
        {
          /* On the heap and exact, so that the sanitizer sees a read too far. */
          g_autofree char *piece = g_memdup2 (row->stream + i, MIN (step, total - i));
          wire_reader_push (reader, piece, MIN (step, total - i), &error);
          collect (reader, lines);
        }
      g_assert_cmpstr (lines->str, ==, row->lines);
      g_assert_cmpint (error != NULL, ==, row->fails);
    }
}

static void
test_failed_reader_stays_failed (void)
{
  g_autoptr (WireReader) reader = wire_reader_new (8);
  g_autoptr (GError) error = NULL, again = NULL;
  gsize len;

  g_assert_true (wire_reader_push (reader, "good\n12", 7, NULL));
  g_assert_false (wire_reader_push (reader, "3456789\nnext\n", 13, &error));
  g_assert_error (error, WIRE_ERROR, WIRE_ERROR_TOO_LONG);
  g_assert_cmpstr (error->message, ==, "a line is longer than 8 bytes");
  g_assert_null (wire_reader_next (reader, &len));
  g_assert_false (wire_reader_push (reader, "x\n", 2, &again));
  g_assert_error (again, WIRE_ERROR, WIRE_ERROR_TOO_LONG);
  g_assert_null (wire_reader_next (reader, &len));
}

/* Lines of all lengths through a buffer that grows, moves and is used again. */
static void
test_reader_keeps_every_byte (void)
{
  g_autoptr (WireReader) reader = wire_reader_new (4096);
  g_autoptr (GString) stream = g_string_new (NULL);
  gsize pushed = 0, expected = 1, len;

  for (gsize n = 1; n <= 2000; n++)
    {
      for (gsize i = 0; i < n; i++)
        g_string_append_c (stream, 'a' + (n + i) % 26);
      g_string_append_c (stream, '\n');
    }
  for (gsize step = 1; pushed < stream->len; step = 1 + step * 7 % 5003)
    {
      gsize piece = MIN (step, stream->len - pushed);
      g_assert_true (wire_reader_push (reader, stream->str + pushed, piece, NULL));
      pushed += piece;
      /* Some of what is whole is left for the next round. */
      for (guint i = 0; i < 1 + step % 9; i++)
        {
          const char *line = wire_reader_next (reader, &len);
          if (line == NULL)
            break;
          g_assert_cmpuint (len, ==, expected);
          for (gsize k = 0; k < len; k++)
            g_assert_cmpint (line[k], ==, 'a' + (expected + k) % 26);
          expected++;
        }
    }
  for (; wire_reader_next (reader, &len) != NULL; expected++)
    g_assert_cmpuint (len, ==, expected);
  g_assert_cmpuint (expected, ==, 2001);
}

/* --- The parser --- */

#define D4(x) x x x x
#define D16(x) D4 (x) D4 (x) D4 (x) D4 (x)

typedef struct
{
  const char *sentence, *line, *error; /* NULL: accepted */
  gsize len;                           /* 0: strlen() */
} ParseCase;

static const ParseCase object_cases[] = {
  { "an object", "{\"a\":[1,2.5,null,true,\"\\u00e9é\"]}", NULL, 0 },
  { "white space around it", " \t{ } ", NULL, 0 },
  { "nothing", "", "line 1 column 1: ends too early", 0 },
  { "an array", "[1]", "line 1 column 1: must be an object", 0 },
  { "a number", "1", "line 1 column 1: not JSON", 0 },
  { "text", "\"sk-canary\"", "line 1 column 11: not JSON", 0 },
  { "not JSON", "sk-canary", "line 1 column 2: not JSON", 0 },
  { "cut off", "{\"a\":", "line 1 column 5: ends too early", 0 },
  { "cut off in text", "{\"a\":\"sk-can", "line 1 column 12: ends too early", 0 },
  { "a second object", "{} {\"sk-canary\":1}",
    "line 1 column 4: something follows the end of the value", 0 },
  { "a bracket too many", "{}}", "line 1 column 3: something follows the end of the value", 0 },
  { "brackets that do not match", "{\"a\":[1}", "line 1 column 8: not JSON", 0 },
  { "a comma at the end", "{\"a\":1,}", "line 1 column 8: not JSON", 0 },
  { "a comment", "{/**/}", "line 1 column 2: not JSON", 0 },
  { "single quotes", "{'a':1}", "line 1 column 2: not JSON", 0 },
  { "a leading zero", "{\"a\":01}", "line 1 column 6: not JSON", 0 },
  { "NaN", "{\"a\":NaN}", "line 1 column 8: not JSON", 0 },
  { "an infinite number", "{\"a\":1e999}", "line 1 column 10: a number is too large", 0 },
  { "2^63", "{\"a\":9223372036854775808}", "line 1 column 24: a number is too large", 0 },
  { "minus 2^63 minus 1", "{\"a\":-9223372036854775809}", "line 1 column 25: a number is too large",
    0 },
  { "a key twice", "{\"a\":1,\"a\":1}", "line 1 column 10: a key occurs twice", 0 },
  { "a key twice, deeper", "{\"a\":{\"b\":1,\"b\":2}}", "line 1 column 15: a key occurs twice", 0 },
  { "a key twice, once escaped", "{\"a\":1,\"\\u0061\":2}", "line 1 column 15: a key occurs twice",
    0 },
  { "a bad byte", "{\"a\":\"\xff\"}", "line 1 column 6: not UTF-8", 0 },
  { "an overlong slash", "{\"a\":\"\xc0\xaf\"}", "line 1 column 6: not UTF-8", 0 },
  { "a surrogate in UTF-8", "{\"a\":\"\xed\xa0\x80\"}", "line 1 column 6: not UTF-8", 0 },
  { "over U+10FFFF", "{\"a\":\"\xf4\x90\x80\x80\"}", "line 1 column 6: not UTF-8", 0 },
  { "UTF-8 cut off", "{\"a\":\"\xe2\x82\"}", "line 1 column 6: not UTF-8", 0 },
  { "a bad byte in a key", "{\"\xff\":1}", "line 1 column 2: not UTF-8", 0 },
  { "a byte order mark", "\xef\xbb\xbf{}", "line 1 column 1: not JSON", 0 },
  { "half a surrogate pair", "{\"a\":\"\\ud800\"}", "line 1 column 13: not JSON", 0 },
  { "a NUL in text", "{\"a\":\"x\\u0000y\"}", "line 1 column 15: a NUL in text", 0 },
  { "a NUL in a key", "{\"a\\u0000\":1}", "line 1 column 10: a NUL in a key", 0 },
  { "a NUL byte in text", "{\"a\":\"x\0y\"}", "line 1 column 8: a NUL", 11 },
  { "a NUL byte behind a number", "{\"a\":1\0}", "line 1 column 7: a NUL", 8 },
  { "a NUL byte at the end", "{}\0", "line 1 column 3: a NUL", 3 },
  { "a raw newline in text", "{\"a\":\"x\ny\"}", "line 1 column 7: not JSON", 0 },
  { "an escape that there is not", "{\"a\":\"\\x41\"}", "line 1 column 8: not JSON", 0 },
  { "16 deep",
    "{\"a\":" D4 ("[[[") "[[["
                         "]]]" D4 ("]]]") "}",
    NULL, 0 },
  { "17 deep", "{\"a\":" D16 ("[") D16 ("]") "}", "line 1 column 21: nested deeper than 16", 0 },
  { "20 000 deep would be the same", "{\"a\":" D16 (D16 ("[")) "\"sk-canary",
    "line 1 column 21: nested deeper than 16", 0 },
  { "17 deep side by side", "{\"a\":[" D16 ("[],") "[]]}", NULL, 0 },
  { "brackets in text are not depth", "{\"a\":\"" D16 ("[{") "\"}", NULL, 0 },
  { "an escaped quote does not end text", "{\"a\":\"\\\"" D16 ("[{") "\"}", NULL, 0 },
  { "an escaped backslash does not hide a quote", "{\"a\":\"\\\\\",\"b\":" D16 ("[") D16 ("]") "}",
    "line 1 column 30: nested deeper than 16", 0 },
  { "closing brackets give no credit", "]]]]" D16 ("[") "[",
    "line 1 column 21: nested deeper than 16", 0 },
  { "the fault is on the second line", "{\"é\":1,\n\"à\" x}", "line 2 column 5: not JSON", 0 },
  { "depth is counted in characters and lines", "{\"é\":\n\"é\",\"a\":" D16 ("[") D16 ("]") "}",
    "line 2 column 24: nested deeper than 16", 0 },
};

static json_t *
parse (const char *line, gsize len, gboolean allow_array, GError **error)
{
  /* On the heap, exact and without a NUL behind it, so that the sanitizer sees a read too far. */
  g_autofree char *exact = g_memdup2 (line, len);
  return wire_parse (exact, len, allow_array, error);
}

static void
test_parse (gconstpointer data)
{
  const ParseCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) root
      = parse (row->line, row->len != 0 ? row->len : strlen (row->line), FALSE, &error);

  g_assert_cmpstr (error == NULL ? NULL : error->message, ==, row->error);
  g_assert_true ((root == NULL) == (error != NULL));
  if (error != NULL)
    {
      g_assert_error (error, WIRE_ERROR, WIRE_ERROR_PARSE);
      g_assert_null (strstr (error->message, "canary"));
    }
}

static void
test_arrays_where_allowed (void)
{
  g_autoptr (json_t) root = parse ("[{\"a\":1}]", 9, TRUE, NULL);

  g_assert_true (json_is_array (root));
  g_assert_null (parse ("1", 1, TRUE, NULL));
  g_assert_null (parse ("\"a\"", 3, TRUE, NULL));
}

/* --- Writing --- */

static void
test_dump (void)
{
  g_autoptr (json_t) value = json_pack ("{s:s, s:[i, b]}", "a", "é\n\"", "b", 1, 1);
  gsize len;
  char *text = wire_dump (value, &len);

  g_assert_cmpstr (text, ==, "{\"a\":\"é\\n\\\"\",\"b\":[1,true]}\n");
  g_assert_cmpuint (len, ==, strlen (text));
  wire_text_free (text, len);
  wire_text_free (NULL, 0);
}

/* Around the size at which the text no longer fits on the stack. */
static void
test_dump_any_size (void)
{
  for (gsize n = 2000; n < 2100; n++)
    {
      g_autofree char *fill = g_strnfill (n, 'x');
      g_autofree char *expected = g_strdup_printf ("[\"%s\"]\n", fill);
      g_autoptr (json_t) value = json_pack ("[s]", fill);
      g_autofree char *text = wire_dump (value, NULL);

      g_assert_cmpstr (text, ==, expected);
    }
}

static void
check_dump (const json_t *value)
{
  g_autofree char *text = wire_dump (value, NULL);
  g_autofree char *theirs = json_dumps (value, JSON_COMPACT | JSON_ENCODE_ANY);
  g_autofree char *line = g_strconcat (theirs, "\n", NULL);

  g_assert_cmpstr (text, ==, line);
}

static void
test_dump_like_jansson (void)
{
  static const char *const texts[] = { "{}",
                                       "[]",
                                       "[{},[]]",
                                       "[null,true,false]",
                                       "[0,-1,7,10,-10,1234567890]",
                                       "[9223372036854775807,-9223372036854775808]",
                                       "[1.0,-0.5,1e300,1e-7,123456789.125]",
                                       "{\"a\":{\"b\":[{\"c\":\"d\"},1]},\"\":\"\"}",
                                       "[\"\\u007f \\u2028 é 🚀 / \\\\ \\\"\"]" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (json_t) value = parse (texts[i], strlen (texts[i]), TRUE, NULL);
      g_assert_nonnull (value);
      check_dump (value);
    }
  for (int c = 0; c < 0x80; c++)
    {
      g_autoptr (json_t) text = json_stringn ((char[]){ 'a', c, 'b' }, 3);
      check_dump (text);
    }
}

static void
test_dump_refuses (void)
{
  g_autoptr (json_t) foreign = json_array (), loop = json_array (), deep = json_array ();

  json_array_append_new (foreign, json_string_nocheck ("\xff"));
  g_assert_null (wire_dump (foreign, NULL));
  g_assert_null (wire_dump (NULL, NULL));
  /* a → b → a */
  json_array_append_new (loop, json_array ());
  json_array_append (json_array_get (loop, 0), loop);
  g_assert_null (wire_dump (loop, NULL));
  json_array_clear (json_array_get (loop, 0));
  for (guint i = 0; i < WIRE_MAX_DEPTH; i++)
    {
      json_t *outer = json_array ();
      json_array_append_new (outer, g_steal_pointer (&deep));
      deep = outer;
    }
  check_dump (deep);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/wire/stream/", stream_cases, test_stream);
  ADD_TABLE ("/wire/parse/", object_cases, test_parse);
  g_test_add_func ("/wire/stream/a reader that failed stays failed",
                   test_failed_reader_stays_failed);
  g_test_add_func ("/wire/stream/no byte is lost", test_reader_keeps_every_byte);
  g_test_add_func ("/wire/parse/an array where one is allowed", test_arrays_where_allowed);
  g_test_add_func ("/wire/dump/compact, on one line", test_dump);
  g_test_add_func ("/wire/dump/any size", test_dump_any_size);
  g_test_add_func ("/wire/dump/the same text as jansson's", test_dump_like_jansson);
  g_test_add_func ("/wire/dump/a loop or bad UTF-8 is not written", test_dump_refuses);
  return g_test_run ();
}
