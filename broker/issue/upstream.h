/* SPDX-License-Identifier: MIT
 *
 * What others issued under a grant, to be revoked where it was issued when the grant ends.
 *
 * MUST
 *  - be in the store before what was issued leaves the broker: a crash must not leave it valid and
 *    forgotten
 *  - revoke at once when the grant ends, whatever ended it; what cannot be revoked then is tried
 *    again, also by the broker that comes next, until it has expired by itself
 */
#pragma once

#include "broker/grant/grant.h"
#include "broker/dispatch/exchange.h"
#include "broker/provider/provider-module.h"

typedef struct _Upstream Upstream;

Upstream *upstream_new (Vault *vault);
void upstream_free (Upstream *self);

/* One more may be asked for under this grant, which is counted. FALSE: it has given enough. */
gboolean upstream_admits (Upstream *self, const char *grant_id);
/* @done when it is on disk. The grant stays from then on, also when its uses are spent, until its
 * time is over or it is revoked; when it has ended already, @token is revoked at once. @token is
 * copied; @fields are what the provider's answers told, with "expires_at" in seconds since 1970
 * where they say so. */
void upstream_keep (Upstream *self, const char *grant_id, const Provider *provider,
                    const json_t *fields, const Secret *token, WriterDone done, gpointer data);
/* The request that @exchange was for has ended: what the provider's answer then gives is revoked.
 * Takes @exchange. */
void upstream_abandon (Upstream *self, Exchange *exchange, Providers *providers,
                       const Provider *provider, const char *grant_id);
void upstream_grant_ended (Upstream *self, const char *grant_id);
/* The vault is open, and the grants that come back are back: those of other grants are revoked. */
void upstream_open (Upstream *self);
void upstream_lock (Upstream *self); /* wipes what is in memory; the rows stay */
