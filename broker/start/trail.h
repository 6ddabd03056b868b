/* SPDX-License-Identifier: MIT
 *
 * The audit trail and the store that goes with it: which keys it gets, and where its head is kept.
 *
 * MUST
 *  - mend no damage in silence: the old trail stays as evidence, and the new one begins with why
 */
#pragma once

#include "broker/start/opening.h"

/* All block. The store is unlocked; the caller owns what is returned, NULL with an error. */

/* A new trail, whose first key goes into the store. */
Audit *trail_begin (Vault *vault, Store *store, const Places *places, GError **error);
/* The trail that the store's head speaks of. AUDIT_ERROR_TAMPERED when it is not there as it was;
 * what a crash left is mended, and told in vault->repair. */
Audit *trail_continue (Vault *vault, Store *store, const Places *places, GError **error);
/* A new one in the place of one that does not hold, which is moved to *@aside (g_free()). */
Audit *trail_restart (Vault *vault, Store *store, const Places *places, char **aside,
                      GError **error);
/* What `audit verify` opens with the passphrase, on this machine or another. */
gboolean trail_write_key (Store *store, const Places *places, GError **error);
