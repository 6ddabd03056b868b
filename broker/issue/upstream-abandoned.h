/* SPDX-License-Identifier: MIT
 *
 * What is still being asked of a provider for a request that has ended meanwhile.
 *
 * MUST
 *  - let the provider's answer come, and revoke what it issued: one that is not listened to any
 *    more may have issued all the same
 */
#pragma once

#include "broker/issue/upstream.h"
#include "broker/dispatch/exchange.h"

/* Of those; freeing it cancels them. */
GPtrArray *abandoned_new (void);
/* Takes @exchange, which is on its way; the others are copied, or referred to. */
void abandoned_add (GPtrArray *list, Vault *vault, Exchange *exchange, Providers *providers,
                    const Provider *provider, const char *grant_id);
