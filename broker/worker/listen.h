/* SPDX-License-Identifier: MIT
 *
 * A worker's other beginning, of system mode: the service manager hands over a listening socket,
 * and each connection to it gets a worker of its own, a new process of the same program.
 *
 * MUST
 *  - read nothing of what is said on a connection, and hold nothing that a worker is given
 *  - serve one unit's processes alone, where it is told which: all system brokers are one user
 *  - end a worker that goes on after its connection: the broker, another user, cannot
 */
#pragma once

#include <glib.h>

/* Takes connections of the socket that was passed (sd_listen_fds(3)) until it has been idle for a
 * minute: the service manager begins it anew with the next. @name is the program's; @unit, or NULL:
 * whose processes may connect; @grace: seconds that a worker may go on after its connection.
 * Returns the exit status. */
int worker_listen (const char *name, const char *unit, guint grace);
