/* SPDX-License-Identifier: MIT */
#include "broker/base/variables.h"

char *
variables_note (void)
{
  static const char *const providers[] = { "GITHUB", "GCP", "AZURE", "OKTA", "OAUTH2" };
  static const char *const parts[] = { "CLIENT_ID", "CLIENT_SECRET" };
  g_autoptr (GPtrArray) set = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < G_N_ELEMENTS (providers); i++)
    for (gsize part = 0; part < G_N_ELEMENTS (parts); part++)
      {
        g_autofree char *name = g_strconcat (providers[i], "_", parts[part], NULL);
        if (g_getenv (name) != NULL)
          g_ptr_array_add (set, g_steal_pointer (&name));
      }
  if (set->len == 0)
    return NULL;
  g_ptr_array_add (set, NULL);
  g_autofree char *names = g_strjoinv (", ", (char **) set->pdata);
  return g_strdup_printf ("%s in the environment: not read here. A person puts a provider's client "
                          "into the store with `countersign login --setup PROVIDER`",
                          names);
}
