/* SPDX-License-Identifier: MIT */
#include "broker/base/near.h"

#include <string.h>

#define FAR G_MAXUINT
#define LONGEST 256 /* bytes: no name of ours has more */

static char
plain (char c)
{
  return c == '_' ? '-' : g_ascii_tolower (c);
}

/* How many letters are to be put in, taken out, changed or swapped with the next one. */
static guint
distance (const char *a, const char *b)
{
  guint rows[3][LONGEST + 1];
  guint *before = rows[0], *last = rows[1], *now = rows[2], *free_row;
  gsize n = strlen (a), m = strlen (b);

  for (gsize j = 0; j <= m; j++)
    last[j] = j;
  for (gsize i = 1; i <= n; i++)
    {
      now[0] = i;
      for (gsize j = 1; j <= m; j++)
        {
          gboolean same = plain (a[i - 1]) == plain (b[j - 1]);
          now[j] = MIN (MIN (last[j], now[j - 1]) + 1, last[j - 1] + (same ? 0 : 1));
          if (i > 1 && j > 1 && plain (a[i - 1]) == plain (b[j - 2])
              && plain (a[i - 2]) == plain (b[j - 1]))
            now[j] = MIN (now[j], before[j - 2] + 1);
        }
      free_row = before;
      before = last;
      last = now;
      now = free_row;
    }
  return last[m];
}

static const char *
last_part (const char *name)
{
  const char *slash = strrchr (name, '/');

  return slash != NULL ? slash + 1 : name;
}

/* "github" of "github-token": three letters at least, so that "a" is not like everything. */
static gboolean
is_part (const char *a, const char *b)
{
  return strlen (a) >= 3 && strstr (b, a) != NULL;
}

static guint
score (const char *word, const char *name)
{
  const char *a = last_part (word), *b = last_part (name);
  gsize n = strlen (a), m = strlen (b), most = MAX (1, MAX (n, m) / 3);

  if (n > LONGEST || m > LONGEST)
    return FAR;
  guint apart = MAX (n, m) - MIN (n, m) <= most ? distance (a, b) : FAR;
  if (apart > most)
    apart = is_part (a, b) || is_part (b, a) ? most : FAR;
  /* In another folder is one step further. */
  return apart == FAR || strcmp (word, name) == 0 ? FAR : apart * 2 + (a - word != b - name);
}

const char **
near_names (const char *word, const char *const *names, gsize n_names)
{
  const char **found = g_new0 (const char *, NEAR_MOST + 1);
  guint scores[NEAR_MOST] = { FAR, FAR, FAR };

  for (gsize i = 0; i < n_names; i++)
    {
      guint mine = score (word, names[i]);
      if (g_strv_contains (found, names[i]))
        continue;
      for (gsize place = 0; mine != FAR && place < NEAR_MOST; place++)
        if (mine < scores[place])
          {
            memmove (&scores[place + 1], &scores[place], (NEAR_MOST - 1 - place) * sizeof *scores);
            memmove (&found[place + 1], &found[place], (NEAR_MOST - 1 - place) * sizeof *found);
            scores[place] = mine;
            found[place] = names[i];
            break;
          }
    }
  return found;
}
