/* SPDX-License-Identifier: MIT */
#include "broker/base/near.h"
#include "tests/unit/table.h"

static const char *const names[] = {
  "github-token",
  "gitlab-token",
  "shop/production/DATABASE_URL",
  "shop/staging/DATABASE_URL",
  "STRIPE_KEY",
  "ab",
  "github-token",
};

static const struct
{
  const char *sentence, *word;
  const char *near; /* separated by blanks, the nearest first */
} rows[] = {
  { "a letter too many", "github-tokken", "github-token gitlab-token" },
  { "two letters swapped", "STRIPE_KYE", "STRIPE_KEY" },
  { "case and dashes are no difference", "stripe-key", "STRIPE_KEY" },
  { "the name without its folder", "DATABASE_URL",
    "shop/production/DATABASE_URL shop/staging/DATABASE_URL" },
  { "the right name in another folder", "web/staging/DATABASE_URL",
    "shop/production/DATABASE_URL shop/staging/DATABASE_URL" },
  { "a part of a name", "github", "github-token" },
  { "the name itself is no suggestion", "STRIPE_KEY", "" },
  { "what is like nothing", "weather", "" },
  { "two letters are part of everything, and so of nothing", "ur", "" },
  { "nothing at all", "", "" },
};

static void
test_row (gconstpointer data)
{
  typeof (rows[0]) const *row = data;
  g_autofree const char **near = near_names (row->word, names, G_N_ELEMENTS (names));
  g_autofree char *said = g_strjoinv (" ", (char **) near);

  g_assert_cmpstr (said, ==, row->near);
}

/* One name over the limit is not compared; one at it is. */
static void
test_long (void)
{
  g_autofree char *at = g_strnfill (256, 'a'), *over = g_strnfill (257, 'a');
  g_autofree char *word = g_strnfill (255, 'a');
  const char *const long_names[] = { over, at };
  g_autofree const char **near = near_names (word, long_names, G_N_ELEMENTS (long_names));

  g_assert_true (near[0] == at);
  g_assert_null (near[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/near/", rows, test_row);
  g_test_add_func ("/near/a name as long as there may be", test_long);
  return g_test_run ();
}
