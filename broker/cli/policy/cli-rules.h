/* SPDX-License-Identifier: MIT
 *
 * A policy that described or recorded requests are held against: the accepted one, the proposed one
 * of the configuration folder, or that of some files.
 */
#pragma once

#include "broker/cli/cli-proposal.h"
#include "broker/cli/policy/cli-standing.h"
#include "broker/client/client.h"
#include "policy/explain/policy-why.h"

typedef struct
{
  Policy *policy;
  Services *services; /* whose scopes rules may speak of */
  const CliStanding
      *standing;      /* borrowed: what answers where the policy asks; NULL: nothing does */
  gboolean user_mode; /* see policy_may_allow() */
} CliRules;

/* What rules now, on a connection opened by the PIN. FALSE with an error; then there is nothing to
 * clear. */
gboolean cli_rules_accepted (const Cli *cli, Client *client, CliRules *rules, GError **error);
/* The files at @paths, or where it is NULL those of the configuration folder. */
gboolean cli_rules_proposed (const Cli *cli, char **paths, CliRules *rules, GError **error);
void cli_rules_clear (CliRules *rules);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliRules, cli_rules_clear)

/* Says of an http_request which scopes of its service cover it, unless they are said: rules may
 * speak of them. Where that cannot be known they are forgotten, and the return value says why;
 * g_free(). NULL: there is nothing to say. *@refused: the broker does not even ask the policy. */
char *cli_rules_cover (const CliRules *rules, PolicyRequest *request, gboolean *refused);

/* What the broker would do: an allow that does not count here asks, and where it has a user of its
 * own a click is nobody's word. */
void cli_rules_decide (const CliRules *rules, PolicyRequest *request, PolicyDecision *decision);
/* The verdict that @said comes to; TRUE when the policy says allow, and it asks nonetheless. */
gboolean cli_rules_asks_instead (const CliRules *rules, const PolicyRequest *request,
                                 PolicyVerdict *said);

/* What the broker may do, whatever is not known of @request; TRUE when that is one thing. */
gboolean cli_rules_look_out (const CliRules *rules, PolicyRequest *request, PolicyOutlook *outlook);
/* The ID of the standing rule that answers where @decision asks; NULL: none does. */
const char *cli_rules_standing (const CliRules *rules, PolicyRequest *request,
                                const PolicyDecision *decision);

/* The rules that decide, one a line: "policy.conf:12  ask get_secret of prod/db"; or that none
 * matches. g_free(). */
char *cli_rules_because (const CliRules *rules, PolicyRequest *request);
/* "with the PIN, for at most 5m, once"; "" when there is nothing to say. g_free(). */
char *cli_rules_words (const PolicyDecision *decision);
/* "denied", "asked", "allowed". */
const char *cli_verdict_done (PolicyVerdict verdict);
/* {"verdict","code"?,"confirm"?,"max_duration"?,"max_uses"?,"sandbox"?,"notify"?,"place"?,"rule"?}
 */
json_t *cli_rules_json (const CliRules *rules, const PolicyDecision *decision);
