/* SPDX-License-Identifier: MIT
 *
 * How often somebody asked, while hours pass at once.
 */
#include "broker/grant/counts.h"
#include "broker/serve/loop.h"

#define RULE "ask get_secret rate 20/1h"

static gint64 now = 1000 * G_USEC_PER_SEC;

gint64 __wrap_loop_now (void);
gint64
__wrap_loop_now (void)
{
  return now;
}

static void
pass (gint64 seconds)
{
  now += seconds * G_USEC_PER_SEC;
}

static void
of (CountOf *self, Counts *counts, const char *exe, const char *caller)
{
  const PolicyQuery query = { .exe = exe, .uid = 1000, .caller = caller };

  count_of_set (self, counts, &query);
}

static void
ask (CountOf *self, guint times)
{
  for (guint i = 0; i < times; i++)
    count_of_add (self, RULE, 3600);
}

/* What is older than the period counts no more, and when that is so is known. */
static void
test_window (void)
{
  Counts *counts = counts_new ();
  CountOf who = { 0 };

  of (&who, counts, NULL, NULL);
  g_assert_cmpint (count_of (&who, RULE, 3600), ==, 0);
  ask (&who, 2);
  pass (600);
  ask (&who, 3);
  g_assert_cmpint (count_of (&who, RULE, 3600), ==, 5);
  g_assert_cmpint (count_of (&who, RULE, 300), ==, 3);
  g_assert_cmpint (count_of_wait (&who, RULE, 5, 3600), ==, 3000);
  g_assert_cmpint (count_of_wait (&who, RULE, 3, 3600), ==, 3600);
  g_assert_cmpint (count_of_wait (&who, RULE, 6, 3600), ==, 0);
  pass (3000);
  g_assert_cmpint (count_of (&who, RULE, 3600), ==, 3);
  pass (600);
  g_assert_cmpint (count_of (&who, RULE, 3600), ==, 0);
  count_of_clear (&who);
  counts_free (counts);
}

/* Up to the most that a rule can count, and no further. */
static void
test_most (void)
{
  Counts *counts = counts_new ();
  CountOf who = { 0 };

  of (&who, counts, NULL, NULL);
  ask (&who, POLICY_MAX_COUNT + 500);
  g_assert_cmpint (count_of (&who, RULE, 3600), ==, POLICY_MAX_COUNT);
  count_of_clear (&who);
  counts_free (counts);
}

static void
test_who (void)
{
  static const struct
  {
    const char *one_exe, *one_caller, *other_exe, *other_caller;
    gboolean same;
  } rows[] = {
    { "/usr/bin/env", NULL, "/usr/bin/env", NULL, TRUE },
    { "/usr/bin/env", NULL, "/bin/sh", NULL, FALSE },
    { "/tmp/a", NULL, "/tmp/b", NULL, TRUE }, /* a copy under another name */
    { "/tmp/a", NULL, NULL, NULL, TRUE },     /* and one that cannot be verified */
    { NULL, "work/ann", NULL, "work/bob", FALSE },
    { NULL, "work/ann", NULL, NULL, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Counts *counts = counts_new ();
      CountOf one = { 0 }, other = { 0 };

      of (&one, counts, rows[i].one_exe, rows[i].one_caller);
      of (&other, counts, rows[i].other_exe, rows[i].other_caller);
      ask (&one, 7);
      g_assert_cmpint (count_of (&other, RULE, 3600), ==, rows[i].same ? 7 : 0);
      count_of_clear (&one);
      count_of_clear (&other);
      counts_free (counts);
    }
}

/* Where there are too many to tell apart, the rest are counted together; nobody who is counted
 * already is forgotten for them. */
static void
test_crowd (void)
{
  Counts *counts = counts_new ();
  CountOf first = { 0 }, late = { 0 }, later = { 0 };

  of (&first, counts, NULL, "work/first");
  ask (&first, 5);
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *name = g_strdup_printf ("work/%u", i);
      CountOf one = { 0 };
      of (&one, counts, NULL, name);
      ask (&one, 1);
      count_of_clear (&one);
    }
  of (&late, counts, NULL, "work/late");
  of (&later, counts, NULL, "work/later");
  g_assert_cmpint (count_of (&first, RULE, 3600), ==, 5);
  g_assert_cmpint (count_of (&late, RULE, 3600), >, 900);
  ask (&late, 1);
  g_assert_cmpint (count_of (&later, RULE, 3600), ==, count_of (&late, RULE, 3600));
  /* When theirs are over, there is room again. */
  pass (3601);
  ask (&late, 1);
  g_assert_cmpint (count_of (&late, RULE, 3600), ==, 1);
  g_assert_cmpint (count_of (&later, RULE, 3600), ==, 0);
  count_of_clear (&first);
  count_of_clear (&late);
  count_of_clear (&later);
  counts_free (counts);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/counts/what is older than the period counts no more", test_window);
  g_test_add_func ("/counts/up to the most that a rule can count", test_most);
  g_test_add_func ("/counts/a copy is nobody new, another program is", test_who);
  g_test_add_func ("/counts/too many to tell apart are counted together", test_crowd);
  return g_test_run ();
}
