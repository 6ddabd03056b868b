/* SPDX-License-Identifier: MIT */
#include "broker/base/wire.h"

#include <string.h>

static void
test_reader_cuts_lines (void)
{
  g_autoptr (WireReader) reader = wire_reader_new (64);
  gsize len;

  g_assert_true (wire_reader_push (reader, "one\r\n\n\r\ntwo\nthr", 15, NULL));
  g_assert_cmpstr (wire_reader_next (reader, &len), ==, "one");
  g_assert_cmpuint (len, ==, 3);
  g_assert_cmpstr (wire_reader_next (reader, &len), ==, "two");
  g_assert_null (wire_reader_next (reader, &len));
  g_assert_true (wire_reader_push (reader, "ee\n", 3, NULL));
  g_assert_cmpstr (wire_reader_next (reader, &len), ==, "three");
  g_assert_null (wire_reader_next (reader, &len));
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/a stream is cut into lines", test_reader_cuts_lines);
  return g_test_run ();
}
