/* SPDX-License-Identifier: MIT
 *
 * What the files of tokens.h share: tokens.c is the life of the whole, tokens-keys.c the keys,
 * tokens-keys-stored.c these in the store, tokens-live.c what was minted, tokens-trail.c what the
 * trail knows of it.
 */
#pragma once

#include "broker/token/tokens.h"
#include "broker/vault.h"

typedef struct
{
  TokenKey *key;
  gint64 made_at; /* seconds since 1970 */
  gint64 until;   /* the same; 0: it signs */
} OwnKey;

/* Who waits for something. */
typedef struct
{
  WriterDone done;
  gpointer data;
} TokenWaiter;

/* Until when it is remembered: both have to be past, so that a clock that was set forward for a
 * while makes nothing good again. */
typedef struct
{
  gint64 until; /* seconds since 1970 */
  gint64 keep;  /* loop_now() */
  gboolean unknown;
} TokenRevoked;

struct _Tokens
{
  Vault *vault;
  guint opening;  /* what is under way from before a lock or a panic comes to nothing */
  char *boot;     /* of the machine: with pid and start time it makes one process */
  gboolean begun; /* since the last opening */
  Writer *aside;  /* a thread for what takes its time; NULL: was not needed yet */

  GPtrArray *keys; /* OwnKey; at most one signs */
  gboolean making;
  gint64 panic; /* seconds since 1970: what was made until then is void; 0: there was none lately */
  GHashTable *since;  /* kids of what was made behind that panic, within the same second too */
  char *trouble;      /* why there is no key, or NULL */
  GArray *want_ready; /* TokenWaiter */

  GHashTable *live;    /* jti → TokenEntry; owns */
  GQueue order;        /* TokenEntry, oldest first */
  GHashTable *counts;  /* whose they are → how many */
  GHashTable *revoked; /* jti → TokenRevoked */
  guint unknown;       /* of these: how many nobody here knows */
  GHashTable *ended;   /* grants that a person ended before their tokens were known */
  Deadline sweep;
  gboolean listed;     /* the trail was looked through */
  GArray *want_listed; /* TokenWaiter */

  gboolean saving, unsaved;
  GArray *want_saved, *being_saved; /* TokenWaiter; the next writing and the one under way */
  Deadline again;                   /* a writing that failed is tried once more */
  gboolean voided;                  /* that keys are void is not on disk yet */
};

gint64 tokens_now (void); /* seconds since 1970 */
/* loop_now() when what ends at @until does, if nobody touches the clock. */
gint64 tokens_keep (gint64 until);
gboolean tokens_is_id (const char *id);
void tokens_wait (GArray **list, WriterDone done, gpointer data);
/* Calls all, and empties the list first. */
void tokens_wake (GArray **list, const GError *error);
Writer *tokens_aside (Tokens *self);

/* --- tokens-keys-stored.c --- */
#define TOKENS_KEYS_META "token-keys"
/* @keys (of OwnKey) and nothing else, all of it or none. */
void tokens_keys_save (Tokens *self, const GPtrArray *keys, WriterDone done, gpointer data);

/* --- tokens-keys.c --- */
void tokens_keys_add (Tokens *self, TokenKey *key /* taken */, gint64 made_at, gint64 until);
void tokens_keys_clear (Tokens *self);
const OwnKey *tokens_signer (const Tokens *self);
/* Of TokenKey: what verifies now. */
GPtrArray *tokens_verifying (const Tokens *self);
void tokens_keys_begin (Tokens *self);
/* A key for another algorithm is being made, since that was accepted. */
gboolean tokens_keys_change (const Tokens *self);
void tokens_keys_void (Tokens *self);
/* What was made before @time (seconds since 1970) was void from then on, whether or not the store
 * knows; but for those in self->since. */
void tokens_keys_distrust (Tokens *self, gint64 time);
/* Who waits for a key gets it, or hears why there is none; unless one is still being made. */
void tokens_keys_wake (Tokens *self);

/* --- tokens-live.c --- */
void tokens_live_read (Tokens *self);
void tokens_live_clear (Tokens *self);
void tokens_live_flush (Tokens *self); /* what waits for a writing under way is written too */
void tokens_sweep (Tokens *self);      /* what has expired is forgotten */
void tokens_save_revoked (Tokens *self);
/* It was revoked, as another record says: no record, no writing. */
void tokens_note_revoked (Tokens *self, const char *id, gint64 until);
/* Everything minted is known now: the grants that ended meanwhile take theirs along. */
void tokens_end_belated (Tokens *self);

/* --- tokens-trail.c --- */
void tokens_trail_begin (Tokens *self);
