/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-credential.h"

/* AccessKeyId and its like, as the provider's own programs call them. */
static gboolean
unfold_members (json_t *result, GError **error)
{
  const json_t *value = json_object_get (result, "value");
  g_autoptr (json_t) members
      = wire_parse (json_string_value (value), json_string_length (value), FALSE, error);

  if (members == NULL)
    return FALSE;
  json_object_del (result, "value");
  return json_object_update_missing (result, members) == 0;
}

/* Told by what else is in the result, not by what was asked: approval_wait brings the same. */
gboolean
mcp_credential_unfold (json_t *result, GError **error)
{
  json_t *value = json_object_get (result, "value"), *token = json_object_get (result, "token");

  if (!json_is_string (value))
    return TRUE;
  if (json_is_object (token))
    {
      json_object_set (token, "token", value);
      json_object_del (result, "value");
      return TRUE;
    }
  return json_object_get (result, "provider") == NULL || unfold_members (result, error);
}
