/* SPDX-License-Identifier: MIT
 *
 * A client of the MCP library, and either a real server in the same process, with the tools of the
 * conformance fixture, or one that the case plays line by line.
 */
#pragma once

#include "mcp/wire/mcp-client.h"
#include "mcp/wire/mcp-lines.h"
#include "tests/conformance/fixture.h"

typedef struct
{
  McpClient *client;
  /* A real server; or none, and the case plays it. */
  Fixture *fixture;
  Outbox *outbox;
  McpChannel *channel;
  McpSession *session;
  McpLines *lines;
  /* What the client's owner is to do. */
  gboolean again_later, decline;
  /* What came of it. */
  gboolean opened;
  json_t *refused, *result, *error; /* of the last answer */
  GString *asked, *noticed;         /* methods, each with a space behind it */
  guint n_progressed, n_answered;
  McpClientCall *waiting;
} ClientTalk;

/* @bare: the client says nothing but what it must. */
ClientTalk *client_talk_new (McpVersion speaks, gboolean bare);
/* The same, opened, with a real server. */
ClientTalk *client_talk_with_server (McpVersion speaks);
void client_talk_free (ClientTalk *talk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ClientTalk, client_talk_free)

/* Makes tools/call; @arguments as fixture_json() reads them. */
McpClientCall *client_talk_begin (ClientTalk *talk, const char *tool, const char *arguments);
/* The same of any request; @params may be NULL. */
McpClientCall *client_talk_request (ClientTalk *talk, const char *method, const json_t *params);

/* --- With a real server --- */

/* Until neither has anything to say. */
void client_talk_carry (ClientTalk *talk);
/* Until the next answer is there: tools take their time. */
void client_talk_await (ClientTalk *talk);
/* A call and its answer: the first text of that, or NULL. Borrowed. */
const char *client_talk_call (ClientTalk *talk, const char *tool, const char *arguments);

/* --- With a played one --- */

/* What the client has to say, emptied; g_free(). */
char *client_talk_said (ClientTalk *talk);
/* The same of what it says after the server said @line, and nothing else. */
char *client_talk_said_after (ClientTalk *talk, const char *line);
/* What it says does not matter. */
void client_talk_played (ClientTalk *talk, const char *line);
