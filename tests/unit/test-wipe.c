/* SPDX-License-Identifier: MIT
 *
 * The linker puts the two functions below between our code and free(): they look for the canary in
 * what is about to be freed.
 */
#include "broker/base/wire.h"

#include <malloc.h>
#include <string.h>

#define CANARY "sk-canary-0123456789"

void __real_free (void *memory);
void __wrap_free (void *memory);
void __real_g_free (void *memory);
void __wrap_g_free (void *memory);

static guint n_freed, n_leaked;

static void
look (void *memory)
{
  if (memory == NULL)
    return;
  n_freed++;
  if (memmem (memory, malloc_usable_size (memory), CANARY, strlen (CANARY)) != NULL)
    n_leaked++;
}

void
__wrap_free (void *memory)
{
  look (memory);
  __real_free (memory);
}

void
__wrap_g_free (void *memory)
{
  look (memory);
  __real_g_free (memory);
}

static void
expect_wiped (void)
{
  g_assert_cmpuint (n_freed, >, 0);
  g_assert_cmpuint (n_leaked, ==, 0);
}

static void
test_the_net_holds (void)
{
  n_leaked = 0;
  g_free (g_strdup (CANARY));
  g_assert_cmpuint (n_leaked, ==, 1);
}

static void
test_json (void)
{
  static const char line[] = "{\"value\":\"" CANARY "\",\"" CANARY "\":[\"" CANARY "\"]}";

  n_freed = n_leaked = 0;
  json_decref (wire_parse (line, strlen (line), FALSE, NULL));
  expect_wiped ();
  g_assert_null (wire_parse (line, strlen (line) - 1, FALSE, NULL));
  expect_wiped ();
}

static void
test_text (void)
{
  g_autoptr (json_t) value = json_pack ("[s]", CANARY);
  gsize len;
  char *text = wire_dump (value, &len);

  n_freed = n_leaked = 0;
  wire_text_free (text, len);
  expect_wiped ();
}

static void
test_reader (void)
{
  g_autofree char *fill = g_strnfill (5000, ' ');
  WireReader *reader = wire_reader_new (8192);
  gsize len;

  n_freed = n_leaked = 0;
  g_assert_true (wire_reader_push (reader, CANARY, strlen (CANARY), NULL));
  g_assert_true (wire_reader_push (reader, fill, 5000, NULL)); /* moves into a larger buffer */
  expect_wiped ();
  wire_reader_free (reader);
  expect_wiped ();

  reader = wire_reader_new (8192);
  g_assert_true (wire_reader_push (reader, CANARY "\n" CANARY "\nrest", 46, NULL));
  const char *first = wire_reader_next (reader, &len);
  const char *second = wire_reader_next (reader, &len);
  g_assert_cmpint (first[0], ==, '\0');
  g_assert_cmpstr (second, ==, CANARY);
  g_assert_null (wire_reader_next (reader, &len));
  g_assert_cmpint (second[0], ==, '\0');
  g_assert_cmpint (second[len - 1], ==, '\0');
  wire_reader_free (reader);
  expect_wiped ();
}

/* What is moved to the front does not stay behind where it was. */
static void
test_reader_move (void)
{
  g_autoptr (WireReader) reader = wire_reader_new (512);
  g_autofree char *stream = g_strdup_printf ("%100s\n" CANARY, "first");
  gsize len;

  g_assert_true (wire_reader_push (reader, stream, strlen (stream), NULL));
  const char *start = wire_reader_next (reader, &len);
  g_assert_true (wire_reader_push (reader, "!\n", 2, NULL));
  g_assert_cmpstr (wire_reader_next (reader, &len), ==, CANARY "!");
  g_assert_null (wire_reader_next (reader, &len));
  g_assert_null (memmem (start, 512, "canary", 6));
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wipe/a canary that is not wiped is seen", test_the_net_holds);
  g_test_add_func ("/wipe/parsed messages", test_json);
  g_test_add_func ("/wipe/written messages", test_text);
  g_test_add_func ("/wipe/what was read", test_reader);
  g_test_add_func ("/wipe/what was moved", test_reader_move);
  return g_test_run ();
}
