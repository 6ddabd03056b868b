/* SPDX-License-Identifier: MIT
 *
 * Logins: access tokens that a person got by logging in somewhere, kept fresh.
 *
 * MUST
 *  - send a refresh token only to whom the provider's accepted file means, as it was when the
 * person logged in
 *  - refresh one login once at a time, and lose no rotated token to a broker that ends in the
 * middle
 *  - overwrite no secret that is not of that very login
 *
 * A login is two secrets, NAME (the access token) and NAME_refresh (if there is one), and a row in
 * the table of logins, which holds nothing secret. They change together, in one transaction.
 */
#pragma once

#include "broker/dispatch/exchange.h"

#define LOGIN_REFRESH_SUFFIX "_refresh"
#define LOGIN_ERROR (login_error_quark ())
typedef enum
{
  LOGIN_ERROR_EXPIRED,        /* and cannot be refreshed: a person logs in again */
  LOGIN_ERROR_NOT_CONFIGURED, /* nobody can log in there */
  LOGIN_ERROR_SCOPE,          /* the provider's file does not allow it */
  LOGIN_ERROR_NAME,           /* no secret can have it */
  LOGIN_ERROR_SECRET          /* the name is that of another secret */
} LoginError;
GQuark login_error_quark (void);
/* For an agent whose request failed with the @error of login_read(). */
const char *login_error_code (const GError *error);

Logins *logins_new (Vault *vault);
void logins_free (Logins *self);
/* The store is open: reads the table, and takes over what an earlier broker left half done. */
gboolean logins_open (Logins *self, GError **error);
/* Whoever waits is answered, flows end, and what is on its way to us is kept by its worker. */
void logins_lock (Logins *self);
/* The same for good: nothing is on its way to anybody any more. Before the workers are freed. */
void logins_end (Logins *self);

/* In place of store_read(), by whoever uses the value of a secret: the access token of a login is
 * refreshed first when it will not last. */
void login_read (Vault *vault, const char *name, StoreRead done, gpointer data);
/* Would login_read() give another value than the one it gave last? */
gboolean login_due (const Vault *vault, const char *name);
/* NEED_LOGIN: the access token of the login at provider need->name. */
void login_need (Vault *vault, const ProviderNeed *need, ExchangeNeeded done, gpointer data);

/* Somebody else is about to write, rename or remove @name: if it was a login's, it is none any
 * more. Before the write is given to the store. */
void login_forget (Vault *vault, const char *name);
/* The same of one that is about to be set: STORE_SET_NEW changes nothing that is there. */
void login_forget_set (Vault *vault, const char *name, StoreSetMode mode);
/* Is @name the access token of a login? */
gboolean login_is_one (const Vault *vault, const char *name);
/* The provider whose login the secret @name belongs to, as either token; or NULL. */
const char *login_provider (const Vault *vault, const char *name);
/* [{"provider","secret","scopes","obtained_at","expires_at"?,"refreshes","trouble"?}], times in
 * RFC 3339. */
json_t *logins_describe (const Logins *self);
