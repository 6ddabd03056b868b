/* SPDX-License-Identifier: MIT */
#include "broker/grant/standing.h"

#include <string.h>

#include "broker/base/protected.h"
#include "broker/base/text.h"
#include "broker/operation/operation.h"
#include "broker/record.h"
#include "broker/request/request-card.h"

#define META "standing"
#define MOST 256 /* beyond them "always" is not offered */

typedef struct
{
  json_t *about;  /* id, rule, scopes, made_at */
  Policy *policy; /* the rule alone */
} Rule;

struct _Standing
{
  Vault *vault;
  GPtrArray *rules; /* of Rule */
};

static void
rule_free (gpointer data)
{
  Rule *rule = data;

  json_decref (rule->about);
  g_clear_pointer (&rule->policy, policy_free);
  g_free (rule);
}

Standing *
standing_new (Vault *vault)
{
  Standing *self = g_new0 (Standing, 1);

  self->vault = vault;
  self->rules = g_ptr_array_new_with_free_func (rule_free);
  return self;
}

void
standing_free (Standing *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->rules);
  g_free (self);
}

void
standing_lock (Standing *self)
{
  g_ptr_array_set_size (self->rules, 0);
}

/* Takes @about. */
static gboolean
add_rule (Standing *self, json_t *about, GError **error)
{
  const char *text = wire_string (about, "rule");
  PolicySource source = { "standing rule", text, text != NULL ? strlen (text) : 0 };
  Policy *policy = policy_parse (&source, 1, error);

  if (policy == NULL)
    {
      json_decref (about);
      return FALSE;
    }
  Rule *rule = g_new0 (Rule, 1);
  rule->about = about;
  rule->policy = policy;
  g_ptr_array_add (self->rules, rule);
  return TRUE;
}

gboolean
standing_load (Standing *self, GError **error)
{
  g_autoptr (json_t) all = store_get_table (self->vault->store, META, NULL);
  json_t *about;
  gsize i;

  standing_lock (self);
  json_array_foreach (all, i, about) if (!add_rule (self, json_incref (about), error)) return FALSE;
  return TRUE;
}

static void
save (Standing *self)
{
  g_autoptr (json_t) all = json_array ();

  for (guint i = 0; i < self->rules->len; i++)
    json_array_append (all, ((Rule *) self->rules->pdata[i])->about);
  store_put_table (self->vault->store, META, all, NULL, NULL);
}

/* Whose path says what it does, today and tomorrow; NULL: it does not. */
static const char *
steady_exe (const Request *request)
{
  const char *exe = requester_exe (request->requester);

  return exe != NULL && policy_interpreter (exe) == NULL && protected_path (exe) ? exe : NULL;
}

/* Where an "allow" of the policy counts; and in system mode for one exact command line that is
 * started again and again, which is a rule that no file can have: it is bound to what was shown. */
static gboolean
may_stand (const Request *request)
{
  const Vault *vault = request->vault;

  if (request->row->operation == OPERATION_LAUNCH)
    return vault->system;
  return request->row->reusable && request->risk != RISK_DISCLOSE
         && policy_may_allow (request->row->operation, !vault->system);
}

char *
request_always_rule (const Request *request)
{
  const char *exe;

  if (!may_stand (request) || request->vault->standing->rules->len >= MOST
      || (exe = steady_exe (request)) == NULL)
    return NULL;
  return operation_rule (request, exe, request_max_duration (request));
}

static gboolean
has_scopes (const json_t *about, char **scopes)
{
  const json_t *granted = json_object_get (about, "scopes");

  for (; *scopes != NULL; scopes++)
    {
      gsize i = 0;
      while (i < json_array_size (granted)
             && strcmp (json_string_value (json_array_get (granted, i)), *scopes) != 0)
        i++;
      if (i == json_array_size (granted))
        return FALSE;
    }
  return TRUE;
}

/* One of a command stands for exactly that one. */
static gboolean
has_binding (const json_t *about, const Request *request)
{
  return !request->row->bound || g_strcmp0 (wire_string (about, "binding"), request->binding) == 0;
}

/* Whether the rule was made with the proof that the policy wants by now. */
static gboolean
is_proven (const json_t *about, const Request *request)
{
  return request->bounds.confirm != CONFIRM_KEY || wire_string (about, "key_id") != NULL;
}

static const Rule *
find_rule (const Standing *self, const Request *request, PolicyDecision *decision)
{
  if (self->rules->len == 0 || !may_stand (request) || steady_exe (request) == NULL)
    return NULL;
  for (guint i = 0; i < self->rules->len; i++)
    {
      const Rule *rule = g_ptr_array_index (self->rules, i);
      operation_decide (request, rule->policy, decision);
      if (decision->verdict == POLICY_ALLOW && has_scopes (rule->about, request->scopes)
          && has_binding (rule->about, request) && is_proven (rule->about, request))
        return rule;
    }
  return NULL;
}

gboolean
standing_covers (const Standing *self, const Request *request)
{
  PolicyDecision decision;
  return find_rule (self, request, &decision) != NULL;
}

const char *
standing_answer (const Standing *self, Request *request)
{
  PolicyDecision decision;
  const Rule *rule = find_rule (self, request, &decision);

  if (rule == NULL)
    return NULL;
  if (request->bounds.max_duration == 0 || decision.max_duration < request->bounds.max_duration)
    request->bounds.max_duration = decision.max_duration; /* a rule for always has one */
  return wire_string (rule->about, "id");
}

typedef struct
{
  Standing *self;
  json_t *about;
} Making;

static void
on_recorded (gpointer data, const GError *error)
{
  Making *making = data;

  if (error == NULL && making->self->vault->state == VAULT_UNLOCKED
      && add_rule (making->self, json_incref (making->about), NULL))
    save (making->self);
  json_decref (making->about);
  g_free (making);
}

static AuditRecord *
record_rule (const Standing *self, const char *event, const json_t *about)
{
  if (self->vault->audit == NULL)
    return NULL;
  AuditRecord *record = audit_record_new (self->vault->audit, event);

  audit_record_string (record, "rule_id", wire_string (about, "id"));
  audit_record_text (record, "rule", wire_string (about, "rule"));
  return record;
}

void
standing_add (Standing *self, const Request *request, const Grant *grant, const char *by)
{
  g_autofree char *id = text_random_id (10), *rule = request_always_rule (request);
  g_autofree char *now = text_format_time (g_get_real_time ());
  Making *making;

  making = g_new0 (Making, 1);
  making->self = self;
  making->about = json_pack ("{s:s, s:s, s:o, s:s, s:s*, s:s*}", "id", id, "rule", rule, "scopes",
                             wire_texts_json (grant->scopes), "made_at", now, "key_id",
                             grant->key_id, "binding", grant->binding);
  AuditRecord *record = record_rule (self, "rule_made", making->about);
  audit_record_string (record, "request_id", request->id);
  audit_record_string (record, "key_id", grant->key_id);
  audit_record_text (record, "by", by);
  audit_append (self->vault->audit, record, AUDIT_SYNCED, on_recorded, making);
}

GPtrArray *
standing_list (const Standing *self)
{
  GPtrArray *list = g_ptr_array_sized_new (self->rules->len);

  for (guint i = 0; i < self->rules->len; i++)
    g_ptr_array_add (list, ((Rule *) self->rules->pdata[i])->about);
  return list;
}

gboolean
standing_remove (Standing *self, const char *id)
{
  for (guint i = 0; i < self->rules->len; i++)
    {
      const Rule *rule = g_ptr_array_index (self->rules, i);
      if (strcmp (wire_string (rule->about, "id"), id) != 0)
        continue;
      record_owe (self->vault, record_rule (self, "rule_removed", rule->about));
      g_ptr_array_remove_index (self->rules, i);
      save (self);
      return TRUE;
    }
  return FALSE;
}
