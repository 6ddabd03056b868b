/* SPDX-License-Identifier: MIT
 *
 * HTTP headers that repeat parts of the body, so that what stands between can route by them:
 * whoever acts on one must get what whoever acts on the other gets.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
 */
#include "mcp/wire/mcp-wire-private.h"

#include <math.h>
#include <string.h>

#define ENCODED "=?base64?"
#define ENCODED_END "?="

static gboolean
is_base64 (const char *text, gsize len)
{
  gsize padding = 0;

  while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
    padding++;
  for (gsize i = 0; i < len - padding; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '+' && text[i] != '/')
      return FALSE;
  return len % 4 == 0;
}

/* The value of a header, decoded when it says that it is encoded; NULL when it is so wrongly. */
static char *
decode (const char *value)
{
  gsize len = strlen (value), around = strlen (ENCODED) + strlen (ENCODED_END), n;

  if (len < around || !g_str_has_prefix (value, ENCODED) || !g_str_has_suffix (value, ENCODED_END))
    return g_strdup (value);
  if (!is_base64 (value + strlen (ENCODED), len - around))
    return NULL;
  g_autofree char *inner = g_strndup (value + strlen (ENCODED), len - around);
  g_autofree guchar *bytes = g_base64_decode (inner, &n);
  return memchr (bytes, '\0', n) == NULL ? g_strndup ((const char *) bytes, n) : NULL;
}

static gboolean
says (const char *header, const char *body)
{
  g_autofree char *decoded = decode (header);

  return g_strcmp0 (decoded, body) == 0;
}

const char *
mcp_headers_fault (const McpHeaders *headers, const McpMessage *message)
{
  const json_t *meta = json_object_get (message->params, "_meta");
  const char *claim = wire_string (meta, MCP_META_VERSION), *name;
  const McpMethod *method = mcp_method_find (message->method);
  gboolean request = message->kind == MCP_JSONRPC_REQUEST;

  if (headers->protocol_version == NULL)
    return "MCP-Protocol-Version: must be there";
  if (claim != NULL && !g_str_equal (headers->protocol_version, claim))
    return "MCP-Protocol-Version: must say what " MCP_META_VERSION " does";
  if (headers->method == NULL && request)
    return "Mcp-Method: must be there";
  if (headers->method != NULL && !g_str_equal (headers->method, message->method))
    return "Mcp-Method: must say what method does";
  if (method == NULL || method->named == NULL || !request
      || (name = wire_string (message->params, method->named)) == NULL)
    return NULL;
  if (headers->name == NULL)
    return "Mcp-Name: must be there";
  return says (headers->name, name) ? NULL : "Mcp-Name: must say what the body does";
}

/* --- Arguments --- */

static gboolean
says_number (const char *header, const json_t *value)
{
  g_autofree char *decoded = decode (header);
  char *end = NULL;

  if (decoded == NULL || *decoded == '\0')
    return FALSE;
  double number = g_ascii_strtod (decoded, &end);
  return *end == '\0' && isfinite (number) && number == json_number_value (value);
}

static gboolean
says_value (const char *header, const json_t *value)
{
  if (json_is_string (value))
    return says (header, json_string_value (value));
  if (json_is_boolean (value))
    return says (header, json_is_true (value) ? "true" : "false");
  return json_is_number (value) && says_number (header, value);
}

/* An argument that is absent or null has no header. */
static gboolean
agrees (const McpHeaders *headers, const char *name, const json_t *value)
{
  const char *header = headers->param != NULL ? headers->param (headers->user, name) : NULL;

  if (value == NULL || json_is_null (value))
    return header == NULL;
  return header != NULL && says_value (header, value);
}

const char *
mcp_headers_arguments_fault (const McpHeaders *headers, const json_t *schema,
                             const json_t *arguments)
{
  json_t *properties = json_object_get (schema, "properties"), *property;
  const char *key;

  json_object_foreach (properties, key, property)
  {
    const char *name = wire_string (property, "x-mcp-header");
    const json_t *value = json_object_get (arguments, key);

    if (name != NULL && !agrees (headers, name, value))
      return "Mcp-Param: must say what the argument does, and be there when it is";
    /* Objects within say it of their own properties. */
    if (json_is_object (json_object_get (property, "properties")))
      {
        const char *fault = mcp_headers_arguments_fault (headers, property, value);
        if (fault != NULL)
          return fault;
      }
  }
  return NULL;
}
