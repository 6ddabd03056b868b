/* SPDX-License-Identifier: MIT
 *
 * The table of logins, inside: login.c has the table, login-read.c who uses it, login-refresh.c how
 * a token is renewed, login-parcel.c what must survive the broker meanwhile, flow*.c how one comes
 * to be, logout.c how it ends.
 */
#pragma once

#include "broker/login/login.h"

#define LOGIN_META "logins"
#define LOGIN_PARCEL_KEY "key:parcel/" /* the own row with the key of a parcel */

typedef struct _Refresh Refresh;
typedef struct _Revoking Revoking;

typedef struct
{
  char *provider, *secret;
  char **scopes;      /* as the provider granted them */
  gint64 obtained_at; /* seconds since 1970 */
  gint64 expires_at;  /* 0: the provider did not say */
  gboolean refreshes; /* there is a NAME_refresh that may be used */
  char *setup;        /* what the refresh token may be sent to: login_setup() */
  json_t *metadata;   /* of discovery; or NULL */
  char *trouble;      /* why it could not be refreshed last; or NULL */
  char *parcel;       /* a refresh that has begun; or NULL */
  /* --- in memory only --- */
  gint64 not_before; /* µs of boot time: when it is worth to try again */
  Refresh *refresh;  /* that is under way */
  char *identity;    /* who it is, by the keys of this issuer, of this version; or NULL: */
  char *identity_issuer;
  guint identity_version;
  char *identity_fault;      /* why that is not known, */
  const char *identity_code; /* the same in a word that stays, */
  gint64 identity_again;     /* µs of boot time: and not asked before */
} Login;

struct _Logins
{
  Vault *vault;
  GPtrArray *all;       /* Login */
  GHashTable *flows;    /* id → Flow, borrowed */
  GPtrArray *refreshes; /* Refresh, also those that nobody waits for any more */
  GPtrArray *denials;   /* answers that are due at once */
  GPtrArray *looks;     /* who somebody is, while that is found out */
  GPtrArray *revokings; /* Revoking: owned */
  gboolean over;        /* the broker ends: nothing is begun any more */
};

void login_free (Login *login);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Login, login_free)
Login *logins_find (const Logins *self, const char *secret);
/* The one that an access token of @provider is taken from; NULL. */
Login *logins_find_at (const Logins *self, const char *provider);
/* Takes @login, in place of one with the same secret. */
void logins_put (Logins *self, Login *login);
void logins_remove (Logins *self, Login *login);
/* The table as it is kept. */
GBytes *logins_bytes (const Logins *self);
/* Writes it, without anybody waiting for it. */
void logins_save (Logins *self);

/* NAME_refresh; g_free(). */
char *login_refresh_name (const char *secret);
/* What of @provider's file decides where a refresh token goes, and for whom it is; g_free(). */
char *login_setup (const Provider *provider);
/* Of an answer with tokens, that came at @at. */
void login_take_fields (Login *login, const json_t *fields, gint64 at);
gboolean login_is_usable (const Login *login);
/* It ends so soon that it should be renewed, and it may be worth a try. */
gboolean login_wants_refresh (const Login *login);

/* ---- login-refresh.c ---- */
/* Joins the refresh that is under way, or begins one. */
void login_refresh (Logins *self, Login *login, StoreRead done, gpointer data);
/* Takes over what is in the parcel of @login. */
void login_recover (Logins *self, Login *login);
/* Nobody is to be answered by it any more, and it changes nothing. */
void login_refresh_drop (Login *login);
/* @done is given the access token, or why there is none; never from within. */
void login_answer (Logins *self, const Login *login, StoreRead done, gpointer data);
void login_deny (Logins *self, GError *error /* taken */, StoreRead done, gpointer data);
void logins_drop_denials (Logins *self);

/* ---- login-parcel.c ---- */
/* A new file of that id, locked for as long as anybody has it open. -1 with an error. */
int login_parcel_make (const Store *store, const char *id, GError **error);
typedef enum
{
  PARCEL_NONE = 0, /* nothing was put into it */
  PARCEL_BUSY,     /* who is to fill it is still at work */
  PARCEL_THERE
} ParcelState;
/* *@fd is open for reading when it is there; @at: when it came (seconds since 1970). */
ParcelState login_parcel_find (const Store *store, const char *id, int *fd, gint64 *at);
void login_parcel_remove (const Store *store, const char *id);
/* Removes those files, and those keys, that no login has. */
void login_parcels_clean (Logins *self);

/* ---- login-revoke.c ---- */
void revoking_free (gpointer revoking);
/* @trouble: why the provider did not take them all back; NULL: it did. */
typedef void (*LoginRevoked) (gpointer data, const char *trouble);
/* @tokens: "access_token", "refresh_token" → Secret; referred to. @done may be NULL, and may be
 * called from within. */
void login_revoke (Logins *owner, Providers *providers, const Provider *provider, json_t *metadata,
                   GHashTable *tokens, LoginRevoked done, gpointer data);
/* The same of what @exchange (taken), which is on its way, may bring. */
void login_revoke_issued (Logins *owner, Providers *providers, const Provider *provider,
                          json_t *metadata, Exchange *exchange);

/* ---- identity.c ---- */
/* All who wait to know who somebody is are told that it is not known. @code stays. */
void identities_end (Logins *self, const char *code, const char *message);

/* ---- flow.c ---- */
/* All that are under way, with @code and @message for whoever waits. */
void flows_end (Logins *self, const char *code, const char *message);
