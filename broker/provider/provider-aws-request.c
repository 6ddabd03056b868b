/* SPDX-License-Identifier: MIT
 *
 * What is sent to AWS (Security Token Service API Reference: AssumeRole,
 * AssumeRoleWithWebIdentity), and what is said of it.
 */
#include <string.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/provider/provider-aws.h"
#include "broker/provider/provider-vouch.h"

#define API_VERSION "2011-06-15"
#define SESSION_MAX 64    /* characters */
#define IDENTITY_LIFE 300 /* seconds; AWS looks at it once */

gint64
aws_seconds (const ProviderAsk *ask)
{
  gint64 most = provider_seconds (ask->provider, "max", AWS_SECONDS_MAX);

  return MAX (MIN (ask->seconds, most), AWS_SECONDS_MIN);
}

/* Who asked and in which request: AWS's own records show it. */
char *
aws_session_name (const ProviderAsk *ask)
{
  const char *set = provider_text (ask->provider, "session-name");
  gsize id = MIN (strlen (ask->id), 32);

  if (set != NULL)
    return g_strdup (set);
  g_autofree char *holder = g_strndup (ask->holder, SESSION_MAX - 1 - id);
  char *name = g_strdup_printf ("%s-%.*s", holder, (int) id, ask->id);
  return g_strcanon (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-",
                     '_');
}

/* --- Requests --- */

/* Takes @value. */
static void
add_form (json_t *request, const char *name, json_t *value)
{
  json_array_append_new (json_object_get (request, "form"), json_pack ("[so]", name, value));
}

static void
add_narrowing (const ProviderAsk *ask, json_t *request)
{
  g_autofree char *session = aws_session_name (ask), *policy = aws_policy (ask->scopes);
  g_autofree char *seconds = g_strdup_printf ("%" G_GINT64_FORMAT, aws_seconds (ask));

  add_form (request, "RoleArn", json_string (wire_string (ask->args, "role_arn")));
  add_form (request, "RoleSessionName", json_string (session));
  add_form (request, "DurationSeconds", json_string (seconds));
  if (policy != NULL)
    add_form (request, "Policy", json_string (policy));
}

static ProviderExchange *
new_exchange (const ProviderAsk *ask, const char *action, GError **error)
{
  g_autofree char *url = aws_endpoint (ask->provider);
  json_t *request = provider_target (ask->provider, url, error);

  if (request == NULL)
    return NULL;
  json_object_set_new (request, "method", json_string ("POST"));
  json_object_set_new (request, "headers", json_array ());
  json_object_set_new (request, "form", json_array ());
  add_form (request, "Action", json_string (action));
  add_form (request, "Version", json_string (API_VERSION));
  add_narrowing (ask, request);
  return provider_exchange_new (request, "aws-sts");
}

static ProviderExchange *
with_keys (const ProviderAsk *ask, const char *name, GError **error)
{
  const char *region = provider_text (ask->provider, "region");
  ProviderExchange *exchange = new_exchange (ask, "AssumeRole", error);

  if (exchange == NULL)
    return NULL;
  json_object_set_new (exchange->request, "sigv4",
                       json_pack ("{s:s, s:s, s:s}", "region",
                                  region != NULL ? region : "us-east-1", "service", "sts", "key",
                                  "keys"));
  provider_exchange_need (exchange, "keys", NEED_STORED, name, NULL);
  return exchange;
}

/* @kind: NEED_EARLIER of @name, or NEED_MINTED over @claims, which are taken. */
static ProviderExchange *
with_identity (const ProviderAsk *ask, ProviderNeedKind kind, const char *name, json_t *claims,
               GError **error)
{
  ProviderExchange *exchange = new_exchange (ask, "AssumeRoleWithWebIdentity", error);

  if (exchange == NULL)
    {
      json_decref (claims);
      return NULL;
    }
  add_form (exchange->request, "WebIdentityToken", json_pack ("{s:s}", "secret", "identity"));
  provider_exchange_need (exchange, "identity", kind, name, claims);
  return exchange;
}

static ProviderExchange *
ask_vouch (const ProviderAsk *ask, const char *name, GError **error)
{
  const Provider *vouch = providers_find (ask->providers, name);
  g_autofree char *role = g_uri_escape_string (wire_string (ask->args, "role_arn"), NULL, FALSE);
  g_autofree char *path = g_strconcat ("/v1/credentials/aws/token?role_arn=", role, NULL);

  return vouch_exchange (vouch, "GET", path, "vouch-aws", error);
}

static json_t *
own_claims (const ProviderAsk *ask)
{
  return json_pack ("{s:s, s:s, s:I}", "aud", AWS_AUDIENCE, "sub", ask->holder, "exp",
                    (json_int_t) (ask->now + IDENTITY_LIFE));
}

ProviderExchange *
aws_request (const ProviderAsk *ask, guint step, const json_t *fields, GError **error)
{
  const char *name, *source = aws_source (ask->provider, &name);
  gboolean vouch = strcmp (source, "vouch") == 0;

  if (step > (vouch ? 1 : 0))
    return NULL;
  if (strcmp (source, "keys") == 0)
    return with_keys (ask, name, error);
  if (!vouch)
    return with_identity (ask, NEED_MINTED, "issuer", own_claims (ask), error);
  return step == 0 ? ask_vouch (ask, name, error)
                   : with_identity (ask, NEED_EARLIER, "id_token", NULL, error);
}

/* --- For people and agents --- */

static void
add_fact (json_t *facts, const char *label, const char *value)
{
  json_array_append_new (facts, json_pack ("{s:s, s:s}", "label", label, "value", value));
}

static void
add_source (const ProviderAsk *ask, json_t *facts)
{
  const char *name, *source = aws_source (ask->provider, &name);

  if (strcmp (source, "keys") == 0)
    add_fact (facts, "Signs with", name);
  else if (strcmp (source, "vouch") == 0)
    add_fact (facts, "Vouched for by", vouch_issuer (providers_find (ask->providers, name)));
  else
    {
      g_autoptr (GPtrArray) issuers = providers_of_kind (ask->providers, PROVIDER_ISSUER);
      add_fact (facts, "Vouched for by", provider_text (g_ptr_array_index (issuers, 0), "issuer"));
    }
}

static void
add_narrowed (const ProviderAsk *ask, json_t *facts)
{
  if (strcmp (ask->scopes[0], AWS_SCOPE_ROLE) == 0)
    add_fact (facts, "Narrowed to", "not at all: all that the role may do");
  for (char **scope = ask->scopes; *scope != NULL; scope++)
    if (strcmp (*scope, AWS_SCOPE_ROLE) != 0)
      add_fact (facts, "Narrowed to", *scope);
}

void
aws_facts (const ProviderAsk *ask, json_t *facts)
{
  const char *role = wire_string (ask->args, "role_arn");
  g_autofree char *account = aws_role_account (role), *session = aws_session_name (ask);
  g_autofree char *url = aws_endpoint (ask->provider);

  add_fact (facts, "Role", role);
  add_fact (facts, "Account", account);
  add_narrowed (ask, facts);
  add_fact (facts, "Sends to", url);
  add_source (ask, facts);
  add_fact (facts, "Session", session);
  add_fact (facts, "Lasts", "15m at least, also when granted for less: AWS takes none back");
}

static void
add_message (const ProviderAsk *ask, json_t *result)
{
  g_autofree char *granted = text_format_duration (ask->seconds);

  if (ask->seconds >= AWS_SECONDS_MIN)
    return;
  g_autofree char *text
      = g_strdup_printf ("You were granted %s; AWS issues for 15m at least and takes nothing back: "
                         "use them no longer than granted.",
                         granted);
  json_object_set_new (result, "message", json_string (text));
}

json_t *
aws_result (const ProviderAsk *ask, const json_t *fields)
{
  g_autofree char *session = aws_session_name (ask);
  gint64 expires = wire_integer (fields, "expires_at", 0);
  json_t *result = json_pack ("{s:s, s:s, s:s, s:I}", "provider", provider_name (ask->provider),
                              "role_arn", wire_string (ask->args, "role_arn"), "session_name",
                              session, "expires_in", (json_int_t) MAX (expires - ask->now, 0));

  add_message (ask, result);
  return result;
}
