/* SPDX-License-Identifier: MIT
 *
 * The one place that a command may reach: a listening socket in its own network namespace, which
 * has no route anywhere. Who started us relays what comes in.
 */
#pragma once

#include <glib.h>

/* @host: a name, which /etc/hosts maps to 127.0.0.1, or an address, which the loopback interface is
 * given. Needs CAP_NET_BIND_SERVICE and, for an address, CAP_NET_ADMIN. -1 with errno set. */
int inner_listen (const char *host, guint16 port);
