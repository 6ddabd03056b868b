/* SPDX-License-Identifier: MIT
 *
 * Who a login at Vouch is, as its issuer signed it: for the card, and for the trail.
 *
 * MUST
 *  - say of nobody who they are before the issuer's signature was verified here
 */
#pragma once

#include "broker/login/login.h"

typedef struct _IdentityLook IdentityLook;

/* @words: "ann@example.com, hardware-verified". NULL: it is not known, for @code (it stays), which
 * @message tells. */
typedef void (*IdentityFound) (gpointer data, const char *words, const char *code,
                               const char *message);

/* NULL: it was known, and @found has been called. Else it fetches the issuer's keys, and neither
 * sends nor renews the token. */
IdentityLook *identity_find (Vault *vault, const Provider *provider, IdentityFound found,
                             gpointer data);
void identity_cancel (IdentityLook *look); /* @found is not called any more */
