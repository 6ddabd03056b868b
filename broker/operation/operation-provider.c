/* SPDX-License-Identifier: MIT
 *
 * Credentials that a provider issues for a short time: AWS credentials, GitHub tokens, SSH
 * certificates. The person's configuration says where they come from and the most that they may be
 * good for; the agent asks for some of that.
 */
#include "broker/operation/operation-provider.h"

#include <string.h>

#include "broker/base/arguments.h"
#include "broker/issue/ssh-ca.h"
#include "broker/issue/upstream.h"
#include "broker/operation/operation-program.h"

static void
provider_end (Request *request)
{
  ProviderWork *work = request->detail;

  if (work->exchange != NULL)
    upstream_abandon (request->vault->upstream, g_steal_pointer (&work->exchange), work->providers,
                      work->provider, request->grant_id);
  g_clear_pointer (&work->look, identity_cancel);
  g_free (work->identity);
  g_clear_pointer (&work->providers, providers_unref);
  g_clear_pointer (&work->values, g_hash_table_unref);
  json_decref (work->args);
  json_decref (work->fields);
  operation_fault_clear (&work->fault);
  g_free (work);
}

static gboolean
provider_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  ProviderWork *work = g_new0 (ProviderWork, 1);

  request->detail = work;
  request->lasting = TRUE; /* what was issued is good for a time, also under a single use */
  work->args = json_incref (args);
  work->fields = json_object ();
  work->values
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) secret_free);
  request->resource = g_strdup (wire_string (args, "provider"));
  request->purpose = g_strdup (wire_string (args, "purpose"));
  request->asked = wire_integer (args, "ttl_seconds", ARGUMENTS_TTL_DEFAULT);
  return TRUE;
}

ProviderAsk
provider_work_ask (const Request *request)
{
  const ProviderWork *work = request->detail;
  const Grant *grant
      = request->grant_id != NULL ? grants_find (request->vault->grants, request->grant_id) : NULL;

  return (ProviderAsk){
    .provider = work->provider,
    .providers = work->providers,
    .operation = request->row->operation,
    .args = work->args,
    .scopes = grant != NULL ? grant->scopes : request->scopes,
    .seconds = grant != NULL ? MIN (request->asked, grant_seconds_left (grant)) : request->asked,
    .now = g_get_real_time () / G_USEC_PER_SEC,
    .id = request->id,
    .holder = request->requester->name,
  };
}

/* ---- what is asked of it ---- */

/* All that was asked, of whom as the person set it up, and as whom. How long it is wanted, and what
 * for, change nothing of what is issued. */
static char *
bind_work (const ProviderWork *work)
{
  g_autoptr (json_t) what = json_copy (work->args);

  json_object_del (what, "purpose");
  json_object_del (what, "ttl_seconds");
  json_object_set_new (what, "from", provider_work_describe (work->provider, work->providers));
  if (work->identity != NULL)
    json_object_set_new (what, "identity", json_string (work->identity));
  return operation_digest (what);
}

static void
find_scopes (Request *request)
{
  ProviderWork *work = request->detail;
  g_autoptr (GError) error = NULL;
  ProviderAsk ask = provider_work_ask (request);
  char **scopes = work->module->scopes (&ask, &error);

  if (scopes == NULL)
    {
      operation_fault_set (&work->fault, "arguments", g_strdup (error->message));
      return;
    }
  g_strfreev (request->scopes);
  request->scopes = scopes;
  request->asked = MIN (request->asked, provider_seconds (work->provider, "max", request->asked));
}

static void
settled (Request *request)
{
  const ProviderWork *work = request->detail;

  g_free (request->binding);
  request->binding = work->fault.code == NULL ? bind_work (work) : NULL;
  request_settled (request);
}

/* The credentials will be this person's: whoever is asked to allow that has to see who it is. */
static void
on_identity (gpointer data, const char *who, const char *code, const char *message)
{
  Request *request = data; /* its end() cancels the look */
  ProviderWork *work = request->detail;

  work->look = NULL;
  g_free (work->identity);
  work->identity = g_strdup (who);
  if (who == NULL)
    operation_fault_set (&work->fault, code, g_strdup (message));
  settled (request);
}

static void
provider_settle (Request *request)
{
  ProviderWork *work = request->detail;

  /* Before a lock it may have come to something else. */
  g_clear_pointer (&work->look, identity_cancel);
  g_clear_pointer (&work->providers, providers_unref);
  g_clear_pointer (&work->identity, g_free);
  operation_fault_clear (&work->fault);
  work->provider = NULL;
  work->relays = FALSE;
  work->providers = providers_ref (request->vault->providers);
  provider_work_choose (request);
  if (work->provider != NULL)
    find_scopes (request);
  const Provider *vouch
      = work->fault.code == NULL ? provider_work_vouch (work->provider, work->providers) : NULL;
  work->relays = vouch != NULL && provider_work_relays (request, vouch);
  if (work->relays)
    {
      work->identity = g_strdup (request->requester->subject->label);
      settled (request);
    }
  else if (vouch != NULL)
    provider_work_identify (request, vouch, on_identity);
  else
    settled (request);
}

/* Whatever the first exchange needs of the store is there. */
static gboolean
check_needs (Request *request)
{
  const ProviderWork *work = request->detail;
  ProviderAsk ask = provider_work_ask (request);
  g_autoptr (GError) error = NULL;

  if (work->module->request == NULL)
    return TRUE;
  g_autoptr (ProviderExchange) first = work->module->request (&ask, 0, work->fields, &error);
  if (first == NULL)
    {
      request_fail (request, "arguments", error != NULL ? error->message : "nothing to ask for");
      return FALSE;
    }
  for (guint i = 0; i < first->needs->len; i++)
    {
      const ProviderNeed *need = g_ptr_array_index (first->needs, i);
      if ((need->kind == NEED_STORED || need->kind == NEED_SIGNED)
          && !operation_check_exists (request, need->name))
        return FALSE;
    }
  return TRUE;
}

static gboolean
provider_check (Request *request)
{
  const ProviderWork *work = request->detail;

  return operation_fault_check (request, &work->fault) && check_needs (request);
}

static void
provider_facts (const Request *request, json_t *facts)
{
  const ProviderWork *work = request->detail;
  ProviderAsk ask = provider_work_ask (request);

  operation_add_fact (facts, "Discloses", "a credential goes to this program");
  if (work->identity != NULL)
    operation_add_fact (facts, "Identity", work->identity);
  work->module->facts (&ask, facts);
}

/* ---- doing it ---- */

/* A person may have accepted another provider by that name while this one waited. */
static gboolean
is_unchanged (const Request *request)
{
  const ProviderWork *work = request->detail;
  const Provider *now = providers_find (request->vault->providers, request->resource);

  if (now == NULL)
    return FALSE;
  g_autoptr (json_t) before = provider_work_describe (work->provider, work->providers);
  g_autoptr (json_t) after = provider_work_describe (now, request->vault->providers);
  return json_equal (before, after);
}

/* Somebody else may have logged in since the card was read. */
static void
on_identity_again (gpointer data, const char *who, const char *code, const char *message)
{
  Request *request = data;
  ProviderWork *work = request->detail;

  work->look = NULL;
  if (who == NULL)
    request_fail (request, code, message);
  else if (strcmp (who, work->identity) != 0)
    request_fail (request, "changed", "somebody else is logged in there meanwhile; ask again");
  else
    provider_work_begin (request);
}

static void
provider_execute (Request *request)
{
  const ProviderWork *work = request->detail;
  g_autoptr (GError) error = NULL;

  if (!is_unchanged (request))
    {
      request_fail (request, "changed", "the provider was changed meanwhile; ask again");
      return;
    }
  if (!operation_use (request))
    return;
  if (work->module->revoke != NULL
      && !upstream_admits (request->vault->upstream, request->grant_id))
    {
      request_fail (request, "too_many",
                    "this grant has given as many tokens as one gives; use one that it gave, more "
                    "are given when it has ended");
      return;
    }
  ProviderAsk ask = provider_work_ask (request);
  if (!work->module->narrowed (&ask, &error))
    request_fail (request, "scope", error->message);
  else if (work->module->request == NULL)
    ssh_ca_issue (request, &ask);
  else if (work->identity != NULL && !work->relays)
    provider_work_identify (request, provider_work_vouch (work->provider, work->providers),
                            on_identity_again);
  else
    provider_work_begin (request);
}

#define PROVIDER_ROW(operation_, call_)                                                            \
  {                                                                                                \
    .operation = operation_, .call = call_, .risk = RISK_DISCLOSE, .reusable = TRUE,               \
    .bound = TRUE, .secret_result = TRUE, .scoped = TRUE, .prepare = provider_prepare,             \
    .settle = provider_settle, .check = provider_check, .facts = provider_facts,                   \
    .execute = provider_execute, .end = provider_end                                               \
  }

const OperationRow operation_aws_credentials
    = PROVIDER_ROW (OPERATION_AWS_CREDENTIALS, "get_aws_credentials");
const OperationRow operation_github_token
    = PROVIDER_ROW (OPERATION_GITHUB_TOKEN, "get_github_token");
const OperationRow operation_ssh_certificate
    = PROVIDER_ROW (OPERATION_SSH_CERTIFICATE, "get_ssh_certificate");
