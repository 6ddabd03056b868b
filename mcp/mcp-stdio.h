/* SPDX-License-Identifier: MIT
 *
 * MCP's stdio transport: a line in, a line out, until standard input ends.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
 *
 * MUST
 *  - write nothing but MCP messages to standard output
 *  - read on while calls are held; stop reading only while what was answered is not taken
 *  - end with standard input, whatever is in flight
 */
#pragma once

#include "mcp/tools/mcp-broker.h"

/* Largest message from the client. */
#define MCP_STDIO_MAX_LINE (8 * 1024 * 1024)

/* Serves what @handler offers, to @broker's caller, until standard input ends. FALSE with an error:
 * a message was too long, or standard output takes no more. */
gboolean mcp_stdio_run (McpBroker *broker, const McpHandler *handler, GError **error);
