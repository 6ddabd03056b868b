/* SPDX-License-Identifier: MIT
 *
 * Making and opening a vault: store, audit trail, PIN and policy put together, or nothing at all.
 *
 * MUST
 *  - try the passphrase before the broker that runs is asked to leave
 *  - leave no half-made store behind
 */
#pragma once

#include "broker/base/process.h"
#include "broker/vault.h"

typedef struct
{
  gboolean system; /* the broker stays through lock and unlock, and has its seat already */
  char *runtime_dir;
  char *store_path;
  char *audit_dir;
} Places;

Places *places_new (void);
void places_free (Places *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Places, places_free)
/* Moves store and trail to the runtime directory; an error when that is not in RAM. */
gboolean places_in_memory (Places *self, GError **error);

/* Both block; both take the seat (*seat) in passing, and leave the vault unlocked. In system mode a
 * vault that was open is closed first, once the passphrase has proved right; a failure after that
 * leaves it locked. */
gboolean opening_init (Vault *vault, const Places *places, const Secret *passphrase,
                       const char *pin, const json_t *policy, int *seat, GError **error);
typedef struct
{
  const Secret *passphrase;
  const Secret *fresh; /* the passphrase from now on; NULL: stays */
  const char *pin;     /* the PIN from now on; NULL: stays */
  gboolean
      new_trail; /* a trail that the store does not bear out is put aside, and a new one begun */
  Store *tried;  /* system mode: the store, for which the passphrase has proved right; taken */
  const Process *caller; /* who gave the passphrase; may be NULL */
  guint resumed;         /* out: how many grants came back */
  char *aside;           /* out: where the old trail is now; NULL: it goes on. g_free() */
} Unlocking;
gboolean opening_unlock (Vault *vault, const Places *places, Unlocking *unlocking, int *seat,
                         GError **error);
/* Puts what has happened on disk before it is answered: records "broker.<what>". */
gboolean opening_record (Vault *vault, const char *event, const Process *caller, GError **error);
