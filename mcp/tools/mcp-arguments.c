/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-arguments.h"

/* As Vouch has them: its schemas give null and "" for what is not said. */
static const struct
{
  const char *theirs, *ours;
} tools[] = {
  { "get-aws-credentials", "get_aws_credentials" },
  { "get-github-token", "get_github_token" },
  { "get-ssh-certificate", "get_ssh_certificate" },
};

const char *
mcp_arguments_tool (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    if (g_str_equal (tools[i].theirs, name))
      return tools[i].ours;
  return name;
}

static gboolean
is_one_of_vouch (const char *tool)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    if (g_str_equal (tools[i].ours, tool))
      return TRUE;
  return FALSE;
}

json_t *
mcp_arguments_tidy (const char *tool, json_t *arguments)
{
  const char *name;
  json_t *value;

  if (!json_is_object (arguments) || !is_one_of_vouch (tool))
    return json_incref (arguments);
  json_t *tidy = json_object ();
  json_object_foreach (arguments, name, value)
  {
    gboolean blank
        = g_str_equal (name, "owner") && json_is_string (value) && json_string_length (value) == 0;
    if (!json_is_null (value) && !blank)
      json_object_set (tidy, name, value);
  }
  return tidy;
}
