/* SPDX-License-Identifier: MIT
 *
 * .ov.yaml, the file by which a project says which app, environment and secrets it means. It holds
 * names only, and anybody may have written it: what it leads to is asked of the broker like all
 * else.
 *
 * MUST
 *  - refuse what it does not know, with its line: a misspelt "environment" must not mean production
 */
#pragma once

#include <glib.h>

typedef struct
{
  char *app, *environment; /* NULL: not said */
  char **secrets;          /* NULL: not said */
} McpProject;

/* The nearest file in @dir or above it, up to @home (may be NULL). The caller owns it; empty when
 * there is none. NULL with an error, which begins with the file's path and line. */
McpProject *mcp_project_find (const char *dir, const char *home, GError **error);
/* @text as such a file; @name is for the error. */
McpProject *mcp_project_parse (const char *text, const char *name, GError **error);
void mcp_project_free (McpProject *project);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpProject, mcp_project_free)
