/* SPDX-License-Identifier: MIT
 *
 * A provider's answer as it comes, kept in memory that is wiped, for a reader of this process.
 *
 * MUST
 *  - hold no more than a limit, however small it came
 *  - leave nothing behind where it grew
 */
#pragma once

#include "broker/worker/http-transfer.h"

typedef struct _HttpReply HttpReply;

HttpReply *http_reply_new (gsize max_bytes);
void http_reply_free (HttpReply *reply);

/* Takes an HttpReply. */
extern const HttpSink http_reply_sink;

/* TRUE: it said stop, for there was more than the limit. */
gboolean http_reply_is_over (const HttpReply *reply);
/* Of the final answer: content-type, retry-after, date or cache-control; NULL: it has none, or several. */
const char *http_reply_header (const HttpReply *reply, const char *name);
/* With a final NUL that *@len (may be NULL) does not count. */
const char *http_reply_body (const HttpReply *reply, gsize *len);
