/* SPDX-License-Identifier: MIT
 *
 * The end of a login: its secrets are removed, then the provider is told (RFC 7009).
 *
 * MUST
 *  - remove what is here, whatever the provider answers, and before it is asked
 *  - say whether the provider took its tokens back; what it did not, may still be good there
 */
#pragma once

#include "broker/login/login.h"

/* @revoked: the provider says that it takes its tokens back. @error: nothing has happened. */
typedef void (*LogoutDone) (gpointer data, gboolean revoked, const char *message,
                            const GError *error);

/* @secret is a login's; its record is in the trail already. @done is not called from within. */
void logout_begin (Vault *vault, const char *secret, LogoutDone done, gpointer data);
