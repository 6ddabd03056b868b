/* SPDX-License-Identifier: MIT */
#include "broker/cli/policy/cli-changes.h"

#include "broker/cli/policy/cli-notes.h"

static char *
place_of (const PolicyChange *change)
{
  return g_strdup_printf ("%s%s:%u", change->removed ? "accepted " : "", change->file,
                          change->line);
}

static void
print_change (FILE *stream, const PolicyChange *change)
{
  g_autofree char *place = place_of (change);
  g_autofree char *text = g_strdup_printf ("%s (%s; %s)", change->shown, change->text, place);
  g_autofree char *label = g_strdup_printf ("  %s", policy_change_kind_name (change->kind));

  cli_notes_text (stream, NULL, label, change->widens ? CLI_YELLOW : CLI_GREEN, text);
}

static void
print_those (FILE *stream, const GPtrArray *changes, gboolean widens, const char *heading)
{
  gboolean any = FALSE;

  for (guint i = 0; i < changes->len; i++)
    {
      const PolicyChange *change = changes->pdata[i];
      if (change->widens != widens)
        continue;
      if (!any)
        fprintf (stream, "%s\n", heading);
      any = TRUE;
      print_change (stream, change);
    }
  if (any)
    fputc ('\n', stream);
}

void
cli_changes_print (FILE *stream, const GPtrArray *changes)
{
  print_those (stream, changes, TRUE, "This opens:");
  print_those (stream, changes, FALSE, "This narrows:");
  if (changes->len == 0)
    fputs ("No request is decided otherwise than before.\n\n", stream);
}

json_t *
cli_changes_json (const GPtrArray *changes)
{
  json_t *array = json_array ();

  for (guint i = 0; i < changes->len; i++)
    {
      const PolicyChange *change = changes->pdata[i];
      g_autofree char *place = g_strdup_printf ("%s:%u", change->file, change->line);
      json_array_append_new (array,
                             json_pack ("{s:s, s:b, s:s, s:s, s:s, s:b}", "kind",
                                        policy_change_kind_name (change->kind), "widens",
                                        change->widens, "about", change->about, "text",
                                        change->text, "place", place, "removed", change->removed));
    }
  return array;
}

static GHashTable *
texts_of (const Policy *policy)
{
  GHashTable *texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; policy != NULL && i < policy_n_rules (policy); i++)
    g_hash_table_add (texts, policy_rule_text (policy, (int) i));
  return texts;
}

GPtrArray *
cli_changes_new_notes (const GPtrArray *notes, const Policy *policy, const Policy *before,
                       guint *others)
{
  g_autoptr (GHashTable) texts = texts_of (before);
  GPtrArray *fresh = g_ptr_array_new ();

  *others = 0;
  for (guint i = 0; i < notes->len; i++)
    {
      const PolicyNote *note = notes->pdata[i];
      g_autofree char *rule = policy_rule_text (policy, note->rule);
      if (note->kind == POLICY_NOTE_ERROR || rule == NULL || !g_hash_table_contains (texts, rule))
        g_ptr_array_add (fresh, (gpointer) note);
      else
        ++*others;
    }
  return fresh;
}
