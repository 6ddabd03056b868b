/* SPDX-License-Identifier: MIT
 *
 * What the files of bearers.h share: bearers.c is who is known and what ends, bearers-local.c our
 * own tokens, bearers-keys.c the keys of issuers.
 */
#pragma once

#include "broker/caller/bearers.h"

typedef struct
{
  char *name, *id;             /* id: of this one, also when the name is given anew */
  char *digest;                /* SHA-256 of the token, in hexadecimal */
  gint64 added_at, expires_at; /* seconds since 1970 */
} LocalToken;

struct _Bearers
{
  Vault *vault;
  GPtrArray *local;  /* of LocalToken */
  GHashTable *keys;  /* the name of an issuer's file → IssuerKeys */
  GQueue watches;    /* of BearerWatch */
  gint64 refused;    /* tokens, since that was recorded last */
  gint64 refused_at; /* loop_now() */
};

/* One that waits for keys. */
struct _BearerProof
{
  Secret *token;
  char *resource;
  BearerDone done;
  gpointer data;
  GQueue *queue; /* that it waits in */
  GList link;
};

gint64 bearers_now (void); /* seconds since 1970 */
/* Answers, and frees @proof. */
void bearer_proof_answer (BearerProof *proof, Subject *subject, const CallerIssuer *issuer,
                          const GError *error);
/* All that such subjects have ends: what is asked, what was granted, their connections. */
typedef gboolean (*BearerMatch) (const Subject *subject, gconstpointer data);
void bearers_end (Bearers *self, BearerMatch match, gconstpointer data);

/* --- bearers-local.c --- */
void local_token_free (gpointer token);
/* subject_unref(); NULL with an error. */
Subject *bearers_local_judge (const Bearers *self, const char *token, GError **error);
const LocalToken *bearers_local_of (const Bearers *self, const char *id);

/* --- bearers-keys.c --- */
void issuer_keys_free (gpointer keys);
/* Judges @proof now, or when @issuer's keys have come. Takes it; TRUE: it is answered already. */
gboolean bearers_keys_judge (Bearers *self, const CallerIssuer *issuer, BearerProof *proof);
/* Those of issuers that are accepted no longer, or are others now, go; who waits there is told. */
void bearers_keys_follow (Bearers *self);
void bearers_keys_lock (Bearers *self);
