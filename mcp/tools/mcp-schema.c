/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-schema.h"

static void
set_limits (json_t *schema, const char *min_name, gint64 min, const char *max_name, gint64 max)
{
  if (min > 0)
    json_object_set_new (schema, min_name, json_integer (min));
  if (max > 0)
    json_object_set_new (schema, max_name, json_integer (max));
}

static json_t *
schema_of_field (const WireField *field)
{
  json_t *schema = json_object ();

  switch (field->type)
    {
    case WIRE_STRING:
      json_object_set_new (schema, "type", json_string ("string"));
      /* n bytes may be one character. */
      set_limits (schema, "minLength", MIN (field->min, 1), "maxLength", field->max);
      break;
    case WIRE_INTEGER:
      json_object_set_new (schema, "type", json_string ("integer"));
      json_object_set_new (schema, "minimum", json_integer (field->min));
      json_object_set_new (schema, "maximum", json_integer (field->max));
      break;
    case WIRE_BOOLEAN:
      json_object_set_new (schema, "type", json_string ("boolean"));
      break;
    case WIRE_ARRAY:
      json_object_set_new (schema, "type", json_string ("array"));
      if (field->items != NULL)
        json_object_set_new (schema, "items", mcp_schema_of_fields (field->items, field->n_items));
      set_limits (schema, "minItems", field->min, "maxItems", field->max);
      break;
    case WIRE_OBJECT:
      json_object_set_new (schema, "type", json_string ("object"));
      break;
    case WIRE_STRINGS:
      json_object_set_new (schema, "type", json_string ("array"));
      json_object_set_new (schema, "items",
                           json_pack ("{s:s, s:i}", "type", "string", "minLength", 1));
      set_limits (schema, "minItems", field->min, "maxItems", field->max);
      break;
    case WIRE_TEXTS:
      json_object_set_new (schema, "type", json_string ("array"));
      json_object_set_new (schema, "items", json_pack ("{s:s}", "type", "string"));
      set_limits (schema, "minItems", field->min, "maxItems", field->max);
      break;
    case WIRE_STRING_MAP:
      json_object_set_new (schema, "type", json_string ("object"));
      json_object_set_new (schema, "additionalProperties", json_pack ("{s:s}", "type", "string"));
      set_limits (schema, "minProperties", field->min, "maxProperties", field->max);
      break;
    }
  if (field->about != NULL)
    json_object_set_new (schema, "description", json_string (field->about));
  return schema;
}

json_t *
mcp_schema_of_fields (const WireField *fields, gsize n_fields)
{
  json_t *properties = json_object (), *required = json_array ();
  json_t *schema = json_pack ("{s:s, s:o}", "type", "object", "properties", properties);

  for (gsize i = 0; i < n_fields; i++)
    {
      json_object_set_new (properties, fields[i].name, schema_of_field (&fields[i]));
      if (fields[i].required)
        json_array_append_new (required, json_string (fields[i].name));
    }
  if (json_array_size (required) > 0)
    json_object_set (schema, "required", required);
  json_decref (required);
  json_object_set_new (schema, "additionalProperties", json_false ());
  return schema;
}

json_t *
mcp_schema_of_answers (void)
{
  return json_pack (
      "{s:s, s:s, s:{s:{s:s, s:[s,s,s,s,s]}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s},"
      " s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s, s:{s:s}}}, s:[s]}",
      "type", "object", "description",
      "completed: result, and cut: scopes that were asked for and that the policy left out. "
      "pending: request_id for approval_wait, and message for the person. "
      "Otherwise: error, code, the rule that decided, who_can_change it, and what to do next.",
      "properties", "status", "type", "string", "enum", "completed", "pending", "denied", "expired",
      "failed", "request_id", "type", "string", "result", "type", "object", "message", "type",
      "string", "expires_at", "type", "string", "poll_after_ms", "type", "integer", "error", "type",
      "string", "code", "type", "string", "rule", "type", "string", "who_can_change", "type",
      "string", "next", "type", "string", "cut", "type", "array", "items", "type", "string",
      "required", "status");
}
