/* SPDX-License-Identifier: MIT
 *
 * What both programs, on standard input and over HTTP, offer.
 */
#pragma once

#include "mcp/tools/mcp-broker.h"

/* The owner of each session is its caller's McpBroker. @opaquevault: OpaqueVault's tools in place
 * of ours. */
const McpHandler *mcp_tools_handler (gboolean opaquevault);
