/* SPDX-License-Identifier: MIT
 *
 * GitHub Apps: tokens of an installation.
 */
#include "broker/provider/provider-module.h"

/* permission NAME read|write|admin */
static gboolean
take_permission (ServiceLine *line, GPtrArray *words, GError **error)
{
  static const char *const levels[] = { "read", "write", "admin", NULL };
  return provider_take_name (line, words, error)
         && provider_take_of (line, words, "level of a permission", levels, error) >= 0;
}

static const ProviderDirective directives[] = {
  { "app", provider_take_name, PROVIDER_ONCE, "Iv1.0123456789abcdef" },
  { "installation", provider_take_number, PROVIDER_ONCE, "12345678" },
  { "key", provider_take_secret, PROVIDER_ONCE, "github-app-key" },
  { "api", provider_take_url, PROVIDER_ONCE, NULL },
  { "owner", provider_take_name, PROVIDER_ONCE, NULL },
  { "repository", provider_take_name, PROVIDER_LIST, NULL },
  { "permission", take_permission, PROVIDER_KEYED, NULL },
  { "max", provider_take_duration, PROVIDER_ONCE, NULL },
  { "network", provider_take_network, PROVIDER_ONCE, NULL },
  { "ca", provider_take_ca, PROVIDER_ONCE, NULL },
};

const ProviderModule provider_module_github_app = {
  .kind = PROVIDER_GITHUB_APP,
  .word = "github-app",
  .directives = directives,
  .n_directives = G_N_ELEMENTS (directives),
  .serves = 1u << OPERATION_GITHUB_TOKEN,
};
