/* SPDX-License-Identifier: MIT
 *
 * What both programs, on standard input and over HTTP, offer.
 */
#pragma once

#include "mcp/tools/mcp-broker.h"

/* The owner of each session is its caller's McpBroker, and of all of them what is offered is the
 * same: @offered, which is borrowed. g_free(). */
McpHandler *mcp_tools_handler_new (const McpOffered *offered);
