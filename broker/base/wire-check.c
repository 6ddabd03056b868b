/* SPDX-License-Identifier: MIT
 *
 * Checking a message against the receiver's table of fields.
 */
#include "broker/base/wire.h"

#include <string.h>

#define MAX_SHOWN_NAME 64

/* A name we do not know is the sender's text: shown only when it could be a field's. */
static gboolean
name_can_be_shown (const char *name)
{
  gsize len = strlen (name);

  if (len == 0 || len > MAX_SHOWN_NAME)
    return FALSE;
  for (; *name != '\0'; name++)
    if (!g_ascii_isprint (*name) || *name == ':')
      return FALSE;
  return TRUE;
}

static gboolean
check_known (const WireField *fields, gsize n_fields, const json_t *object, GError **error)
{
  const char *key;
  json_t *value;

  json_object_foreach ((json_t *) object, key, value)
  {
    gsize i = 0;
    while (i < n_fields && strcmp (fields[i].name, key) != 0)
      i++;
    if (i < n_fields)
      continue;
    g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s: is not a field of this call",
                 name_can_be_shown (key) ? key : "a name that cannot be shown");
    return FALSE;
  }
  return TRUE;
}

static gboolean
within (const WireField *field, gsize n)
{
  return n >= (gsize) MAX (field->min, 0) && (field->max == 0 || n <= (gsize) field->max);
}

static gboolean
all_texts (const json_t *list, gboolean may_be_empty)
{
  for (gsize i = 0; i < json_array_size (list); i++)
    {
      const json_t *text = json_array_get (list, i);
      if (!json_is_string (text) || (json_string_length (text) == 0 && !may_be_empty))
        return FALSE;
    }
  return TRUE;
}

static gboolean
all_values_text (const json_t *map)
{
  const char *key;
  json_t *value;

  json_object_foreach ((json_t *) map, key, value) if (!json_is_string (value)) return FALSE;
  return TRUE;
}

static gboolean
field_fits (const WireField *field, const json_t *value)
{
  switch (field->type)
    {
    case WIRE_STRING:
      return json_is_string (value) && within (field, json_string_length (value));
    case WIRE_INTEGER:
      return json_is_integer (value) && json_integer_value (value) >= field->min
             && json_integer_value (value) <= field->max;
    case WIRE_BOOLEAN:
      return json_is_boolean (value);
    case WIRE_OBJECT:
      return json_is_object (value);
    case WIRE_STRINGS:
    case WIRE_TEXTS:
      return json_is_array (value) && within (field, json_array_size (value))
             && all_texts (value, field->type == WIRE_TEXTS);
    case WIRE_ARRAY:
      return json_is_array (value) && within (field, json_array_size (value));
    case WIRE_STRING_MAP:
      return json_is_object (value) && within (field, json_object_size (value))
             && all_values_text (value);
    }
  return FALSE;
}

/* "", "1 to 64 ", "at least 1 ", "at most 64 " */
static char *
describe_range (const WireField *field)
{
  if (field->max == 0)
    return field->min > 0 ? g_strdup_printf ("at least %" G_GINT64_FORMAT " ", field->min)
                          : g_strdup ("");
  if (field->min <= 0)
    return g_strdup_printf ("at most %" G_GINT64_FORMAT " ", field->max);
  if (field->min == field->max)
    return g_strdup_printf ("%" G_GINT64_FORMAT " ", field->max);
  return g_strdup_printf ("%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " ", field->min, field->max);
}

static char *
describe (const WireField *field)
{
  g_autofree char *range = describe_range (field);

  switch (field->type)
    {
    case WIRE_STRING:
      return *range == '\0' ? g_strdup ("must be text")
                            : g_strdup_printf ("must be text of %sbytes", range);
    case WIRE_INTEGER:
      return g_strdup_printf ("must be a whole number from %" G_GINT64_FORMAT
                              " to %" G_GINT64_FORMAT,
                              field->min, field->max);
    case WIRE_BOOLEAN:
      return g_strdup ("must be true or false");
    case WIRE_OBJECT:
      return g_strdup ("must be an object");
    case WIRE_STRINGS:
      return g_strdup_printf ("must be a list of %stexts, none of them empty", range);
    case WIRE_TEXTS:
      return g_strdup_printf ("must be a list of %stexts", range);
    case WIRE_ARRAY:
      return g_strdup_printf ("must be a list of %s%s", range,
                              field->items != NULL ? "objects" : "items");
    case WIRE_STRING_MAP:
      return g_strdup_printf ("must be an object of %stexts", range);
    }
  return g_strdup ("has no known type");
}

static gboolean
items_fit (const WireField *field, const json_t *list, GError **error)
{
  if (field->items == NULL)
    return TRUE;
  for (gsize i = 0; i < json_array_size (list); i++)
    {
      g_autoptr (GError) fault = NULL;
      const json_t *item = json_array_get (list, i);

      if (!json_is_object (item))
        g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s: each must be an object",
                     field->name);
      else if (!wire_check (field->items, field->n_items, item, &fault))
        g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s: %s", field->name, fault->message);
      else
        continue;
      return FALSE;
    }
  return TRUE;
}

gboolean
wire_check (const WireField *fields, gsize n_fields, const json_t *object, GError **error)
{
  if (object != NULL && !json_is_object (object))
    {
      g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD, "arguments: must be an object");
      return FALSE;
    }
  if (!check_known (fields, n_fields, object, error))
    return FALSE;
  for (gsize i = 0; i < n_fields; i++)
    {
      const json_t *value = json_object_get (object, fields[i].name);
      if (value == NULL ? !fields[i].required : field_fits (&fields[i], value))
        {
          if (!items_fit (&fields[i], value, error))
            return FALSE;
          continue;
        }
      g_autofree char *fault = value == NULL ? g_strdup ("is missing") : describe (&fields[i]);
      g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s: %s", fields[i].name, fault);
      return FALSE;
    }
  return TRUE;
}

char *
wire_error_field (const GError *error)
{
  const char *colon;

  if (!g_error_matches (error, WIRE_ERROR, WIRE_ERROR_FIELD))
    return NULL;
  colon = strstr (error->message, ": ");
  return colon == NULL ? NULL : g_strndup (error->message, colon - error->message);
}

const char *
wire_string (const json_t *object, const char *name)
{
  return json_string_value (json_object_get (object, name));
}

gint64
wire_integer (const json_t *object, const char *name, gint64 otherwise)
{
  const json_t *value = json_object_get (object, name);
  return json_is_integer (value) ? json_integer_value (value) : otherwise;
}

char **
wire_texts (const json_t *array)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; i < json_array_size (array); i++)
    g_strv_builder_add (builder, json_string_value (json_array_get (array, i)));
  return g_strv_builder_end (builder);
}

json_t *
wire_texts_json (char **texts)
{
  json_t *array = json_array ();

  for (; texts != NULL && *texts != NULL; texts++)
    json_array_append_new (array, json_string (*texts));
  return array;
}
