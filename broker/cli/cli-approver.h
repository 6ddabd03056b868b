/* SPDX-License-Identifier: MIT
 *
 * The terminal approver: shows one card after another and sends what the person answers.
 *
 * MUST
 *  - need a terminal: an answer that was piped in is nobody's
 *  - answer each card that it took from the screen, unless it was answered elsewhere
 *  - ask for the PIN when the broker does, and keep none
 */
#pragma once

#include "broker/cli/cli.h"

/* FALSE, and said so, with cli->status set, where standard input or output is no terminal. */
gboolean cli_approver_possible (Cli *cli);
/* Until the person leaves, or with @once until one card was answered. */
CliStatus cli_approver_run (const Cli *cli, gboolean once);
