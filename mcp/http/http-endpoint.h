/* SPDX-License-Identifier: MIT
 *
 * What is served, and to whom.
 *
 * MUST
 *  - answer nobody who calls us by a name that is not ours: a page in a browser may have its own
 * name point here (DNS rebinding)
 *  - tell of a token only to who proves to be one that may ask
 *  - let no page in a browser call or send anything: there is none of ours
 */
#pragma once

#include "mcp/http/http-gate.h"
#include "mcp/transport/http-origin.h"

typedef struct
{
  HttpGate gate;
  const char *const *hosts; /* what we are called */
} HttpEndpoints;

/* An HttpTake, whose user is an HttpEndpoints that lives until each has been answered. */
void http_endpoint_answer (gpointer endpoints, SoupServerMessage *message, HttpRequest *request);
