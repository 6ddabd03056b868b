/* SPDX-License-Identifier: MIT
 *
 * Where a provider has its own proof from: the login of a person, at it or at another.
 */
#include "broker/operation/operation-provider.h"

#include <string.h>

const Provider *
provider_work_vouch (const Provider *provider, const Providers *providers)
{
  g_autoptr (GPtrArray) from = provider_rows (provider, "from");
  char **said = from->len > 0 ? g_ptr_array_index (from, 0) : NULL;

  if (provider_kind (provider) == PROVIDER_VOUCH)
    return provider;
  return said != NULL && strcmp (said[0], "vouch") == 0 ? providers_find (providers, said[1])
                                                        : NULL;
}

json_t *
provider_work_describe (const Provider *provider, const Providers *providers)
{
  const Provider *vouch = provider_work_vouch (provider, providers);
  json_t *all = json_pack ("[o]", provider_describe (provider));

  if (vouch != NULL && vouch != provider)
    json_array_append_new (all, provider_describe (vouch));
  return all;
}

void
provider_work_identify (Request *request, const Provider *vouch, IdentityFound found)
{
  ProviderWork *work = request->detail;
  IdentityLook *look = identity_find (request->vault, vouch, found, request);

  if (look != NULL) /* else it has been answered, and may be gone */
    work->look = look;
}
