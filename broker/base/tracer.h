/* SPDX-License-Identifier: MIT
 *
 * Whether somebody traces this process. To be asked after it was made not dumpable: from then on
 * nobody of the same user can begin to.
 */
#pragma once

#include <glib.h>

/* The process that traces this one; 0: none; -1: it cannot be told. */
int tracer_pid (void);
