/* SPDX-License-Identifier: MIT
 *
 * Our own issuer of JWTs.
 */
#include <string.h>

#include "broker/provider/provider-module.h"

static gboolean
take_algorithm (ServiceLine *line, GPtrArray *words, GError **error)
{
  static const char *const algorithms[] = { "ES256", "RS256", NULL };
  return provider_take_of (line, words, "algorithm", algorithms, error) >= 0;
}

/* verifier NAME S */
static gboolean
take_verifier (ServiceLine *line, GPtrArray *words, GError **error)
{
  return provider_take_name (line, words, error) && provider_take_secret (line, words, error);
}

static const ProviderDirective directives[] = {
  { "issuer", provider_take_url, PROVIDER_ONCE, NULL },
  { "algorithm", take_algorithm, PROVIDER_ONCE, NULL },
  { "verifier", take_verifier, PROVIDER_KEYED, NULL },
  { "network", provider_take_network, PROVIDER_ONCE, NULL },
};

/* RFC 8414, 2: no query. */
static gboolean
check (const Provider *provider, GError **error)
{
  const char *issuer = provider_text (provider, "issuer");
  return issuer == NULL || strchr (issuer, '?') == NULL
         || provider_fail (provider, "issuer", 0, error, "an issuer is a URL without a query");
}

/* There is one key, and one name in what it signs. */
static gboolean
check_set (const Provider *provider, const Providers *providers, GError **error)
{
  g_autoptr (GPtrArray) issuers = providers_of_kind (providers, PROVIDER_ISSUER);
  const Provider *first = g_ptr_array_index (issuers, 0);
  return first == provider
         || provider_fail (provider, "", 0, error,
                           "a second provider of kind issuer; the first is %s, keep one",
                           provider_name (first));
}

const ProviderModule provider_module_issuer = {
  .kind = PROVIDER_ISSUER,
  .word = "issuer",
  .directives = directives,
  .n_directives = G_N_ELEMENTS (directives),
  .check = check,
  .check_set = check_set,
  .serves = 1u << OPERATION_MINT_TOKEN,
};
