/* SPDX-License-Identifier: MIT
 *
 * The call "request" of the broker's, and what is attached to it.
 *
 * MUST
 *  - write an answer into nothing but an ordinary file
 */
#pragma once

#include "broker/worker/http-transfer.h"
#include "broker/worker/link.h"

/* For the worker's life. */
typedef struct
{
  HttpService *service;       /* NULL: not open */
  HttpCredential *credential; /* NULL: the service takes none */
  HttpPeer *peer;             /* NULL: not open yet */
} HttpSession;

/* What the call may hold. */
#define HTTP_REQUEST_N_FIELDS 6
extern const WireField http_request_fields[HTTP_REQUEST_N_FIELDS];

/* @params is what those fields let through; @session is open and outlives the transfer. */
HttpTransfer *http_request_new (const HttpSession *session, WorkerLink *link, gint64 id,
                                const json_t *params, GError **error);
