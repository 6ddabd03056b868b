/* SPDX-License-Identifier: MIT
 *
 * What clients of other servers of this kind send, as our tools take it.
 */
#pragma once

#include "broker/base/wire.h"

/* The tool that @name calls: itself, or one of Vouch's, whose names have dashes. Lives as long as
 * @name or the program. */
const char *mcp_arguments_tool (const char *name);
/* @arguments (may be NULL) without what stands for "left out" there: null, and an owner of no
 * letters. The caller owns what is returned. */
json_t *mcp_arguments_tidy (const char *tool, json_t *arguments);
