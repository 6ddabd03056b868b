/* SPDX-License-Identifier: MIT
 *
 * The listening socket of a program in a confinement of its own, which that program sends: it is in
 * the hands of somebody who is not trusted, also afterwards.
 *
 * MUST
 *  - take none that is in this network namespace: it would open the way to every process here
 *  - wait for nothing on it, whatever its other holders do to it meanwhile
 */
#pragma once

#include <glib.h>

#define HTTP_LISTENER_ERROR (http_listener_error_quark ())
typedef enum
{
  HTTP_LISTENER_ERROR_END,  /* the other side has gone, or sent what is not to be sent */
  HTTP_LISTENER_ERROR_PLACE /* it is no listening TCP socket of another network namespace */
} HttpListenerError;
GQuark http_listener_error_quark (void);

/* The one that @program, an end of a SOCK_SEQPACKET pair, has brought: the caller's. -1 with an
 * error. */
int http_listener_receive (int program, GError **error);
/* A connection, close-on-exec and non-blocking; -1 when there is none after all. */
int http_listener_accept (int listener);
