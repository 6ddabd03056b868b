/* SPDX-License-Identifier: MIT
 *
 * One connection to the callback: a request is read, a page is written, that is all.
 *
 * MUST
 *  - end: there is a limit to time and to size
 *  - wipe what was read: it may have had a code
 */
#pragma once

#include <poll.h>

#include "broker/worker/http-callback-request.h"

typedef struct _HttpCallbackClient HttpCallbackClient;

/* Takes @fd. */
HttpCallbackClient *http_callback_client_new (int fd);
void http_callback_client_free (HttpCallbackClient *client); /* closes */

struct pollfd http_callback_client_watch (const HttpCallbackClient *client);
typedef enum
{
  HTTP_CALLBACK_CLIENT_OVER = 0, /* to be freed */
  HTTP_CALLBACK_CLIENT_ASKS,     /* its request has come: http_callback_client_request() */
  HTTP_CALLBACK_CLIENT_GOES_ON
} HttpCallbackClientState;
/* Does what poll(2) reported, or nothing but to look at the time. */
HttpCallbackClientState http_callback_client_turn (HttpCallbackClient *client, short revents,
                                                   gint64 now);
const char *http_callback_client_request (const HttpCallbackClient *client, gsize *len);
/* Takes @page. */
void http_callback_client_answer (HttpCallbackClient *client, char *page, gint64 now);
gint64 http_callback_client_deadline (const HttpCallbackClient *client); /* µs, monotonic */
gboolean http_callback_client_is_answered (const HttpCallbackClient *client);
