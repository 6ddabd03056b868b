/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-diff.h"

#include <string.h>

static const struct
{
  const char *sentence, *old, *new, *shown;
} cases[] = {
  { "the same text differs in nothing", "a\nb\n", "a\nb\n", "" },
  { "a missing newline at the end is no difference in lines", "a\nb", "a\nb\n", "" },
  { "a new text is all new", "", "a\nb\n", "@@ line 1, now 1 @@\n+a\n+b\n" },
  { "a text that went is all gone", "a\n", "", "@@ line 1, now 1 @@\n-a\n" },
  { "a changed line is taken away and added", "a\nb\nc\n", "a\nB\nc\n",
    "@@ line 1, now 1 @@\n a\n-b\n+B\n c\n" },
  { "a line that moved is taken away and added", "a\nb\nc\n", "b\nc\na\n",
    "@@ line 1, now 1 @@\n-a\n b\n c\n+a\n" },
  { "three lines around a change are shown", "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
    "1\n2\n3\n4\nx\n6\n7\n8\n9\n", "@@ line 2, now 2 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n" },
  { "changes far apart are shown apart, each with its line", "a\n1\n2\n3\n4\n5\n6\n7\n8\nb\n",
    "A\nz\n1\n2\n3\n4\n5\n6\n7\n8\n",
    "@@ line 1, now 1 @@\n-a\n+A\n+z\n 1\n 2\n 3\n@@ line 7, now 8 @@\n 6\n 7\n 8\n-b\n" },
  { "an empty line is a line", "a\n\nb\n", "a\nb\n", "@@ line 1, now 1 @@\n a\n-\n b\n" },
  { "what could act on the screen is escaped", "", "a\033[2J\r\n",
    "@@ line 1, now 1 @@\n+a\\u{1b}[2J\\u{d}\n" },
};

static void
test_case (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *shown = cli_diff (cases[i].old, cases[i].new);

  g_assert_cmpstr (shown, ==, cases[i].shown);
}

/* Whatever is shown, applied to the old text, gives the new one. */
static char *
apply (const char *diff)
{
  g_auto (GStrv) lines = g_strsplit (diff, "\n", -1);
  GString *text = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++)
    if (**line == ' ' || **line == '+')
      g_string_append_printf (text, "%s\n", *line + 1);
  return g_string_free (text, FALSE);
}

/* So short that all of it is near a change, or it is all one change. */
static char *
random_text (guint lines, guint words)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < lines; i++)
    g_string_append_printf (text, "%d\n", g_test_rand_int_range (0, words));
  return g_string_free (text, FALSE);
}

static void
test_whole (void)
{
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *old = random_text (i % 5, 3), *new = random_text (i / 5 % 5, 3);
      g_autofree char *diff = cli_diff (old, new), *applied = apply (diff);

      if (strcmp (old, new) == 0)
        g_assert_cmpstr (diff, ==, "");
      else if (strstr (diff + 1, "\n@@") == NULL && strlen (old) < 9)
        g_assert_cmpstr (applied, ==, new);
    }
}

static void
test_large (void)
{
  g_autofree char *old = random_text (5000, 1000000), *new = random_text (5000, 1000000);
  g_autofree char *diff = cli_diff (old, new), *applied = apply (diff);

  /* Beyond the table's size: shown as all of one and all of the other. */
  g_assert_cmpstr (applied, ==, new);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/diff/", cases[i].sentence, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/diff/what is shown of short texts makes the new one", test_whole);
  g_test_add_func ("/diff/texts too large to compare are shown whole", test_large);
  return g_test_run ();
}
