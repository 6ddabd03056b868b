/* SPDX-License-Identifier: MIT
 *
 * A requester as a card shows it.
 */
#include "broker/base/text.h"
#include "broker/grant/principal.h"
#include "broker/grant/script.h"
#include "policy/policy.h"

#define ARGV_MAX 8192

static json_t *
foreign_text (const char *text)
{
  g_autofree char *valid = text_utf8 (text);
  return json_string (valid);
}

static void
set_text (json_t *object, const char *key, const char *text)
{
  if (text != NULL)
    json_object_set_new (object, key, foreign_text (text));
}

/* A program that runs others is named as one, with what it runs as far as that can be told. */
static void
describe_script (json_t *who, const char *exe, char **argv, const char *cwd)
{
  g_autofree char *text = NULL, *valid = NULL;
  ScriptKind kind = script_find (exe, argv, cwd, &text);

  if (exe != NULL && policy_interpreter (exe) != NULL)
    json_object_set_new (who, "interpreter", json_true ());
  if (kind == SCRIPT_NONE)
    return;
  valid = text_utf8 (text);
  json_object_set_new (who, "script",
                       json_pack ("{s:s, s:s}", "kind", script_kind_name (kind), "text", valid));
}

static json_t *
describe_claim (const Requester *self)
{
  json_t *claim = json_object ();

  set_text (claim, "name", self->claim_name);
  set_text (claim, "version", self->claim_version);
  return claim;
}

/* What a link of the chain runs: "node claude.js" says more than "node". */
static void
describe_link_script (json_t *link, const Process *process)
{
  const char *exe = process_exe (process);
  gboolean cut;
  g_auto (GStrv) argv = NULL;
  g_autofree char *text = NULL, *base = NULL;

  if (exe == NULL || policy_interpreter (exe) == NULL)
    return;
  argv = process_argv (process, ARGV_MAX, &cut);
  if (script_find (exe, argv, NULL, &text) != SCRIPT_FILE)
    return;
  base = g_path_get_basename (text);
  set_text (link, "script", base);
}

static json_t *
describe_chain (const Requester *self)
{
  g_autoptr (GPtrArray) above = requester_ancestors (self->process);
  json_t *chain = json_array ();

  for (guint i = 0; i < above->len; i++)
    {
      const Process *process = g_ptr_array_index (above, i);
      g_autofree char *name = process_name (process);
      json_t *link = json_object ();
      json_object_set_new (link, "pid", json_integer (process_pid (process)));
      set_text (link, "name", name != NULL ? name : "?");
      describe_link_script (link, process);
      json_array_append_new (chain, link);
    }
  return chain;
}

/* Nothing of the HTTP program's: whoever started that is not who asks. */
static json_t *
describe_subject (const Requester *self)
{
  const Subject *subject = self->subject;
  g_autofree char *via = process_name (self->peer);
  json_t *who = json_object ();

  set_text (who, "name", subject->person);
  set_text (who, "caller", subject->caller);
  set_text (who, "issuer", subject->issuer);
  set_text (who, "subject", subject->subject);
  set_text (who, "label", subject->label);
  set_text (who, "via", via);
  if (self->claim_name != NULL)
    json_object_set_new (who, "claim", describe_claim (self));
  return who;
}

json_t *
requester_describe (const Requester *self)
{
  if (self->subject != NULL)
    return describe_subject (self);
  json_t *who = json_object (), *argv = json_array ();
  g_autofree char *cwd = process_cwd (self->process);
  g_autofree char *unit = process_unit (self->process, NULL);
  gboolean cut = FALSE;
  g_auto (GStrv) words = process_argv (self->process, ARGV_MAX, &cut);

  set_text (who, "name", self->name);
  json_object_set_new (who, "pid", json_integer (process_pid (self->process)));
  set_text (who, "exe", process_exe (self->process));
  json_object_set_new (who, "verified", json_boolean (process_verified (self->process)));
  for (char **word = words; word != NULL && *word != NULL; word++)
    json_array_append_new (argv, foreign_text (*word));
  if (cut)
    json_object_set_new (who, "argv_cut", json_true ());
  json_object_set_new (who, "argv", argv);
  describe_script (who, process_exe (self->process), words, cwd);
  set_text (who, "cwd", cwd);
  set_text (who, "unit", unit != NULL && *unit != '\0' ? unit : NULL);
  if (self->via)
    {
      g_autofree char *via = process_name (self->peer);
      set_text (who, "via", via);
    }
  if (self->claim_name != NULL)
    json_object_set_new (who, "claim", describe_claim (self));
  json_object_set_new (who, "chain", describe_chain (self));
  return who;
}
