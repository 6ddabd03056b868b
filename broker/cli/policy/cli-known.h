/* SPDX-License-Identifier: MIT
 *
 * What there is on this machine that a policy could be about.
 */
#pragma once

#include "broker/cli/cli-proposal.h"
#include "policy/advice/policy-check.h"

typedef struct _CliKnown CliKnown;

/* The services, providers and issuers that are among @files, and the programs that are installed.
 * @files, which live as long, are a proposal that was checked. */
CliKnown *cli_known_new (const GPtrArray *files, gboolean user_mode);
void cli_known_free (CliKnown *known);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliKnown, cli_known_free)

/* No services and providers among the files is that none are known: a policy that is checked alone
 * may be for another machine. */
void cli_known_policy_alone (CliKnown *known);
/* @names: {"secrets":[{"name"}]}, what the broker says there is. */
void cli_known_add_secrets (CliKnown *known, const json_t *names);

const PolicyKnown *cli_known (const CliKnown *known);
