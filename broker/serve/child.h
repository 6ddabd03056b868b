/* SPDX-License-Identifier: MIT
 *
 * Starting programs of ours that speak with the broker over one end of a socketpair.
 *
 * MUST
 *  - pass nothing of the broker's on: an environment that the caller made, no open descriptor but
 *    that end, signals as at birth, a session of its own
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

#define CHILD_FD 3 /* which that end is, in the child */

/* Both ends; ours (the first) does not block, and asks for credentials before anything can be sent.
 * Errors here and below are of G_FILE_ERROR. */
gboolean child_ends (int ends[2], GError **error);
/* Runs arguments[0], a path. 0 is nothing, what it prints goes to the broker's log, CHILD_FD is
 * @end (still the caller's to close). -1 with an error. */
pid_t child_spawn (const char *const *arguments, char **environment, int end, GError **error);
