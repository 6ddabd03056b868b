/* SPDX-License-Identifier: MIT */
#include "policy/advice/policy-note.h"

const char *
policy_note_kind_name (PolicyNoteKind kind)
{
  static const char *const names[] = { "error", "loosening", "warning" };
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (names), NULL);
  return names[kind];
}

void
policy_note_free (PolicyNote *note)
{
  g_free (note->file);
  g_free (note->text);
  g_free (note->suggestion);
  g_free (note);
}

char *
policy_note_place (const PolicyNote *note)
{
  if (note->file == NULL)
    return g_strdup ("policy");
  return note->column > 0 ? g_strdup_printf ("%s:%u:%u", note->file, note->line, note->column)
                          : g_strdup_printf ("%s:%u", note->file, note->line);
}

static void
point (PolicyNote *note, gboolean found, const PolicySpot *spot)
{
  if (!found)
    return;
  note->line = spot->line;
  note->column = spot->column;
  note->length = spot->length;
}

PolicyNote *
policy_note_add (PolicyChecking *checking, PolicyNoteKind kind, int rule, const char *format, ...)
{
  PolicyNote *note = g_new0 (PolicyNote, 1);
  va_list list;

  va_start (list, format);
  note->text = g_strdup_vprintf (format, list);
  va_end (list);
  note->kind = kind;
  note->rule = rule;
  g_ptr_array_add (checking->notes, note);
  if (rule < 0)
    return note;
  note->file = g_strdup (policy_rule (checking->policy, rule)->source);
  note->line = policy_rule (checking->policy, rule)->spot.line;
  policy_note_at (checking, note, NULL, NULL);
  return note;
}

void
policy_note_at (const PolicyChecking *checking, PolicyNote *note, const char *clause,
                const char *value)
{
  PolicySpot spot;
  const PolicyRule *rule = policy_rule (checking->policy, note->rule);

  point (note, policy_spots_find (checking->spots, rule, clause, value, &spot), &spot);
}

void
policy_note_at_head (const PolicyChecking *checking, PolicyNote *note, const char *word)
{
  PolicySpot spot;
  const PolicyRule *rule = policy_rule (checking->policy, note->rule);

  point (note, policy_spots_head (checking->spots, rule, word, &spot), &spot);
}

void
policy_note_suggest (PolicyNote *note, const char *format, ...)
{
  va_list list;

  va_start (list, format);
  g_free (note->suggestion);
  note->suggestion = g_strdup_vprintf (format, list);
  va_end (list);
}

int
policy_denied_by (const Policy *policy, const PolicyRule *rule, guint32 operations)
{
  for (guint i = 0; i < policy->rules->len; i++)
    {
      const PolicyRule *deny = policy_rule (policy, i);
      if (deny != rule && deny->verdict == POLICY_DENY
          && policy_rule_covers (deny, rule, operations))
        return (int) i;
    }
  return -1;
}
