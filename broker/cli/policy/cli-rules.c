/* SPDX-License-Identifier: MIT */
#include "broker/cli/policy/cli-rules.h"

#include "broker/base/text.h"
#include "broker/cli/cli-accept.h"
#include "broker/client/client-system.h"

void
cli_rules_clear (CliRules *rules)
{
  g_clear_pointer (&rules->policy, policy_free);
  g_clear_pointer (&rules->services, services_unref);
}

/* What @files (taken; NULL: @error is set already) come to. */
static gboolean
take (const Cli *cli, CliRules *rules, GPtrArray *taken, GError **error)
{
  g_autoptr (GPtrArray) files = taken;

  *rules = (CliRules){ .user_mode = !client_is_system (cli->socket) };
  rules->policy = files != NULL ? cli_proposals_parse (files, error) : NULL;
  rules->services = rules->policy != NULL ? cli_proposals_services (files, error) : NULL;
  if (rules->services != NULL)
    return TRUE;
  cli_rules_clear (rules);
  return FALSE;
}

gboolean
cli_rules_accepted (const Cli *cli, Client *client, CliRules *rules, GError **error)
{
  return take (cli, rules, cli_accepted (client, error), error);
}

gboolean
cli_rules_proposed (const Cli *cli, char **paths, CliRules *rules, GError **error)
{
  GPtrArray *files = paths != NULL ? cli_proposals_at (paths, error) : cli_proposals (error);

  return take (cli, rules, files, error);
}

static void
say_scopes (PolicyRequest *request, char *const *scopes)
{
  for (; *scopes != NULL; scopes++)
    g_free (policy_request_say (request, "scopes", *scopes));
}

/* @path is decoded, but for slashes within a segment; a call has it encoded. */
static char *
encoded (const char *path)
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_string_append_uri_escaped (out, path, "/:@!$&'()*+,;=", FALSE);
  g_string_replace (out, "%252F", "%2F", 0);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
cover_by (const Service *service, PolicyRequest *request, gboolean *refused)
{
  const PolicyQuery *query = policy_request_query (request);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = encoded (query->path);
  g_autoptr (ServiceRequest) built
      = service_request_new (service, query->method, path, NULL, NULL, NULL, 0, &error);

  *refused = built == NULL;
  if (built == NULL)
    return g_strdup (error->message);
  say_scopes (request, built->scopes);
  return NULL;
}

char *
cli_rules_cover (const CliRules *rules, PolicyRequest *request, gboolean *refused)
{
  const char *name = policy_request_resource (request);
  const Service *service = name != NULL ? services_find (rules->services, name) : NULL;

  *refused = FALSE;
  if (policy_request_operation (request) != OPERATION_HTTP_REQUEST || name == NULL
      || policy_request_says (request, "scopes"))
    return NULL;
  if (service != NULL && policy_request_says (request, "method")
      && policy_request_says (request, "path"))
    return cover_by (service, request, refused);
  policy_request_forget (request, "scopes");
  if (service == NULL)
    return g_strdup_printf ("There is no service %s beside this policy; say which scopes cover the "
                            "request: scopes { read }.",
                            name);
  return g_strdup_printf ("Which scopes of %s cover the request is not known: say its method and "
                          "path.",
                          name);
}

gboolean
cli_rules_asks_instead (const CliRules *rules, const PolicyRequest *request, PolicyVerdict *said)
{
  Operation operation = policy_request_operation (request);

  if (*said != POLICY_ALLOW || policy_may_allow (operation, rules->user_mode))
    return FALSE;
  *said = POLICY_ASK;
  return TRUE;
}

void
cli_rules_decide (const CliRules *rules, PolicyRequest *request, PolicyDecision *decision)
{
  policy_request_decide (request, rules->policy, decision);
  cli_rules_asks_instead (rules, request, &decision->verdict);
  if (!rules->user_mode && decision->confirm == CONFIRM_CLICK)
    decision->confirm = CONFIRM_PIN;
}

gboolean
cli_rules_look_out (const CliRules *rules, PolicyRequest *request, PolicyOutlook *outlook)
{
  policy_outlook (rules->policy, request, outlook);
  cli_rules_asks_instead (rules, request, &outlook->least);
  cli_rules_asks_instead (rules, request, &outlook->most);
  return outlook->least == outlook->most;
}

const char *
cli_rules_standing (const CliRules *rules, PolicyRequest *request, const PolicyDecision *decision)
{
  return decision->verdict == POLICY_ASK
             ? cli_standing_answers (rules->standing, request, decision->confirm)
             : NULL;
}

char *
cli_rules_because (const CliRules *rules, PolicyRequest *request)
{
  g_autoptr (GPtrArray) whys = policy_why (rules->policy, request);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < whys->len; i++)
    {
      const PolicyWhy *why = whys->pdata[i];
      g_autofree char *place = policy_rule_place (rules->policy, why->rule);
      g_autofree char *text = policy_rule_text (rules->policy, why->rule);
      if (why->part == POLICY_PART_DECIDED)
        g_string_append_printf (out, "%s%s  %s", out->len > 0 ? "\n" : "", place, text);
    }
  g_string_append (out, out->len == 0 ? "no rule matches" : "");
  return g_string_free (out, FALSE);
}

const char *
cli_verdict_done (PolicyVerdict verdict)
{
  static const char *const done[] = { "denied", "asked", "allowed" };

  g_return_val_if_fail ((guint) verdict < G_N_ELEMENTS (done), "denied");
  return done[verdict];
}

static const char *
confirm_words (PolicyConfirm confirm)
{
  switch (confirm)
    {
    case CONFIRM_CLICK:
      return "by a click";
    case CONFIRM_KEY:
      return "by a touch of the security key";
    case CONFIRM_PIN:
    case CONFIRM_UNSET:
    default:
      return "with the PIN";
    }
}

char *
cli_rules_words (const PolicyDecision *decision)
{
  GString *out = g_string_new (NULL);

  if (decision->verdict == POLICY_ASK)
    g_string_append_printf (out, ", %s", confirm_words (decision->confirm));
  if (decision->verdict == POLICY_ALLOW)
    g_string_append (out, ", nobody is asked");
  if (decision->verdict != POLICY_DENY && decision->max_duration > 0)
    {
      g_autofree char *most = text_format_duration (decision->max_duration);
      g_string_append_printf (out, ", for at most %s", most);
    }
  if (decision->verdict != POLICY_DENY && decision->max_uses == 1)
    g_string_append (out, ", once");
  else if (decision->verdict != POLICY_DENY && decision->max_uses > 1)
    g_string_append_printf (out, ", %" G_GINT64_FORMAT " uses", decision->max_uses);
  if (decision->verdict != POLICY_DENY && decision->sandbox)
    g_string_append (out, ", in the sandbox");
  if (decision->verdict != POLICY_ASK && decision->notify)
    g_string_append (out, ", and you are told");
  g_string_erase (out, 0, MIN (out->len, 2));
  return g_string_free (out, FALSE);
}

json_t *
cli_rules_json (const CliRules *rules, const PolicyDecision *decision)
{
  g_autofree char *place = policy_rule_place (rules->policy, decision->rule);
  g_autofree char *text = policy_rule_text (rules->policy, decision->rule);
  gboolean granting = decision->verdict != POLICY_DENY;
  json_t *object
      = json_pack ("{s:s, s:s*, s:s*}", "verdict", policy_verdict_name (decision->verdict), "place",
                   place, "rule", text);

  if (decision->code != NULL)
    json_object_set_new (object, "code", json_string (decision->code));
  if (decision->verdict == POLICY_ASK)
    json_object_set_new (object, "confirm", json_string (policy_confirm_name (decision->confirm)));
  if (granting && decision->max_duration > 0)
    json_object_set_new (object, "max_duration", json_integer (decision->max_duration));
  if (granting && decision->max_uses > 0)
    json_object_set_new (object, "max_uses", json_integer (decision->max_uses));
  if (granting && decision->sandbox)
    json_object_set_new (object, "sandbox", json_true ());
  if (decision->verdict != POLICY_ASK && decision->notify)
    json_object_set_new (object, "notify", json_true ());
  return object;
}
