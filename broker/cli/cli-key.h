/* SPDX-License-Identifier: MIT
 *
 * What init, unlock, passwd and pin have in common.
 *
 * MUST
 *  - hand the passphrase to no process but a broker started here for it
 */
#pragma once

#include "broker/base/secret.h"
#include "broker/cli/cli.h"

/* FALSE, and said so, when --socket was given: the socket of another broker is no place for a
 * passphrase. */
gboolean cli_key_no_socket (Cli *cli);
/* Who learns one of the two must not have the other. */
gboolean cli_key_differ (const Secret *passphrase, const Secret *pin, GError **error);
