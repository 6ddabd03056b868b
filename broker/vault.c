/* SPDX-License-Identifier: MIT */
#include "broker/vault.h"

#include <string.h>
#include <unistd.h>

#include "broker/accepted.h"
#include "broker/base/paths.h"
#include "broker/base/text.h"
#include "broker/caller/bearers.h"
#include "broker/grant/standing.h"
#include "broker/human/approver.h"
#include "broker/human/key.h"
#include "broker/human/notify.h"
#include "broker/human/pin.h"
#include "broker/issue/ssh-ca.h"
#include "broker/issue/upstream.h"
#include "broker/login/login.h"
#include "broker/dispatch/http-workers.h"
#include "broker/dispatch/relays.h"
#include "broker/dispatch/worker-process.h"
#include "broker/record.h"
#include "broker/request/attention.h"
#include "broker/retention.h"
#include "broker/request/history.h"
#include "broker/request/judge.h"
#include "broker/request/previous.h"
#include "broker/token/tokens.h"

#define HOLD_LIMIT 300 /* seconds */
#define DRAINS                                                                                     \
  4 /* a done may push the next step: record, read, record; one more than the longest */

const char *
vault_state_name (VaultState state)
{
  switch (state)
    {
    case VAULT_UNLOCKED:
      return "unlocked";
    case VAULT_LOCKED:
      return "locked";
    case VAULT_PANICKED:
      return "panicked";
    case VAULT_UNINITIALISED:
    default:
      return "uninitialised";
    }
}

/* Records first, then answers: the order in which they may be seen. Answers can end connections,
 * and ends are recorded, so it goes on until nothing is left. */
static void
on_turn_end (gpointer data)
{
  Vault *self = data;

  do
    if (self->audit != NULL)
      audit_flush (self->audit);
  while (conn_hub_flush (self->hub));
}

static void
on_auto_lock (gpointer data)
{
  vault_lock (data, NULL);
}

Vault *
vault_new (Loop *loop, GError **error)
{
  g_autoptr (Vault) self = g_new0 (Vault, 1);
  g_autofree char *id = text_random_id (16);

  self->uid = geteuid ();
  self->loop = loop;
  self->hold_limit = HOLD_LIMIT;
  self->started_at = g_get_real_time ();
  g_strlcpy (self->instance, id, sizeof self->instance);
  self->writer = writer_new (NULL);
  self->hub = conn_hub_new (loop);
  self->lifetimes = lifetimes_new (loop);
  self->grants = grants_new (self);
  self->requests = requests_new (self);
  self->pin = pin_new (self);
  self->keys = keys_new (self);
  self->confirmed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->subscribers = g_ptr_array_new ();
  self->approver = approver_new (self);
  self->history = history_new ();
  self->executables = executables_new (loop);
  self->counts = counts_new ();
  self->judge = judge_new (self);
  self->attention = attention_new (self);
  self->retention = retention_new (self);
  self->standing = standing_new (self);
  self->previous = previous_new (self);
  self->workers = g_hash_table_new (NULL, NULL);
  self->http = http_workers_new (self);
  self->relays = relays_new (self);
  self->logins = logins_new (self);
  self->ssh_ca = ssh_ca_new (self);
  self->upstream = upstream_new (self);
  self->tokens = tokens_new (self);
  self->bearers = bearers_new (self);
  self->auto_lock = (Deadline){ .due = on_auto_lock, .data = self };
  self->carriers[0] = paths_program ("countersign-mcp", error);
  self->carriers[1] = self->carriers[0] != NULL ? paths_program ("countersign", error) : NULL;
  if (self->carriers[1] == NULL)
    return NULL;
  self->remote = paths_program ("countersign-mcp-http", NULL); /* may be left uninstalled */
  loop_set_turn_end (loop, on_turn_end, self);
  return g_steal_pointer (&self);
}

/* What is still on its way to disk comes to its end. */
static void
drain (Vault *self)
{
  for (int i = 0; i < DRAINS; i++)
    {
      if (self->audit != NULL)
        audit_flush (self->audit);
      writer_drain (self->writer);
    }
}

void
vault_free (Vault *self)
{
  if (self == NULL)
    return;
  loop_set_turn_end (self->loop, NULL, NULL);
  loop_deadline_clear (self->loop, &self->auto_lock);
  logins_end (self->logins); /* one that ends lets no other begin */
  approver_free (self->approver);
  conn_hub_free (self->hub);
  if (self->trying != NULL)
    writer_drain (self->trying);
  g_clear_pointer (&self->trying, writer_free);
  tokens_lock (self->tokens);
  bearers_lock (self->bearers); /* it asks by workers */
  drain (self);                 /* the dones find no connection any more */
  judge_free (self->judge);
  requests_free (self->requests);
  grants_free (self->grants);
  upstream_free (self->upstream);
  http_workers_free (self->http);
  relays_free (self->relays);
  ssh_ca_free (self->ssh_ca);
  workers_free (self);
  worker_sockets_free (self->worker_sockets);
  pin_free (self->pin);
  keys_free (self->keys);
  audit_free (self->audit);
  store_free (self->store);
  logins_free (self->logins); /* what the store owed it has come */
  tokens_free (self->tokens);
  bearers_free (self->bearers);
  writer_free (self->writer);
  g_clear_pointer (&self->policy, policy_free);
  g_clear_pointer (&self->services, services_unref);
  g_clear_pointer (&self->providers, providers_unref);
  g_clear_pointer (&self->callers, callers_free);
  lifetimes_free (self->lifetimes);
  g_hash_table_unref (self->confirmed);
  g_ptr_array_unref (self->subscribers);
  history_free (self->history);
  attention_free (self->attention);
  executables_free (self->executables);
  counts_free (self->counts);
  retention_free (self->retention);
  standing_free (self->standing);
  previous_free (self->previous);
  g_free ((char *) self->carriers[0]);
  g_free ((char *) self->carriers[1]);
  g_free (self->remote);
  g_free (self);
}

gboolean
vault_open (Vault *self, Store *store, Audit *audit, GError **error)
{
  self->store = store;
  self->audit = audit;
  if (!pin_load (self->pin, error) || !keys_load (self->keys, error) || !accepted_load (self, error)
      || !standing_load (self->standing, error) || !ssh_ca_load (self->ssh_ca, error)
      || !retention_load (self->retention, error) || !logins_open (self->logins, error)
      || !bearers_load (self->bearers, error))
    return FALSE;
  previous_load (self->previous);
  self->state = VAULT_UNLOCKED;
  self->was_unlocked = TRUE;
  return TRUE;
}

/* @event has happened; its record, and all that are owed, go out while there are still keys to seal
 * their text. */
static void
record_end (Vault *self, const char *event, const Process *caller)
{
  if (self->audit == NULL)
    return;
  attention_record (self->attention);
  record_owe (self, record_human (self, event, caller));
  audit_flush (self->audit);
}

static void
wipe_keys (Vault *self)
{
  loop_deadline_clear (self->loop, &self->auto_lock);
  logins_lock (self->logins);
  pin_lock (self->pin);
  keys_lock (self->keys);
  standing_lock (self->standing);
  judge_lock (self->judge);
  previous_lock (self->previous);
  ssh_ca_lock (self->ssh_ca);
  if (self->audit != NULL)
    audit_lock (self->audit);
  tokens_lock (self->tokens); /* what is not on its way to disk yet is sealed now */
  if (self->store != NULL)
    store_lock (self->store);
  http_workers_retire (self->http);
  upstream_lock (self->upstream);
  bearers_lock (self->bearers);
  g_hash_table_remove_all (self->confirmed);
  self->openings++;
}

static void
lock_as (Vault *self, const char *event, const Process *caller)
{
  if (self->state != VAULT_UNLOCKED)
    return;
  self->state = VAULT_LOCKED;
  relays_end_all (self->relays); /* a grant that is suspended carries nothing */
  logins_lock (self->logins);    /* what ends with it is recorded before it */
  grants_suspend (self->grants);
  record_end (self, event, caller);
  wipe_keys (self);
  notify_count (self); /* to approvers who read cards until now */
}

void
vault_lock (Vault *self, const Process *caller)
{
  lock_as (self, "broker_locked", caller);
  notify_state (self);
}

void
vault_close (Vault *self, const Process *caller)
{
  vault_lock (self, caller);
  wipe_keys (self); /* also what an opening that failed half-way had */
  retention_end (self->retention);
  drain (self);
  grants_free (self->grants);
  self->grants = grants_new (self);
  g_clear_pointer (&self->audit, audit_free);
  g_clear_pointer (&self->store, store_free);
  self->repair = (AuditRepair){ 0 };
}

void
vault_panic (Vault *self, const Process *caller)
{
  if (self->state != VAULT_UNINITIALISED)
    self->state = VAULT_PANICKED;
  ssh_ca_end_all (self->ssh_ca, "panic"); /* at once: written once */
  logins_lock (self->logins);
  tokens_void (self->tokens);
  grants_end_all (self->grants, "panic");
  requests_deny_all (self->requests, "panic", "a person stopped all access");
  record_end (self, "broker_panic", caller);
  wipe_keys (self);
  notify_state (self);
}

void
vault_grant_ended (Vault *self, const char *grant_id, gboolean runs, const char *why)
{
  http_workers_end (self->http, grant_id);
  if (runs)
    requests_end_under (self->requests, grant_id, why);
  relays_end_under (self->relays, grant_id);
  ssh_ca_grant_ended (self->ssh_ca, grant_id, why);
  upstream_grant_ended (self->upstream, grant_id);
  if (strcmp (why, "revoked") == 0 || strcmp (why, "caller_removed") == 0
      || strcmp (why, "policy") == 0)
    tokens_revoke_under (self->tokens, grant_id);
}

void
vault_leave (Vault *self, gboolean replaced, const Process *caller)
{
  self->leaving = replaced;
  if (replaced)
    {
      requests_end_running (self->requests);
      lock_as (self, "broker_replaced", caller);
    }
  else
    {
      ssh_ca_end_all (self->ssh_ca, "stop");
      logins_lock (self->logins);
      grants_end_all (self->grants, "stop");
      requests_deny_all (self->requests, "shutdown", "the broker is ending; ask again later");
      record_end (self, "broker_stopped", caller);
    }
  if (self->on_leave != NULL)
    self->on_leave (self->user);
}
