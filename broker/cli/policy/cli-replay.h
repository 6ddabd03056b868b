/* SPDX-License-Identifier: MIT
 *
 * The requests of the past under two policies.
 *
 * MUST
 *  - count nothing as allowed, or as denied, that hangs on what was not recorded
 */
#pragma once

#include "broker/cli/policy/cli-past.h"
#include "broker/cli/policy/cli-rules.h"

/* Requests that are alike and come out alike. */
typedef struct
{
  char *request; /* policy_request_brief() */
  PolicyVerdict was, becomes;
  char *place, *rule; /* of the proposed policy that decides; NULL: none matches */
  guint n;
} CliReplayChange;

typedef struct
{
  guint before[POLICY_ALLOW + 1], after[POLICY_ALLOW + 1]; /* by PolicyVerdict */
  GPtrArray *changes; /* of CliReplayChange: those whose verdict changes, the most frequent first */
  guint open;         /* not counted: what was not recorded decides */
  guint32 missing;    /* of those, for policy_request_words() */
} CliReplay;

/* Both policies are asked about each of @past, in their order, as often as it was. */
void cli_replay (const CliPast *past, const CliRules *accepted, const CliRules *proposed,
                 CliReplay *replay);
void cli_replay_clear (CliReplay *replay);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliReplay, cli_replay_clear)
