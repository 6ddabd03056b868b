/* SPDX-License-Identifier: MIT
 *
 * Where a browser brings the answer of an authorization code flow: a listener on this machine's own
 * addresses, for as long as one flow lasts (RFC 8252, 7.3 and 8.3).
 *
 * MUST
 *  - be reached from this machine only, and leave no address of it to another program: not the port
 *    under IPv6 when it is ours under IPv4
 *  - end with the first right answer, and with nothing else
 *  - go on when somebody connects and says nothing, slowly, or much
 */
#pragma once

#include <poll.h>

#include "broker/worker/http-callback-request.h"
#include "broker/worker/link.h"

#define HTTP_CALLBACK_ERROR_DOMAIN (http_callback_error_quark ())
typedef enum
{
  HTTP_CALLBACK_PROBLEM_PORT, /* somebody has it */
  HTTP_CALLBACK_PROBLEM_SYSTEM
} HttpCallbackProblem;
GQuark http_callback_error_quark (void);

#define HTTP_CALLBACK_N_FIELDS 6
extern const WireField http_callback_fields[HTTP_CALLBACK_N_FIELDS];

typedef struct _HttpCallback HttpCallback;

/* Listens. Port 0: any. */
HttpCallback *http_callback_new (const json_t *params, GError **error);
void http_callback_free (HttpCallback *callback);
guint16 http_callback_port (const HttpCallback *callback);

/* The call @id is answered once there is an outcome, or refused after @timeout_ms. FALSE: another
 * waits already. */
gboolean http_callback_wait (HttpCallback *callback, WorkerLink *link, gint64 id,
                             gint64 timeout_ms);

/* For poll(2); then what it reported. Returns how many were its own. */
void http_callback_watch (const HttpCallback *callback, GArray *polled);
guint http_callback_turn (HttpCallback *callback, const struct pollfd *polled);
/* Milliseconds until http_callback_turn() is to be called although nothing was reported; -1: never.
 */
int http_callback_due (const HttpCallback *callback);
