/* SPDX-License-Identifier: MIT
 *
 * What a proposed policy takes less proof for than the accepted one did.
 *
 * MUST
 *  - name each rule whose proof no rule keeps up: better one too many than one too few
 */
#include "policy/policy-private.h"
#include "policy/policy-words.h"

/* Whether everything that @before asks about is still denied, or asked with no less proof. */
static gboolean
kept_up (const Policy *proposed, const PolicyRule *before)
{
  for (guint i = 0; i < proposed->rules->len; i++)
    {
      const PolicyRule *rule = policy_rule (proposed, i);
      gboolean strict = rule->verdict == POLICY_DENY
                        || (rule->verdict == POLICY_ASK && rule->confirm >= before->confirm);
      if (strict && policy_rule_covers (rule, before, before->operations))
        return TRUE;
    }
  return FALSE;
}

/* Where no rule says how, the PIN is asked: a rule for it may go where none is content with less.
 */
static gboolean
has_less_than_pin (const Policy *proposed)
{
  for (guint i = 0; i < proposed->rules->len; i++)
    if (policy_rule (proposed, i)->confirm == CONFIRM_CLICK
        || policy_rule (proposed, i)->verdict == POLICY_ALLOW)
      return TRUE;
  return FALSE;
}

GPtrArray *
policy_check_change (const Policy *accepted, const Policy *proposed)
{
  GPtrArray *notes = policy_notes_new ();
  PolicyConfirm least = has_less_than_pin (proposed) ? CONFIRM_PIN : CONFIRM_KEY;

  for (guint i = 0; i < accepted->rules->len; i++)
    {
      const PolicyRule *before = policy_rule (accepted, i);
      if (before->confirm < least || kept_up (proposed, before))
        continue;
      char *place = policy_rule_place (accepted, (int) i);
      policy_note_add (notes, POLICY_NOTE_LOOSENING, -1, place,
                       "the accepted policy says confirm %s here, and no rule of the proposed one "
                       "says so, or denies, for all that this one is about",
                       policy_confirm_name (before->confirm));
    }
  return notes;
}
