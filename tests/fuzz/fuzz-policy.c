/* SPDX-License-Identifier: MIT
 *
 * Whatever the text: it is a policy or an error with its place, never both or neither. A policy's
 * rules, written out in canonical words, are a policy again that decides the same. All that is said
 * about it is one line that shows on a screen as it is. Against itself nothing changes.
 */
#include "policy/advice/policy-compare.h"
#include "policy/policy-words.h"
#include "policy/policy.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char *const resources[] = { NULL, "a", "prod/db/KEY", "prod/a", "\xff", "a*?b" };
static const char *const programs[] = { NULL, "/a", "/usr/bin/claude", "/usr/a/b/c", "/\xff" };
static const char *const callers[] = { "work/ann@example.com", "local/a" };
static const uid_t uids[] = { 0, 1000 };
static const char *const gh[] = { "/usr/bin/gh", "auth", "token", NULL };
static const char *const odd[] = { "/a", "", "a/b", "\xff", "a", NULL };
static const char *const *const commands[] = { NULL, gh, odd };
static const char *const names[] = { "a", "prod/db/KEY", NULL };
static const char *const above[] = { "/bin/sh", "/usr/bin/claude", NULL };
static const char *const scopes[] = { "a", "contents:read", "repo/a", NULL };
#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static Policy *
parse (const char *text, gsize len, GError **error)
{
  PolicySource source = { "fuzz", text, len };
  return policy_parse (&source, 1, error);
}

static void
check_shows (const char *line)
{
  g_assert_true (g_utf8_validate (line, -1, NULL));
  for (; *line != '\0'; line = g_utf8_next_char (line))
    {
      gunichar c = g_utf8_get_char (line);
      g_assert_true (c != '\n' && c != '\t' && !policy_hidden (c));
    }
}

/* Each rule in canonical words, parsed again. What macros stood for can be long: a source each. */
static Policy *
rewrite (const Policy *policy, GError **error)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) sources = g_array_new (FALSE, FALSE, sizeof (PolicySource));
  for (gsize i = 0; i < policy_n_rules (policy); i++)
    {
      char *rule = policy_rule_text (policy, (int) i);
      g_autofree char *place = policy_rule_place (policy, (int) i);
      check_shows (rule);
      g_assert_true (g_str_has_prefix (place, "fuzz:"));
      PolicySource source = { "fuzz", rule, strlen (rule) };
      g_array_append_val (sources, source);
      g_ptr_array_add (texts, rule);
    }
  return policy_parse ((PolicySource *) sources->data, sources->len, error);
}

static gint64
count (gpointer user, const char *rule, gint64 period)
{
  g_assert_cmpint (period, >, 0);
  check_shows (rule);
  return 3;
}

/* What may be known besides, in three ways; the first knows nothing. */
static PolicyQuery
with_facts (PolicyQuery query, guint way)
{
  if (way == 0)
    return query;
  query.method = way == 1 ? "GET" : "POST";
  query.path = way == 1 ? "/" : "/repos/a/\xff";
  query.sha256 = SUM;
  query.package = way == 1 ? "" : "a";
  query.unit = way == 1 ? "a.service" : "";
  query.unit_chosen = way == 1;
  query.chain = above;
  query.chain_whole = way == 2;
  query.cwd = way == 1 ? "/" : "/home/a/b";
  query.weekday = way == 1 ? 1 : 7;
  query.minute = way == 1 ? 0 : 1439;
  query.count = count;
  return query;
}

static void
check_same (const Policy *policy, const Policy *again, const PolicyQuery *query)
{
  PolicyDecision a, b;
  policy_decide (policy, query, &a);
  policy_decide (again, query, &b);
  g_assert_true (a.verdict == b.verdict && a.max_duration == b.max_duration
                 && a.max_uses == b.max_uses && a.confirm == b.confirm && a.sandbox == b.sandbox
                 && a.rule == b.rule && a.notify == b.notify && a.cut == b.cut
                 && g_strcmp0 (a.code, b.code) == 0);
  g_assert_true (a.confirm >= CONFIRM_CLICK && a.confirm <= CONFIRM_KEY);
  g_assert_true (a.verdict != POLICY_ALLOW || query->exe != NULL || query->caller != NULL);
  g_assert_true (a.verdict == POLICY_DENY || a.code == NULL);
  g_assert_true (a.rule >= 0 || a.verdict == POLICY_ASK);
}

/* Of scopes those are left that pass. */
static void
check_scopes (const Policy *policy, const PolicyQuery *query)
{
  PolicyDecision decision;
  gboolean passes = FALSE;
  for (const char *const *scope = scopes; *scope != NULL; scope++)
    passes |= policy_scope_passes (policy, query, *scope);
  policy_decide_scopes (policy, query, scopes, &decision);
  g_assert_true (passes != (g_strcmp0 (decision.code, "scopes") == 0));
}

/* Several things get no more than one of them, and several names are denied when one is. */
static void
check_lists (const Policy *policy, const PolicyQuery *query)
{
  PolicyDecision one, each, named;
  PolicyQuery first = *query;
  first.resource = names[0];
  policy_decide (policy, &first, &one);
  policy_decide_each (policy, query, names, &each);
  policy_decide_names (policy, query, names, &named);
  g_assert_true (each.verdict <= one.verdict);
  g_assert_true (one.verdict != POLICY_DENY || named.verdict == POLICY_DENY);
}

static void
check_query (const Policy *policy, const Policy *again, PolicyQuery query, guint way)
{
  query = with_facts (query, way);
  check_same (policy, again, &query);
  check_lists (policy, &query);
  check_scopes (policy, &query);
}

static void
check_decisions (const Policy *policy, const Policy *again)
{
  guint n = 0;
  for (Operation op = 0; op < OPERATION_COUNT; op++)
    for (gsize r = 0; r < G_N_ELEMENTS (resources); r++)
      for (gsize p = 0; p < G_N_ELEMENTS (programs); p++)
        for (gsize u = 0; u < G_N_ELEMENTS (uids); u++)
          for (gsize c = 0; c < G_N_ELEMENTS (commands); c++)
            {
              PolicyQuery query = { op, resources[r], programs[p], uids[u], commands[c] };
              check_query (policy, again, query, n++ % 3);
            }
  for (Operation op = 0; op < OPERATION_COUNT; op++)
    for (gsize i = 0; i < G_N_ELEMENTS (callers); i++)
      for (guint way = 0; way < 3; way++)
        {
          PolicyQuery query = { .operation = op, .resource = "a", .caller = callers[i] };
          check_query (policy, again, query, way);
        }
}

static void
check_times (const Policy *policy)
{
  gint64 next = policy_next_change (policy, 3, 720);
  g_assert_true (next == -1 || (next > 0 && next <= 7 * 1440));
  g_assert_true (next == -1 || (policy_needs (policy) & POLICY_NEEDS_TIME) != 0);
}

static void
check_notes (const Policy *policy, const PolicySource *source)
{
  for (gboolean user_mode = FALSE; user_mode <= TRUE; user_mode++)
    {
      const PolicyKnown known = { .user_mode = user_mode, .sources = source, .n_sources = 1 };
      g_autoptr (GPtrArray) notes = policy_check (policy, &known);
      for (guint i = 0; i < notes->len; i++)
        {
          const PolicyNote *note = g_ptr_array_index (notes, i);
          g_assert_true (note->rule < (int) policy_n_rules (policy));
          g_autofree char *place = policy_note_place (note);
          g_assert_true (note->rule < 0 || (note->column > 0 && note->length > 0));
          check_shows (place);
          check_shows (note->suggestion != NULL ? note->suggestion : "");
          check_shows (note->text);
        }
    }
}

/* What decides the same differs in nothing; against an empty policy whatever is said shows. */
static void
check_compared (const Policy *policy, const Policy *again)
{
  const PolicyKnown known = { .user_mode = TRUE };
  g_autoptr (Policy) empty = parse ("", 0, NULL);
  g_autoptr (GPtrArray) none = policy_compare (policy, again, &known);
  g_autoptr (GPtrArray) all = policy_compare (policy, empty, &known);

  g_assert_cmpuint (none->len, ==, 0);
  for (guint i = 0; i < all->len; i++)
    {
      const PolicyChange *change = all->pdata[i];
      check_shows (change->about);
      check_shows (change->text);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL, error_again = NULL;
  g_autoptr (Policy) policy = parse (size == 0 ? "" : (const char *) data, size, &error);

  g_assert_true ((policy == NULL) == (error != NULL));
  if (policy == NULL)
    {
      g_assert_true (g_str_has_prefix (error->message, "fuzz:"));
      check_shows (error->message);
      return 0;
    }
  g_autoptr (Policy) again = rewrite (policy, &error_again);
  g_assert_no_error (error_again);
  g_assert_cmpuint (policy_n_rules (policy), ==, policy_n_rules (again));
  check_decisions (policy, again);
  check_times (policy);
  g_assert_cmpuint (policy_needs (policy), ==, policy_needs (again));
  check_compared (policy, again);
  check_notes (policy, &(PolicySource){ "fuzz", size == 0 ? "" : (const char *) data, size });
  return 0;
}
