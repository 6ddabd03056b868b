/* SPDX-License-Identifier: MIT
 *
 * What shows of text that is longer than its part of the screen.
 */
#include "approve-ui/terminal/terminal-pane.h"

#include <stdio.h>

#define WIDTH 80
#define HEIGHT 6

/* Paragraphs of so many rows; the item of each is its number. */
static TerminalPane *
pane_of (const guint *paragraphs, guint n)
{
  TerminalPane *pane = terminal_pane_new (4);

  terminal_pane_begin (pane, WIDTH);
  for (guint i = 0; i < n; i++)
    {
      /* A word that is as wide as the value's column, for each row. */
      g_autofree char *text = g_strnfill ((gsize) paragraphs[i] * (WIDTH - 17), 'w');
      terminal_pane_add (pane, &(TerminalText){ NULL, "Label", text, TERMINAL_INK_PLAIN, (int) i });
    }
  terminal_pane_set_height (pane, HEIGHT);
  return pane;
}

/* Notes which rows show now. */
static void
see (const TerminalPane *pane, gboolean *seen)
{
  g_autofree char *where = terminal_pane_where (pane, "down", "up");
  guint first, last, all;

  g_assert_nonnull (where);
  g_assert_cmpint (sscanf (where, "line %u–%u of %u", &first, &last, &all), ==, 3);
  g_assert_cmpuint (all, ==, terminal_pane_rows (pane));
  g_assert_cmpuint (last - first + 1, ==, HEIGHT);
  for (guint i = first; i <= last; i++)
    seen[i - 1] = TRUE;
}

/* From one end to the other, item by item. */
static void
walk (TerminalPane *pane, int by)
{
  guint rows = terminal_pane_rows (pane);
  g_autofree gboolean *seen = g_new0 (gboolean, rows);

  see (pane, seen);
  while (terminal_pane_move (pane, by))
    see (pane, seen);
  for (guint i = 0; i < rows; i++)
    g_assert_true (seen[i]);
}

static void
test_walk (void)
{
  const guint paragraphs[] = { 1, 40, 1, 1, 7, 20, 2 };
  g_autoptr (TerminalPane) pane = pane_of (paragraphs, G_N_ELEMENTS (paragraphs));

  g_assert_cmpuint (terminal_pane_rows (pane), ==, 72);
  walk (pane, 1);
  g_assert_cmpint (terminal_pane_item (pane), ==, 6);
  walk (pane, -1);
  g_assert_cmpint (terminal_pane_item (pane), ==, 0);
}

static void
test_whole (void)
{
  const guint paragraphs[] = { 2, 4 };
  g_autoptr (TerminalPane) pane = pane_of (paragraphs, G_N_ELEMENTS (paragraphs));

  g_assert_null (terminal_pane_where (pane, "down", "up"));
  terminal_pane_scroll (pane, 5);
  terminal_pane_set_height (pane, HEIGHT - 1);
  g_autofree char *where = terminal_pane_where (pane, "down", "up");
  g_assert_cmpstr (where, ==, "line 1–5 of 6, down for more");
  terminal_pane_scroll (pane, 5);
  g_autofree char *end = terminal_pane_where (pane, "down", "up");
  g_assert_cmpstr (end, ==, "line 2–6 of 6, up for the rest");
}

static void
test_chosen (void)
{
  const guint paragraphs[] = { 1, 10, 3 };
  g_autoptr (TerminalPane) pane = pane_of (paragraphs, G_N_ELEMENTS (paragraphs));

  terminal_pane_choose (pane, 1);
  g_autofree char *where = terminal_pane_where (pane, "down", "up");
  g_assert_cmpstr (where, ==, "line 2–7 of 14, down for more");
  terminal_pane_reset (pane);
  g_assert_cmpint (terminal_pane_item (pane), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/terminal-pane/moving through the items shows each row, there and back",
                   test_walk);
  g_test_add_func ("/terminal-pane/what does not show is told, with the keys that go there",
                   test_whole);
  g_test_add_func ("/terminal-pane/one that is chosen shows from its beginning", test_chosen);
  return g_test_run ();
}
