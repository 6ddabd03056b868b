/* SPDX-License-Identifier: MIT
 *
 * Sessions of the handshake era, by the ids that clients give back.
 *
 * MUST
 *  - give ids that nobody guesses, and find a session by one only for whoever it was given to
 *  - end what nobody uses
 */
#pragma once

#include "mcp/transport/http-mcp.h"

typedef struct _HttpSession HttpSession;
typedef struct _HttpSessions HttpSessions;

/* @options is borrowed, and has no zeros. */
HttpSessions *http_sessions_new (const HttpMcpOptions *options);
/* Ends all of them. */
void http_sessions_free (HttpSessions *sessions);

/* Takes @mcp. When its owner has as many as may be, the one that was unused longest ends. */
HttpSession *http_sessions_add (HttpSessions *sessions, McpSession *mcp);
/* NULL: none of @owner's. */
HttpSession *http_sessions_find (HttpSessions *sessions, const char *id, gpointer owner);
/* Ends it: its talks, then what was called in it. */
void http_sessions_end (HttpSessions *sessions, HttpSession *session);
/* Ends those that are @owner's, or, when that is NULL, that were unused at @now for too long. */
void http_sessions_end_all (HttpSessions *sessions, gpointer owner, gint64 now);
guint http_sessions_count (const HttpSessions *sessions);

const char *http_session_id (const HttpSession *session);
McpSession *http_session_mcp (const HttpSession *session);
/* It is used at this moment. */
void http_session_touch (HttpSession *session);

/* What is under way in it, for http-talk.c alone: of HttpTalk. */
GQueue *http_session_talks (HttpSession *session);
guint http_session_next_number (HttpSession *session);
