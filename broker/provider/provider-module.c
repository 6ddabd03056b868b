/* SPDX-License-Identifier: MIT
 *
 * The table of kinds, and what every module hands out.
 */
#include "broker/provider/provider-module.h"

#include "broker/base/wire.h"
#include "broker/provider/provider-private.h"

G_DEFINE_QUARK (countersign_provider_error, provider_error)

static const ProviderModule *const modules[PROVIDER_KINDS] = {
  [PROVIDER_OAUTH2] = &provider_module_oauth2,         [PROVIDER_AWS] = &provider_module_aws,
  [PROVIDER_GITHUB_APP] = &provider_module_github_app, [PROVIDER_VOUCH] = &provider_module_vouch,
  [PROVIDER_SSH_CA] = &provider_module_ssh_ca,         [PROVIDER_ISSUER] = &provider_module_issuer,
};

const char *const provider_kind_words[PROVIDER_KINDS + 1] = {
  [PROVIDER_OAUTH2] = "oauth2", [PROVIDER_AWS] = "aws",       [PROVIDER_GITHUB_APP] = "github-app",
  [PROVIDER_VOUCH] = "vouch",   [PROVIDER_SSH_CA] = "ssh-ca", [PROVIDER_ISSUER] = "issuer",
};

const ProviderModule *
provider_module (ProviderKind kind)
{
  g_return_val_if_fail ((guint) kind < PROVIDER_KINDS, NULL);
  return modules[kind];
}

static void
need_free (gpointer data)
{
  ProviderNeed *need = data;
  g_free (need->as);
  g_free (need->name);
  json_decref (need->claims);
  g_free (need);
}

ProviderExchange *
provider_exchange_new (json_t *request, const char *answer)
{
  ProviderExchange *exchange = g_new0 (ProviderExchange, 1);
  exchange->request = request;
  exchange->answer = answer;
  exchange->needs = g_ptr_array_new_with_free_func (need_free);
  return exchange;
}

void
provider_exchange_need (ProviderExchange *exchange, const char *as, ProviderNeedKind kind,
                        const char *name, json_t *claims)
{
  ProviderNeed need = { g_strdup (as), kind, g_strdup (name), claims };
  g_ptr_array_add (exchange->needs, g_memdup2 (&need, sizeof need));
}

void
provider_exchange_free (ProviderExchange *exchange)
{
  if (exchange == NULL)
    return;
  json_decref (exchange->request);
  json_decref (exchange->expect);
  g_ptr_array_unref (exchange->needs);
  g_free (exchange);
}
