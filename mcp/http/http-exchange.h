/* SPDX-License-Identifier: MIT
 *
 * One request on its way to its answer.
 */
#pragma once

#include "mcp/transport/http-server.h"

typedef struct
{
  SoupServerMessage *message;
  HttpRequest *request;
  gboolean verbose; /* tells on standard error what was asked for and what became of it */
} HttpExchange;

/* Takes @request. Its answer comes later. */
void http_exchange_begin (HttpExchange *exchange, SoupServerMessage *message, HttpRequest *request,
                          gboolean verbose);
/* What was said goes out now. */
void http_exchange_end (HttpExchange *exchange);
/* Says what is wrong first (RFC 6749, section 5.2). */
void http_exchange_fail (HttpExchange *exchange, guint status, const char *error,
                         const char *description);
/* Refuses a method, or tells which there are (OPTIONS). FALSE: it is one of @methods, such as "GET,
 * HEAD, OPTIONS", and nothing was said. */
gboolean http_exchange_refuse_method (HttpExchange *exchange, const char *methods);
