/* SPDX-License-Identifier: MIT */
#include "broker/grant/counts.h"

#include "broker/base/protected.h"
#include "broker/serve/loop.h"

#define WINDOWS_MAX 2048 /* from here on whoever is new is counted with all others of the uid */

/* When the last of one requester's requests were that count for one rule: a ring. */
typedef struct
{
  gint64 *times; /* µs of boot time, the oldest first */
  guint size, first, n;
  gint64 longest; /* µs: what is older counts no more */
} Window;

struct _Counts
{
  GHashTable *windows; /* who and rule → Window */
  gboolean crowded;    /* there is room for no further window of one's own */
};

static void
window_free (gpointer data)
{
  Window *window = data;

  g_free (window->times);
  g_free (window);
}

Counts *
counts_new (void)
{
  Counts *self = g_new0 (Counts, 1);

  self->windows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, window_free);
  return self;
}

void
counts_free (Counts *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->windows);
  g_free (self);
}

static gint64
nth (const Window *window, guint i)
{
  return window->times[(window->first + i) % window->size];
}

static void
drop_old (Window *window)
{
  gint64 now = loop_now ();

  while (window->n > 0 && now - nth (window, 0) >= window->longest)
    {
      window->first = (window->first + 1) % window->size;
      window->n--;
    }
}

static void
grow (Window *window)
{
  guint size = MIN (MAX (2 * window->size, 16), POLICY_MAX_COUNT);
  gint64 *times = g_new (gint64, size);

  for (guint i = 0; i < window->n; i++)
    times[i] = nth (window, i);
  g_free (window->times);
  window->times = times;
  window->size = size;
  window->first = 0;
}

/* No rule counts further than POLICY_MAX_COUNT: the oldest of more need not be known. */
static void
add (Window *window)
{
  drop_old (window);
  if (window->n == window->size && window->size < POLICY_MAX_COUNT)
    grow (window);
  if (window->n == window->size)
    {
      window->first = (window->first + 1) % window->size;
      window->n--;
    }
  window->times[(window->first + window->n++) % window->size] = loop_now ();
}

/* The first of those that lie within the last @period seconds; n: none does. */
static guint
first_within (const Window *window, gint64 period)
{
  gint64 since = loop_now () - period * G_USEC_PER_SEC;
  guint low = 0, high = window->n;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (nth (window, middle) <= since)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* ---- whose ---- */

void
count_of_set (CountOf *self, Counts *counts, const PolicyQuery *query)
{
  count_of_clear (self);
  self->counts = counts;
  self->all = query->caller != NULL ? g_strdup ("callers")
                                    : g_strdup_printf ("uid %u", (guint) query->uid);
  if (query->caller != NULL)
    self->who = g_strdup_printf ("caller %s", query->caller);
  else if (query->exe != NULL && protected_path (query->exe))
    self->who = g_strdup_printf ("uid %u %s", (guint) query->uid, query->exe);
  else
    self->who = g_strdup (self->all);
}

void
count_of_clear (CountOf *self)
{
  g_clear_pointer (&self->who, g_free);
  g_clear_pointer (&self->all, g_free);
}

static char *
window_key (const char *who, const char *rule)
{
  return g_strconcat (who, "\n", rule, NULL);
}

static Window *
lookup (const CountOf *self, const char *who, const char *rule)
{
  g_autofree char *key = window_key (who, rule);

  return g_hash_table_lookup (self->counts->windows, key);
}

/* NULL: never asked. */
static Window *
find (const CountOf *self, const char *rule)
{
  Window *window = lookup (self, self->who, rule);

  return window == NULL && self->counts->crowded ? lookup (self, self->all, rule) : window;
}

gint64
count_of (gpointer user, const char *rule, gint64 period)
{
  const Window *window = find (user, rule);

  return window != NULL ? window->n - first_within (window, period) : 0;
}

gint64
count_of_wait (const CountOf *self, const char *rule, gint64 n, gint64 period)
{
  const Window *window = find (self, rule);
  guint first = window != NULL ? first_within (window, period) : 0;

  if (window == NULL || window->n - first < n || n < 1)
    return 0;
  gint64 until = nth (window, window->n - (guint) n) + period * G_USEC_PER_SEC;
  return (until - loop_now () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
}

static gboolean
is_over (gpointer key, gpointer value, gpointer unused)
{
  drop_old (value);
  return ((Window *) value)->n == 0;
}

static Window *
make (Counts *counts, const char *who, const char *rule)
{
  Window *window = g_new0 (Window, 1);

  g_hash_table_insert (counts->windows, window_key (who, rule), window);
  return window;
}

void
count_of_add (gpointer user, const char *rule, gint64 longest_period)
{
  const CountOf *self = user;
  Counts *counts = self->counts;
  Window *window = lookup (self, self->who, rule);

  if (window == NULL && g_hash_table_size (counts->windows) >= WINDOWS_MAX)
    counts->crowded = g_hash_table_foreach_remove (counts->windows, is_over, NULL) == 0;
  if (window == NULL && counts->crowded && (window = lookup (self, self->all, rule)) == NULL)
    window = make (counts, self->all, rule);
  if (window == NULL)
    window = make (counts, self->who, rule);
  window->longest = MAX (window->longest, longest_period * G_USEC_PER_SEC);
  add (window);
}
