/* SPDX-License-Identifier: MIT
 *
 * The broker as an issuer of tokens: its keys, what it minted and is still good, what was revoked.
 *
 * MUST
 *  - sign with keys that only an unlocked broker has, and never let one out of it
 *  - keep a key that signs no longer until the last token has expired that it can have signed, and
 *    of it the public part only
 *  - remember what was revoked until it has expired, over every restart; after a panic no token
 *    that was minted before is good
 */
#pragma once

#include "broker/grant/grant.h"
#include "broker/token/token-jwt.h"

#define TOKENS_LIFE_MAX 86400 /* seconds: the longest in the table of arguments-check.c */
#define TOKENS_MOST 10000     /* that are good at one time */
#define TOKENS_MOST_OF_ONE 2000
#define TOKENS_UNKNOWN_MOST 1000 /* revoked ones that nobody here knows */

/* One that was minted and has not expired. */
typedef struct
{
  char *id; /* jti */
  char *provider, *audience, *subject;
  char **scopes;
  char *grant_id;    /* under which it was minted */
  gint64 expires_at; /* seconds since 1970 */
  char *owner;       /* the requester_key() of a subject; NULL: a process, by… */
  pid_t pid;         /* of who asked for it, with… */
  guint64 start;
  char *boot; /* …what makes it one process only */
  gboolean revoked;
  gint64 keep; /* loop_now(): not forgotten before, whatever the clock says; tokens_add() sets it */
} TokenEntry;
void token_entry_free (TokenEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TokenEntry, token_entry_free)

Tokens *tokens_new (Vault *vault);
void tokens_free (Tokens *self);

/* --- Opening: with the store loaded, in this order, each followed by a drain of the writer. --- */
void tokens_read (Tokens *self);
/* Makes the key that is missing, and begins to look through the trail. Without a key what concerns
 * tokens fails, and says so. */
void tokens_begin (Tokens *self);
/* There is a key, or one is being made. */
gboolean tokens_usable (const Tokens *self, GError **error);
/* Providers were accepted: the issuer may want another algorithm. */
void tokens_follow (Tokens *self);
void tokens_lock (Tokens *self);
/* Panic: nothing that was signed is good any more. Also while locked. */
void tokens_void (Tokens *self);

/* --- Minting --- */
/* @done once there is a key to sign with; with an error when there will be none. */
void tokens_when_ready (Tokens *self, WriterDone done, gpointer data);
/* iss: what was configured, else urn:countersign:ID. g_free(). */
char *tokens_issuer (const Tokens *self);
/* For a token; g_free(). */
char *tokens_new_id (void);
/* Signs, and remembers nothing yet. */
const char *tokens_boot (const Tokens *self); /* for TokenEntry */
Secret *tokens_mint (Tokens *self, const TokenEntry *entry, GError **error);
/* The same over the claims of somebody else's making, which have sub, aud and exp at least; iss,
 * iat, nbf and jti are put in. *@id (g_free()) is the jti. */
Secret *tokens_mint_claims (Tokens *self, const json_t *claims, char **id, GError **error);
/* FALSE with an error: no more are minted for now, by anybody or by @requester. */
gboolean tokens_room (Tokens *self, const Requester *requester, GError **error);
/* It is out: takes @entry. */
void tokens_add (Tokens *self, TokenEntry *entry);

/* --- Judging --- */
/* *@claims (the caller's) is set for TOKEN_GOOD and TOKEN_REVOKED. */
TokenVerdict tokens_judge (Tokens *self, const char *token, gsize len, json_t **claims);
/* The jti of what was minted here, whatever the issuer is called and the clock says by now: to end
 * it. NULL; g_free(). */
char *tokens_id_of (Tokens *self, const char *token, gsize len);
/* {"issuer","jwks","algorithms"} */
json_t *tokens_published (Tokens *self);

/* --- Revoking: in force when it returns; @done (may be NULL) when it is on disk. --- */
/* One that nobody knows is revoked for as long as any lives. @caller may be NULL. FALSE: @id is
 * none that a token can have. */
gboolean tokens_revoke (Tokens *self, const char *id, const Process *caller, WriterDone done,
                        gpointer data);
/* FALSE with an error: @id is none that is known here, and so many such were revoked that no more
 * of them are remembered. */
gboolean tokens_may_revoke (const Tokens *self, const char *id, GError **error);
/* A person ended the grant: also while what was minted under it is not known, for the broker is
 * locked or the trail was not looked through yet. */
void tokens_revoke_under (Tokens *self, const char *grant_id);
/* Minted for this very process; NULL. */
const TokenEntry *tokens_find_own (Tokens *self, const char *id, const Requester *requester);

/* --- For people --- */
/* @done when the trail was looked through, so that what was minted before a restart is known. */
void tokens_when_listed (Tokens *self, WriterDone done, gpointer data);
/* Of TokenEntry, oldest first; free the array. */
GPtrArray *tokens_list (Tokens *self);
guint tokens_count_active (Tokens *self);
/* [{"kid","algorithm","made_at","state":"signs"|"verifies","until"?}] */
json_t *tokens_list_keys (const Tokens *self);
/* A new key signs from here on. SECRET_ERROR_FULL while one is being made. */
void tokens_rotate (Tokens *self, const Process *caller, WriterDone done, gpointer data);
