/* SPDX-License-Identifier: MIT
 *
 * What is promised of every tool, and that the schemas say what wire_check() does.
 */
#include "mcp/tools/mcp-tools.h"

#include "broker/base/arguments.h"
#include "mcp/tools/mcp-schema.h"
#include "tests/unit/table.h"

#include <string.h>

static const char *const order[]
    = { "broker_status",    "get_broker_stats",    "list_secrets",     "get_secret",
        "http_request",     "run_command",         "resolve_secret",   "store_secret",
        "update_secret",    "delete_secret",       "mint_token",       "revoke_token",
        "start_oauth_flow", "get_aws_credentials", "get_github_token", "get_ssh_certificate",
        "explain_access",   "approval_wait" };

static void
test_order (void)
{
  g_autoptr (json_t) list = mcp_tools_list ();
  gsize n_calls;
  const Arguments *calls = arguments_all (&n_calls);

  for (gsize i = 0; i < n_calls; i++)
    g_assert_true (mcp_tools_has (calls[i].call) == !calls[i].own);
  g_assert_cmpuint (json_array_size (list), ==, G_N_ELEMENTS (order));
  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    {
      g_assert_cmpstr (wire_string (json_array_get (list, i), "name"), ==, order[i]);
      g_assert_true (mcp_tools_has (order[i]));
      g_assert_nonnull (arguments_find (order[i]));
    }
  g_assert_false (mcp_tools_has ("hello"));
  g_assert_false (mcp_tools_has ("launch"));
  g_assert_false (mcp_tools_has (""));
}

static void
test_whole (void)
{
  static const char *const hints[]
      = { "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint" };
  g_autoptr (json_t) list = mcp_tools_list ();
  gsize i;
  json_t *tool;

  json_array_foreach (list, i, tool)
  {
    const json_t *annotations = json_object_get (tool, "annotations");
    const json_t *input = json_object_get (tool, "inputSchema");
    g_assert_cmpuint (strlen (wire_string (tool, "name")), <=, 64);
    g_assert_cmpuint (strlen (wire_string (tool, "title")), >, 0);
    g_assert_cmpuint (strlen (wire_string (tool, "description")), >, 40);
    for (gsize h = 0; h < G_N_ELEMENTS (hints); h++)
      g_assert_true (json_is_boolean (json_object_get (annotations, hints[h])));
    g_assert_cmpstr (wire_string (input, "type"), ==, "object");
    g_assert_true (json_is_false (json_object_get (input, "additionalProperties")));
    g_assert_cmpstr (wire_string (json_object_get (tool, "outputSchema"), "type"), ==, "object");
    g_assert_null (json_object_get (json_object_get (input, "properties"), "hold_seconds"));
  }
}

static const WireField item[] = { { "name", WIRE_STRING, TRUE, 0, 0, "About." } };

static const struct
{
  const char *sentence;
  WireField field;
  const char *schema;
} schemas[] = {
  { "text",
    { "f", WIRE_STRING, TRUE, 1, 64, "About." },
    "{\"type\":\"string\",\"minLength\":1,\"maxLength\":64,\"description\":\"About.\"}" },
  { "text of bytes is not text of characters",
    { "f", WIRE_STRING, TRUE, 8, 64, NULL },
    "{\"type\":\"string\",\"minLength\":1,\"maxLength\":64}" },
  { "text without limits", { "f", WIRE_STRING, TRUE, 0, 0, NULL }, "{\"type\":\"string\"}" },
  { "a whole number",
    { "f", WIRE_INTEGER, TRUE, 0, 300, NULL },
    "{\"type\":\"integer\",\"minimum\":0,\"maximum\":300}" },
  { "yes or no", { "f", WIRE_BOOLEAN, TRUE, 0, 0, NULL }, "{\"type\":\"boolean\"}" },
  { "an object", { "f", WIRE_OBJECT, TRUE, 0, 0, NULL }, "{\"type\":\"object\"}" },
  { "a list of texts",
    { "f", WIRE_STRINGS, TRUE, 1, 8, NULL },
    "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"minLength\":1},\"minItems\":1,"
    "\"maxItems\":"
    "8}" },
  { "a list of texts, empty ones too",
    { "f", WIRE_TEXTS, TRUE, 1, 8, NULL },
    "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":1,\"maxItems\":8}" },
  { "a list of objects",
    { "f", WIRE_ARRAY, TRUE, 0, 16, NULL, item, G_N_ELEMENTS (item) },
    "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":"
    "\"string\",\"description\":\"About.\"}},\"required\":[\"name\"],\"additionalProperties\":"
    "false},\"maxItems\":16}" },
  { "texts by name",
    { "f", WIRE_STRING_MAP, TRUE, 0, 32, NULL },
    "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"},\"maxProperties\":32}" },
};

static void
test_schema (gconstpointer data)
{
  const typeof (schemas[0]) *row = data;
  g_autoptr (json_t) schema = mcp_schema_of_fields (&row->field, 1);
  g_autofree char *text = json_dumps (schema, JSON_COMPACT);
  g_autofree char *expected
      = g_strdup_printf ("{\"type\":\"object\",\"properties\":{\"f\":%s},\"required\":[\"f\"],"
                         "\"additionalProperties\":false}",
                         row->schema);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_nothing_required (void)
{
  const WireField field = { "f", WIRE_BOOLEAN, FALSE, 0, 0, NULL };
  g_autoptr (json_t) some = mcp_schema_of_fields (&field, 1);
  g_autoptr (json_t) none = mcp_schema_of_fields (NULL, 0);

  g_assert_null (json_object_get (some, "required"));
  g_assert_cmpuint (json_object_size (json_object_get (none, "properties")), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  wire_init ();
  g_test_add_func ("/mcp-tools/they come in their order, each a call of the broker's", test_order);
  g_test_add_func ("/mcp-tools/each is described in full", test_whole);
  ADD_TABLE ("/mcp-tools/schema of ", schemas, test_schema)
  g_test_add_func ("/mcp-tools/without required fields nothing is required", test_nothing_required);
  return g_test_run ();
}
