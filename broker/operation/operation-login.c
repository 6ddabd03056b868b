/* SPDX-License-Identifier: MIT
 *
 * start_oauth_flow: an agent asks that a person log in somewhere, and what comes of it becomes a
 * secret, a reference to which the agent has for a while. It never sees a token.
 *
 * MUST
 *  - go nowhere but where the person's accepted file says: an endpoint that the agent names is
 *    compared, never used
 *  - open the browser of whoever approved it, with the scopes that were left
 *  - write over no secret that is not of a login at the same provider
 */
#include "broker/operation/operation-login-use.h"
#include "broker/operation/operation-program.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/human/notify.h"
#include "broker/login/flow.h"
#include "broker/provider/oauth2.h"
#include "broker/record.h"

typedef struct
{
  char *secret;
  char *endpoints[2];   /* that the agent named: authorization, token; or NULL */
  Providers *providers; /* that it was checked against */
  const Provider *provider;
  Flow *flow;       /* or NULL */
  gint64 use;       /* seconds for which it may then be used: login_use_seconds() */
  gboolean awaited; /* whoever approved it waits for its end, whether a page came or not */
} LoginWork;

/* Told once. */
static void
tell_over (Request *request, gboolean ok, const char *message)
{
  LoginWork *work = request->detail;

  if (work->awaited)
    notify_browse_over (request, ok, message);
  work->awaited = FALSE;
}

static void
login_end (Request *request)
{
  LoginWork *work = request->detail;

  if (work->flow != NULL)
    flow_cancel (work->flow);
  tell_over (request, FALSE, "it was withdrawn, or ended otherwise");
  g_clear_pointer (&work->providers, providers_unref);
  g_free (work->secret);
  g_free (work->endpoints[0]);
  g_free (work->endpoints[1]);
  g_free (work);
}

static gboolean
login_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  LoginWork *work = g_new0 (LoginWork, 1);
  const char *provider = wire_string (args, "provider");

  request->detail = work;
  work->secret = g_strdup (wire_string (args, "secret_name"));
  work->endpoints[0] = g_strdup (wire_string (args, "authorization_endpoint"));
  work->endpoints[1] = g_strdup (wire_string (args, "token_endpoint"));
  request->resource = g_strdup (strcmp (provider, "gcp") == 0 ? "google" : provider);
  request->purpose = g_strdup (wire_string (args, "purpose"));
  request->scopes = wire_texts (json_object_get (args, "scopes"));
  return TRUE;
}

/* ---- whether it can be ---- */

static char *
host_of (const char *url)
{
  g_autoptr (GUri) uri = url != NULL ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL) : NULL;
  return uri != NULL ? g_strdup (g_uri_get_host (uri)) : NULL;
}

/* Where a client's secret goes stands in the person's file; an agent that means another place is
 * told, and not followed. */
static char *
endpoint_fault (const LoginWork *work, gsize i)
{
  static const char *const fields[] = { "authorization_endpoint", "token_endpoint" };
  static const OAuth2Endpoint which[] = { OAUTH2_AUTHORIZE, OAUTH2_TOKEN };
  g_autofree char *configured = oauth2_endpoint (work->provider, NULL, which[i]);
  g_autofree char *issuer = oauth2_issuer (work->provider, NULL);

  if (work->endpoints[i] == NULL || g_strcmp0 (configured, work->endpoints[i]) == 0)
    return NULL;
  g_autofree char *host = host_of (configured != NULL ? configured : issuer);
  return g_strdup_printf ("%s: is not what a person configured for %s, which is at %s; leave it "
                          "out",
                          fields[i], provider_name (work->provider),
                          host != NULL ? host : "another host");
}

static gboolean
check_endpoints (Request *request)
{
  const LoginWork *work = request->detail;

  for (gsize i = 0; i < G_N_ELEMENTS (work->endpoints); i++)
    {
      g_autofree char *fault = endpoint_fault (work, i);
      if (fault == NULL)
        continue;
      request_fail (request, "arguments", fault);
      return FALSE;
    }
  return TRUE;
}

static gboolean
login_check (Request *request)
{
  LoginWork *work = request->detail;
  Vault *vault = request->vault;
  g_autoptr (GError) error = NULL;
  FlowAsk ask = { .provider = request->resource,
                  .secret = work->secret,
                  .scopes = (const char *const *) request->scopes };

  if (!flow_check (vault, &ask, &error))
    {
      request_fail (request, login_error_code (error), error->message);
      return FALSE;
    }
  g_clear_pointer (&work->providers, providers_unref); /* of before it was locked */
  work->providers = providers_ref (vault->providers);
  work->provider = providers_find (work->providers, request->resource);
  work->use = login_use_seconds (request, work->secret);
  return check_endpoints (request);
}

static void
login_facts (const Request *request, json_t *facts)
{
  const LoginWork *work = request->detail;
  g_autofree char *authorize = oauth2_endpoint (work->provider, NULL, OAUTH2_AUTHORIZE);
  g_autofree char *issuer = oauth2_issuer (work->provider, NULL);
  g_autofree char *host = host_of (authorize != NULL ? authorize : issuer);
  g_autofree char *refresh = g_strconcat (work->secret, LOGIN_REFRESH_SUFFIX, NULL);
  gboolean there = store_find (request->vault->store, work->secret) != NULL;

  if (host != NULL)
    operation_add_fact (facts, "Logs in at", host);
  operation_add_fact (facts, "Client", provider_text (work->provider, "client"));
  operation_add_fact (facts, "Access token", work->secret);
  operation_add_fact (facts, "Refresh token", refresh);
  if (there)
    operation_add_fact (facts, "Replaces", "the login that is there under this name");
  if (work->use > 0)
    {
      g_autofree char *time = text_format_duration (work->use);
      g_autofree char *said
          = g_strdup_printf ("this program may use it for %s, without its value", time);
      operation_add_fact (facts, "Afterwards", said);
    }
}

/* ---- doing it ---- */

static AuditRecord *
on_record (gpointer data, const char *event)
{
  return record_request (data, event);
}

static gboolean
on_browse (gpointer data, const FlowBrowse *browse)
{
  return notify_browse (data, browse);
}

static json_t *
make_result (const FlowOutcome *outcome)
{
  json_t *result
      = json_pack ("{s:s, s:s, s:s, s:b}", "message", outcome->message, "tokenType", "Bearer",
                   "scope", outcome->scope, "hasRefreshToken", outcome->refreshes);

  if (outcome->expires_in > 0)
    json_object_set_new (result, "expiresIn", json_integer (outcome->expires_in));
  return result;
}

static void
on_done (gpointer data, const FlowOutcome *outcome)
{
  Request *request = data;
  LoginWork *work = request->detail;

  work->flow = NULL;
  tell_over (request, outcome->ok, outcome->message);
  if (outcome->ok && work->use > 0)
    login_use_begin (request, work->secret, work->use, make_result (outcome));
  else if (outcome->ok)
    request_finish (request, make_result (outcome), NULL);
  else
    request_fail (request, outcome->code, outcome->message);
}

static void
fail (Request *request, const char *code, const char *message)
{
  tell_over (request, FALSE, message);
  request_fail (request, code, message);
}

static void
login_execute (Request *request)
{
  static const FlowEvents events = { on_record, on_browse, on_done };
  LoginWork *work = request->detail;
  g_autoptr (GError) error = NULL;
  FlowAsk ask = { .provider = request->resource,
                  .secret = work->secret,
                  .scopes = (const char *const *) request->granted };

  work->awaited = TRUE; /* also of what ends here and now: login_end() tells it */
  if (!operation_check_provider (request, work->provider))
    return;
  work->flow = flow_begin (request->vault, &ask, &events, request, &error);
  if (work->flow == NULL)
    fail (request, login_error_code (error), error->message);
}

const OperationRow operation_oauth_login = {
  .operation = OPERATION_OAUTH_LOGIN,
  .call = "start_oauth_flow",
  .risk = RISK_WRITE,
  .slow = TRUE,
  .scoped = TRUE,
  .prepare = login_prepare,
  .check = login_check,
  .facts = login_facts,
  .execute = login_execute,
  .end = login_end,
};
