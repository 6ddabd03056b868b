/* SPDX-License-Identifier: MIT
 *
 * Who calls over HTTP: the tokens that are shown, held against the issuers that a person accepted
 * and against our own local tokens.
 *
 * MUST
 *  - take a token for good only when this process has verified it: nobody is a subject on the word
 * of the program that carries for them
 *  - end what a subject has as soon as its issuer is accepted no longer, or its local token is
 * removed
 *  - keep of a local token its SHA-256, and of any token that was shown nothing, unless a person's
 *    file says that it is to be passed back to its issuer
 */
#pragma once

#include <jansson.h>

#include "broker/base/secret.h"
#include "broker/caller/bearer-judge.h"
#include "broker/serve/loop.h"
#include "broker/vault.h"

#define BEARER_LOCAL_PREFIX "cs_"
#define BEARER_LOCAL_MAX 64 /* local tokens */

Bearers *bearers_new (Vault *vault);
void bearers_free (Bearers *self);
gboolean bearers_load (Bearers *self, GError **error); /* the store is open */
/* Who waits hears that it is locked. What was proven stays so: a lock suspends what a subject has,
 * as anybody's. */
void bearers_lock (Bearers *self);
/* Another set of issuers rules: what is of one that is gone, or is another now, ends. @before: NULL
 * when there was none. */
void bearers_follow (Bearers *self, const Callers *before);

/* Borrowed, for the call of BearerDone. */
typedef struct
{
  Subject *subject;    /* NULL: refused */
  const GError *error; /* unless there is a subject */
  /* The token, where a person's file has it go back to its issuer; or NULL. */
  const Secret *relay;
  /* Whose it is, also of one that is refused; NULL: not known, or local. */
  const CallerIssuer *issuer;
} BearerAnswer;
typedef struct _BearerProof BearerProof;
typedef void (*BearerDone) (gpointer data, const BearerAnswer *answer);
/* @resource: the canonical URI of what is called, for the audience. NULL: @done has been called. */
BearerProof *bearers_prove (Bearers *self, const char *token, const char *resource, BearerDone done,
                            gpointer data);
void bearer_proof_cancel (BearerProof *proof); /* @done is not called any more; NULL is fine */

/* One was shown that is no good, for @why; @issuer: whose it is, or NULL. */
void bearers_refused (Bearers *self, const CallerIssuer *issuer, const char *why,
                      const Process *carrier);

/* {"issuers":[{"name","issuer","scopes"}],"local"}: what a resource server tells of itself. */
json_t *bearers_resource (const Bearers *self);
/* Its issuer is accepted still, or its local token is there. */
gboolean bearers_accept (const Bearers *self, const Subject *subject);

/* Embedded in who acts for a subject. @over runs once: its token has expired, or it is accepted no
 * longer. */
typedef struct
{
  Subject *subject;
  void (*over) (gpointer data);
  gpointer data;
  Secret *relay; /* taken: as in BearerAnswer */
  /* --- */
  Bearers *bearers;
  Deadline expiry;
  GList link;
} BearerWatch;
void bearers_watch (Bearers *self, BearerWatch *watch); /* refers to its subject */
/* The token of @subject that lasts longest of those that are shown now, are good for no more than
 * the one that it asked with, by their scopes, and may go back to their issuer; NULL: there is
 * none. Borrowed, until something ends. */
const Secret *bearers_relay (const Bearers *self, const Subject *subject);
void bearer_watch_clear (BearerWatch *watch); /* also when it was never set */

/* --- Local tokens --- */

/* The token, which is shown this once and kept nowhere; NULL with an error. It is good from when
 * @done says that it is in the store. */
Secret *bearers_local_add (Bearers *self, const char *name, gint64 seconds, const Process *caller,
                           WriterDone done, gpointer data, GError **error);
/* FALSE: there is none of this name. What its holder has ends now. */
gboolean bearers_local_remove (Bearers *self, const char *name, const Process *caller);
/* {"name","added_at","expires_at"}; of json_t, which the array owns. */
GPtrArray *bearers_local_list (const Bearers *self);
