/* SPDX-License-Identifier: MIT
 *
 * Who may pass to /mcp (RFC 6750), and how those who may not find out where to get a token (RFC
 * 9728).
 *
 * MUST
 *  - let nobody pass whom the broker does not know by a token
 *  - take a token from the Authorization header alone: an address is written into logs
 *  - tell the network of a refusal no more than what the standards have for it
 */
#pragma once

#include "mcp/http/http-caller.h"
#include "mcp/transport/http-mcp.h"

typedef struct
{
  HttpBroker *broker;
  HttpCallers *callers;
  HttpMcp *mcp;
  const char *resource; /* what tokens are for; NULL: nobody calls here */
  gboolean verbose;
} HttpGate;

/* Whether it is the gate that answers at @path. */
gboolean http_gate_has (const HttpGate *gate, const char *path);
/* How large a body may be, from the head alone: who presents no token is not asked for more than it
 * takes to say so. */
gsize http_gate_body_most (const HttpGate *gate, const HttpHead *head);
/* Answers a request for such a path, whose Host and Origin were found good; takes @request. */
void http_gate_take (const HttpGate *gate, SoupServerMessage *message, HttpRequest *request);
