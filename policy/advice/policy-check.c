/* SPDX-License-Identifier: MIT
 *
 * Rules against each other, what they loosen, and all the other checks in order.
 */
#include "policy/advice/policy-check.h"

#include <string.h>

#include "policy/advice/policy-note.h"
#include "policy/policy-words.h"

#define REVEAL (1u << OPERATION_REVEAL)

/* --- Rules against each other --- */

/* The first ask that takes all that the allow @rule is about: a matching ask beats it. */
static int
asked_by (const Policy *policy, const PolicyRule *rule)
{
  for (guint i = 0; i < policy->rules->len; i++)
    {
      const PolicyRule *ask = policy_rule (policy, i);
      if (ask->verdict == POLICY_ASK && policy_rule_covers (ask, rule, rule->operations))
        return (int) i;
    }
  return -1;
}

/* TRUE when the same rule stands further up. */
static gboolean
check_repeated (PolicyChecking *check, const PolicyRule *rule, int number)
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
  PolicyNote *note
      = policy_note_add (check, POLICY_NOTE_WARNING, number, "the same rule as %s", place);
  policy_note_suggest (note, "remove one");
  return TRUE;
}

/* Of two denies that say the same in other words the later one is the superfluous one. */
static int
denied_by (const PolicyChecking *check, const PolicyRule *rule, int number)
{
  int deny = policy_denied_by (check->policy, rule, rule->operations);

  if (deny > number && rule->verdict == POLICY_DENY
      && policy_rule_covers (rule, policy_rule (check->policy, deny),
                             policy_rule (check->policy, deny)->operations))
    return -1;
  return deny;
}

/* TRUE when it was said that the rule never matters. */
static gboolean
check_covered (PolicyChecking *check, const PolicyRule *rule, int number)
{
  int deny = denied_by (check, rule, number);
  int ask = deny < 0 && rule->verdict == POLICY_ALLOW ? asked_by (check->policy, rule) : -1;

  if (deny < 0 && ask < 0)
    return FALSE;
  g_autofree char *place = policy_rule_place (check->policy, MAX (deny, ask));
  PolicyNote *note = policy_note_add (
      check, POLICY_NOTE_WARNING, number, "this rule never matters: %s %s", place,
      deny >= 0 ? "denies all that it is about"
                : "asks for all that it is about, and ask beats allow");
  if (deny < 0)
    policy_note_suggest (note, "narrow that rule, or take the operation out of its list");
  else
    policy_note_suggest (note, "remove it, or narrow that deny");
  return TRUE;
}

/* --- Loosenings --- */

/* The operations of @rule that can only be asked. */
static GPtrArray *
only_asked (const PolicyChecking *check, const PolicyRule *rule)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint op = 0; op < OPERATION_COUNT; op++)
    if ((rule->operations & (1u << op)) != 0 && !policy_may_allow (op, check->known->user_mode))
      g_ptr_array_add (names, (gpointer) operation_name (op));
  g_ptr_array_add (names, NULL);
  return names;
}

/* Whether @rule says anything of the program that asks, or who calls. */
static gboolean
names_requester (const PolicyRule *rule)
{
  return rule->callers != NULL || rule->from != NULL || rule->sha256s != NULL
         || rule->packages != NULL || rule->units != NULL || rule->below != NULL;
}

static void
check_allow (PolicyChecking *check, const PolicyRule *rule, int number)
{
  g_autoptr (GPtrArray) names = only_asked (check, rule);
  PolicyNote *note;

  if (names->len > 1)
    {
      g_autofree char *joined = g_strjoinv (", ", (char **) names->pdata);
      note = policy_note_add (
          check, POLICY_NOTE_ERROR, number,
          "in %s can be allowed without asking, and this rule allows %s, which would still be "
          "asked",
          check->known->user_mode
              ? "user mode only http_request and mint_token"
              : "system mode only list_secrets, get_secret, http_request and mint_token",
          rule->any ? "any" : joined);
      policy_note_at_head (check, note, rule->any ? "any" : names->pdata[0]);
      policy_note_suggest (note, "write ask");
    }
  note = policy_note_add (check, POLICY_NOTE_LOOSENING, number, "passes without asking%s",
                          names_requester (rule) ? "" : ", whatever program it is that asks");
  policy_note_at_head (check, note, "allow");
  if (!names_requester (rule))
    policy_note_suggest (note, "name the program that may: from PATH");
}

static void
check_loosening (PolicyChecking *check, const PolicyRule *rule, int number)
{
  PolicyNote *note;

  if (rule->verdict == POLICY_ALLOW)
    check_allow (check, rule, number);
  if (rule->confirm == CONFIRM_CLICK)
    {
      note = policy_note_add (check, POLICY_NOTE_LOOSENING, number,
                              "confirm click: a program can click or type as well as a person can");
      policy_note_at (check, note, "confirm", NULL);
      policy_note_suggest (note, "pin is what tells them apart, or key");
    }
  if (rule->verdict != POLICY_DENY && (rule->operations & REVEAL) != 0
      && policy_denied_by (check->policy, rule, REVEAL) < 0)
    {
      check->reveals = TRUE;
      note = policy_note_add (check, POLICY_NOTE_LOOSENING, number,
                              "reveal can be granted: the program that asks then has the value "
                              "itself, for good");
      policy_note_at_head (check, note, rule->any ? "any" : "reveal");
      policy_note_suggest (note, "where http_request or references do, deny reveal");
    }
}

/* What narrows is never held against the policy. */
static void
check_unasked (PolicyChecking *check, const PolicyRule *rule, int number)
{
  if (rule->any || (rule->operations & (1u << OPERATION_REVOKE_TOKEN)) == 0)
    return;
  PolicyNote *note = policy_note_add (check, POLICY_NOTE_WARNING, number,
                                      "revoke_token is neither asked nor denied: whoever was given "
                                      "a token may end it");
  policy_note_at_head (check, note, "revoke_token");
  policy_note_suggest (note, "take the word out");
}

static void
check_rule (PolicyChecking *check, const PolicyRule *rule, int number)
{
  check_loosening (check, rule, number);
  if (!check_repeated (check, rule, number) && !check_covered (check, rule, number))
    policy_check_bounds (check, number);
  policy_check_paths (check, number);
  policy_check_names (check, number);
  check_unasked (check, rule, number);
  if (rule->command != NULL)
    policy_check_command (check, number);
  if ((rule->operations & (1u << OPERATION_HTTP_REQUEST)) != 0)
    policy_check_http (check, number);
  if (rule->verdict == POLICY_DENY)
    {
      policy_check_fence (check, number);
      policy_check_escape (check, number);
    }
}

static void
check_macros (PolicyChecking *check)
{
  const GPtrArray *macros = check->policy->macros->all;

  for (guint i = 0; i < macros->len; i++)
    {
      const PolicyMacro *macro = macros->pdata[i];
      if (macro->used)
        continue;
      PolicyNote *note = policy_note_add (check, POLICY_NOTE_WARNING, -1,
                                          "the macro %s is used nowhere", macro->name);
      note->file = g_strdup (macro->source);
      note->line = macro->line;
      note->column = macro->column;
      note->length = (guint) g_utf8_strlen (macro->name, -1);
      policy_note_suggest (note, "write $%s where it is meant, or remove it", macro->name);
    }
}

GPtrArray *
policy_check (const Policy *policy, const PolicyKnown *known)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (PolicySpots) spots = policy_spots_new (known->sources, known->n_sources);
  GPtrArray *notes = g_ptr_array_new_with_free_func ((GDestroyNotify) policy_note_free);
  PolicyChecking check = { policy, known, spots, seen, notes, FALSE };

  for (guint i = 0; i < policy->rules->len; i++)
    check_rule (&check, policy_rule (policy, i), (int) i);

  check_macros (&check);

  const PolicyRule everything = { .operations = REVEAL };
  if (!check.reveals && policy_denied_by (policy, &everything, REVEAL) < 0)
    policy_note_suggest (
        policy_note_add (&check, POLICY_NOTE_LOOSENING, -1,
                         "no rule denies every reveal, and what no rule matches is asked"),
        "add \"deny reveal\", or say with \"ask reveal\" that this is meant");
  return notes;
}
