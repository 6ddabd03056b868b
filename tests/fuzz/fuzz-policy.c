/* SPDX-License-Identifier: MIT
 *
 * Whatever the text: it is a policy or an error with its place, never both or neither. A policy's
 * rules, written out in canonical words, are a policy again that decides the same. All that is said
 * about it is one line that shows on a screen as it is.
 */
#include "policy/policy-check.h"
#include "policy/policy-words.h"
#include "policy/policy.h"
#include "tests/fuzz/fuzz.h"

static const char *const resources[] = { NULL, "a", "prod/db/KEY", "prod/a", "\xff", "a*?b" };
static const char *const programs[] = { NULL, "/a", "/usr/bin/claude", "/usr/a/b/c", "/\xff" };
static const char *const callers[] = { "work/ann@example.com", "local/a" };
static const uid_t uids[] = { 0, 1000 };
static const char *const gh[] = { "/usr/bin/gh", "auth", "token", NULL };
static const char *const odd[] = { "/a", "", "a/b", "\xff", "a", NULL };
static const char *const *const commands[] = { NULL, gh, odd };
static const char *const names[] = { "a", "prod/db/KEY", NULL };

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

static char *
rewrite (const Policy *policy, gsize *len)
{
  GString *text = g_string_new (NULL);
  for (gsize i = 0; i < policy_n_rules (policy); i++)
    {
      g_autofree char *rule = policy_rule_text (policy, (int) i);
      g_autofree char *place = policy_rule_place (policy, (int) i);
      check_shows (rule);
      g_assert_true (g_str_has_prefix (place, "fuzz:"));
      g_string_append_printf (text, "%s\n", rule);
    }
  *len = text->len;
  return g_string_free (text, FALSE);
}

static void
check_same (const Policy *policy, const Policy *again, const PolicyQuery *query)
{
  PolicyDecision a, b;
  policy_decide (policy, query, &a);
  policy_decide (again, query, &b);
  g_assert_true (a.verdict == b.verdict && a.max_duration == b.max_duration
                 && a.max_uses == b.max_uses && a.confirm == b.confirm && a.sandbox == b.sandbox
                 && a.rule == b.rule);
  g_assert_true (a.confirm >= CONFIRM_CLICK && a.confirm <= CONFIRM_KEY);
  g_assert_true (a.verdict != POLICY_ALLOW || query->exe != NULL);
  g_assert_true (a.rule >= 0 || a.verdict == POLICY_ASK);
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
check_decisions (const Policy *policy, const Policy *again)
{
  for (Operation op = 0; op < OPERATION_COUNT; op++)
    for (gsize r = 0; r < G_N_ELEMENTS (resources); r++)
      for (gsize p = 0; p < G_N_ELEMENTS (programs); p++)
        for (gsize u = 0; u < G_N_ELEMENTS (uids); u++)
          for (gsize c = 0; c < G_N_ELEMENTS (commands); c++)
            {
              PolicyQuery query = { op, resources[r], programs[p], uids[u], commands[c] };
              check_same (policy, again, &query);
              check_lists (policy, &query);
            }
  for (Operation op = 0; op < OPERATION_COUNT; op++)
    for (gsize i = 0; i < G_N_ELEMENTS (callers); i++)
      {
        PolicyQuery query = { .operation = op, .resource = "a", .caller = callers[i] };
        check_same (policy, again, &query);
        check_lists (policy, &query);
      }
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

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL, error_again = NULL;
  g_autoptr (Policy) policy = parse (size == 0 ? "" : (const char *) data, size, &error);
  gsize len;

  g_assert_true ((policy == NULL) == (error != NULL));
  if (policy == NULL)
    {
      g_assert_true (g_str_has_prefix (error->message, "fuzz:"));
      check_shows (error->message);
      return 0;
    }
  g_autofree char *text = rewrite (policy, &len);
  g_autoptr (Policy) again = parse (text, len, &error_again);
  g_assert_no_error (error_again);
  g_assert_cmpuint (policy_n_rules (policy), ==, policy_n_rules (again));
  check_decisions (policy, again);
  check_notes (policy, &(PolicySource){ "fuzz", size == 0 ? "" : (const char *) data, size });
  return 0;
}
