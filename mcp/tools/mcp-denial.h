/* SPDX-License-Identifier: MIT
 *
 * What an agent can do about a no: one row for each code there is.
 */
#pragma once

#include "broker/base/wire.h"

typedef struct
{
  const char *code;
  const char *tool; /* the row is for this one alone; NULL: for all that have no row of their own */
  const char *rule; /* what decided, where no rule of the policy did */
  const char *who;  /* who can change it */
  const char *next; /* what to do now */
} McpDenial;

/* @tool may be NULL. Never NULL: an unknown code has a row too, with a code of NULL. */
const McpDenial *mcp_denial_find (const char *code, const char *tool);

/* Adds "rule" (unless it is there), "who_can_change" and "next" to an answer that has a "code". */
void mcp_denial_explain (json_t *answer, const char *tool);
