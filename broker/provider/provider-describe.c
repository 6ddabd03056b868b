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
      g_autofree char *value = g_strjoinv (" ", (char **) row->words->pdata);
      json_array_append_new (
          settings, json_pack ("{s:s, s:s}", "name", row->directive->word, "value", value));
    }
  return settings;
}

json_t *
provider_describe (const Provider *provider)
{
  const ProviderModule *module = provider->module;
  json_t *object = json_pack ("{s:s, s:s, s:o, s:s, s:o}", "name", provider->name, "kind",
                              module->word, "operations", operations_json (module), "network",
                              provider_network (provider), "settings", settings_json (provider));
  json_t *endpoints = module->endpoints == NULL ? NULL : module->endpoints (provider);
  if (endpoints != NULL)
    json_object_set_new (object, "endpoints", endpoints);
  return object;
}
