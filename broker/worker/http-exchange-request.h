/* SPDX-License-Identifier: MIT
 *
 * What is sent in an exchange with a provider, made of what the broker says and of the values that
 * came with it.
 *
 * MUST
 *  - put each value where the broker says and nowhere else, in locked memory until libcurl takes
 *    its copy
 *  - refuse what it does not know, and a value that would end its header or its form's field
 */
#pragma once

#include "broker/worker/http-outgoing.h"

#define HTTP_EXCHANGE_ERROR (http_exchange_error_quark ())
typedef enum
{
  HTTP_EXCHANGE_ERROR_REQUEST
} HttpExchangeError;
GQuark http_exchange_error_quark (void);

typedef struct
{
  char *method;
  HttpService *service;
  HttpOutgoing *outgoing;
} HttpExchangeRequest;

/* @json: an EXCHANGE of PROTOCOL.md. @secrets: char* → Secret, what was attached. @time: now, in
 * seconds since 1970. */
HttpExchangeRequest *http_exchange_request_new (const json_t *json, GHashTable *secrets,
                                                gint64 time, GError **error);
void http_exchange_request_free (HttpExchangeRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpExchangeRequest, http_exchange_request_free)
