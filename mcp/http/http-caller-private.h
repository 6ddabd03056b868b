/* SPDX-License-Identifier: MIT
 *
 * What http-caller.c, the table, and http-caller-one.c, one in it, share.
 */
#pragma once

#include "mcp/http/http-caller.h"

#define HTTP_DIGEST_LEN 32 /* bytes of SHA-256 */

typedef struct _HttpCaller HttpCaller;

typedef struct
{
  guint8 digest[HTTP_DIGEST_LEN];
  HttpCaller *caller;
  gint64 ends; /* microseconds since 1970; G_MAXINT64: not known yet */
  GList link;
} HttpToken;

struct _HttpCaller
{
  HttpCallers *callers;
  McpBroker *broker;
  GSource *source;
  char *identity;     /* what the broker says of them; NULL: nothing yet */
  GQueue tokens;      /* of HttpToken: the last is the one by which the broker knows them */
  GQueue waiting;     /* of HttpWaiting */
  gint64 used, asked; /* monotonic, µs */
  gboolean known;     /* in the table */
  GList link;
};

typedef struct
{
  HttpCallerTold told;
  gpointer data;
} HttpWaiting;

struct _HttpCallers
{
  HttpCallersOptions options;
  GHashTable *by_digest;   /* → HttpToken */
  GHashTable *by_identity; /* → HttpCaller */
  GQueue all;              /* of HttpCaller, by when they were used last: oldest first */
  GQueue ended; /* of HttpCaller: to be freed when none of them is in the middle of something */
  guint sweep, reap;
};

HttpToken *http_token_new (HttpCaller *caller, const guint8 *digest);
void http_token_free (HttpToken *token);
gboolean http_token_is_over (const HttpToken *token);
/* The one that is shown when the connection is made anew; NULL: all are over. */
HttpToken *http_caller_shown (const HttpCaller *caller);

gboolean http_caller_is_waited_for (const HttpCaller *caller);
gboolean http_caller_is_idle (const HttpCaller *caller);
/* Takes @waiting. */
void http_caller_wait (HttpCaller *caller, HttpWaiting *waiting);
void http_caller_refuse (HttpCaller *caller, const HttpReply *why);
/* It is not found any more; and is freed once it is not in the middle of something. */
void http_caller_end (HttpCaller *caller);
/* An McpBrokerOptions' `proved`, whose user is a HttpCaller. */
void http_caller_proved (gpointer caller, McpBroker *broker, const json_t *subject,
                         const json_t *fault);
/* Those that have ended are freed. */
gboolean http_callers_reap (gpointer callers);
