/* SPDX-License-Identifier: MIT
 *
 * Tokens that an exchange with a provider needs: rows of exchange.c's table.
 */
#pragma once

#include "broker/dispatch/exchange.h"

/* NEED_SIGNED: RS256 over need->claims with the PEM in the secret need->name. */
void token_sign_with (Vault *vault, const ProviderNeed *need, ExchangeNeeded done, gpointer data);
/* NEED_MINTED: one of our issuer over need->claims, which have sub, aud and exp; recorded as any
 * that is minted. */
void token_mint_claims (Vault *vault, const ProviderNeed *need, ExchangeNeeded done, gpointer data);
