/* SPDX-License-Identifier: MIT
 *
 * What a person should be told of a policy that parses.
 *
 * MUST
 *  - name each rule that passes without asking, takes a click for a person, or lets a value out: a
 *    loosening that goes unnamed is one that an agent can propose
 *  - say that a rule never matters only when that is sure
 */
#include <string.h>

#include "policy/policy-private.h"
#include "policy/policy-words.h"

typedef struct
{
  const Policy *policy;
  gboolean user_mode;
  GHashTable *seen; /* canonical text → number of the first rule with it */
  GPtrArray *notes;
  gboolean reveals; /* a rule has been named that asks for or allows reveal */
} Check;

#define REVEAL (1u << OPERATION_REVEAL)

const char *
policy_note_kind_name (PolicyNoteKind kind)
{
  static const char *const names[] = { "error", "loosening", "warning" };
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (names), NULL);
  return names[kind];
}

static void
note_free (PolicyNote *note)
{
  g_free (note->place);
  g_free (note->text);
  g_free (note);
}

GPtrArray *
policy_notes_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) note_free);
}

void
policy_note_add (GPtrArray *notes, PolicyNoteKind kind, int rule, char *place, const char *format,
                 ...)
{
  PolicyNote *note = g_new0 (PolicyNote, 1);
  va_list list;

  va_start (list, format);
  note->text = g_strdup_vprintf (format, list);
  va_end (list);
  note->kind = kind;
  note->rule = rule;
  note->place = place;
  g_ptr_array_add (notes, note);
}

static char *
place_of (const Check *check, int rule)
{
  return rule < 0 ? g_strdup ("policy") : policy_rule_place (check->policy, rule);
}

#define add_note(check, kind, rule, ...)                                                           \
  policy_note_add ((check)->notes, kind, rule, place_of (check, rule), __VA_ARGS__)

/* --- Rules against each other --- */

/* The first deny that answers all that @rule says about @operations, or -1. */
static int
denied_by (const Check *check, const PolicyRule *rule, guint32 operations)
{
  for (guint i = 0; i < check->policy->rules->len; i++)
    {
      const PolicyRule *deny = policy_rule (check->policy, i);
      if (deny != rule && deny->verdict == POLICY_DENY
          && policy_rule_covers (deny, rule, operations))
        return (int) i;
    }
  return -1;
}

/* The first ask that takes all that the allow @rule is about: a matching ask beats it. */
static int
asked_by (const Check *check, const PolicyRule *rule)
{
  for (guint i = 0; i < check->policy->rules->len; i++)
    {
      const PolicyRule *ask = policy_rule (check->policy, i);
      if (ask->verdict == POLICY_ASK && policy_rule_covers (ask, rule, rule->operations))
        return (int) i;
    }
  return -1;
}

/* TRUE when the same rule stands further up. */
static gboolean
check_repeated (Check *check, const PolicyRule *rule, int number)
{
  char *text = policy_rule_print (rule);
  gpointer first;
  if (!g_hash_table_lookup_extended (check->seen, text, NULL, &first))
    {
      g_hash_table_insert (check->seen, text, GINT_TO_POINTER (number));
      return FALSE;
    }
  g_free (text);
  g_autofree char *place = policy_rule_place (check->policy, GPOINTER_TO_INT (first));
  add_note (check, POLICY_NOTE_WARNING, number, "the same rule as %s; remove one", place);
  return TRUE;
}

static void
check_covered (Check *check, const PolicyRule *rule, int number)
{
  int deny = denied_by (check, rule, rule->operations);
  /* Of two denies that say the same in other words the later one is the superfluous one. */
  if (deny > number && rule->verdict == POLICY_DENY
      && policy_rule_covers (rule, policy_rule (check->policy, deny),
                             policy_rule (check->policy, deny)->operations))
    deny = -1;
  int ask = deny < 0 && rule->verdict == POLICY_ALLOW ? asked_by (check, rule) : -1;
  if (deny < 0 && ask < 0)
    return;
  g_autofree char *place = policy_rule_place (check->policy, MAX (deny, ask));
  if (deny >= 0)
    add_note (check, POLICY_NOTE_WARNING, number,
              "this rule never matters: %s denies all that it is about", place);
  else
    add_note (check, POLICY_NOTE_WARNING, number,
              "this rule never matters: %s asks for all that it is about, and ask beats allow; "
              "narrow that rule, or take the operation out of its list",
              place);
}

/* --- Loosenings --- */

static void
check_allow (Check *check, const PolicyRule *rule, int number)
{
  g_autoptr (GPtrArray) refused = g_ptr_array_new ();
  for (guint op = 0; op < OPERATION_COUNT; op++)
    if ((rule->operations & (1u << op)) != 0 && !policy_may_allow (op, check->user_mode))
      g_ptr_array_add (refused, (gpointer) operation_name (op));
  g_ptr_array_add (refused, NULL);
  if (refused->len > 1)
    {
      g_autofree char *names = g_strjoinv (", ", (char **) refused->pdata);
      add_note (
          check, POLICY_NOTE_ERROR, number,
          "in %s can be allowed without asking, and this rule allows %s, which would still be "
          "asked; write ask",
          check->user_mode
              ? "user mode only http_request and mint_token"
              : "system mode only list_secrets, get_secret, http_request and mint_token",
          rule->any ? "any" : names);
    }
  add_note (check, POLICY_NOTE_LOOSENING, number, "passes without asking%s",
            rule->callers != NULL ? ""
            : rule->from == NULL  ? ", whatever program it is that asks"
                                  : "");
}

static void
check_loosening (Check *check, const PolicyRule *rule, int number)
{
  if (rule->verdict == POLICY_ALLOW)
    check_allow (check, rule, number);
  if (rule->confirm == CONFIRM_CLICK)
    add_note (check, POLICY_NOTE_LOOSENING, number,
              "confirm click: a program can click or type as well as a person can; pin is what "
              "tells them apart, or key");
  if (rule->verdict != POLICY_DENY && (rule->operations & REVEAL) != 0
      && denied_by (check, rule, REVEAL) < 0)
    {
      check->reveals = TRUE;
      add_note (check, POLICY_NOTE_LOOSENING, number,
                "reveal can be granted: the program that asks then has the value itself, for good");
    }
}

/* --- Patterns that say less than they seem to --- */

static void
check_interpreters (Check *check, const PolicyRule *rule, int number)
{
  for (guint i = 0; rule->from != NULL && i < rule->from->len; i++)
    {
      const PolicyPattern *path = &g_array_index (rule->from, PolicyPattern, i);
      gboolean named = path->literal == path->len;
      /* A deny is none the worse for taking in more than was meant. */
      const char *interpreter
          = named || rule->verdict != POLICY_DENY ? policy_interpreter_in (path) : NULL;
      if (interpreter == NULL)
        continue;
      g_autofree char *shown = policy_show (path->text);
      g_autofree char *what
          = named ? g_strdup ("is an interpreter")
                  : g_strdup_printf ("takes in interpreters such as %s", interpreter);
      add_note (check, POLICY_NOTE_WARNING, number,
                "%s %s: from says only that the interpreter ran, not what it was running", shown,
                what);
    }
}

static void
check_names (Check *check, const PolicyRule *rule, int number)
{
  for (guint i = 0; rule->of != NULL && i < rule->of->len; i++)
    {
      const char *text = g_array_index (rule->of, PolicyPattern, i).text;
      if (g_str_is_ascii (text))
        continue;
      g_autofree char *shown = policy_show (text);
      add_note (check, POLICY_NOTE_WARNING, number,
                "%s has letters beyond ASCII, which the name of a secret cannot have; they may "
                "only look like the ones that are meant",
                shown);
    }
}

/* What narrows is never held against the policy. */
static void
check_unasked (Check *check, const PolicyRule *rule, int number)
{
  if (rule->operations != POLICY_ALL_OPERATIONS
      && (rule->operations & (1u << OPERATION_REVOKE_TOKEN)) != 0)
    add_note (check, POLICY_NOTE_WARNING, number,
              "revoke_token is neither asked nor denied: whoever was given a token may end it; "
              "take the word out");
}

static void
check_rule (Check *check, const PolicyRule *rule, int number)
{
  check_loosening (check, rule, number);
  if (!check_repeated (check, rule, number))
    check_covered (check, rule, number);
  check_interpreters (check, rule, number);
  check_names (check, rule, number);
  check_unasked (check, rule, number);
  if (rule->command != NULL)
    policy_check_command (check->policy, number, check->notes);
}

GPtrArray *
policy_check (const Policy *policy, gboolean user_mode)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Check check = { policy, user_mode, seen, policy_notes_new (), FALSE };
  for (guint i = 0; i < policy->rules->len; i++)
    check_rule (&check, policy_rule (policy, i), (int) i);

  const PolicyRule everything = { .operations = REVEAL };
  if (!check.reveals && denied_by (&check, &everything, REVEAL) < 0)
    add_note (&check, POLICY_NOTE_LOOSENING, -1,
              "no rule denies every reveal, and what no rule matches is asked; add \"deny "
              "reveal\", or say with \"ask reveal\" that this is meant");
  return check.notes;
}
