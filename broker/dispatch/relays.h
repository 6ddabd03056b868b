/* SPDX-License-Identifier: MIT
 *
 * The workers that carry bytes between a confined program, which has no network, and the one
 * service that it was granted: one for each program, for as long as its grant lives and it runs.
 *
 * MUST
 *  - carry to the host and port of the accepted service and nowhere else, whatever the program says
 *  - end with the grant, at once; with the program; when the service is not the accepted one any
 *    more; and when the store is locked
 */
#pragma once

#include "broker/dispatch/worker-process.h"
#include "broker/request/request.h"

Relays *relays_new (Vault *vault);
void relays_free (Relays *self); /* tells nobody */

/* @fault NULL: it carries. Else why not, for a person. */
typedef void (*RelayBegun) (Request *request, const char *fault);

/* Begins one to @service for the program of @request, whose grant is live. Takes @fd, over which
 * the program will send its listening socket. @begun comes once, perhaps at once, unless the
 * request has ended by then. */
void relays_begin (Relays *self, const Request *request, const Service *service, int fd,
                   RelayBegun begun);

/* The grant has ended. */
void relays_end_under (Relays *self, const char *grant_id);
/* Others are accepted now: those to a service that is gone, or reads differently, end. */
void relays_end_changed (Relays *self);
void relays_end_all (Relays *self);

/* {"host","port","network"}: where a worker's relay leads. The caller's. */
json_t *relay_place (const Service *service);
