/* SPDX-License-Identifier: MIT
 *
 * What is promised of every tool, and that the schemas say what wire_check() does.
 */
#include "mcp/tools/mcp-offered.h"

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

static McpOffered *
offer (const char *set, const char *capabilities)
{
  g_autoptr (GError) error = NULL;
  McpOffered *offered = mcp_offered_new (set, capabilities, &error);

  g_assert_no_error (error);
  return offered;
}

/* The names that are listed, with blanks between them. */
static char *
listed (const McpOffered *offered)
{
  g_autoptr (json_t) list = mcp_offered_list (offered, MCP_LIST_TOOLS);
  GString *names = g_string_new (NULL);
  json_t *tool;
  gsize i;

  json_array_foreach (list, i, tool)
  {
    g_string_append_printf (names, "%s%s", i > 0 ? " " : "", wire_string (tool, "name"));
    g_assert_true (mcp_offered_has (offered, wire_string (tool, "name")));
  }
  return g_string_free (names, FALSE);
}

static void
test_order (void)
{
  g_autoptr (McpOffered) offered = offer (NULL, NULL);
  g_autofree char *names = listed (offered);
  g_autofree char *wanted = g_strjoinv (" ", (char **) order);
  gsize n_calls;
  const Arguments *calls = arguments_all (&n_calls);

  g_assert_cmpstr (names, ==, wanted);
  for (gsize i = 0; i < n_calls; i++)
    g_assert_true ((mcp_offered_find (offered, calls[i].call) != NULL) == !calls[i].own);
  g_assert_null (mcp_offered_find (offered, "hello"));
  g_assert_null (mcp_offered_find (offered, ""));
}

static const struct
{
  const char *sentence, *set, *capabilities;
  const char *names; /* NULL: refused, with @part */
  const char *part;
} narrowings[] = {
  { "a group", NULL, "read",
    "broker_status get_broker_stats list_secrets explain_access "
    "approval_wait",
    NULL },
  { "a tool", NULL, "http_request", "broker_status http_request explain_access approval_wait",
    NULL },
  { "a group and a tool, with blanks", NULL, " use , resolve_secret",
    "broker_status get_secret http_request run_command resolve_secret explain_access "
    "approval_wait",
    NULL },
  { "one of another name", NULL, "get-github-token",
    "broker_status get_github_token explain_access approval_wait", NULL },
  { "what asks for nothing is named in vain", NULL, "broker_status",
    "broker_status explain_access approval_wait", NULL },
  { "the same twice", NULL, "reveal,reveal",
    "broker_status resolve_secret explain_access approval_wait", NULL },
  { "OpaqueVault's", "opaquevault", "read", "vault_status vault_list_secrets vault_secret_exists",
    NULL },
  { "OpaqueVault's by a short name", "opaquevault", "vault_list",
    "vault_status "
    "vault_list_secrets",
    NULL },
  { "Vouch's", "vouch", NULL,
    "broker_status get-aws-credentials get-github-token "
    "get-ssh-certificate approval_wait",
    NULL },
  { "Vouch's by our own name", "vouch", "get_ssh_certificate",
    "broker_status get-ssh-certificate approval_wait", NULL },
  { "no such word names those there are", NULL, "everything", NULL, "read use write reveal mint" },
  { "a wrong letter names the right one", NULL, "read,get_secrets", NULL,
    "did you mean get_secret?" },
  { "nothing at all is no list", NULL, "", NULL, "--capabilities" },
  { "nothing between two commas", NULL, "read,,use", NULL, "--capabilities" },
  { "a tool of another set", "opaquevault", "get_secret", NULL, "vault_run" },
  { "no such set", "vault", NULL, NULL, "opaquevault or vouch" },
};

static void
test_narrowing (gconstpointer data)
{
  typeof (narrowings[0]) const *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (McpOffered) offered = mcp_offered_new (row->set, row->capabilities, &error);

  if (row->names == NULL)
    {
      g_assert_null (offered);
      g_assert_nonnull (strstr (error->message, row->part));
      return;
    }
  g_assert_no_error (error);
  g_autofree char *names = listed (offered);
  g_assert_cmpstr (names, ==, row->names);
}

/* Narrowed away is not the same as not there. */
static void
test_narrowed_call (void)
{
  g_autoptr (McpOffered) offered = offer (NULL, "read");

  g_assert_nonnull (mcp_offered_find (offered, "http_request"));
  g_assert_false (mcp_offered_has (offered, "http_request"));
  g_assert_false (mcp_offered_has (offered, "get-github-token"));
  g_autofree char *missing = mcp_offered_missing (offered, "htp_request");
  g_assert_nonnull (strstr (missing, "did you mean http_request?"));
}

static void
test_whole (gconstpointer data)
{
  static const char *const hints[]
      = { "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint" };
  g_autoptr (McpOffered) offered = offer (data, NULL);
  g_autoptr (json_t) list = mcp_offered_list (offered, MCP_LIST_TOOLS);
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
    const json_t *icon = json_array_get (json_object_get (tool, "icons"), 0);
    g_assert_true (g_str_has_prefix (wire_string (icon, "src"), "data:image/svg+xml;base64,"));
    g_assert_cmpuint (strlen (wire_string (icon, "src")), <, 600);
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
  g_test_add_data_func ("/mcp-tools/each is described in full", "countersign", test_whole);
  g_test_add_data_func ("/mcp-tools/each of OpaqueVault's", "opaquevault", test_whole);
  g_test_add_data_func ("/mcp-tools/each of Vouch's", "vouch", test_whole);
  ADD_TABLE ("/mcp-tools/narrowed to ", narrowings, test_narrowing)
  g_test_add_func ("/mcp-tools/what was narrowed away is known, and not there", test_narrowed_call);
  ADD_TABLE ("/mcp-tools/schema of ", schemas, test_schema)
  g_test_add_func ("/mcp-tools/without required fields nothing is required", test_nothing_required);
  return g_test_run ();
}
