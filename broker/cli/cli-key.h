/* SPDX-License-Identifier: MIT
 *
 * What init, unlock, serve, passwd and pin have in common.
 *
 * MUST
 *  - hand the passphrase to no process but a broker started here for it, or the system's
 */
#pragma once

#include <jansson.h>

#include "broker/base/secret.h"
#include "broker/cli/cli.h"

typedef struct
{
  gint64 seconds;     /* after which it locks itself; 0: never */
  gboolean new_trail; /* puts a damaged audit trail aside */
} CliUnlock;

/* Before anything is asked. FALSE, and said so, when --socket names another broker than the
 * system's, which is no place for a passphrase, or the system's is not there. */
gboolean cli_key_begin (Cli *cli);
/* Who learns one of the two must not have the other. */
gboolean cli_key_differ (const Secret *passphrase, const Secret *pin, GError **error);

/* cli_options() with those of unlock, and @more (may be NULL). */
gboolean cli_key_unlock_options (Cli *cli, CliUnlock *how, const GOptionEntry *more);
/* Asks the passphrase. For "unlock" of cli_broker_call(); the caller owns it. */
json_t *cli_key_unlock_params (const Cli *cli, const CliUnlock *how, GError **error);
/* Says what the broker found when it opened the store; @what is what was done. CLI_DONE. */
CliStatus cli_key_report (const Cli *cli, const json_t *result, const char *what);
