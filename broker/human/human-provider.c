/* SPDX-License-Identifier: MIT
 *
 * The accepted providers, for a person's programs.
 */
#include "broker/human/human.h"
#include "broker/provider/provider.h"

static json_t *
describe (gconstpointer provider)
{
  return provider_describe (provider);
}

void
human_provider_list (Human *human, const RpcCall *rpc)
{
  const Providers *providers = human->vault->providers;
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (guint i = 0; i < providers_count (providers); i++)
    g_ptr_array_add (all, (gpointer) providers_nth (providers, i));
  human_answer_page (human, rpc, "providers", all, describe);
}
