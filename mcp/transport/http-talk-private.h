/* SPDX-License-Identifier: MIT
 *
 * For the files that make up http-talk.h alone.
 */
#pragma once

#include "mcp/transport/http-talk.h"

struct _HttpTalk
{
  HttpTalks *all;
  GList link, undecided_link, session_link;
  gpointer owner;
  HttpSession *session; /* or NULL, and then */
  McpSession *alone;    /* that of this request */
  McpChannel *channel;
  Outbox *outbox;
  HttpStream *stream; /* NULL: the client is gone, and may come back */
  HttpEvents *events; /* of a client that can; or NULL */
  guint number;       /* in the session */
  gsize body;         /* bytes that were sent */
  guint messages;     /* so far; the first of them was: */
  McpMessageKind kind;
  guint status;
  gboolean taking, over, listens, hang_up, counted;
  guint retry_ms;
  gboolean resumes;
  guint64 after; /* which event it goes on */
  gint64 due;    /* monotonic, µs: by when it is a stream */
  gint64 until;  /* how long it is kept when it is over, or lost; 0: neither */
};

/* One more request; without @session it is alone, or begins one. */
HttpTalk *http_talk_new (const HttpAsked *asked, HttpSession *session);
/* Whoever asked now is who it is said to. */
void http_talk_attach (HttpTalk *talk, const HttpAsked *asked);
/* It becomes a stream. */
void http_talk_begin (HttpTalk *talk);
/* Nothing more is said; what was called is cancelled, or forgotten, as its era has it. */
void http_talk_end (HttpTalk *talk);

/* It waits for its answer; not any more. */
void http_talk_count (HttpTalk *talk);
void http_talk_uncount (HttpTalk *talk);

/* It becomes a stream after @wait µs, or, when that is 0, before all others. */
void http_talk_set_undecided (HttpTalk *talk, gint64 wait);
void http_talk_set_decided (HttpTalk *talk);
