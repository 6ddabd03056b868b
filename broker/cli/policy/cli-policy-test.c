/* SPDX-License-Identifier: MIT
 *
 * A policy held against what people expect of it: needs no broker.
 *
 * MUST
 *  - leave no expectation out: a file that cannot be read, or a line, is a failure
 */
#include <stdio.h>

#include "broker/cli/policy/cli-explained.h"
#include "broker/cli/cli-output.h"
#include "policy/explain/policy-expect.h"

typedef struct
{
  CliRules *rules;
  json_t *results; /* of --json */
  guint n, missed;
  const char *refused; /* why the broker does not even ask the policy about the one that is tried */
  gboolean open;       /* the one that is tried leaves something open that decides */
} Trial;

/* What the request does not say and decides: the answer would be another on another day, or on
 * another machine. */
static char *
leaves_open (const Trial *trial, PolicyRequest *request)
{
  PolicyOutlook outlook;

  if (trial->refused != NULL)
    return NULL;
  if (!policy_request_says (request, "uid") && !policy_request_says (request, "caller"))
    policy_request_forget (request, "uid");
  if (cli_rules_look_out (trial->rules, request, &outlook))
    return NULL;
  g_autofree char *missing = policy_request_words (outlook.missing);
  return g_strdup_printf ("it may be %s or %s: the line does not say %s",
                          cli_verdict_done (outlook.least), cli_verdict_done (outlook.most),
                          missing);
}

/* The policy allows it, and it is asked nonetheless. */
static const char *
aside (const Trial *trial, PolicyRequest *request)
{
  PolicyDecision said;

  policy_request_decide (request, trial->rules->policy, &said);
  return cli_rules_asks_instead (trial->rules, request, &said.verdict)
             ? ", as an allow counts here for http_request and mint_token alone (--system)"
             : "";
}

static void
print_missed (const Trial *trial, const PolicyExpectation *expectation, const char *missed)
{
  PolicyRequest *request = policy_expectation_request (expectation);
  g_autofree char *place = policy_expectation_place (expectation);
  g_autofree char *text = policy_expectation_text (expectation);
  g_autofree char *line = g_strdup_printf ("%s: %s", place, text);
  g_autofree char *because = cli_rules_because (trial->rules, request);
  g_autofree char *why = g_strconcat (missed, aside (trial, request), ":", NULL);
  g_auto (GStrv) rules = g_strsplit (trial->refused != NULL ? trial->refused : because, "\n", -1);

  cli_wrapped (NULL, line, 4);
  cli_wrapped ("  ", trial->open ? missed : why, 4);
  for (char **rule = rules; *rule != NULL && !trial->open; rule++)
    cli_wrapped ("    ", *rule, 6);
}

static void
add_result (const Trial *trial, const PolicyExpectation *expectation, const char *missed,
            const PolicyDecision *decision)
{
  g_autofree char *place = policy_expectation_place (expectation);
  g_autofree char *text = policy_expectation_text (expectation);

  json_array_append_new (
      trial->results, json_pack ("{s:i, s:s, s:s, s:b, s:s*, s:o}", "id", (int) trial->n, "place",
                                 place, "expected", text, "held", missed == NULL, "missed", missed,
                                 "decision", cli_rules_json (trial->rules, decision)));
}

static void
try_one (Trial *trial, const PolicyExpectation *expectation)
{
  PolicyRequest *request = policy_expectation_request (expectation);
  PolicyDecision decision;
  gboolean refused;
  g_autofree char *aside = cli_rules_cover (trial->rules, request, &refused);

  trial->refused = refused ? aside : NULL;
  g_autofree char *missed = leaves_open (trial, request);

  trial->open = missed != NULL;
  cli_rules_decide (trial->rules, request, &decision);
  if (refused)
    decision = (PolicyDecision){ .verdict = POLICY_DENY, .confirm = CONFIRM_PIN, .rule = -1 };
  if (missed == NULL)
    missed = policy_expectation_missed (expectation, &decision);
  trial->n++;
  trial->missed += missed != NULL;
  if (trial->results != NULL)
    add_result (trial, expectation, missed, &decision);
  else if (missed != NULL)
    print_missed (trial, expectation, missed);
}

static gboolean
try_file (Trial *trial, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize len;

  if (!g_file_get_contents (path, &text, &len, error))
    return FALSE;
  PolicySource source = { path, text, len };
  g_autoptr (GPtrArray) expectations = policy_expectations_parse (&source, error);
  for (guint i = 0; expectations != NULL && i < expectations->len; i++)
    try_one (trial, expectations->pdata[i]);
  return expectations != NULL;
}

static CliStatus
finish (const Trial *trial)
{
  if (trial->results != NULL)
    cli_json (trial->results);
  else if (trial->n == 0)
    puts ("Nothing is expected there: no line begins with deny, ask or allow.");
  else if (trial->missed == 0)
    printf ("All %u expectations hold.\n", trial->n);
  else
    printf ("\n%u of %u expectations missed.\n", trial->missed, trial->n);
  return trial->missed == 0 && trial->n > 0 ? CLI_DONE : CLI_FAILED;
}

static CliStatus
try_all (Cli *cli, CliRules *rules)
{
  g_autoptr (json_t) results = cli->json ? json_array () : NULL;
  Trial trial = { .rules = rules, .results = results };
  GError *error = NULL;

  for (char **path = cli->args; *path != NULL; path++)
    if (!try_file (&trial, *path, &error))
      return cli_fail (cli, error);
  return finish (&trial);
}

CliStatus
cli_policy_test (Cli *cli)
{
  g_auto (GStrv) policy = NULL;
  g_auto (CliRules) rules = { 0 };
  gboolean system = FALSE;
  const GOptionEntry entries[]
      = { { "policy", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &policy,
            "Test these files (once for each), not those in the configuration folder", "FILE" },
          { "system", 0, 0, G_OPTION_ARG_NONE, &system,
            "As where the broker has a user of its own, and an allow counts for more", NULL },
          G_OPTION_ENTRY_NULL };
  GError *error = NULL;

  if (!cli_options (cli, entries, 1, -1))
    return cli->status;
  if (!cli_rules_proposed (cli, policy, &rules, &error))
    return cli_fail (cli, error);
  rules.user_mode &= !system;
  return try_all (cli, &rules);
}
