/* SPDX-License-Identifier: MIT
 *
 * Vouch: who hands out what others issue, to whom a person has proved to be.
 */
#include "broker/provider/oauth2-private.h"

static const ProviderDirective directives[] = {
  { "client", provider_take_text, PROVIDER_ONCE, "countersign" },
  { "client-secret", provider_take_secret, PROVIDER_ONCE, NULL },
  { "issuer", provider_take_url, PROVIDER_ONCE, NULL },
  { "scope", provider_take_scope, PROVIDER_LIST, NULL },
  { "callback-port", oauth2_take_port, PROVIDER_ONCE, NULL },
  { "network", provider_take_network, PROVIDER_ONCE, NULL },
  { "ca", provider_take_ca, PROVIDER_ONCE, NULL },
};

const ProviderModule provider_module_vouch = {
  .kind = PROVIDER_VOUCH,
  .word = "vouch",
  .directives = directives,
  .n_directives = G_N_ELEMENTS (directives),
  .check = oauth2_check_client,
  .serves = 1u << OPERATION_GITHUB_TOKEN | 1u << OPERATION_SSH_CERTIFICATE,
};
