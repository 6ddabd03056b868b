/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "broker/service/service-private.h"

const char *const service_method_words[SERVICE_METHODS + 1]
    = { "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", NULL };

guint
service_method_bit (const char *name)
{
  for (guint i = 0; service_method_words[i] != NULL; i++)
    if (strcmp (service_method_words[i], name) == 0)
      return 1u << i;
  return 0;
}

json_t *
service_methods_json (guint methods)
{
  json_t *array = json_array ();
  for (guint i = 0; service_method_words[i] != NULL; i++)
    if ((methods & (1u << i)) != 0)
      json_array_append_new (array, json_string (service_method_words[i]));
  return array;
}

char *
service_methods_text (guint methods)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; service_method_words[i] != NULL; i++)
    if ((methods & (1u << i)) != 0)
      {
        methods &= ~(1u << i);
        if (text->len > 0)
          g_string_append (text, methods == 0 ? " and " : ", ");
        g_string_append (text, service_method_words[i]);
      }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
