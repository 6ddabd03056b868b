/* SPDX-License-Identifier: MIT
 *
 * The terminal approver: shows what waits and sends what the person answers. On the whole screen
 * where the terminal has one, else in plain lines.
 *
 * MUST
 *  - need a terminal: an answer that was piped in is nobody's
 *  - ask for the PIN when the broker does, and keep none
 */
#pragma once

#include "broker/cli/cli-approver-link.h"
#include "broker/cli/cli.h"

typedef struct
{
  gboolean once;  /* leave after one answer */
  gboolean plain; /* lines, whatever the terminal can do */
} CliApproverHow;

/* FALSE, and said so, with cli->status set, where standard input or output is no terminal. */
gboolean cli_approver_possible (Cli *cli);
/* Until the person leaves. */
CliStatus cli_approver_run (const Cli *cli, const CliApproverHow *how);

/* Its two forms. */
void cli_approver_plain (CliApproverLink *link, gboolean once);
gboolean cli_approver_full (CliApproverLink *link, gboolean once, GError **error);
