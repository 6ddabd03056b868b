/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-diff.h"

#include <string.h>

#include "broker/base/text.h"

#define AROUND 3                /* lines shown before and after a change */
#define TABLE_MAX (1024 * 1024) /* cells: about a thousand changed lines against a thousand */

/* One line of the result. */
typedef struct
{
  char mark; /* ' ', '-', '+' */
  const char *text;
  gsize old_number, new_number; /* of this line, or of the next there; from 1 */
} Step;

typedef struct
{
  char **old, **new;
  gsize n_old, n_new;
  GArray *steps;
  gsize at_old, at_new;
} Diff;

/* A newline at the end is the end of the last line, not another line. */
static char **
split (const char *text, gsize *n)
{
  char **lines = g_strsplit (text, "\n", -1);

  *n = g_strv_length (lines);
  if (*n > 0 && *lines[*n - 1] == '\0')
    g_clear_pointer (&lines[--*n], g_free);
  return lines;
}

static void
step (Diff *diff, char mark)
{
  Step one = { mark, mark == '+' ? diff->new[diff->at_new] : diff->old[diff->at_old],
               diff->at_old + 1, diff->at_new + 1 };

  g_array_append_val (diff->steps, one);
  if (mark != '+')
    diff->at_old++;
  if (mark != '-')
    diff->at_new++;
}

/* Length of the longest common subsequence of old[i…] and new[j…], at [i * (m + 1) + j]. */
static guint *
common_lengths (const Diff *diff, gsize first, gsize n, gsize m)
{
  guint *table = g_new0 (guint, (n + 1) * (m + 1));

  for (gsize i = n; i-- > 0;)
    for (gsize j = m; j-- > 0;)
      if (strcmp (diff->old[first + i], diff->new[first + j]) == 0)
        table[i * (m + 1) + j] = table[(i + 1) * (m + 1) + j + 1] + 1;
      else
        table[i * (m + 1) + j] = MAX (table[(i + 1) * (m + 1) + j], table[i * (m + 1) + j + 1]);
  return table;
}

/* @n old and @m new lines that lie between what is the same at the beginning and at the end. */
static void
compare_middle (Diff *diff, gsize n, gsize m)
{
  gsize first = diff->at_old, i = 0, j = 0;
  g_autofree guint *table = n * m <= TABLE_MAX ? common_lengths (diff, first, n, m) : NULL;

  while (i < n || j < m)
    if (table != NULL && i < n && j < m && strcmp (diff->old[first + i], diff->new[first + j]) == 0)
      {
        step (diff, ' ');
        i++;
        j++;
      }
    else if (i < n
             && (j == m || table == NULL
                 || table[(i + 1) * (m + 1) + j] >= table[i * (m + 1) + j + 1]))
      {
        step (diff, '-');
        i++;
      }
    else
      {
        step (diff, '+');
        j++;
      }
}

static void
compare (Diff *diff)
{
  gsize tail = 0, n, m;

  while (diff->at_old < diff->n_old && diff->at_new < diff->n_new
         && strcmp (diff->old[diff->at_old], diff->new[diff->at_new]) == 0)
    step (diff, ' ');
  n = diff->n_old - diff->at_old;
  m = diff->n_new - diff->at_new;
  while (tail < MIN (n, m)
         && strcmp (diff->old[diff->n_old - tail - 1], diff->new[diff->n_new - tail - 1]) == 0)
    tail++;
  compare_middle (diff, n - tail, m - tail);
  while (tail-- > 0)
    step (diff, ' ');
}

/* TRUE when step @i is a change, or near one. */
static gboolean
shown (const Diff *diff, gsize i)
{
  gsize from = i > AROUND ? i - AROUND : 0, to = MIN (i + AROUND + 1, diff->steps->len);

  for (gsize k = from; k < to; k++)
    if (g_array_index (diff->steps, Step, k).mark != ' ')
      return TRUE;
  return FALSE;
}

static char *
write_hunks (const Diff *diff)
{
  GString *out = g_string_new (NULL);
  gboolean in_hunk = FALSE;

  for (gsize i = 0; i < diff->steps->len; i++)
    {
      const Step *one = &g_array_index (diff->steps, Step, i);
      g_autofree char *text = text_escape (one->text);

      if (!shown (diff, i))
        {
          in_hunk = FALSE;
          continue;
        }
      if (!in_hunk)
        g_string_append_printf (out, "@@ line %" G_GSIZE_FORMAT ", now %" G_GSIZE_FORMAT " @@\n",
                                one->old_number, one->new_number);
      in_hunk = TRUE;
      g_string_append_printf (out, "%c%s\n", one->mark, text);
    }
  return g_string_free (out, FALSE);
}

char *
cli_diff (const char *old, const char *new)
{
  Diff diff = { 0 };
  char *text;

  diff.old = split (old, &diff.n_old);
  diff.new = split (new, &diff.n_new);
  diff.steps = g_array_new (FALSE, FALSE, sizeof (Step));
  compare (&diff);
  text = write_hunks (&diff);
  g_array_unref (diff.steps);
  g_strfreev (diff.old);
  g_strfreev (diff.new);
  return text;
}
