/* SPDX-License-Identifier: MIT
 *
 * One refresh of one login, inside: login-refresh.c has who waits for it and how it ends,
 * login-renew.c what is done.
 */
#pragma once

#include "broker/login/login-private.h"

typedef struct
{
  StoreRead done;
  gpointer data;
} Joined;

struct _Refresh
{
  Logins *owner;
  Login *login;    /* NULL: dropped */
  GArray *waiters; /* of Joined */
  Exchange *exchange;
  Secret *key;     /* of the parcel */
  gint64 asked_at; /* seconds since 1970: from then on a token lives, at the latest */
  int fd;          /* the parcel, while it is ours; or -1 */
  Deadline again;
  guint pending; /* answers of the store that are still to come */
  Login *before; /* what to go back to when the new tokens cannot be kept */
};

Refresh *refresh_new (Logins *owner, Login *login);
/* The store has answered. FALSE: nobody wants to know any more. */
gboolean refresh_is_wanted (Refresh *self);
/* The login is as it is now: all who wait are answered by that. */
void refresh_end (Refresh *self);
/* It failed; for good, or for a while. */
void refresh_fail (Refresh *self, const char *code, const char *message, gint64 retry_after);
/* The new tokens, that came at @at (seconds since 1970), are kept; then it ends. */
void refresh_keep (Refresh *self, const json_t *fields, GHashTable *values, gint64 at);
/* The same of those in the parcel @fd. FALSE: there is nothing in it that can be kept. */
gboolean refresh_keep_parcel (Refresh *self, int fd, gint64 at);
/* The name of the own row that has the key of a parcel; g_free(). */
char *refresh_key_name (const char *parcel);
/* What the login had begun is at its end. */
void refresh_forget_parcel (Refresh *self);
