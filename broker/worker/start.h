/* SPDX-License-Identifier: MIT
 *
 * The beginning that all workers share.
 */
#pragma once

#include <glib.h>

/* Reads the command line (--fd N, --listen, --help, --version), then protects the process and makes
 * the locked memory. Returns the socket to the broker; exits when there is nothing to do, it cannot
 * be done safely, or it has listened long enough. @about is the second line of --help; @grace:
 * seconds that a worker may go on after its connection, in system mode. */
int worker_start (int argc, char **argv, const char *name, const char *about, guint grace);
