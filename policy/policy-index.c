/* SPDX-License-Identifier: MIT */
#include "policy/policy-index.h"

#include <string.h>

#define DAY (24 * 60)
#define QUARTERS (DAY / 15)
#define HASH_START 0x811c9dc5u /* FNV-1a */
#define HASH_STEP(hash, byte) (((hash) ^ (guint8) (byte)) * 0x01000193u)

static guint32
hash_bytes (guint32 hash, const char *text, gsize len)
{
  for (gsize at = 0; at < len; at++)
    hash = HASH_STEP (hash, text[at]);
  return hash;
}

/* Hours are told apart by quarters. */
static guint32
quarter (int minute)
{
  return (guint32) minute / 15;
}

/* --- Filing: what a rule has of its clause --- */

typedef void (*FileRule) (PolicyFilter *filter, const PolicyRule *rule, gsize number);

/* A pattern without wildcards is filed whole, with @end behind it; another under its folder: the
 * part up to the last slash in front of its first wildcard. */
static void
file_pattern (PolicyFilter *filter, const PolicyPattern *pattern, const char *end, gsize number)
{
  gsize len = pattern->literal;
  gboolean whole = len == pattern->len;
  while (!whole && len > 0 && pattern->text[len - 1] != '/')
    len--;
  if (len == 0)
    {
      policy_filter_always (filter, number);
      return;
    }
  guint32 hash = hash_bytes (HASH_START, pattern->text, len);
  policy_filter_file (filter, hash_bytes (hash, end, whole ? strlen (end) : 0), number);
}

static void
file_list (PolicyFilter *filter, const GArray *patterns, const char *end, gsize number)
{
  for (guint i = 0; i < patterns->len; i++)
    file_pattern (filter, &g_array_index (patterns, PolicyPattern, i), end, number);
}

#define FILE_LIST(name, list)                                                                      \
  static void file_##name (PolicyFilter *filter, const PolicyRule *rule, gsize number)             \
  {                                                                                                \
    file_list (filter, rule->list, "", number);                                                    \
  }
FILE_LIST (of, of)
FILE_LIST (method, methods)
FILE_LIST (path, paths)
FILE_LIST (from, from)
FILE_LIST (sha256, sha256s)
FILE_LIST (package, packages)
FILE_LIST (unit, units)
FILE_LIST (below, below)
FILE_LIST (caller, callers)

/* By its program. */
static void
file_command (PolicyFilter *filter, const PolicyRule *rule, gsize number)
{
  file_pattern (filter, &g_array_index (rule->command, PolicyPattern, 0), "", number);
}

/* A directory is looked up as a folder: with its slash. */
static void
file_in (PolicyFilter *filter, const PolicyRule *rule, gsize number)
{
  file_list (filter, rule->in, "/", number);
}

static void
file_uid (PolicyFilter *filter, const PolicyRule *rule, gsize number)
{
  for (guint i = 0; i < rule->uids->len; i++)
    policy_filter_file (filter, g_array_index (rule->uids, uid_t, i), number);
}

static void
mark_hours (const PolicyHours *hours, gboolean *quarters)
{
  guint32 last = quarter ((hours->to + DAY - 1) % DAY);
  gboolean wraps = hours->to < hours->from && quarter (hours->from) == last;

  for (guint32 i = 0; i < QUARTERS && wraps; i++)
    quarters[i] = TRUE;
  for (guint32 i = quarter (hours->from); i != last; i = (i + 1) % QUARTERS)
    quarters[i] = TRUE;
  quarters[last] = TRUE;
}

/* Each quarter once, however many hours a list names. */
static void
file_during (PolicyFilter *filter, const PolicyRule *rule, gsize number)
{
  gboolean quarters[QUARTERS] = { FALSE };

  for (guint i = 0; i < rule->during->len; i++)
    mark_hours (&g_array_index (rule->during, PolicyHours, i), quarters);
  for (guint32 i = 0; i < QUARTERS; i++)
    if (quarters[i])
      policy_filter_file (filter, i, number);
}

static void
file_on (PolicyFilter *filter, const PolicyRule *rule, gsize number)
{
  for (guint day = 1; day <= 7; day++)
    if ((rule->days & (1u << (day - 1))) != 0)
      policy_filter_file (filter, day, number);
}

/* --- Finding: adds the rules that what is known of the request may match; FALSE: any rule may.
 * None is added where the clause surely does not match. --- */

typedef gboolean (*FindRules) (const PolicyFilter *filter, const PolicyQuery *query, guint64 *hits);

/* Under each folder above @text, and under itself with @end behind it. FALSE: not known. */
static gboolean
find_text (const PolicyFilter *filter, const char *text, const char *end, guint64 *hits)
{
  guint32 hash = HASH_START;
  for (const char *p = text; p != NULL && *p != '\0'; p++)
    {
      hash = HASH_STEP (hash, *p);
      if (*p == '/')
        policy_filter_find (filter, hash, hits);
    }
  if (text != NULL)
    policy_filter_find (filter, hash_bytes (hash, end, strlen (end)), hits);
  return text != NULL;
}

/* Of what there is or is not: never unknown. */
static gboolean
find_of (const PolicyFilter *filter, const PolicyQuery *query, guint64 *hits)
{
  find_text (filter, query->resource, "", hits);
  return TRUE;
}

static gboolean
find_caller (const PolicyFilter *filter, const PolicyQuery *query, guint64 *hits)
{
  find_text (filter, query->caller, "", hits);
  return TRUE;
}

static gboolean
find_method (const PolicyFilter *filter, const PolicyQuery *query, guint64 *hits)
{
  return find_text (filter, query->method, "", hits);
}

static gboolean
find_path (const PolicyFilter *filter, const PolicyQuery *query, guint64 *hits)
{
  return find_text (filter, query->path, "", hits);
}

static gboolean
find_command (const PolicyFilter *filter, const PolicyQuery *query, guint64 *hits)
{
  return query->command != NULL && find_text (filter, query->command[0], "", hits);
}

/* Of a program; who calls over HTTP is none, and no such clause matches. */
#define FIND_FACT(fact, field, end)                                                                \
  static gboolean find_##fact (const PolicyFilter *filter, const PolicyQuery *query,               \
                               guint64 *hits)                                                      \
  {                                                                                                \
    return query->caller != NULL || find_text (filter, query->field, end, hits);                   \
  }
FIND_FACT (from, exe, "")
FIND_FACT (sha256, sha256, "")
FIND_FACT (package, package, "")
FIND_FACT (unit, unit, "")
FIND_FACT (in, cwd, "/")

static gboolean
find_below (const PolicyFilter *filter, const PolicyQuery *query, guint64 *hits)
{
  if (query->caller != NULL)
    return TRUE;
  if (query->chain == NULL || !query->chain_whole)
    return FALSE;
  for (const char *const *program = query->chain; *program != NULL; program++)
    find_text (filter, *program, "", hits);
  return TRUE;
}

static gboolean
find_uid (const PolicyFilter *filter, const PolicyQuery *query, guint64 *hits)
{
  if (query->caller == NULL)
    policy_filter_find (filter, query->uid, hits);
  return TRUE;
}

static gboolean
find_during (const PolicyFilter *filter, const PolicyQuery *query, guint64 *hits)
{
  policy_filter_find (filter, quarter (query->minute), hits);
  return query->weekday != 0;
}

static gboolean
find_on (const PolicyFilter *filter, const PolicyQuery *query, guint64 *hits)
{
  policy_filter_find (filter, (guint32) query->weekday, hits);
  return query->weekday != 0;
}

static const struct
{
  const char *word;
  FileRule file;
  FindRules find;
} clauses[] = {
  { "of", file_of, find_of },
  { "from", file_from, find_from },
  { "caller", file_caller, find_caller },
  { "command", file_command, find_command },
  { "path", file_path, find_path },
  { "sha256", file_sha256, find_sha256 },
  { "in", file_in, find_in },
  { "below", file_below, find_below },
  { "unit", file_unit, find_unit },
  { "package", file_package, find_package },
  { "uid", file_uid, find_uid },
  { "during", file_during, find_during },
  { "method", file_method, find_method },
  { "on", file_on, find_on },
};
G_STATIC_ASSERT (G_N_ELEMENTS (clauses) == POLICY_INDEX_CLAUSES);

/* --- The index --- */

static void
file_clause (PolicyFilter *filter, guint clause, const PolicyRule *rules, gsize n_rules,
             gsize words)
{
  guint32 bit = 1u << policy_clause_find (clauses[clause].word);
  gsize first = 0;
  while (first < n_rules && (rules[first].clauses & bit) == 0)
    first++;
  if (first == n_rules)
    return; /* no rule has it, and all would always be tried */
  policy_filter_init (filter, words);
  for (gsize i = 0; i < n_rules; i++)
    if ((rules[i].clauses & bit) != 0)
      clauses[clause].file (filter, &rules[i], i);
    else
      policy_filter_always (filter, i);
  policy_filter_finish (filter);
}

static guint64 *
rules_about (Operation operation, const PolicyRule *rules, gsize n_rules, gsize words)
{
  guint64 *bits = g_new0 (guint64, words);
  for (gsize i = 0; i < n_rules; i++)
    if ((rules[i].operations & (1u << operation)) != 0)
      bits[i / 64] |= G_GUINT64_CONSTANT (1) << (i % 64);
  return bits;
}

void
policy_index_init (PolicyIndex *index, const PolicyRule *rules, gsize n_rules)
{
  index->words = n_rules / 64 + 1;
  for (guint op = 0; op < OPERATION_COUNT; op++)
    index->operations[op] = rules_about (op, rules, n_rules, index->words);
  for (guint i = 0; i < POLICY_INDEX_CLAUSES; i++)
    file_clause (&index->filters[i], i, rules, n_rules, index->words);
}

void
policy_index_clear (PolicyIndex *index)
{
  for (guint op = 0; op < OPERATION_COUNT; op++)
    g_clear_pointer (&index->operations[op], g_free);
  for (guint i = 0; i < POLICY_INDEX_CLAUSES; i++)
    policy_filter_clear (&index->filters[i]);
}

void
policy_index_look_up (const PolicyIndex *index, const PolicyQuery *query, guint64 *hits)
{
  gsize size = index->words * sizeof *hits;
  guint64 found[POLICY_INDEX_WORDS];
  memcpy (hits, index->operations[query->operation], size);
  for (guint i = 0; i < POLICY_INDEX_CLAUSES; i++)
    {
      const PolicyFilter *filter = &index->filters[i];
      if (filter->slots == NULL)
        continue;
      memcpy (found, filter->always, size);
      if (clauses[i].find (filter, query, found))
        for (gsize word = 0; word < index->words; word++)
          hits[word] &= found[word];
    }
}
