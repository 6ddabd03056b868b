/* SPDX-License-Identifier: MIT
 *
 * A provider is asked, exchange by exchange, and what it issued goes to whom it was granted to.
 *
 * MUST
 *  - release nothing that is not recorded, and not known to be revoked when its grant ends
 */
#include "broker/operation/operation-provider.h"

#include "broker/issue/upstream.h"
#include "broker/record.h"

static void next (Request *request);

static void
fail (Request *request, const char *code, const char *message)
{
  AuditRecord *record = record_done (request, "provider_failed");

  if (record != NULL)
    {
      audit_record_string (record, "failed", code);
      record_owe (request->vault, record);
    }
  request_fail (request, code, message);
}

static void
move_values (ProviderWork *work, GHashTable *values)
{
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      g_hash_table_iter_steal (&iter);
      g_hash_table_replace (work->values, name, value);
    }
}

static void
on_exchanged (gpointer data, ExchangeOutcome *outcome)
{
  Request *request = data; /* its end() cancels the exchange */
  ProviderWork *work = request->detail;

  work->exchange = NULL;
  if (!outcome->ok)
    {
      fail (request, outcome->code, outcome->message);
      return;
    }
  json_object_update (work->fields, (json_t *) outcome->fields);
  move_values (work, outcome->values);
  work->step++;
  next (request);
}

/* ---- what it issued ---- */

/* Nobody gets it and no record tells of it: with its grant it goes back to where it is from. */
static void
fail_unrecorded (Request *request)
{
  Grants *grants = request->vault->grants;
  g_autofree char *grant_id = g_strdup (request->grant_id);

  request_fail (request, "audit", "refused: the audit record could not be written");
  Grant *grant = grants_find (grants, grant_id);
  if (grant != NULL)
    grant_end (grant, "revoked");
}

static void
on_recorded (gpointer data, const GError *error)
{
  Request *request = step_end (data);

  if (request == NULL)
    return;
  ProviderWork *work = request->detail;
  if (error != NULL)
    fail_unrecorded (request);
  else if (grants_find (request->vault->grants, request->grant_id) == NULL)
    request_fail (request, "ended", "its grant ended before it could be handed over");
  else
    {
      ProviderAsk ask = provider_work_ask (request);
      request_finish (request, work->module->result (&ask, work->fields),
                      g_hash_table_lookup (work->values, "credential"));
    }
}

/* Which role, which repositories: what the agent is told beside the credential. g_free(). */
static char *
issued_text (const ProviderWork *work, const ProviderAsk *ask)
{
  gsize len;
  g_autoptr (json_t) told = work->module->result (ask, work->fields);

  json_object_del (told, "message");
  char *text = wire_dump (told, &len);
  text[len - 1] = '\0'; /* without its newline */
  return text;
}

static void
record_issued (Request *request)
{
  const ProviderWork *work = request->detail;
  ProviderAsk ask = provider_work_ask (request);
  g_autofree char *issued = issued_text (work, &ask);
  AuditRecord *record = record_done (request, "credential_issued");

  audit_record_strings (record, "scopes", (const char *const *) ask.scopes);
  audit_record_integer (record, "expires_at", wire_integer (work->fields, "expires_at", 0));
  audit_record_text (record, "issued", issued);
  audit_record_text (record, "identity", work->identity);
  audit_append (request->vault->audit, record, AUDIT_SYNCED, on_recorded, step_new (request));
}

static void
on_kept (gpointer data, const GError *error)
{
  Request *request = step_end (data);

  if (request != NULL && error != NULL)
    fail (request, "store", error->message);
  else if (request != NULL)
    record_issued (request);
}

static void
release (Request *request)
{
  const ProviderWork *work = request->detail;
  Grant *grant = grants_find (request->vault->grants, request->grant_id);
  const Secret *token = g_hash_table_lookup (work->values, "token");

  if (g_hash_table_lookup (work->values, "credential") == NULL)
    fail (request, "answer", "the provider's answer holds no credential");
  else if (token != NULL && work->module->revoke != NULL)
    /* Also when the grant has just ended: then it is revoked at once. */
    upstream_keep (request->vault->upstream, request->grant_id, work->provider, work->fields, token,
                   on_kept, step_new (request));
  else
    {
      if (grant != NULL)
        grant_keep (grant);
      record_issued (request);
    }
}

static void
next (Request *request)
{
  ProviderWork *work = request->detail;
  ProviderAsk ask = provider_work_ask (request);
  g_autoptr (GError) error = NULL;
  g_autoptr (ProviderExchange) exchange
      = work->module->request (&ask, work->step, work->fields, &error);

  if (error != NULL)
    fail (request, "answer", error->message);
  else if (exchange == NULL)
    release (request);
  else if (work->relays && !provider_work_relay (request, exchange, &error))
    fail (request, "login", error->message);
  else
    work->exchange = exchange_begin (request->vault, exchange, work->values, on_exchanged, request);
}

void
provider_work_begin (Request *request)
{
  next (request);
}
