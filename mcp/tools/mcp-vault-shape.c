/* SPDX-License-Identifier: MIT
 *
 * The shapes of https://opaquevault.com/docs/mcp/overview/; what the broker says beyond them stays.
 */
#include "mcp/tools/mcp-vault-private.h"

/* The names that were asked for, as the agent says them. */
json_t *
mcp_vault_names_in (const McpVault *vault, const json_t *result)
{
  json_t *names = json_array ();
  gsize i;
  const json_t *secret;

  json_array_foreach (json_object_get (result, "secrets"), i, secret)
  {
    const char *name = wire_string (secret, "name");
    if (name != NULL)
      json_array_append_new (names,
                             json_string (vault->app != NULL ? mcp_vault_last_part (name) : name));
  }
  return names;
}

static json_t *
with_context (const McpVault *vault, json_t *shape)
{
  g_autoptr (json_t) context = mcp_vault_context (vault);

  json_object_update (shape, context);
  return shape;
}

static json_t *
shape_exists (const McpVault *vault, const json_t *result)
{
  const char *asked = wire_string (vault->given, "name");
  g_autofree char *full = mcp_vault_full_name (vault, asked);
  gboolean exists = FALSE;
  gsize i;
  const json_t *secret;

  json_array_foreach (json_object_get (result, "secrets"), i, secret) exists
      = exists || g_strcmp0 (wire_string (secret, "name"), full) == 0;
  return with_context (vault, json_pack ("{s:b, s:s}", "exists", exists, "name", asked));
}

static json_t *
shape_list (const McpVault *vault, const json_t *result)
{
  json_t *names = mcp_vault_names_in (vault, result);

  return with_context (
      vault, json_pack ("{s:o, s:i}", "secrets", names, "total", (int) json_array_size (names)));
}

static json_t *
shape_run (McpVault *vault, json_t *result)
{
  json_t *shape = json_copy (result), *count;
  const char *name;

  json_object_foreach (json_object_get (result, "redacted"), name, count) vault->session->n_redacted
      += json_integer_value (count);
  json_object_set (shape, "secrets_injected", vault->injected);
  return shape;
}

static json_t *
shape_status (const McpVault *vault, const json_t *result)
{
  const char *state = wire_string (result, "state");
  gint64 age = (g_get_monotonic_time () - vault->session->started) / G_USEC_PER_SEC;
  json_t *shape = json_pack (
      "{s:b, s:s, s:I, s:I, s:O*}", "unlocked", g_strcmp0 (state, "unlocked") == 0,
      "intercept_mode", "redact", "intercepted_count", (json_int_t) vault->session->n_redacted,
      "session_age_seconds", (json_int_t) age, "message", json_object_get (result, "message"));

  return with_context (vault, shape);
}

static json_t *
shape_change (const McpVault *vault, const char *done, const json_t *result)
{
  return with_context (vault, json_pack ("{s:O, s:b, s:O*}", "name",
                                         json_object_get (vault->given, "name"), done, TRUE,
                                         "message", json_object_get (result, "message")));
}

json_t *
mcp_vault_shape (McpVault *vault, json_t *result)
{
  switch (vault->tool->kind)
    {
    case MCP_VAULT_RUN:
      return shape_run (vault, result);
    case MCP_VAULT_LIST:
      return shape_list (vault, result);
    case MCP_VAULT_EXISTS:
      return shape_exists (vault, result);
    case MCP_VAULT_CREATE:
      return shape_change (vault, "created", result);
    case MCP_VAULT_UPDATE:
      return shape_change (vault, "updated", result);
    case MCP_VAULT_DELETE:
      return shape_change (vault, "deleted", result);
    case MCP_VAULT_STATUS:
      return shape_status (vault, result);
    }
  return json_incref (result);
}
