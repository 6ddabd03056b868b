/* SPDX-License-Identifier: MIT
 *
 * What is kept of a stream for a client that comes back.
 */
#include "mcp/transport/http-events.h"

static void
append (gpointer user, guint64 number, const char *data, gsize len)
{
  GString *told = user;

  g_assert_true (len > 0 && data[0] == 'a' + (char) (number % 26));
  g_string_append_printf (told, "%s%" G_GUINT64_FORMAT, told->len > 0 ? " " : "", number);
}

/* "1 2 3": the numbers of what is kept after @number. */
static char *
kept_after (const HttpEvents *events, guint64 number)
{
  GString *told = g_string_new (NULL);

  http_events_since (events, number, append, told);
  return g_string_free (told, FALSE);
}

static void
add (HttpEvents *events, gsize len)
{
  guint64 number = http_events_last (events) + 1;
  g_autofree char *data = g_strnfill (len, 'a' + (char) (number % 26));

  g_assert_cmpuint (http_events_add (events, data, len), ==, number);
}

static void
assert_kept (const HttpEvents *events, guint64 after, const char *numbers)
{
  g_autofree char *kept = kept_after (events, after);

  g_assert_cmpstr (kept, ==, numbers);
}

static void
test_since (void)
{
  HttpBudget budget = { 0, 100 };
  g_autoptr (HttpEvents) events = http_events_new (&budget);

  g_assert_cmpuint (http_events_last (events), ==, 0);
  assert_kept (events, 0, "");
  for (int i = 0; i < 3; i++)
    add (events, 10);
  assert_kept (events, 0, "1 2 3");
  assert_kept (events, 1, "2 3");
  assert_kept (events, 3, "");
  assert_kept (events, 99, "");
  g_assert_cmpuint (budget.used, ==, 30);
}

static void
test_many (void)
{
  HttpBudget budget = { 0, G_MAXSIZE };
  g_autoptr (HttpEvents) events = http_events_new (&budget);

  for (int i = 0; i < HTTP_EVENTS_MOST + 2; i++)
    add (events, 1);
  assert_kept (events, HTTP_EVENTS_MOST, "257 258");
  g_assert_cmpuint (budget.used, ==, HTTP_EVENTS_MOST);
}

static void
test_bytes (void)
{
  HttpBudget budget = { 0, G_MAXSIZE };
  g_autoptr (HttpEvents) events = http_events_new (&budget);

  add (events, HTTP_EVENTS_BYTES / 2);
  add (events, HTTP_EVENTS_BYTES / 2);
  assert_kept (events, 0, "1 2");
  add (events, 1);
  assert_kept (events, 0, "2 3");
  add (events, 3 * HTTP_EVENTS_BYTES);
  assert_kept (events, 0, "4");
  add (events, 1);
  assert_kept (events, 0, "5");
}

static void
test_budget (void)
{
  HttpBudget budget = { 0, 100 };
  HttpEvents *one = http_events_new (&budget), *two = http_events_new (&budget);

  add (one, 80);
  add (two, 30); /* is not there any more, and has its number */
  add (two, 20);
  assert_kept (two, 0, "2");
  http_events_free (one);
  add (two, 80);
  assert_kept (two, 0, "2 3");
  http_events_free (two);
  g_assert_cmpuint (budget.used, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/events/what came after one is found", test_since);
  g_test_add_func ("/events/the oldest of too many go", test_many);
  g_test_add_func ("/events/the oldest go for room, and one alone may be long", test_bytes);
  g_test_add_func ("/events/nothing is kept above what all may keep", test_budget);
  return g_test_run ();
}
