/* SPDX-License-Identifier: MIT
 *
 * Who calls over HTTP: for each token a connection to the broker, which has verified it there
 * before anything else is asked on it.
 *
 * MUST
 *  - let nobody in on a token that the broker has not verified on a connection that is still there
 *  - keep of a token no more than its SHA-256, beside the one copy that proves it
 *  - stay of use to others while somebody shows one wrong token after another
 */
#pragma once

#include "mcp/http/http-broker.h"
#include "mcp/tools/mcp-broker.h"

typedef struct _HttpCallers HttpCallers;

typedef struct
{
  McpBrokerOptions each; /* what every connection has; `bearer`, `proved` and `user` are set here */
  /* @caller may no more: what is open for it has to end. */
  void (*over) (gpointer user, McpBroker *caller);
  gpointer user;
} HttpCallersOptions;

/* The strings in @options are borrowed. */
HttpCallers *http_callers_new (const HttpCallersOptions *options);
/* What is unanswered ends without a word. */
void http_callers_free (HttpCallers *callers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpCallers, http_callers_free)

/* @caller: NULL when nobody is let in by this token; then @why is what the broker said, or that it
 * was not reached. */
typedef void (*HttpCallerTold) (gpointer data, McpBroker *caller, const HttpReply *why);

/* Finds who calls with @token. @told is called once, perhaps before this returns. */
void http_callers_find (HttpCallers *callers, const char *token, HttpCallerTold told,
                        gpointer data);
