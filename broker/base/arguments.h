/* SPDX-License-Identifier: MIT
 *
 * What an agent may pass: one table per call, read by the broker to check, and by countersign-mcp
 * to check early and to describe its tools.
 */
#pragma once

#include "broker/base/wire.h"

typedef struct
{
  const char *call; /* method on agent.sock and name of the MCP tool */
  const WireField *fields;
  gsize n_fields;
} Arguments;

#define ARGUMENTS_TTL_MAX 86400
#define ARGUMENTS_TTL_DEFAULT 3600

/* NULL when there is no such call. */
const Arguments *arguments_find (const char *call);
const Arguments *arguments_all (gsize *n);

/* wire_check(), and the rules a table cannot say: names by text_check_name(), scopes without repeats. */
gboolean arguments_check (const Arguments *arguments, const json_t *object, GError **error);
