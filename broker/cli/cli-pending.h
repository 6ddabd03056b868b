/* SPDX-License-Identifier: MIT
 *
 * What waits for a person.
 */
#pragma once

#include "approve-ui/card/card.h"
#include "broker/client/client.h"

/* The card of the request @id; the caller owns it. */
Card *cli_pending_find (Client *client, const char *id, GError **error);
