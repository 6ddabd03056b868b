/* SPDX-License-Identifier: MIT */
#include "broker/cli/audit/cli-audit-tally.h"

#include <string.h>

#include "broker/base/wire.h"
#include "broker/cli/audit/cli-audit-time.h"
#include "broker/cli/audit/cli-audit-words.h"

/* Of a request that is held: whom it counts for when it is decided. */
typedef struct
{
  CliTally *thing, *requester, *rule; /* rule: NULL, when the record does not say */
} Held;

struct _CliCount
{
  CliTally all;
  GHashTable *things, *requesters, *rules, *denials, *days; /* name → CliTally */
  GHashTable *held;                                         /* request → Held */
  CliNames *names;
};

static void
tally_free (gpointer data)
{
  CliTally *tally = data;

  g_free (tally->name);
  g_array_unref (tally->waited);
  g_free (tally);
}

static GHashTable *
tallies (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, tally_free);
}

CliCount *
cli_count_new (void)
{
  CliCount *count = g_new0 (CliCount, 1);

  count->all.waited = g_array_new (FALSE, FALSE, sizeof (gint64));
  count->things = tallies ();
  count->requesters = tallies ();
  count->rules = tallies ();
  count->denials = tallies ();
  count->days = tallies ();
  count->held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  count->names = cli_names_new ();
  return count;
}

void
cli_count_free (CliCount *count)
{
  if (count == NULL)
    return;
  g_array_unref (count->all.waited);
  g_hash_table_unref (count->things);
  g_hash_table_unref (count->requesters);
  g_hash_table_unref (count->rules);
  g_hash_table_unref (count->denials);
  g_hash_table_unref (count->days);
  g_hash_table_unref (count->held);
  cli_names_free (count->names);
  g_free (count);
}

static CliTally *
tally_of (GHashTable *table, const char *name)
{
  CliTally *tally = g_hash_table_lookup (table, name);

  if (tally != NULL)
    return tally;
  tally = g_new0 (CliTally, 1);
  tally->name = g_strdup (name);
  tally->waited = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_hash_table_insert (table, tally->name, tally);
  return tally;
}

/* ---- counting ---- */

/* Whom a record counts for: what is asked, by whom, and under which rule. */
static Held
whom (CliCount *count, const json_t *record)
{
  g_autofree char *what = cli_audit_what (record, count->names),
                  *who = cli_audit_who (record, count->names, FALSE);
  const char *rule = wire_string (record, "rule"), *exe = wire_string (record, "exe");
  Held held = { tally_of (count->things, what),
                tally_of (count->requesters, exe != NULL   ? exe
                                             : who != NULL ? who
                                                           : "?"),
                rule != NULL ? tally_of (count->rules, rule) : NULL };

  return held;
}

static void
add_held (CliCount *count, const json_t *record)
{
  const char *id = wire_string (record, "request_id");
  g_autofree char *day = cli_audit_local (wire_string (record, "time"), "%Y-%m-%d");
  Held held = whom (count, record);
  CliTally *all[] = { &count->all, held.thing, held.requester, held.rule };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i] != NULL)
      all[i]->asked++;
  tally_of (count->days, day)->asked++;
  if (id != NULL)
    g_hash_table_insert (count->held, g_strdup (id), g_memdup2 (&held, sizeof held));
}

typedef enum
{
  END_GRANTED,
  END_DENIED,
  END_EXPIRED
} End;

static void
bump (CliTally *tally, End end, gboolean asked, gint64 waited)
{
  if (end == END_GRANTED)
    *(asked ? &tally->granted : &tally->unasked) += 1;
  else if (end == END_EXPIRED)
    tally->expired++;
  else
    *(asked ? &tally->denied : &tally->refused) += 1;
  if (asked && waited >= 0)
    g_array_append_val (tally->waited, waited);
}

/* How long it took counts where a person gave an answer. */
static gint64
answered_in (const json_t *record, End end)
{
  const char *code = wire_string (record, "code");
  gboolean answered = end == END_GRANTED || (end == END_DENIED && g_strcmp0 (code, "person") == 0);

  return answered ? wire_integer (record, "waited", -1) : -1;
}

static void
add_end (CliCount *count, const json_t *record, End end)
{
  const char *id = wire_string (record, "request_id"), *code = wire_string (record, "code");
  Held *known = id != NULL ? g_hash_table_lookup (count->held, id) : NULL;
  Held held = known != NULL ? *known : whom (count, record);
  /* Held before the time that is counted: it says itself that a person was asked. */
  gboolean asked = known != NULL || json_object_get (record, "waited") != NULL;
  gint64 waited = answered_in (record, end);
  CliTally *all[] = { &count->all, held.thing, held.requester, held.rule };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i] != NULL)
      bump (all[i], end, asked, waited);
  if (end == END_DENIED)
    tally_of (count->denials, code != NULL ? code : "?")->denied++;
  if (id != NULL)
    g_hash_table_remove (count->held, id);
}

/* Those that were not recorded one by one. */
static void
add_refused (CliCount *count, const json_t *record)
{
  count->all.refused += (guint) CLAMP (wire_integer (record, "count", 0), 0, G_MAXINT);
}

static void
add_made (CliCount *count, const json_t *record)
{
  add_end (count, record, END_GRANTED);
}

static void
add_denied (CliCount *count, const json_t *record)
{
  add_end (count, record, END_DENIED);
}

static void
add_expired (CliCount *count, const json_t *record)
{
  add_end (count, record, END_EXPIRED);
}

static const struct
{
  const char *event;
  void (*add) (CliCount *count, const json_t *record);
} counted[] = {
  { "request_held", add_held },        { "grant_made", add_made },
  { "request_denied", add_denied },    { "request_expired", add_expired },
  { "requests_refused", add_refused },
};

gboolean
cli_count_wants (const char *event, gsize len)
{
  for (gsize i = 0; i < G_N_ELEMENTS (counted); i++)
    if (strlen (counted[i].event) == len && memcmp (counted[i].event, event, len) == 0)
      return TRUE;
  return FALSE;
}

void
cli_count_add (CliCount *count, const json_t *record)
{
  const char *event = wire_string (record, "event");

  cli_names_learn (count->names, record);
  for (gsize i = 0; i < G_N_ELEMENTS (counted); i++)
    if (g_strcmp0 (counted[i].event, event) == 0)
      counted[i].add (count, record);
}

/* ---- telling ---- */

static gint
compare_ms (gconstpointer a, gconstpointer b)
{
  const gint64 *x = a, *y = b;

  return *x < *y ? -1 : *x > *y;
}

gint64
cli_tally_median (const CliTally *tally)
{
  guint n = tally->waited->len;

  if (n == 0)
    return -1;
  g_array_sort (tally->waited, compare_ms);
  const gint64 *waited = (const gint64 *) (void *) tally->waited->data;
  return n % 2 == 1 ? waited[n / 2] : (waited[n / 2 - 1] + waited[n / 2]) / 2;
}

gint64
cli_tally_p90 (const CliTally *tally)
{
  guint n = tally->waited->len;

  if (n == 0)
    return -1;
  g_array_sort (tally->waited, compare_ms);
  return g_array_index (tally->waited, gint64, (9 * (guint64) n + 9) / 10 - 1);
}

const CliTally *
cli_count_all (const CliCount *count)
{
  return &count->all;
}

static guint
weight (const CliTally *tally)
{
  return tally->asked + tally->denied + tally->unasked + tally->refused;
}

/* Most asked first; then by all that came; then by name, so that the order is always the same. */
static gint
compare_asked (gconstpointer a, gconstpointer b)
{
  const CliTally *x = *(CliTally *const *) a, *y = *(CliTally *const *) b;

  if (x->asked != y->asked)
    return x->asked > y->asked ? -1 : 1;
  if (weight (x) != weight (y))
    return weight (x) > weight (y) ? -1 : 1;
  return strcmp (x->name, y->name);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  const CliTally *x = *(CliTally *const *) a, *y = *(CliTally *const *) b;

  return strcmp (x->name, y->name);
}

static GPtrArray *
sorted (GHashTable *table, GCompareFunc compare)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer tally;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, NULL, &tally))
    g_ptr_array_add (list, tally);
  g_ptr_array_sort (list, compare);
  return list;
}

GPtrArray *
cli_count_things (const CliCount *count)
{
  return sorted (count->things, compare_asked);
}

GPtrArray *
cli_count_requesters (const CliCount *count)
{
  return sorted (count->requesters, compare_asked);
}

GPtrArray *
cli_count_rules (const CliCount *count)
{
  return sorted (count->rules, compare_asked);
}

GPtrArray *
cli_count_denials (const CliCount *count)
{
  return sorted (count->denials, compare_asked);
}

GPtrArray *
cli_count_days (const CliCount *count)
{
  return sorted (count->days, compare_names);
}
