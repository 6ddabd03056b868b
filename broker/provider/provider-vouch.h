/* SPDX-License-Identifier: MIT
 *
 * Vouch, for those that come with what it vouches for.
 *
 * MUST
 *  - send a login to the issuer that signed it, and nowhere else
 */
#pragma once

#include "broker/provider/provider-module.h"

#define VOUCH_ISSUER "https://us.vouch.sh"

const char *vouch_issuer (const Provider *provider);
/* A request to @path of its issuer, as the login at it. NULL with an error. */
ProviderExchange *vouch_exchange (const Provider *provider, const char *method, const char *path,
                                  const char *answer, GError **error);
/* The issuer's keys, which are anybody's to see. NULL with an error. */
ProviderExchange *vouch_keys (const Provider *provider, GError **error);
