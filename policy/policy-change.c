/* SPDX-License-Identifier: MIT
 *
 * What a proposed policy refuses no more, or takes less proof for, than the accepted one did.
 *
 * MUST
 *  - name each rule that no rule keeps up: better one too many than one too few
 */
#include "policy/policy-note.h"
#include "policy/policy-words.h"

/* Whether a rule that is no deny keeps up what @before says. */
typedef gboolean (*Keeps) (const PolicyRule *rule, const PolicyRule *before);

/* Whether everything that @before is about is still denied, or asked as strictly. */
static gboolean
kept_up (const Policy *proposed, const PolicyRule *before, Keeps keeps)
{
  for (guint i = 0; i < proposed->rules->len; i++)
    {
      const PolicyRule *rule = policy_rule (proposed, i);
      gboolean strict = rule->verdict == POLICY_DENY || keeps (rule, before);
      if (strict && policy_rule_covers (rule, before, before->operations))
        return TRUE;
    }
  return FALSE;
}

static gboolean
keeps_denial (const PolicyRule *rule, const PolicyRule *before)
{
  return FALSE;
}

static gboolean
keeps_confirm (const PolicyRule *rule, const PolicyRule *before)
{
  return rule->verdict == POLICY_ASK && rule->confirm >= before->confirm;
}

/* An ask in the place of an allow is stricter; the other way round an ask elsewhere, which beats
 * the allow, may lack the sandbox. */
static gboolean
keeps_sandbox (const PolicyRule *rule, const PolicyRule *before)
{
  return rule->sandbox && rule->verdict <= before->verdict;
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

static void
add_loosening (GPtrArray *notes, const PolicyRule *before, const char *format, ...)
{
  PolicyNote *note = g_new0 (PolicyNote, 1);
  va_list list;

  va_start (list, format);
  note->text = g_strdup_vprintf (format, list);
  va_end (list);
  note->kind = POLICY_NOTE_LOOSENING;
  note->rule = -1;
  note->file = g_strdup (before->source);
  note->line = before->spot.line;
  g_ptr_array_add (notes, note);
}

static void
check_kept (const Policy *accepted, const Policy *proposed, int number, GPtrArray *notes)
{
  const PolicyRule *before = policy_rule (accepted, number);
  PolicyConfirm least = has_less_than_pin (proposed) ? CONFIRM_PIN : CONFIRM_KEY;

  if (before->verdict == POLICY_DENY && !kept_up (proposed, before, keeps_denial))
    add_loosening (notes, before,
                   "the accepted policy denies here, and no rule of the proposed one denies all "
                   "that this one is about");
  if (before->confirm >= least && !kept_up (proposed, before, keeps_confirm))
    add_loosening (notes, before,
                   "the accepted policy says confirm %s here, and no rule of the proposed one "
                   "says so, or denies, for all that this one is about",
                   policy_confirm_name (before->confirm));
  if (before->sandbox && !kept_up (proposed, before, keeps_sandbox))
    add_loosening (notes, before,
                   "the accepted policy says sandbox here, and no rule of the proposed one says "
                   "so, or denies, for all that this one is about");
}

GPtrArray *
policy_check_change (const Policy *accepted, const Policy *proposed)
{
  GPtrArray *notes = g_ptr_array_new_with_free_func ((GDestroyNotify) policy_note_free);

  for (guint i = 0; i < accepted->rules->len; i++)
    check_kept (accepted, proposed, (int) i, notes);
  return notes;
}
