/* SPDX-License-Identifier: MIT
 *
 * The beginning that all workers share.
 */
#pragma once

#include <glib.h>

/* Reads the command line (--fd N, --help, --version), then protects the process and makes the
 * locked memory. Returns the socket to the broker; exits when there is nothing to do or it cannot
 * be done safely. @about is the second line of --help. */
int worker_start (int argc, char **argv, const char *name, const char *about);
