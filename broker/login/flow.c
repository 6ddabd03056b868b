/* SPDX-License-Identifier: MIT
 *
 * A login under way: its beginning, and its end.
 */
#include "broker/login/flow-private.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/dispatch/http-workers.h"
#include "broker/record.h"

#define PREPARING 120 /* seconds, for what comes before a person is asked */

/* ---- its end ---- */

/* Whatever was issued for a login that did not come to be goes back. */
static void
give_back (Flow *flow)
{
  Exchange *exchange = g_steal_pointer (&flow->exchange);

  if (exchange != NULL && flow->redeems)
    login_revoke_issued (flow->owner, flow->providers, flow->provider, flow->metadata, exchange);
  else
    exchange_cancel (exchange);
  if (flow->fields != NULL && !flow->kept)
    login_revoke (flow->owner, flow->providers, flow->provider, flow->metadata, flow->values, NULL,
                  NULL);
}

static void
flow_free (Flow *flow)
{
  Logins *owner = flow->owner;

  g_hash_table_remove (owner->flows, flow->id);
  loop_deadline_clear (flow->vault->loop, &flow->limit);
  loop_deadline_clear (flow->vault->loop, &flow->poll);
  give_back (flow);
  callback_end (flow->callback);
  g_clear_pointer (&flow->providers, providers_unref);
  g_hash_table_unref (flow->values);
  json_decref (flow->metadata);
  json_decref (flow->fields);
  g_strfreev (flow->scopes);
  g_free (flow->secret);
  g_free (flow->state);
  g_free (flow->redirect);
  g_free (flow->id);
  g_free (flow->ending);
  g_free (flow);
  flow_browser_next (owner);
}

static void
finish (Flow *flow, const FlowOutcome *outcome)
{
  FlowEvents events = flow->events;
  gpointer data = flow->data;

  flow_free (flow);
  events.done (data, outcome);
}

static AuditRecord *
make_record (Flow *flow, const char *event)
{
  AuditRecord *record = flow->events.record (flow->data, event);

  if (record == NULL)
    return NULL;
  audit_record_string (record, "provider", provider_name (flow->provider));
  audit_record_name (record, "secret", flow->secret);
  return record;
}

void
flow_fail (Flow *flow, const char *code, const char *message)
{
  g_autofree char *words = g_strdup (message);
  FlowOutcome outcome = { .code = code, .message = words };
  AuditRecord *record = make_record (flow, "login_done");

  if (record != NULL)
    audit_record_string (record, "failed", code);
  record_owe (flow->vault, record);
  finish (flow, &outcome);
}

void
flow_cancel (Flow *flow)
{
  AuditRecord *record = make_record (flow, "login_done");

  if (record != NULL)
    audit_record_string (record, "failed", "cancelled");
  record_owe (flow->vault, record);
  flow_free (flow);
}

void
flows_end (Logins *owner, const char *code, const char *message)
{
  GHashTableIter iter;
  gpointer flow;

  /* One that ends lets another begin, which ends as well. */
  for (;;)
    {
      g_hash_table_iter_init (&iter, owner->flows);
      if (!g_hash_table_iter_next (&iter, NULL, &flow))
        return;
      flow_fail (flow, code, message);
    }
}

static void
on_limit (gpointer data)
{
  Flow *flow = data;
  flow_fail (flow, "timeout", flow->ending);
}

void
flow_limit (Flow *flow, gint64 seconds, const char *what)
{
  g_free (flow->ending);
  flow->ending = g_strdup_printf ("%s: %s", provider_name (flow->provider), what);
  flow->limit = (Deadline){ .due = on_limit, .data = flow, .place = flow->limit.place };
  loop_deadline_set (flow->vault->loop, &flow->limit, loop_now () + seconds * G_USEC_PER_SEC);
}

/* ---- steps that come back when the flow may be gone ---- */

typedef struct
{
  Logins *owner;
  char *id;
  void (*go) (Flow *flow);
  const char *code, *message; /* when it fails */
} Step;

static void
on_step (gpointer data, const GError *error)
{
  Step *step = data;
  Flow *flow = g_hash_table_lookup (step->owner->flows, step->id);

  if (flow != NULL && error == NULL)
    step->go (flow);
  else if (flow != NULL)
    {
      g_autofree char *message = g_strdup_printf ("%s (%s)", step->message, error->message);
      flow_fail (flow, step->code, message);
    }
  g_free (step->id);
  g_free (step);
}

static Step *
step_new (const Flow *flow, void (*go) (Flow *), const char *code, const char *message)
{
  Step *step = g_new0 (Step, 1);

  *step = (Step){ flow->owner, g_strdup (flow->id), go, code, message };
  return step;
}

static void
record_first (Flow *flow, AuditRecord *record, void (*go) (Flow *))
{
  Step *step = step_new (flow, go, "audit", "refused: the audit record could not be written");

  audit_append (flow->vault->audit, record, AUDIT_SYNCED, on_step, step);
}

/* ---- what comes of it ---- */

static char *
granted_scope (const Login *login)
{
  return g_strjoinv (" ", login->scopes);
}

static void
on_kept (Flow *flow)
{
  const Login *login = logins_find (flow->owner, flow->secret);
  g_autofree char *message = g_strdup_printf ("logged in at %s; the access token is the secret %s",
                                              provider_name (flow->provider), flow->secret);
  g_autofree char *scope = login != NULL ? granted_scope (login) : g_strdup ("");
  FlowOutcome outcome = { .ok = TRUE,
                          .message = message,
                          .scope = scope,
                          .expires_in = wire_integer (flow->fields, "expires_in", 0),
                          .refreshes = login != NULL && login->refreshes };

  http_workers_retire_with (flow->vault->http, flow->secret);
  finish (flow, &outcome);
}

/* The disk did not take them: the table is again what is there. */
static void
on_not_kept (gpointer data, const GError *error)
{
  Step *step = data;
  Flow *flow = g_hash_table_lookup (step->owner->flows, step->id);

  if (error != NULL)
    logins_open (step->owner, NULL);
  if (error != NULL && flow != NULL)
    flow->kept = FALSE;
  on_step (step, error);
}

static Login *
make_login (const Flow *flow)
{
  Login *login = g_new0 (Login, 1);

  login->provider = g_strdup (provider_name (flow->provider));
  login->secret = g_strdup (flow->secret);
  login->scopes = g_strdupv (flow->scopes);
  login->setup = login_setup (flow->provider);
  login->metadata = json_incref (flow->metadata);
  login->refreshes = g_hash_table_lookup (flow->values, "refresh_token") != NULL;
  login_take_fields (login, flow->fields, flow->asked_at);
  return login;
}

/* Both tokens and what the table says of them: together or not. A refresh token of the login that
 * was there before goes with it. */
static void
keep (Flow *flow)
{
  g_autofree char *refresh = login_refresh_name (flow->secret);
  g_autoptr (GError) error = NULL;
  StoreItem items[]
      = { { .name = flow->secret, .value = g_hash_table_lookup (flow->values, "access_token") },
          { .name = refresh, .value = g_hash_table_lookup (flow->values, "refresh_token") } };

  if (flow->vault->state != VAULT_UNLOCKED
      || !flow_check_secret (flow->vault, flow->provider, flow->secret, &error))
    {
      flow_fail (flow, error != NULL ? "exists" : "locked",
                 error != NULL ? error->message : "the broker was locked meanwhile");
      return;
    }
  flow->kept = TRUE;
  logins_put (flow->owner, make_login (flow));
  g_autoptr (GBytes) bytes = logins_bytes (flow->owner);
  Step *step = step_new (flow, on_kept, "store", "the tokens could not be stored");
  store_set_all (flow->vault->store, items, G_N_ELEMENTS (items), LOGIN_META, bytes, on_not_kept,
                 step);
}

void
flow_on_tokens (gpointer data, ExchangeOutcome *outcome)
{
  Flow *flow = data;

  flow->exchange = NULL;
  if (!outcome->ok || g_hash_table_lookup (outcome->values, "access_token") == NULL)
    {
      flow_fail (flow, outcome->ok ? "answer" : outcome->code,
                 outcome->ok ? "the provider's answer has no access token" : outcome->message);
      return;
    }
  g_hash_table_unref (flow->values);
  flow->values = g_hash_table_ref (outcome->values);
  flow->fields = json_incref ((json_t *) outcome->fields);
  AuditRecord *done = make_record (flow, "login_done");
  if (done == NULL)
    flow_fail (flow, "audit", "refused: there is no audit trail");
  else
    record_first (flow, done, keep);
}

/* ---- its beginning ---- */

gboolean
flow_exchange (Flow *flow, ProviderExchange *exchange, const GError *error, ExchangeDone done)
{
  g_autoptr (ProviderExchange) taken = exchange;

  if (taken == NULL)
    {
      flow_fail (flow, "unsupported",
                 error != NULL ? error->message : "the provider has no such endpoint");
      return FALSE;
    }
  flow->redeems = strcmp (taken->answer, "oauth-token") == 0;
  flow->asked_at = g_get_real_time () / G_USEC_PER_SEC;
  flow->exchange = exchange_begin (flow->vault, taken, flow->values, done, flow);
  return TRUE;
}

static void
ask_person (Flow *flow)
{
  if (flow->device || oauth2_device_only (flow->provider))
    flow_device_begin (flow);
  else
    flow_browser_begin (flow);
}

static void discover (Flow *flow);

static void
on_discovered (gpointer data, ExchangeOutcome *outcome)
{
  Flow *flow = data;

  flow->exchange = NULL;
  if (outcome->ok)
    {
      flow->metadata = json_incref ((json_t *) outcome->fields);
      ask_person (flow);
    }
  else if (strcmp (outcome->code, "refused") == 0)
    {
      flow->attempt++;
      discover (flow);
    }
  else
    flow_fail (flow, outcome->code, outcome->message);
}

static void
discover (Flow *flow)
{
  g_autoptr (GError) error = NULL;
  ProviderExchange *exchange = oauth2_discover (flow->provider, flow->attempt, &error);

  if (exchange == NULL && error == NULL)
    flow_fail (flow, "unsupported",
               "the issuer publishes no metadata; name the endpoints in the provider's file");
  else
    flow_exchange (flow, exchange, error, on_discovered);
}

static void
go (Flow *flow)
{
  if (oauth2_needs_discovery (flow->provider))
    discover (flow);
  else
    ask_person (flow);
}

/* The first words of each "scope" line, all of them. */
static char **
all_scopes (const Provider *provider)
{
  g_autoptr (GPtrArray) rows = provider_rows (provider, "scope");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < rows->len; i++)
    g_strv_builder_addv (builder, g_ptr_array_index (rows, i));
  return g_strv_builder_end (builder);
}

Flow *
flow_begin (Vault *vault, const FlowAsk *ask, const FlowEvents *events, gpointer data,
            GError **error)
{
  if (!flow_check (vault, ask, error))
    return NULL;
  Flow *flow = g_new0 (Flow, 1);
  flow->owner = vault->logins;
  flow->vault = vault;
  flow->id = text_random_id (10);
  flow->events = *events;
  flow->data = data;
  flow->secret = g_strdup (ask->secret);
  flow->device = ask->device;
  flow->providers = providers_ref (vault->providers);
  flow->provider = providers_find (flow->providers, ask->provider);
  flow->scopes
      = ask->scopes != NULL ? g_strdupv ((char **) ask->scopes) : all_scopes (flow->provider);
  flow->values
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) secret_free);
  g_hash_table_insert (flow->owner->flows, flow->id, flow);
  flow_limit (flow, PREPARING, "it does not answer; try again later");
  AuditRecord *started = make_record (flow, "login_started");
  audit_record_strings (started, "scopes", (const char *const *) flow->scopes);
  record_first (flow, started, go);
  return flow;
}

const char *
flow_id (const Flow *flow)
{
  return flow->id;
}
