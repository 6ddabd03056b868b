/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-wire-private.h"

#include <string.h>

#define FORM "elicitation/form"

/* The name of an extension has a slash itself: the whole of what is left is tried first. */
static const json_t *
find (const json_t *object, const char *path)
{
  const json_t *whole = json_object_get (object, path);
  const char *slash = strchr (path, '/');

  if (whole != NULL || slash == NULL)
    return whole;
  g_autofree char *first = g_strndup (path, slash - path);
  return find (json_object_get (object, first), slash + 1);
}

gboolean
mcp_capability_has (const json_t *capabilities, const char *path)
{
  const json_t *elicitation = json_object_get (capabilities, "elicitation");

  /* An empty object means the only kind there was at first. */
  if (g_str_equal (path, FORM) && json_is_object (elicitation)
      && json_object_size (elicitation) == 0)
    return TRUE;
  return json_is_object (find (capabilities, path));
}

const char *
mcp_capability_of (const char *method, const json_t *params)
{
  if (g_str_equal (method, "sampling/createMessage"))
    return "sampling";
  if (g_str_equal (method, "roots/list"))
    return "roots";
  if (!g_str_equal (method, "elicitation/create"))
    return NULL;
  return g_strcmp0 (wire_string (params, "mode"), "url") == 0 ? "elicitation/url" : FORM;
}

json_t *
mcp_capability_require (const char *path)
{
  const char *slash = strchr (path, '/');

  if (slash == NULL)
    return json_pack ("{s:{}}", path);
  g_autofree char *first = g_strndup (path, slash - path);
  return json_pack ("{s:{s:{}}}", first, slash + 1);
}
