/* SPDX-License-Identifier: MIT
 *
 * One person's vault: all that the broker knows and rules by. Everything hangs on this; there are
 * no globals.
 */
#pragma once

#include "broker/audit/audit.h"
#include "broker/dispatch/worker-start.h"
#include "broker/provider/provider.h"
#include "broker/serve/conn.h"
#include "broker/serve/lifetime.h"
#include "broker/serve/loop.h"
#include "broker/service/service.h"
#include "broker/store/store.h"
#include "policy/policy.h"

typedef struct _Grants Grants;
typedef struct _Requests Requests;
typedef struct _Pin Pin;
typedef struct _Approver Approver;
typedef struct _History History;
typedef struct _Keys Keys;
typedef struct _Attention Attention;
typedef struct _Standing Standing;
typedef struct _Previous Previous;
typedef struct _HttpWorkers HttpWorkers;
typedef struct _Relays Relays;
typedef struct _Logins Logins;
typedef struct _Tokens Tokens;
typedef struct _SshCa SshCa;
typedef struct _Upstream Upstream;
typedef struct _Bearers Bearers;
typedef struct _Callers Callers;
typedef struct _Executables Executables;
typedef struct _Counts Counts;
typedef struct _Judge Judge;
typedef struct _Retention Retention;

typedef enum
{
  VAULT_UNINITIALISED = 0, /* there is no store */
  VAULT_LOCKED,            /* calls are held until a person unlocks */
  VAULT_PANICKED,          /* locked, and agents are refused */
  VAULT_UNLOCKED
} VaultState;
const char *vault_state_name (VaultState state);

typedef struct
{
  uid_t uid;
  gboolean system; /* under a uid of its own: what is allowed may go further, what proves a person
                      less */
  VaultState state;
  guint openings;          /* how often it was locked: what proved a person before that is void */
  gboolean was_unlocked;   /* by this process: one that never was ends when nobody needs it */
  char instance[17];       /* this broker process */
  gint64 started_at;       /* µs since 1970 */
  gint64 hold_limit;       /* seconds a request waits for a person */
  const char *carriers[3]; /* our programs that only carry for others; NULL-terminated */
  char *remote; /* our HTTP program, which carries for who shows a token; NULL: is not installed */

  Loop *loop;
  Writer *writer;
  Writer *trying; /* system mode: the thread on which passphrases are tried; NULL: none was yet */
  guint attempts; /* which wait there */
  ConnHub *hub;
  Lifetimes *lifetimes;

  Store *store; /* NULL: uninitialised */
  Audit *audit; /* NULL: never unlocked; such a broker grants nothing */
  AuditRepair repair;
  Policy *policy;     /* the accepted one; NULL while never unlocked */
  Services *services; /* accepted with it */
  Providers *providers;
  Callers *callers; /* issuers of those who call over HTTP */
  Grants *grants;
  Requests *requests;
  Pin *pin;
  Keys *keys;                    /* a person's security keys */
  GHashTable *confirmed;         /* holder → µs (boot time) of its last confirmation by PIN */
  guint64 humans;                /* connections to human.sock that there have been */
  GPtrArray *subscribers;        /* Human of approvers who follow the queue; borrowed */
  Approver *approver;            /* the dialog program */
  History *history;              /* what ended lately */
  Standing *standing;            /* what a person allowed for always */
  Previous *previous;            /* what a person last approved, of each kind */
  Executables *executables;      /* what the files are that requesters run */
  Counts *counts;                /* how often they asked, for the rules that count */
  Judge *judge;                  /* asks the policy again */
  gboolean accepting;            /* a policy is on its way to the disk: no other one is taken */
  Retention *retention;          /* how long the trail is kept */
  Attention *attention;          /* what each requester has had of it */
  GHashTable *workers;           /* Worker: those that run, or are about to end */
  HttpWorkers *http;             /* those that carry requests, by their grants */
  Relays *relays;                /* those that carry bytes for programs, by their grants */
  SshCa *ssh_ca;                 /* what it signed, and what of that is revoked */
  Upstream *upstream;            /* what others issued, and are to revoke */
  Logins *logins;                /* what a person logged in to, and what is under way */
  Tokens *tokens;                /* what our issuer minted, and its keys */
  Bearers *bearers;              /* who calls over HTTP */
  WorkerSockets *worker_sockets; /* system mode: where they are met; NULL: they are started */

  gint64 dropped;                   /* ends of requests that the trail had no room for */
  gboolean leaving;                 /* replaced: callers ask the next broker */
  Deadline auto_lock;               /* unlock --for */
  void (*on_leave) (gpointer user); /* told to leave: end the process */
  gpointer user;
} Vault;

Vault *vault_new (Loop *loop, GError **error);
void vault_free (Vault *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Vault, vault_free)

/* Takes over @store (claimed, unlocked, loaded) and @audit. Reads PIN and policy from the store. */
gboolean vault_open (Vault *self, Store *store, Audit *audit, GError **error);

/* Locks it, with @caller, when it is not; then gives up store and audit trail, which may be opened
 * again by whoever has the passphrase. Suspended grants are in the store. Blocks for the disk. */
void vault_close (Vault *self, const Process *caller);

/* A grant has ended, and is recorded: what is done under it ends as well. @runs: something is. */
void vault_grant_ended (Vault *self, const char *grant_id, gboolean runs, const char *why);

/* All three record what happened, and who asked for it (@caller; NULL: the broker itself). */
/* Grants are suspended: sealed into the store first, then every key is wiped. Held stays held. */
void vault_lock (Vault *self, const Process *caller);
/* All grants end, all that is held is denied, then locked; agents are refused until the passphrase.
 */
void vault_panic (Vault *self, const Process *caller);
/* Stopped: ends all grants and denies what is held. Replaced: suspends, and callers ask the broker
 * that comes next. */
void vault_leave (Vault *self, gboolean replaced, const Process *caller);
