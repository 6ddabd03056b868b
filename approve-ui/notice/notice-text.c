/* SPDX-License-Identifier: MIT */
#include "approve-ui/notice/notice-text.h"

#include "approve-ui/card/i18n.h"

/* Characters of one text: daemons cut what is longer without saying so. */
#define LONGEST 240

static void
clear (gpointer data)
{
  NoticeContent *content = data;

  g_free (content->sentence);
  g_free (content->detail);
  g_strfreev (content->request_ids);
}

NoticeContent *
notice_content_new (const char *sentence, const char *detail, guint waiting,
                    const char *const *request_ids)
{
  NoticeContent *content = g_atomic_rc_box_new0 (NoticeContent);

  content->sentence = g_strdup (sentence);
  content->detail = g_strdup (detail);
  content->waiting = waiting;
  content->request_ids = g_strdupv ((char **) request_ids);
  return content;
}

NoticeContent *
notice_content_ref (NoticeContent *content)
{
  return g_atomic_rc_box_acquire (content);
}

void
notice_content_unref (NoticeContent *content)
{
  g_atomic_rc_box_release_full (content, clear);
}

gboolean
notice_content_equal (const NoticeContent *a, const NoticeContent *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->waiting == b->waiting && g_strcmp0 (a->sentence, b->sentence) == 0
         && g_strcmp0 (a->detail, b->detail) == 0
         && g_strv_equal ((const char *const *) a->request_ids,
                          (const char *const *) b->request_ids);
}

static char *
shortened (const char *text)
{
  g_autofree char *begin = NULL;

  if (g_utf8_strlen (text, -1) <= LONGEST)
    return g_strdup (text);
  begin = g_utf8_substring (text, 0, LONGEST);
  return g_strdup_printf (_ ("%s… (shown whole in the window)"), begin);
}

/* Takes @text. */
static void
add (GPtrArray *lines, char *text, gboolean markup)
{
  g_ptr_array_add (lines, markup ? g_markup_escape_text (text, -1) : g_strdup (text));
  g_free (text);
}

/* Lines between which @separator stands. */
static char *
lines_of (const NoticeContent *content, const NoticeAbilities *abilities, const char *separator)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  gboolean markup = abilities->body && abilities->body_markup;

  add (lines, shortened (content->sentence), markup);
  if (content->detail != NULL)
    add (lines, shortened (content->detail), markup);
  if (!abilities->actions)
    add (lines, g_strdup (_ ("To answer: countersign ui")), markup);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv (separator, (char **) lines->pdata);
}

char *
notice_text_summary (const NoticeContent *content, const NoticeAbilities *abilities)
{
  /* What came from an agent stands in the body, where it is known how it is read. */
  if (abilities->body)
    return g_strdup_printf (
        i18n_n ("%u request waits for you", "%u requests wait for you", content->waiting),
        content->waiting);
  return lines_of (content, abilities, " · ");
}

char *
notice_text_body (const NoticeContent *content, const NoticeAbilities *abilities)
{
  return abilities->body ? lines_of (content, abilities, "\n") : NULL;
}
