/* SPDX-License-Identifier: MIT
 *
 * A rule of one policy that the other one has in the same words changes nothing. The others are
 * taken one by one: first what is looser after than before, then, the other way round, what is
 * tighter.
 */
#include "policy/advice/policy-compare.h"

#include <string.h>

#include "policy/advice/policy-differ.h"

const char *
policy_change_kind_name (PolicyChangeKind kind)
{
  static const char *const names[]
      = { "newly allowed", "newly asked", "looser", "newly denied", "tighter" };
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (names), NULL);
  return names[kind];
}

static void
change_free (PolicyChange *change)
{
  g_free (change->about);
  g_free (change->shown);
  g_free (change->text);
  g_free (change->file);
  g_free (change);
}

/* --- In words --- */

/* A loosening as the other policy sees it is a tightening. */
static PolicyChangeKind
kind_of (const PolicyLoosening *one, gboolean widens)
{
  PolicyVerdict becomes = widens ? one->open : one->tight;

  if (one->bound != NULL)
    return widens ? POLICY_CHANGE_LOOSER : POLICY_CHANGE_TIGHTER;
  return becomes == POLICY_DENY  ? POLICY_CHANGE_DENIED
         : becomes == POLICY_ASK ? POLICY_CHANGE_ASKED
                                 : POLICY_CHANGE_ALLOWED;
}

static char *
words_of (const PolicyLoosening *one, gboolean widens)
{
  static const char *const was[] = { "denied", "asked", "allowed" };

  if (one->bound == NULL)
    return g_strdup_printf ("it was %s%s", was[widens ? one->tight : one->open],
                            one->partly ? "; other rules are about some of it" : "");
  return g_strdup_printf ("%s; it was: %s", widens ? one->open_words : one->tight_words,
                          widens ? one->tight_words : one->open_words);
}

/* Most operations are said by those that are left out. */
static char *
shown_words (const char *about)
{
  const char *end = strstr (about, " }");

  if (!g_str_has_prefix (about, "{ ") || end == NULL)
    return g_strdup (about);
  g_autofree char *list = g_strndup (about + 2, end - about - 2);
  g_auto (GStrv) words = g_strsplit (list, " ", -1);
  g_autoptr (GString) others = g_string_new (NULL);
  if (g_strv_length (words) <= OPERATION_COUNT / 2)
    return g_strdup (about);
  for (guint i = 0; i < OPERATION_COUNT; i++)
    if (i != OPERATION_REVOKE_TOKEN
        && !g_strv_contains ((const char *const *) words, operation_name (i)))
      g_string_append_printf (others, "%s%s", others->len > 0 ? ", " : "", operation_name (i));
  return g_strdup_printf ("any but %s,%s", others->str, end + 2);
}

/* --- One rule --- */

typedef struct
{
  PolicyShift shift;
  guint64 parts;      /* into which a rule is cut at most */
  gboolean widens;    /* "to" is the policy after */
  gboolean without;   /* the rules of "from" are looked at, which "to" has not */
  GPtrArray *changes; /* of PolicyChange */
  GHashTable *said;   /* kind, region and text */
} Comparing;

/* What is so of several parts of one rule. */
typedef struct
{
  PolicyChangeKind kind;
  char *text;
  GArray *parts; /* of guint */
} Finding;

static void
finding_free (Finding *finding)
{
  g_free (finding->text);
  g_array_unref (finding->parts);
  g_free (finding);
}

static void
add_part (const Comparing *comparing, GPtrArray *findings, const PolicyLoosening *one, guint part)
{
  g_autofree char *text = words_of (one, comparing->widens);
  PolicyChangeKind kind = kind_of (one, comparing->widens);
  Finding *finding;

  for (guint i = 0; i < findings->len; i++)
    {
      finding = findings->pdata[i];
      if (finding->kind == kind && strcmp (finding->text, text) == 0)
        {
          if (g_array_index (finding->parts, guint, finding->parts->len - 1) != part)
            g_array_append_val (finding->parts, part);
          return;
        }
    }
  finding = g_new0 (Finding, 1);
  finding->kind = kind;
  finding->text = g_steal_pointer (&text);
  finding->parts = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_append_val (finding->parts, part);
  g_ptr_array_add (findings, finding);
}

static void
add_change (Comparing *comparing, const PolicyRule *rule, const Finding *finding, const char *about)
{
  char *key = g_strdup_printf ("%d %s %s", finding->kind, about, finding->text);
  PolicyChange *change;

  if (!g_hash_table_add (comparing->said, key))
    return;
  change = g_new0 (PolicyChange, 1);
  change->kind = finding->kind;
  change->widens = comparing->widens;
  change->about = g_strdup (about);
  change->shown = shown_words (about);
  change->text = g_strdup (finding->text);
  change->removed = comparing->without == comparing->widens;
  change->file = g_strdup (rule->source);
  change->line = rule->spot.line;
  change->column = rule->spot.column;
  change->length = rule->spot.length;
  g_ptr_array_add (comparing->changes, change);
}

static GPtrArray *
loosened (const Comparing *comparing, const PolicyRule *rule, const PolicyRule *region)
{
  return comparing->without ? policy_loosened_without (&comparing->shift, rule, region)
                            : policy_loosened_by (&comparing->shift, rule, region);
}

static void
compare_rule (Comparing *comparing, const PolicyRule *rule)
{
  g_autoptr (PolicyRegions) regions = policy_regions_new (rule, comparing->parts);
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func ((GDestroyNotify) finding_free);

  for (guint part = 0; part < policy_regions_count (regions); part++)
    {
      g_autoptr (GPtrArray) found = loosened (comparing, rule, policy_regions_nth (regions, part));
      for (guint i = 0; i < found->len; i++)
        add_part (comparing, findings, found->pdata[i], part);
    }
  for (guint i = 0; i < findings->len; i++)
    {
      const Finding *finding = findings->pdata[i];
      g_autoptr (GPtrArray) words = policy_regions_words (regions, finding->parts);
      for (guint j = 0; j < words->len; j++)
        add_change (comparing, rule, finding, words->pdata[j]);
    }
}

static void
compare_rules (Comparing *comparing, const PolicySide *side, gboolean without)
{
  comparing->without = without;
  for (guint i = 0; i < side->policy->rules->len; i++)
    if (g_array_index (side->alone, gboolean, i))
      compare_rule (comparing, policy_rule (side->policy, i));
}

/* --- Two policies --- */

static GHashTable *
texts_of (const Policy *policy)
{
  GHashTable *texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < policy->rules->len; i++)
    g_hash_table_add (texts, policy_rule_text (policy, (int) i));
  return texts;
}

static PolicySide
side_of (const Policy *policy, const Policy *other)
{
  PolicySide side = { policy, g_array_new (FALSE, FALSE, sizeof (gboolean)) };
  g_autoptr (GHashTable) texts = texts_of (other);

  for (guint i = 0; i < policy->rules->len; i++)
    {
      g_autofree char *text = policy_rule_text (policy, (int) i);
      gboolean alone = !g_hash_table_contains (texts, text);
      g_array_append_val (side.alone, alone);
    }
  return side;
}

static int
by_kind (gconstpointer a, gconstpointer b)
{
  const PolicyChange *one = *(PolicyChange *const *) a, *other = *(PolicyChange *const *) b;
  int file = g_strcmp0 (one->file, other->file);

  if (one->widens != other->widens)
    return one->widens ? -1 : 1;
  if (one->kind != other->kind)
    return (int) one->kind - (int) other->kind;
  if (file != 0 || one->line != other->line)
    return file != 0 ? file : one->line < other->line ? -1 : 1;
  return strcmp (one->about, other->about);
}

#define MOST_WORK 100000000 /* comparisons of a part and a rule: some seconds */
#define MOST_PARTS 1024     /* of one rule */

/* Large policies that have little in common are told apart less finely. */
static guint64
parts_for (const Policy *before, const Policy *after)
{
  guint64 rules = before->rules->len + after->rules->len;

  return CLAMP (MOST_WORK / MAX (rules * rules, 1), 1, MOST_PARTS);
}

GPtrArray *
policy_compare (const Policy *before, const Policy *after, const PolicyKnown *known)
{
  PolicySide first = side_of (before, after), second = side_of (after, before);
  g_autoptr (GHashTable) said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify) change_free);
  guint64 parts = parts_for (before, after);
  Comparing looser = { { first, second, known->user_mode }, parts, TRUE, TRUE, changes, said };
  Comparing tighter = { { second, first, known->user_mode }, parts, FALSE, TRUE, changes, said };

  compare_rules (&looser, &first, TRUE);
  compare_rules (&looser, &second, FALSE);
  compare_rules (&tighter, &second, TRUE);
  compare_rules (&tighter, &first, FALSE);
  g_ptr_array_sort (changes, by_kind);
  g_array_unref (first.alone);
  g_array_unref (second.alone);
  return changes;
}
