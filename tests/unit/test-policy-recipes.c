/* SPDX-License-Identifier: MIT
 *
 * The recipes of the manual and the policies that are installed say what is claimed of them: each
 * is held against expectations, those of the manual printed beside it. Reads the manual.
 *
 *   test-policy-recipes POLICIES EXPECTATIONS
 */
#include "policy/advice/policy-check.h"
#include "policy/explain/policy-expect.h"
#include "policy/policy-rule.h"

#include <string.h>

#define RECIPES 12

typedef struct
{
  char *name;
  char *policy, *expected;
  gboolean user_mode;
} Recipe;

static void
recipe_free (gpointer data)
{
  Recipe *recipe = data;
  g_free (recipe->name);
  g_free (recipe->policy);
  g_free (recipe->expected);
  g_free (recipe);
}

static char *
read_text (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* ---- Does it hold? ---- */

static void
check_expectation (const Policy *policy, const PolicyExpectation *expected)
{
  PolicyDecision decision;
  policy_request_decide (policy_expectation_request (expected), policy, &decision);
  g_autofree char *missed = policy_expectation_missed (expected, &decision);
  g_autofree char *text = policy_expectation_text (expected);
  if (missed == NULL)
    return;
  g_test_message ("%s: %s", text, missed);
  g_test_fail ();
}

static void
check_notes (const Policy *policy, gboolean user_mode)
{
  const PolicyKnown known = { .user_mode = user_mode };
  g_autoptr (GPtrArray) notes = policy_check (policy, &known);
  for (guint i = 0; i < notes->len; i++)
    {
      const PolicyNote *note = g_ptr_array_index (notes, i);
      g_autofree char *place = policy_note_place (note);
      if (note->kind != POLICY_NOTE_ERROR && strstr (note->text, "never") == NULL)
        continue;
      g_test_message ("%s: %s", place, note->text);
      g_test_fail ();
    }
}

static void
test_recipe (gconstpointer data)
{
  const Recipe *recipe = data;
  g_autoptr (GError) error = NULL;
  PolicySource source = { "policy.conf", recipe->policy, strlen (recipe->policy) };
  PolicySource lines = { "expected", recipe->expected, strlen (recipe->expected) };
  g_autoptr (Policy) policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) expected = policy_expectations_parse (&lines, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (expected->len, >=, 3);
  for (guint i = 0; i < expected->len; i++)
    check_expectation (policy, g_ptr_array_index (expected, i));
  check_notes (policy, recipe->user_mode);
}

/* The policy without its rule @left_out. */
static Policy *
parse_without (const Policy *policy, guint left_out)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < policy_n_rules (policy); i++)
    {
      g_autofree char *rule = policy_rule_text (policy, (int) i);
      if (i != left_out)
        g_string_append_printf (text, "%s\n", rule);
    }
  PolicySource source = { "less", text->str, text->len };
  return policy_parse (&source, 1, NULL);
}

static gboolean
misses_some (const Policy *policy, const GPtrArray *expected)
{
  for (guint i = 0; i < expected->len; i++)
    {
      const PolicyExpectation *line = g_ptr_array_index (expected, i);
      PolicyDecision decision;
      policy_request_decide (policy_expectation_request (line), policy, &decision);
      g_autofree char *missed = policy_expectation_missed (line, &decision);
      if (missed != NULL)
        return TRUE;
    }
  return FALSE;
}

/* Without a rule something else would be said: none of them is there for show. */
static void
test_each_rule (gconstpointer data)
{
  const Recipe *recipe = data;
  PolicySource source = { "policy.conf", recipe->policy, strlen (recipe->policy) };
  PolicySource lines = { "expected", recipe->expected, strlen (recipe->expected) };
  g_autoptr (Policy) policy = policy_parse (&source, 1, NULL);
  g_autoptr (GPtrArray) expected = policy_expectations_parse (&lines, NULL);
  for (guint i = 0; i < policy_n_rules (policy); i++)
    {
      g_autoptr (Policy) without = parse_without (policy, i);
      g_autofree char *rule = policy_rule_text (policy, (int) i);
      if (misses_some (without, expected))
        continue;
      g_test_message ("nothing tells whether this rule is there: %s", rule);
      g_test_fail ();
    }
}

/* ---- The manual ---- */

/* What mdoc's escapes stand for in a literal block. */
static char *
plain (const char *line)
{
  g_autoptr (GString) text = g_string_new (line);
  g_string_replace (text, "\\&", "", 0);
  g_string_replace (text, "\\(dq", "\"", 0);
  g_string_replace (text, "\\e", "\\", 0);
  return g_strdup (text->str);
}

/* The lines up to .Ed; *@line ends on it. */
static char *
take_block (char ***line)
{
  GString *text = g_string_new (NULL);
  for (++*line; !g_str_equal (**line, ".Ed"); ++*line)
    {
      g_autofree char *words = plain (**line);
      g_string_append_printf (text, "%s\n", words);
    }
  return g_string_free (text, FALSE);
}

static GPtrArray *
read_recipes (void)
{
  g_autofree char *manual = read_text (MANUAL);
  char *from = strstr (manual, ".Sh RECIPES\n"), *to = strstr (manual, ".Sh DIAGNOSTICS\n");
  g_assert_true (from != NULL && to != NULL);
  *to = '\0';
  g_auto (GStrv) lines = g_strsplit (from, "\n", -1);
  GPtrArray *recipes = g_ptr_array_new_with_free_func (recipe_free);
  Recipe *recipe = NULL;
  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, ".Ss "))
      {
        recipe = g_new0 (Recipe, 1);
        recipe->name = g_strdup (*line + strlen (".Ss "));
        g_ptr_array_add (recipes, recipe);
      }
    else if (g_str_has_prefix (*line, ".Bd -literal"))
      *(recipe->policy == NULL ? &recipe->policy : &recipe->expected) = take_block (&line);
  return recipes;
}

static void
test_clauses (void)
{
  g_autofree char *manual = read_text (MANUAL);
  for (gsize i = 0; i < policy_n_clauses; i++)
    {
      g_autofree char *item = g_strdup_printf ("\n.It Cm %s", policy_clauses[i].word);
      g_autofree char *quoted = g_strdup_printf ("\"%s\"", policy_clauses[i].word);
      g_test_message ("%s", policy_clauses[i].word);
      g_assert_nonnull (strstr (manual, item));
      g_assert_nonnull (strstr (manual, quoted)); /* in the grammar */
    }
  for (guint op = 0; op < OPERATION_COUNT; op++)
    {
      g_autofree char *item = g_strdup_printf ("\n.It Cm %s ", operation_name (op));
      g_assert_nonnull (strstr (manual, item));
    }
}

static Recipe *
installed (const char *policies, const char *expectations, const char *name, gboolean user_mode)
{
  Recipe *recipe = g_new0 (Recipe, 1);
  g_autofree char *file = g_strdup_printf ("%s/%s.conf", policies, name);
  g_autofree char *expected = g_strdup_printf ("%s/%s", expectations, name);
  recipe->name = g_strdup_printf ("%s.conf", name);
  recipe->policy = read_text (file);
  recipe->expected = read_text (expected);
  recipe->user_mode = user_mode;
  return recipe;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 3);
  g_autoptr (GPtrArray) recipes = read_recipes ();
  g_assert_cmpuint (recipes->len, ==, RECIPES);
  g_ptr_array_add (recipes, installed (argv[1], argv[2], "solo", TRUE));
  g_ptr_array_add (recipes, installed (argv[1], argv[2], "team-server", FALSE));
  g_ptr_array_add (recipes, installed (argv[1], argv[2], "ci", FALSE));
  for (guint i = 0; i < recipes->len; i++)
    {
      Recipe *recipe = g_ptr_array_index (recipes, i);
      g_autofree char *says = g_strdup_printf ("/policy/recipe/%s: says it", recipe->name);
      g_autofree char *needs = g_strdup_printf ("/policy/recipe/%s: needs each rule", recipe->name);
      g_test_add_data_func (says, recipe, test_recipe);
      g_test_add_data_func (needs, recipe, test_each_rule);
    }
  g_test_add_func ("/policy/manual/has every operation and clause, in its grammar too",
                   test_clauses);
  return g_test_run ();
}
