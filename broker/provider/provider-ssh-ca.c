/* SPDX-License-Identifier: MIT
 *
 * Our own certificate authority of SSH.
 */
#include "broker/provider/provider-module.h"

static const ProviderDirective directives[] = {
  { "principal", provider_take_text, PROVIDER_LIST, "deploy" },
  { "max", provider_take_duration, PROVIDER_ONCE, NULL },
  { "force-command", provider_take_text, PROVIDER_ONCE, NULL },
  { "source-address", provider_take_text, PROVIDER_ONCE, NULL },
  { "extension", provider_take_name, PROVIDER_LIST, NULL },
};

const ProviderModule provider_module_ssh_ca = {
  .kind = PROVIDER_SSH_CA,
  .word = "ssh-ca",
  .directives = directives,
  .n_directives = G_N_ELEMENTS (directives),
  .serves = 1u << OPERATION_SSH_CERTIFICATE,
};
