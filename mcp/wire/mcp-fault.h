/* SPDX-License-Identifier: MIT
 *
 * Errors of JSON-RPC and of MCP.
 * https://www.jsonrpc.org/specification#error_object
 */
#pragma once

#include "mcp/wire/mcp-version.h"

#define MCP_PARSE_ERROR -32700
#define MCP_INVALID_REQUEST -32600
#define MCP_METHOD_NOT_FOUND -32601
#define MCP_INVALID_PARAMS -32602
#define MCP_INTERNAL_ERROR -32603
#define MCP_RESOURCE_NOT_FOUND -32002 /* before 2026-07-28; there it goes out as invalid params */
/* 2026-07-28 */
#define MCP_HEADER_MISMATCH -32020
#define MCP_MISSING_CAPABILITY -32021
#define MCP_UNSUPPORTED_VERSION -32022

/* What HTTP answers with when an error of @code is the first that is said to a request. */
guint mcp_fault_status (int code, McpVersion version);
