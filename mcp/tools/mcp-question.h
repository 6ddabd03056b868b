/* SPDX-License-Identifier: MIT
 *
 * What one call asks of the broker, for as long as it may have to be asked again.
 *
 * MUST
 *  - let what is large travel beside its message, sealed: a line holds 64 KiB
 */
#pragma once

#include "broker/base/arguments.h"

/* On agent.sock first the body, value or standard input, then the file that is written to. */
#define MCP_QUESTION_FDS 2

typedef struct _McpQuestion McpQuestion;

/* @arguments (may be NULL) are what arguments_check() accepted. Makes the file that they name; the
 * error is that it cannot be made. */
McpQuestion *mcp_question_new (const Arguments *table, json_t *arguments, GError **error);
McpQuestion *mcp_question_ref (McpQuestion *question);
/* With the last one the file goes, unless the question is done. */
void mcp_question_unref (McpQuestion *question);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpQuestion, mcp_question_unref)

const char *mcp_question_method (const McpQuestion *question);
/* As they were given; NULL when none were. Borrowed. */
const json_t *mcp_question_params (const McpQuestion *question);
/* Whether it may go on for minutes without a person being waited for. */
gboolean mcp_question_is_long (const McpQuestion *question);
/* It may be under way by now, as far as is known here. */
void mcp_question_begin (McpQuestion *question);
/* Whether it may be asked of another broker: a request that may have been sent and a command that
 * may have been run are not. */
gboolean mcp_question_may_repeat (const McpQuestion *question);
/* Roughly what it holds in memory. */
gsize mcp_question_size (const McpQuestion *question);
/* Whether it asks what @call with @arguments (may be NULL) would. */
gboolean mcp_question_is (const McpQuestion *question, const char *call, const json_t *arguments);
/* Whether both ask the same; two that make files never do. */
gboolean mcp_question_same (const McpQuestion *a, const McpQuestion *b);
/* It was answered, and what it made stays. */
void mcp_question_done (McpQuestion *question);

/* What agent.sock takes. The caller owns it, and closes @fds[0]; @fds[1] stays ours. Each is -1
 * when there is none. @progress: the client wants to hear what is said meanwhile. */
json_t *mcp_question_message (const McpQuestion *question, gint64 hold_seconds, gboolean progress,
                              int fds[MCP_QUESTION_FDS], GError **error);
