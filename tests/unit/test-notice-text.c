/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "approve-ui/notice/notice-text.h"

#define SENTENCE "node wants a reference to github-token"
#define WAYS "To answer: countersign ui"

static const struct
{
  const char *sentence; /* of this case */
  const char *abilities, *text, *detail;
  guint waiting;
  const char *summary, *body;
} rows[] = {
  { "the title counts, the body tells", "body actions", SENTENCE, "to list issues", 1,
    "1 request waits for you", SENTENCE "\nto list issues" },
  { "several wait", "body actions", SENTENCE, NULL, 4, "4 requests wait for you", SENTENCE },
  { "markup of an agent is text", "body body-markup actions", "<b>a</b> & \"b\"",
    "<a href='x'>y</a>", 1, "1 request waits for you",
    "&lt;b&gt;a&lt;/b&gt; &amp; &quot;b&quot;\n&lt;a href=&apos;x&apos;&gt;y&lt;/a&gt;" },
  { "without markup nothing is escaped", "body actions", "<b> & \"", NULL, 1,
    "1 request waits for you", "<b> & \"" },
  { "without buttons it says how to get to the window", "body", SENTENCE, NULL, 1,
    "1 request waits for you", SENTENCE "\n" WAYS },
  { "without a body the title tells", "actions", SENTENCE, "to list issues", 1,
    SENTENCE " · to list issues", NULL },
  { "a title is never markup", "body-markup", "<b>", NULL, 1, "<b> · " WAYS, NULL },
};

static NoticeAbilities
abilities_of (const char *words)
{
  g_auto (GStrv) word = g_strsplit (words, " ", -1);
  const char *const *list = (const char *const *) word;

  return (NoticeAbilities){ .body = g_strv_contains (list, "body"),
                            .body_markup = g_strv_contains (list, "body-markup"),
                            .actions = g_strv_contains (list, "actions") };
}

static void
test_row (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  const char *const ids[] = { "r1", NULL };
  NoticeAbilities abilities = abilities_of (rows[i].abilities);
  g_autoptr (NoticeContent) content
      = notice_content_new (rows[i].text, rows[i].detail, rows[i].waiting, ids);
  g_autofree char *summary = notice_text_summary (content, &abilities);
  g_autofree char *body = notice_text_body (content, &abilities);

  g_assert_cmpstr (summary, ==, rows[i].summary);
  g_assert_cmpstr (body, ==, rows[i].body);
}

/* Markup that is cut in the middle would be none. */
static void
test_long (void)
{
  const char *const ids[] = { "r1", NULL };
  NoticeAbilities abilities = { .body = TRUE, .body_markup = TRUE, .actions = TRUE };
  g_autofree char *text = g_strnfill (5000, '&');
  g_autoptr (NoticeContent) content = notice_content_new (text, NULL, 1, ids);
  g_autofree char *body = notice_text_body (content, &abilities);
  const char *end = body;

  while (g_str_has_prefix (end, "&amp;"))
    end += strlen ("&amp;");
  g_assert_cmpstr (end, ==, "… (shown whole in the window)");
  g_assert_cmpuint (end - body, ==, 240 * strlen ("&amp;"));
}

static void
test_equal (void)
{
  const char *const one[] = { "r1", NULL }, *const two[] = { "r1", "r2", NULL };
  g_autoptr (NoticeContent) content = notice_content_new (SENTENCE, NULL, 1, one);
  g_autoptr (NoticeContent) same = notice_content_new (SENTENCE, NULL, 1, one);
  g_autoptr (NoticeContent) other = notice_content_new (SENTENCE, NULL, 1, two);

  g_assert_true (notice_content_equal (content, same));
  g_assert_true (notice_content_equal (NULL, NULL));
  g_assert_false (notice_content_equal (content, other));
  g_assert_false (notice_content_equal (content, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/notice-text/", rows[i].sentence, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_row);
    }
  g_test_add_func ("/notice-text/what is too long is cut, and says so", test_long);
  g_test_add_func ("/notice-text/the same is about the same requests", test_equal);
  return g_test_run ();
}
