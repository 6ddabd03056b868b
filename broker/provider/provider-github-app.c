/* SPDX-License-Identifier: MIT
 *
 * GitHub Apps: tokens of an installation (REST API, "Create an installation access token for an
 * app"; "Generating a JSON Web Token for a GitHub App").
 */
#include "broker/provider/provider-github.h"

#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-repositories.h"

#define API "https://api.github.com"
#define JWT_BEFORE 60 /* seconds: clocks differ */
#define JWT_AFTER 540 /* with the former what GitHub takes at most, 10 minutes */

/* permission NAME read|write|admin */
static gboolean
take_permission (ServiceLine *line, GPtrArray *words, GError **error)
{
  static const char *const levels[] = { "read", "write", "admin", NULL };
  const char *name = service_line_take (line, "a permission, as in contents", error);

  if (name == NULL)
    return FALSE;
  if (!repositories_permission_is_name (name))
    return service_line_fail_taken (line, error,
                                    "a permission is named as in contents, by small letters and _");
  g_ptr_array_add (words, g_strdup (name));
  return provider_take_of (line, words, "level of a permission", levels, error) >= 0;
}

static gboolean
take_repository (ServiceLine *line, GPtrArray *words, GError **error)
{
  const char *name = service_line_take (line, "a repository's name without its owner", error);
  g_autofree char *problem = name != NULL ? repositories_name_problem (name) : NULL;

  if (name == NULL)
    return FALSE;
  if (problem != NULL)
    return service_line_fail_taken (line, error, "a repository %s", problem);
  g_ptr_array_add (words, g_strdup (name));
  return TRUE;
}

static const ProviderDirective directives[] = {
  { "app", provider_take_name, PROVIDER_ONCE, "Iv1.0123456789abcdef" },
  { "installation", provider_take_number, PROVIDER_ONCE, "12345678" },
  { "key", provider_take_secret, PROVIDER_ONCE, "github-app-key" },
  { "api", provider_take_url, PROVIDER_ONCE, NULL },
  { "owner", provider_take_name, PROVIDER_ONCE, NULL },
  { "repository", take_repository, PROVIDER_LIST, NULL },
  { "permission", take_permission, PROVIDER_KEYED, NULL },
  { "max", provider_take_duration, PROVIDER_ONCE, NULL },
  { "network", provider_take_network, PROVIDER_ONCE, NULL },
  { "ca", provider_take_ca, PROVIDER_ONCE, NULL },
};

static gboolean
check (const Provider *provider, GError **error)
{
  g_autoptr (GPtrArray) rows = provider_rows (provider, "repository");
  gsize names = 0;

  for (guint i = 0; i < rows->len; i++)
    names += g_strv_length (g_ptr_array_index (rows, i));
  return names <= REPOSITORIES_MAX
         || provider_fail (provider, "repository", rows->len - 1, error,
                           "a token is for at most %d repositories", REPOSITORIES_MAX);
}

/* --- What is asked --- */

static gboolean
fits (const ProviderAsk *ask, char **why)
{
  const char *asked = wire_string (ask->args, "owner");
  const char *owner = provider_text (ask->provider, "owner");

  if (asked == NULL || (owner != NULL && g_ascii_strcasecmp (asked, owner) == 0))
    return TRUE;
  *why = owner != NULL ? g_strdup_printf ("owner: it is for the repositories of %s", owner)
                       : g_strdup ("owner: its file does not say whose repositories it is for; "
                                   "leave it out, or have that line added");
  return FALSE;
}

static char **
scopes (const ProviderAsk *ask, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_free);

  if (!repositories_scopes (ask, all, error) || !repositories_permission_scopes (ask, all, error))
    return NULL;
  g_ptr_array_add (all, NULL);
  return g_strdupv ((char **) all->pdata);
}

/* Without permissions GitHub would take it for all of the App's. */
static gboolean
narrowed (const ProviderAsk *ask, GError **error)
{
  if (!repositories_left (ask, error))
    return FALSE;
  if (repositories_any_permission (ask->scopes))
    return TRUE;
  g_set_error (error, PROVIDER_ERROR, PROVIDER_ERROR_FIELD,
               "no permission is left of what was asked; ask again with those that are needed");
  return FALSE;
}

static void
add_fact (json_t *facts, const char *label, const char *value)
{
  json_array_append_new (facts, json_pack ("{s:s, s:s}", "label", label, "value", value));
}

static void
facts (const ProviderAsk *ask, json_t *rows)
{
  const char *owner = provider_text (ask->provider, "owner");
  g_autofree char *names = repositories_text (ask->scopes);
  g_autofree char *permissions = repositories_permissions_text (ask->scopes);

  if (owner != NULL)
    add_fact (rows, "Owner", owner);
  add_fact (rows, "Repositories", names);
  add_fact (rows, "Permissions", permissions);
  add_fact (rows, "Sends to", github_api (ask->provider, "api"));
  add_fact (rows, "Signs with", provider_text (ask->provider, "key"));
  add_fact (rows, "Lasts", "1h at most; taken back at GitHub when the grant ends");
}

/* --- What is sent --- */

const char *
github_api (const Provider *provider, const char *directive)
{
  const char *api = provider_text (provider, directive);

  return api != NULL ? api : API;
}

ProviderExchange *
github_exchange (const Provider *provider, const char *api, const char *method, const char *path,
                 const char *authorization, const char *answer, GError **error)
{
  gsize len = strlen (api) - (g_str_has_suffix (api, "/") ? 1 : 0);
  g_autofree char *url = g_strdup_printf ("%.*s%s", (int) len, api, path);
  json_t *request = provider_target (provider, url, error);

  if (request == NULL)
    return NULL;
  json_object_set_new (request, "method", json_string (method));
  json_object_set_new (request, "headers",
                       json_pack ("[[s, s], [s, s], [s, s], [s, {s:s, s:s}]]", "Accept",
                                  "application/vnd.github+json", "X-GitHub-Api-Version",
                                  "2022-11-28", "User-Agent", "countersign", "Authorization",
                                  "secret", authorization, "prefix", "Bearer "));
  return provider_exchange_new (request, answer);
}

static json_t *
claims (const ProviderAsk *ask)
{
  return json_pack ("{s:s, s:I, s:I}", "iss", provider_text (ask->provider, "app"), "iat",
                    (json_int_t) (ask->now - JWT_BEFORE), "exp",
                    (json_int_t) (ask->now + JWT_AFTER));
}

static json_t *
body_of (char **granted)
{
  json_t *repositories = repositories_of (granted);
  json_t *permissions = repositories_permissions_of (granted);

  return json_pack ("{s:o*, s:o*}", "repositories", repositories, "permissions", permissions);
}

static ProviderExchange *
request (const ProviderAsk *ask, guint step, const json_t *fields, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/app/installations/%s/access_tokens",
                                           provider_text (ask->provider, "installation"));

  if (step > 0)
    return NULL;
  ProviderExchange *exchange = github_exchange (ask->provider, github_api (ask->provider, "api"),
                                                "POST", path, "app", "github-installation", error);
  if (exchange == NULL)
    return NULL;
  json_object_set_new (exchange->request, "json", body_of (ask->scopes));
  exchange->expect = body_of (ask->scopes);
  provider_exchange_need (exchange, "app", NEED_SIGNED, provider_text (ask->provider, "key"),
                          claims (ask));
  return exchange;
}

ProviderExchange *
github_revoke (const Provider *provider, const char *api)
{
  ProviderExchange *exchange = github_exchange (provider, api, "DELETE", "/installation/token",
                                                "token", "github-revoked", NULL);

  if (exchange != NULL)
    provider_exchange_need (exchange, "token", NEED_EARLIER, "token", NULL);
  return exchange;
}

static ProviderExchange *
take_back (const Provider *provider, const json_t *fields)
{
  return github_revoke (provider, github_api (provider, "api"));
}

static json_t *
endpoints (const Provider *provider)
{
  return provider_text (provider, "api") != NULL ? json_object () : json_pack ("{s:s}", "api", API);
}

const ProviderModule provider_module_github_app = {
  .kind = PROVIDER_GITHUB_APP,
  .word = "github-app",
  .directives = directives,
  .n_directives = G_N_ELEMENTS (directives),
  .check = check,
  .serves = 1u << OPERATION_GITHUB_TOKEN,
  .fits = fits,
  .scopes = scopes,
  .narrowed = narrowed,
  .facts = facts,
  .request = request,
  .result = repositories_result,
  .revoke = take_back,
  .endpoints = endpoints,
};
