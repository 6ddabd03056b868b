/* SPDX-License-Identifier: MIT
 *
 * What an MCP client is told so that it finds this server: the text for its own file, and where
 * that is.
 */
#pragma once

#include "broker/base/wire.h"

#define MCP_CONFIG_NAME "countersign"        /* of the server, in the client's file */
#define MCP_CONFIG_TOKEN "COUNTERSIGN_TOKEN" /* the variable that a local token is taken from */

#define MCP_CONFIG_ERROR (mcp_config_error_quark ())
typedef enum
{
  MCP_CONFIG_ERROR_CLIENT, /* none that is known; the message names those that are */
  MCP_CONFIG_ERROR_URL     /* no address, or one that this client cannot be given */
} McpConfigError;
GQuark mcp_config_error_quark (void);

typedef struct
{
  const char *client;           /* "claude-code", … */
  const char *url;              /* NULL: the client starts @program */
  const char *program;          /* absolute */
  const char *const *arguments; /* NULL-terminated */
  const char *const *tools;     /* by name, NULL-terminated: to be allowed where a client asks */
} McpConfig;

/* @text: JSON or TOML, to go into the file as it is. @advice: for the person: which file, what else
 * to do. g_free() both. */
gboolean mcp_config_make (const McpConfig *config, char **text, char **advice, GError **error);
