/* SPDX-License-Identifier: MIT
 *
 * One HTTP request and all that is said to it: an answer at once when it is there soon, else a
 * stream; and what became of it when its client went.
 */
#pragma once

#include "mcp/transport/http-events.h"
#include "mcp/transport/http-session.h"
#include "mcp/transport/http-stream.h"

typedef struct _HttpTalk HttpTalk;

/* What all of them have in common. */
typedef struct
{
  McpServer *server;
  HttpMcpOptions options; /* no zeros */
  HttpSessions *sessions;
  HttpBudget kept;     /* for clients that come back */
  GQueue all;          /* of HttpTalk */
  GQueue undecided;    /* those among them that are no stream yet, by when they become one */
  GHashTable *waiting; /* owner → how much of theirs waits for its answer */
  gsize bytes;         /* that were sent of all that waits */
  GSource *timer;
  gint64 tick; /* when all of them are looked at next; monotonic, µs */
} HttpTalks;

/* Fills in @all, but for sessions. http_talks_end() ends all of them that are @owner's; NULL:
 * whoever's. */
void http_talks_init (HttpTalks *all, McpServer *server, const HttpMcpOptions *options);
void http_talks_end (HttpTalks *all, gpointer owner);
void http_talks_clear (HttpTalks *all);
/* Whether one more of @owner's may wait for its answer, with a body of so many bytes: what was
 * asked is kept until then. */
gboolean http_talks_have_room (const HttpTalks *all, gpointer owner, gsize body);

/* Where a request comes from. */
typedef struct
{
  HttpTalks *all;
  SoupServerMessage *message;
  const HttpRequest *request; /* borrowed; not longer than the call */
  gpointer owner;
} HttpAsked;

/* Hands a message on. @session: the one it belongs to; NULL: it is alone, or begins one. @json:
 * NULL when the body is none. */
void http_talk_post (const HttpAsked *asked, HttpSession *session, json_t *json);
/* What is said out of turn. */
void http_talk_listen (const HttpAsked *asked, HttpSession *session);
/* Goes on with what @event was a part of, after it. */
void http_talk_resume (const HttpAsked *asked, HttpSession *session, const char *event);
void http_talk_refuse (const HttpAsked *asked, guint status, const char *why, const char *allow);

/* The session it belongs to is gone. Frees it. */
void http_talk_abandon (HttpTalk *talk);
