/* SPDX-License-Identifier: MIT
 *
 * Vouch: who hands out what others issue, to whom a person has proved to be.
 */
#include "broker/provider/provider-vouch.h"

#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/oauth2-private.h"
#include "broker/provider/provider-github.h"
#include "broker/provider/provider-repositories.h"
#include "broker/ssh/ssh-key.h"

#define SCOPE_USE "use"

static const ProviderDirective directives[] = {
  { "client", provider_take_text, PROVIDER_ONCE, "countersign" },
  { "client-secret", provider_take_secret, PROVIDER_ONCE, NULL },
  { "issuer", provider_take_url, PROVIDER_ONCE, NULL },
  { "scope", provider_take_scope, PROVIDER_LIST, NULL },
  { "github-api", provider_take_url, PROVIDER_ONCE, NULL },
  { "callback-port", oauth2_take_port, PROVIDER_ONCE, NULL },
  { "network", provider_take_network, PROVIDER_ONCE, NULL },
  { "ca", provider_take_ca, PROVIDER_ONCE, NULL },
};

const char *
vouch_issuer (const Provider *provider)
{
  const char *issuer = provider_text (provider, "issuer");

  return issuer != NULL ? issuer : VOUCH_ISSUER;
}

/* A request to @path of its issuer. NULL with an error. */
static json_t *
target (const Provider *provider, const char *method, const char *path, GError **error)
{
  const char *issuer = vouch_issuer (provider);
  gsize len = strlen (issuer);
  g_autofree char *url
      = g_strdup_printf ("%.*s%s", (int) (len - (issuer[len - 1] == '/' ? 1 : 0)), issuer, path);
  json_t *request = provider_target (provider, url, error);

  if (request == NULL)
    return NULL;
  json_object_set_new (request, "method", json_string (method));
  json_object_set_new (request, "headers", json_pack ("[[s, s]]", "Accept", "application/json"));
  return request;
}

ProviderExchange *
vouch_keys (const Provider *provider, GError **error)
{
  json_t *request = target (provider, "GET", "/oauth/jwks", error);

  return request != NULL ? provider_exchange_new (request, "jwks") : NULL;
}

ProviderExchange *
vouch_exchange (const Provider *provider, const char *method, const char *path, const char *answer,
                GError **error)
{
  const char *issuer = vouch_issuer (provider);
  json_t *request = target (provider, method, path, error);

  if (request == NULL)
    return NULL;
  json_array_append_new (
      json_object_get (request, "headers"),
      json_pack ("[s, {s:s, s:s}]", "Authorization", "secret", "login", "prefix", "Bearer "));
  ProviderExchange *exchange = provider_exchange_new (request, answer);
  exchange->expect = json_pack ("{s:s}", "issuer", issuer);
  provider_exchange_need (exchange, "login", NEED_LOGIN, provider_name (provider),
                          json_pack ("{s:s}", "iss", issuer));
  return exchange;
}

/* --- What is asked --- */

/* The key alone, without the comment, which is whatever its writer wanted. NULL with an error. */
static char *
key_line (const ProviderAsk *ask, GError **error)
{
  g_autoptr (SshKey) key = ssh_key_read (wire_string (ask->args, "public_key"), error);

  if (key == NULL)
    return NULL;
  GBytes *blob = ssh_key_blob (key);
  g_autofree char *text = g_base64_encode (g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));
  return g_strconcat (ssh_key_type (key), " ", text, NULL);
}

static gboolean
fits (const ProviderAsk *ask, char **why)
{
  static const char *const others[]
      = { "permissions", "principals", "force_command", "source_address" };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (json_object_get (ask->args, others[i]) != NULL)
      {
        *why = g_strdup_printf ("%s: Vouch decides that itself; leave it out", others[i]);
        return FALSE;
      }
  if (ask->operation == OPERATION_GITHUB_TOKEN)
    return TRUE;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = key_line (ask, &error);
  if (line == NULL)
    *why = g_strdup_printf ("public_key: %s", error->message);
  return line != NULL;
}

static char **
scopes (const ProviderAsk *ask, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_free);

  if (ask->operation != OPERATION_GITHUB_TOKEN)
    g_ptr_array_add (all, g_strdup (SCOPE_USE));
  else if (!repositories_scopes (ask, all, error))
    return NULL;
  g_ptr_array_add (all, NULL);
  return g_strdupv ((char **) all->pdata);
}

static gboolean
narrowed (const ProviderAsk *ask, GError **error)
{
  return ask->operation != OPERATION_GITHUB_TOKEN || repositories_left (ask, error);
}

static void
add_fact (json_t *facts, const char *label, const char *value)
{
  json_array_append_new (facts, json_pack ("{s:s, s:s}", "label", label, "value", value));
}

static void
add_key (const ProviderAsk *ask, json_t *rows)
{
  g_autoptr (SshKey) key = ssh_key_read (wire_string (ask->args, "public_key"), NULL);
  GBytes *blob = ssh_key_blob (key);
  g_autofree char *print = ssh_fingerprint (g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));

  add_fact (rows, "Key type", ssh_key_words (key));
  add_fact (rows, "Fingerprint", print);
}

static void
facts (const ProviderAsk *ask, json_t *rows)
{
  const char *owner = wire_string (ask->args, "owner");

  if (ask->operation == OPERATION_GITHUB_TOKEN)
    {
      g_autofree char *names = repositories_text (ask->scopes);
      if (owner != NULL)
        add_fact (rows, "Owner", owner);
      add_fact (rows, "Repositories", names);
      add_fact (rows, "Permissions", "those that Vouch gives");
      add_fact (rows, "Lasts", "1h at most; taken back at GitHub when the grant ends");
    }
  else
    {
      add_key (ask, rows);
      add_fact (rows, "Lasts", "as long as Vouch decides; it cannot be taken back");
    }
  add_fact (rows, "Sends to", vouch_issuer (ask->provider));
}

/* --- What is sent --- */

static ProviderExchange *
ask_github (const ProviderAsk *ask, GError **error)
{
  const char *owner = wire_string (ask->args, "owner");
  json_t *repositories = repositories_of (ask->scopes), *body = json_object ();
  ProviderExchange *exchange = vouch_exchange (
      ask->provider, "POST", "/v1/credentials/github/token", "vouch-github", error);

  if (owner != NULL)
    json_object_set_new (body, "owner", json_string (owner));
  if (repositories != NULL)
    json_object_set (body, "repositories", repositories);
  if (exchange != NULL && repositories != NULL)
    json_object_set (exchange->expect, "repositories", repositories);
  if (exchange != NULL)
    json_object_set (exchange->request, "json", body);
  json_decref (repositories);
  json_decref (body);
  return exchange;
}

static ProviderExchange *
ask_certificate (const ProviderAsk *ask, GError **error)
{
  g_autofree char *key = key_line (ask, error);
  ProviderExchange *exchange
      = vouch_exchange (ask->provider, "POST", "/v1/credentials/ssh", "vouch-ssh", error);

  if (exchange == NULL)
    return NULL;
  json_object_set_new (exchange->request, "json", json_pack ("{s:s}", "public_key", key));
  json_object_set_new (exchange->expect, "public_key", json_string (key));
  return exchange;
}

static ProviderExchange *
request (const ProviderAsk *ask, guint step, const json_t *fields, GError **error)
{
  if (step > 0)
    return NULL;
  return ask->operation == OPERATION_GITHUB_TOKEN ? ask_github (ask, error)
                                                  : ask_certificate (ask, error);
}

static json_t *
certificate_result (const ProviderAsk *ask, const json_t *fields)
{
  gint64 expires = wire_integer (fields, "expires_at", 0);

  return json_pack ("{s:s, s:I, s:O?, s:O?}", "provider", provider_name (ask->provider),
                    "valid_for_seconds", (json_int_t) MAX (expires - ask->now, 0), "principals",
                    json_object_get (fields, "principals"), "serial",
                    json_object_get (fields, "serial"));
}

static json_t *
result (const ProviderAsk *ask, const json_t *fields)
{
  return ask->operation == OPERATION_GITHUB_TOKEN ? repositories_result (ask, fields)
                                                  : certificate_result (ask, fields);
}

/* What Vouch hands out there is GitHub's own, and is taken back at GitHub. An SSH certificate has
 * no token that was kept. */
static ProviderExchange *
take_back (const Provider *provider, const json_t *fields)
{
  return github_revoke (provider, github_api (provider, "github-api"));
}

static json_t *
endpoints (const Provider *provider)
{
  json_t *object = json_object ();

  if (provider_text (provider, "issuer") == NULL)
    json_object_set_new (object, "issuer", json_string (VOUCH_ISSUER));
  if (provider_text (provider, "github-api") == NULL)
    json_object_set_new (object, "github-api", json_string (github_api (provider, "github-api")));
  return object;
}

const ProviderModule provider_module_vouch = {
  .kind = PROVIDER_VOUCH,
  .word = "vouch",
  .directives = directives,
  .n_directives = G_N_ELEMENTS (directives),
  .check = oauth2_check_client,
  .serves = 1u << OPERATION_GITHUB_TOKEN | 1u << OPERATION_SSH_CERTIFICATE,
  .fits = fits,
  .scopes = scopes,
  .narrowed = narrowed,
  .facts = facts,
  .request = request,
  .result = result,
  .revoke = take_back,
  .endpoints = endpoints,
};
