/* SPDX-License-Identifier: MIT
 *
 * One request on its way.
 *
 * MUST
 *  - go to the pinned addresses of its service and nowhere else: no proxy, no redirect followed,
 *    nothing from the environment or a file of the user's
 *  - end: there is a limit to time, headers and body
 *  - send what is not safe to repeat at most once
 *  - tell errors in words of our own; libcurl's may quote what was sent
 */
#pragma once

#include "broker/worker/http-answer.h"
#include "broker/worker/http-outgoing.h"
#include "broker/worker/http-peer.h"

typedef struct _HttpTransfer HttpTransfer;

/* Before anything else of libcurl's: its memory is wiped when it is freed. Exits when that cannot
 * be had. */
void http_transfer_init (void);

/* What takes the answer as it comes; libcurl ends the transfer when told to stop. */
typedef struct
{
  HttpAnswerVerdict (*header) (gpointer data, const char *line, gsize len);
  HttpAnswerVerdict (*body) (gpointer data, const char *bytes, gsize len);
} HttpSink;

/* Takes @outgoing and @answer. Not begun: http_transfer_handle() is for curl_multi_add_handle(). */
HttpTransfer *http_transfer_new (gint64 id, const HttpService *service, const HttpPeer *peer,
                                 const char *method, HttpOutgoing *outgoing, HttpAnswer *answer,
                                 gint64 timeout_ms);
/* The same for another taker, whose @sink_data stays the caller's. */
HttpTransfer *http_transfer_new_to (gint64 id, const HttpService *service, const HttpPeer *peer,
                                    const char *method, HttpOutgoing *outgoing,
                                    const HttpSink *sink, gpointer sink_data, gint64 timeout_ms);
/* Not while its handle is in a multi handle. */
void http_transfer_free (HttpTransfer *transfer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpTransfer, http_transfer_free)

gint64 http_transfer_id (const HttpTransfer *transfer);
CURL *http_transfer_handle (const HttpTransfer *transfer);
/* Before a transfer that has not ended is taken out of a multi handle: its connection ends with it,
 * unless others are under way on it. Over HTTP/2 the site would else hear of it with the next
 * request only. */
void http_transfer_abandon (HttpTransfer *transfer);
/* Of the handle that a multi handle tells of. */
HttpTransfer *http_transfer_of (CURL *handle);

/* Why it broke off, unless @code is CURLE_OK or its taker said stop: *@reason (a word for programs)
 * and *@message, g_free() it. */
void http_transfer_fault (HttpTransfer *transfer, CURLcode code, const char **reason,
                          char **message);
/* Of one with an HttpAnswer: what came of it, when @code is how it ended: the result, or NULL with
 * *@reason (a word for programs) and *@message, g_free() it. */
json_t *http_transfer_finish (HttpTransfer *transfer, CURLcode code, const char **reason,
                              char **message);
