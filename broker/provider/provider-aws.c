/* SPDX-License-Identifier: MIT
 *
 * AWS: temporary credentials of a role.
 */
#include <string.h>

#include "broker/provider/provider-module.h"

/* from keys S | from vouch PROVIDER | from issuer */
static gboolean
take_from (ServiceLine *line, GPtrArray *words, GError **error)
{
  static const char *const choices[] = { "keys", "vouch", "issuer", NULL };
  switch (provider_take_of (line, words, "source of a role", choices, error))
    {
    case 0:
      return provider_take_secret (line, words, error);
    case 1:
      return provider_take_name (line, words, error);
    case 2:
      return TRUE;
    default:
      return FALSE;
    }
}

static const ProviderDirective directives[] = {
  { "role", provider_take_text, PROVIDER_KEYED, "arn:aws:iam::123456789012:role/deploy" },
  { "from", take_from, PROVIDER_ONCE, "keys aws-keys" },
  { "region", provider_take_name, PROVIDER_ONCE, NULL },
  { "endpoint", provider_take_url, PROVIDER_ONCE, NULL },
  { "session-name", provider_take_text, PROVIDER_ONCE, NULL },
  { "max", provider_take_duration, PROVIDER_ONCE, NULL },
  { "network", provider_take_network, PROVIDER_ONCE, NULL },
  { "ca", provider_take_ca, PROVIDER_ONCE, NULL },
};

static gboolean
check_set (const Provider *provider, const Providers *providers, GError **error)
{
  GPtrArray *rows = provider_rows (provider, "from");
  char **from = g_ptr_array_index (rows, 0);
  g_ptr_array_unref (rows);
  const Provider *vouch = from[1] == NULL ? NULL : providers_find (providers, from[1]);
  g_autoptr (GPtrArray) issuers = providers_of_kind (providers, PROVIDER_ISSUER);
  if (strcmp (from[0], "vouch") == 0 && (vouch == NULL || provider_kind (vouch) != PROVIDER_VOUCH))
    return provider_fail (provider, "from", 0, error, "there is no provider %s of kind vouch",
                          from[1]);
  if (strcmp (from[0], "issuer") == 0 && issuers->len == 0)
    return provider_fail (provider, "from", 0, error, "there is no provider of kind issuer");
  return TRUE;
}

const ProviderModule provider_module_aws = {
  .kind = PROVIDER_AWS,
  .word = "aws",
  .directives = directives,
  .n_directives = G_N_ELEMENTS (directives),
  .check_set = check_set,
  .serves = 1u << OPERATION_AWS_CREDENTIALS,
};
