/* SPDX-License-Identifier: MIT
 *
 * Grants and references: what a person has allowed, to whom, for how long, how often.
 *
 * MUST
 *  - live in memory only, die with their holder, and end on CLOCK_BOOTTIME
 *  - answer "no such reference" alike for one that never was and one that is another's
 *  - record every end
 */
#pragma once

#include "broker/grant/principal.h"
#include "broker/request/question.h"
#include "broker/vault.h"

#define GRANT_UNLIMITED (-1)

typedef struct
{
  char *id;
  char *request_id;
  Operation operation;
  char *resource; /* NULL when the operation has none */
  char **scopes;
  char *binding; /* digest of the one thing it is good for; NULL: whatever its scopes say */
  Principal *holder;
  char *reference; /* get_secret: the opaque handle; else NULL */
  char *purpose;
  char *key_id;      /* of the security key that was touched for it, or NULL */
  gint64 granted_at; /* µs since 1970 */
  gint64 not_after;  /* µs of CLOCK_BOOTTIME */
  gint64 uses_left;  /* GRANT_UNLIMITED, or how often more */
  /* --- kept by grant.c --- */
  Question *question;    /* that it answers; NULL: of an earlier version's */
  AuditTemplate *repeat; /* the record of one more answer under this grant */
  char *rendered;        /* what stays the same in those answers */
  guint running;         /* what is being done under it now */
  Deadline expiry;
  Lifetime lifetime;
  Grants *owner;
} Grant;

Grants *grants_new (Vault *vault);
Vault *grants_vault (const Grants *self);
GHashTable *grants_suspended (Grants *self); /* the set of ids that grant-suspend.c keeps */
void grants_free (Grants *self);

/* Takes @grant, whose record is on disk already. From here on it is live. FALSE (and freed) when
 * its holder has just ended. */
gboolean grants_add (Grants *self, Grant *grant);
void grant_free (Grant *grant); /* one that was never added */

/* One text for an operation and its resource (may be NULL). g_free(). */
char *grant_target (Operation operation, const char *resource);
/* A live grant under which @requester may have this without a person; NULL. One with a binding is
 * good for exactly @binding only. */
Grant *grants_cover (Grants *self, Operation operation, const char *resource,
                     const char *const *scopes, const char *binding, const Requester *requester);
/* By reference; NULL when there is none or @requester is not within its holder. */
Grant *grants_reference (Grants *self, const char *reference, const Requester *requester);
Grant *grants_find (Grants *self, const char *id);
/* Takes one use off. The last one ends the grant: @grant is then gone, FALSE is never returned for
 * a live grant. */
void grant_spend (Grant *grant);
/* The same for what takes its time: the grant stays, to be seen and revoked, until grant_stop(). */
void grant_run (Grant *grant);
void grant_stop (Grants *self, const char *id);
/* Ends those whose uses are spent and under which nothing runs any more. */
void grants_end_spent (Grants *self);
/* The grant stays in the same way, for something that belongs to a use that was counted. */
void grant_keep (Grant *grant);
/* Seconds left, rounded up. */
gint64 grant_seconds_left (const Grant *grant);

/* @why: "expired", "spent", "revoked", "holder_gone", "panic", "stop", "policy". Takes effect, then
 * records.
 */
void grant_end (Grant *grant, const char *why);
guint grants_end_all (Grants *self, const char *why);
guint grants_end_for (Grants *self, Operation operation, const char *resource, const char *why);
guint grants_count (const Grants *self);
guint grants_count_references (const Grants *self);
/* Oldest first; free the array, not its grants. */
GPtrArray *grants_list (Grants *self);
json_t *grant_describe (const Grant *grant);

/* Across lock and replacement: sealed into the store, one row a grant; brought back by the broker
 * that comes next when holder, boot and time still fit. */
void grants_suspend (Grants *self);
/* @trusted FALSE only forgets them. Returns how many came back. */
guint grants_resume (Grants *self, gboolean trusted);
/* Forget what is suspended of @id, or of all (NULL). Works while locked. */
void grants_forget_suspended (Grants *self, const char *id);
