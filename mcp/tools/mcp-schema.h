/* SPDX-License-Identifier: MIT
 *
 * JSON Schema (2020-12, without references) for what tools take and answer.
 */
#pragma once

#include "broker/base/wire.h"

/* What wire_check() accepts by @fields, as far as a schema can say it: lengths of text are bytes
 * there and characters here, so the schema may accept a little more, never less. The caller owns
 * it. */
json_t *mcp_schema_of_fields (const WireField *fields, gsize n_fields);
/* The envelope of every answer: {"status", "request_id"?, "result"?, …}. The caller owns it. */
json_t *mcp_schema_of_answers (void);
