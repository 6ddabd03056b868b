/* SPDX-License-Identifier: MIT */
#include "broker/base/wire.h"
#include "broker/provider/provider-private.h"

static json_t *
operations_json (const ProviderModule *module)
{
  json_t *operations = json_array ();
  for (guint i = 0; i < OPERATION_COUNT; i++)
    if ((module->serves & (1u << i)) != 0)
      json_array_append_new (operations, json_string (operation_name ((Operation) i)));
  return operations;
}

static json_t *
settings_json (const Provider *provider)
{
  json_t *settings = json_array ();
  for (guint i = 0; i < provider->rows->len; i++)
    {
      const ProviderRow *row = g_ptr_array_index (provider->rows, i);
      if (row->directive->take == provider_take_network)
        continue; /* stands by itself: it holds where no line says so */
      g_autofree char *value = g_strjoinv (" ", (char **) row->words->pdata);
      json_array_append_new (
          settings, json_pack ("{s:s, s:s}", "name", row->directive->word, "value", value));
    }
  return settings;
}

static gboolean
is_on_network (const ProviderModule *module)
{
  for (gsize i = 0; i < module->n_directives; i++)
    if (module->directives[i].take == provider_take_network)
      return TRUE;
  return FALSE;
}

json_t *
provider_describe (const Provider *provider)
{
  const ProviderModule *module = provider->module;
  json_t *object
      = json_pack ("{s:s, s:s, s:o, s:o}", "name", provider->name, "kind", module->word,
                   "operations", operations_json (module), "settings", settings_json (provider));
  json_t *endpoints = module->endpoints == NULL ? NULL : module->endpoints (provider);
  if (is_on_network (module))
    json_object_set_new (object, "network", json_string (provider_network (provider)));
  if (endpoints != NULL)
    json_object_set_new (object, "endpoints", endpoints);
  return object;
}
