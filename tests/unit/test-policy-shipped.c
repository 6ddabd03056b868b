/* SPDX-License-Identifier: MIT
 *
 * The policies that are installed say what their comments say. argv[1]: the folder they are in.
 */
#include "policy/advice/policy-check.h"
#include "tests/unit/table.h"

static const char *folder;

typedef struct
{
  const char *sentence, *file;
  Operation operation;
  PolicyVerdict verdict;
  gint64 max, uses;
} ShippedCase;

#define SHIPPED "policy/policy.conf"
#define COMPAT "policies/compat.conf"

static const ShippedCase shipped_cases[] = {
  { "no value is handed out", SHIPPED, OPERATION_REVEAL, POLICY_DENY, 0, 0 },
  { "a reference is asked, for an hour", SHIPPED, OPERATION_GET_SECRET, POLICY_ASK, 3600, 0 },
  { "names are asked", SHIPPED, OPERATION_LIST_SECRETS, POLICY_ASK, 3600, 0 },
  { "a request is asked", SHIPPED, OPERATION_HTTP_REQUEST, POLICY_ASK, 3600, 0 },
  { "a new secret is asked, once", SHIPPED, OPERATION_STORE_SECRET, POLICY_ASK, 3600, 1 },
  { "a new value is asked, once", SHIPPED, OPERATION_UPDATE_SECRET, POLICY_ASK, 3600, 1 },
  { "a removal is asked, once", SHIPPED, OPERATION_DELETE_SECRET, POLICY_ASK, 3600, 1 },
  { "with compat.conf a value is asked", COMPAT, OPERATION_REVEAL, POLICY_ASK, 900, 0 },
};

static Policy *
load (const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *text = NULL;
  gsize len;
  g_file_get_contents (path, &text, &len, &error);
  g_assert_no_error (error);
  PolicySource source = { file, text, len };
  Policy *policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  return policy;
}

static void
test_shipped (gconstpointer data)
{
  const ShippedCase *row = data;
  g_autoptr (Policy) policy = load (row->file);
  PolicyQuery query = { row->operation, "prod/db/KEY", "/usr/bin/claude", 1000 };
  PolicyDecision decision;
  policy_decide (policy, &query, &decision);
  g_assert_cmpint (decision.verdict, ==, row->verdict);
  g_assert_cmpint (decision.max_duration, ==, row->max);
  g_assert_cmpint (decision.max_uses, ==, row->uses);
  g_assert_cmpint (decision.confirm, ==, CONFIRM_PIN);
}

/* An operation that was forgotten would be asked without bounds. revoke_token is never asked. */
static void
test_every_operation (gconstpointer file)
{
  g_autoptr (Policy) policy = load (file);
  for (Operation i = 0; i < OPERATION_COUNT; i++)
    {
      PolicyQuery query = { i, "a", "/usr/bin/claude", 1000 };
      PolicyDecision decision;
      policy_decide (policy, &query, &decision);
      if (i == OPERATION_REVOKE_TOKEN)
        continue;
      g_assert_cmpint (decision.rule, >=, 0);
      g_assert_cmpint (decision.verdict, <=, POLICY_ASK);
      g_assert_true (decision.verdict == POLICY_DENY || decision.max_duration > 0);
    }
}

static void
test_notes (void)
{
  const PolicyKnown known = { .user_mode = TRUE };
  g_autoptr (Policy) shipped = load (SHIPPED);
  g_autoptr (GPtrArray) none = policy_check (shipped, &known);
  g_assert_cmpuint (none->len, ==, 0);

  g_autoptr (Policy) compat = load (COMPAT);
  g_autoptr (GPtrArray) notes = policy_check (compat, &known);
  g_assert_cmpuint (notes->len, ==, 1);
  const PolicyNote *note = g_ptr_array_index (notes, 0);
  g_assert_cmpint (note->kind, ==, POLICY_NOTE_LOOSENING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  folder = argv[1];
  ADD_TABLE ("/policy/shipped/", shipped_cases, test_shipped);
  g_test_add_data_func ("/policy/shipped/policy.conf bounds every operation", SHIPPED,
                        test_every_operation);
  g_test_add_data_func ("/policy/shipped/compat.conf bounds every operation", COMPAT,
                        test_every_operation);
  g_test_add_func ("/policy/shipped/nothing is loose but what compat.conf says", test_notes);
  return g_test_run ();
}
