/* SPDX-License-Identifier: MIT
 *
 * Having files accepted: what rules now, how it differs, and the PIN that makes the difference
 * rule.
 *
 * MUST
 *  - have the broker accept the very text that was shown: the file may have changed since
 *  - have it accepted in the place of the very text that it was shown against
 */
#pragma once

#include <stdio.h>

#include "broker/cli/cli-proposal.h"
#include "broker/client/client.h"

/* What rules now: array of CliProposal. On a connection opened by the PIN. */
GPtrArray *cli_accepted (Client *client, GError **error);

/* Each file that differs, with its difference. */
void cli_accept_print (FILE *stream, const GPtrArray *accepted, const GPtrArray *proposed);
/* The same where the policy's difference was told in words: of its files a long one is only
 * counted, unless @whole. What services, providers and issuers say is told by nothing else. */
void cli_accept_print_texts (FILE *stream, const GPtrArray *accepted, const GPtrArray *proposed,
                             gboolean whole);
/* At a terminal: says that the PIN now accepts what was printed to @stream. */
void cli_accept_announce (const Cli *cli, FILE *stream);
/* All of @files in place of @accepted, with the PIN; refused when that is no longer what rules. The
 * broker's result. */
json_t *cli_accept (const Cli *cli, Client *client, const GPtrArray *accepted,
                    const GPtrArray *files, GError **error);
