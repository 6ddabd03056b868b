/* SPDX-License-Identifier: MIT
 *
 * Values too large for a line of agent.sock, as sealed memfds (broker/PROTOCOL.md, Framing).
 *
 * MUST
 *  - wipe each copy that is made on the way
 *  - refuse a descriptor that its sender could still change
 */
#pragma once

#include "broker/base/wire.h"

#define MCP_VALUE_INLINE 4096       /* bytes; a longer one travels beside its message */
#define MCP_VALUE_MAX (1024 * 1024) /* as the broker's */

/* A sealed memfd with the text of @value, close-on-exec; -1 with an error. */
int mcp_value_send (const json_t *value, GError **error);
/* The text in @fd, which is closed; the caller owns it. NULL with an error, also when it is not
 * text. */
json_t *mcp_value_receive (int fd, GError **error);
