/* SPDX-License-Identifier: MIT
 *
 * What was asked, as the policy saw it: enough to ask another policy the same again.
 */
#include "broker/record.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/operation/operation.h"

/* As one text: lists are in the open elsewhere, and what is sealed is text. */
static void
add_list (AuditRecord *record, const char *key, const char *const *list)
{
  g_autoptr (json_t) array = json_array ();

  if (list == NULL)
    return;
  for (; *list != NULL; list++)
    {
      g_autofree char *valid = text_utf8 (*list);
      json_array_append_new (array, json_string (valid));
    }
  char *text = json_dumps (array, JSON_COMPACT);
  audit_record_text (record, key, text);
  free (text);
}

/* All that were asked for, or cover what is; the names of a question have the resource before them.
 * g_strfreev(). */
static char **
asked_scopes (const Request *request)
{
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();
  gsize prefix = request->resource != NULL ? strlen (request->resource) + 1 : 0;

  if (request->question->kind == QUESTION_NAMES)
    for (char **name = request->question->names; *name != NULL; name++)
      {
        if (strlen (*name) > prefix && (*name)[prefix - 1] == '/')
          g_strv_builder_add (all, *name + prefix);
      }
  else
    {
      if (request->scopes != NULL)
        g_strv_builder_addv (all, (const char **) request->scopes);
      if (request->cut != NULL)
        g_strv_builder_addv (all, (const char **) request->cut);
    }
  return g_strv_builder_end (all);
}

static void
add_place (AuditRecord *record, const PolicyQuery *query)
{
  audit_record_integer (record, "uid", query->uid);
  audit_record_integer (record, "verified", query->exe != NULL);
  audit_record_text (record, "sha256", query->sha256);
  audit_record_text (record, "package", query->package);
  if (query->unit != NULL)
    {
      audit_record_text (record, "unit", query->unit);
      audit_record_integer (record, "unit_chosen", query->unit_chosen);
    }
  if (query->chain != NULL)
    {
      add_list (record, "chain", query->chain);
      audit_record_integer (record, "chain_whole", query->chain_whole);
    }
}

void
record_asked (AuditRecord *record, const Request *request, const char *scopes_key)
{
  const Question *question = request->question;

  if (question == NULL)
    return;
  g_auto (GStrv) scopes = asked_scopes (request);
  gboolean starts = request->row->operation == OPERATION_RUN_COMMAND
                    || request->row->operation == OPERATION_LAUNCH;
  audit_record_string (record, "verdict", policy_verdict_name (request->bounds.verdict));
  audit_record_text (record, "rule", request->ruling);
  if (question->query.caller == NULL)
    add_place (record, &question->query);
  add_list (record, scopes_key, (const char *const *) scopes);
  audit_record_text (record, "method", question->query.method);
  audit_record_text (record, "path", question->query.path);
  add_list (record, "program", question->query.command);
  if (starts)
    audit_record_text (record, "directory", question->query.cwd);
  if (question->kind == QUESTION_EACH)
    add_list (record, "secrets", (const char *const *) question->names);
}
