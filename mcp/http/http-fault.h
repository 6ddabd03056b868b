/* SPDX-License-Identifier: MIT
 *
 * What a verifier is told when the broker does not answer its question.
 */
#pragma once

#include "mcp/http/http-broker.h"

#include <libsoup/soup.h>

/* The broker does not know who asks about a token, or not by this secret. */
gboolean http_fault_is_client (const HttpReply *reply);
/* It does not know who calls by this token. */
gboolean http_fault_is_caller (const HttpReply *reply);
/* Says what to do, and when to try again. Nothing of paths or of what the broker says in detail
 * goes to the network; that is told on standard error. */
void http_fault_answer (SoupServerMessage *message, const HttpReply *reply);
