/* SPDX-License-Identifier: MIT */
#include "broker/cli/policy/cli-standing.h"

#include <string.h>

#include "broker/base/wire.h"
#include "broker/cli/cli-session.h"
#include "policy/explain/policy-why.h"

struct _CliStanding
{
  GPtrArray *rules; /* of Rule */
};

typedef struct
{
  char *id;
  Policy *policy; /* of this one rule */
  char **scopes;
  gboolean by_key; /* it was made with a security key */
} Rule;

static void
rule_free (gpointer data)
{
  Rule *rule = data;

  g_free (rule->id);
  g_clear_pointer (&rule->policy, policy_free);
  g_strfreev (rule->scopes);
  g_free (rule);
}

void
cli_standing_free (CliStanding *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->rules);
  g_free (self);
}

/* One of another version may have words that we do not know: it answers nothing here. */
static void
add_rule (CliStanding *self, const json_t *about)
{
  const char *text = wire_string (about, "rule"), *id = wire_string (about, "id");
  PolicySource source = { "rule", text, text != NULL ? strlen (text) : 0 };
  Policy *policy = text != NULL && id != NULL ? policy_parse (&source, 1, NULL) : NULL;
  Rule *rule = policy != NULL ? g_new0 (Rule, 1) : NULL;

  if (rule == NULL)
    return;
  rule->id = g_strdup (id);
  rule->policy = policy;
  rule->scopes = wire_texts (json_object_get (about, "scopes"));
  rule->by_key = wire_string (about, "key_id") != NULL;
  g_ptr_array_add (self->rules, rule);
}

CliStanding *
cli_standing_read (Client *client, GError **error)
{
  g_autoptr (json_t) rules = cli_list (client, "rules", "rules", error);
  const json_t *about;
  gsize i;

  if (rules == NULL)
    return NULL;
  CliStanding *self = g_new0 (CliStanding, 1);
  self->rules = g_ptr_array_new_with_free_func (rule_free);
  json_array_foreach (rules, i, about) add_rule (self, about);
  return self;
}

static gboolean
answers (const Rule *rule, PolicyRequest *request, PolicyConfirm confirm)
{
  PolicyOutlook outlook;

  policy_outlook (rule->policy, request, &outlook);
  return outlook.least == POLICY_ALLOW && (confirm != CONFIRM_KEY || rule->by_key)
         && policy_request_has_scopes (request, (const char *const *) rule->scopes);
}

const char *
cli_standing_answers (const CliStanding *self, PolicyRequest *request, PolicyConfirm confirm)
{
  for (guint i = 0; self != NULL && i < self->rules->len; i++)
    {
      const Rule *rule = self->rules->pdata[i];
      if (answers (rule, request, confirm))
        return rule->id;
    }
  return NULL;
}
