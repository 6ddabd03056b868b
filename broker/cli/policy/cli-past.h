/* SPDX-License-Identifier: MIT
 *
 * The requests of the past, as the audit trail has them: those that the policy decided about.
 */
#pragma once

#include "broker/cli/audit/cli-audit.h"
#include "policy/explain/policy-describe.h"

typedef struct
{
  PolicyRequest *request;
  gint64 time; /* µs since 1970 */
  char *who;   /* whose requests are counted together */
} CliPastRequest;

typedef struct
{
  GPtrArray *requests; /* of CliPastRequest, oldest first */
  guint unknown;       /* that we cannot read: of another version */
  gint64 uncounted;    /* refused so often that they were counted and not recorded */
} CliPast;

/* Those since @since (as records write times; NULL: all there are). @trail has a client, which
 * opens what is sealed. FALSE with an error; then there is nothing to clear. */
gboolean cli_past_read (const Cli *cli, const CliTrail *trail, const char *since, CliPast *past,
                        GError **error);
void cli_past_clear (CliPast *past);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliPast, cli_past_clear)
