/* SPDX-License-Identifier: MIT
 *
 * What the system broker gives up before it holds anything.
 *
 * MUST
 *  - keep one capability, CAP_SYS_PTRACE, which the kernel asks of whoever looks at another user's
 *    /proc/PID/exe; without it, not start
 *  - make the calls impossible that this capability would else allow: tracing, and reading and
 *    writing the memory and the descriptors of other processes
 *  - run no other program, and open no socket but to this machine
 *
 * Reading /proc/PID/mem and environ needs the capabilities to pass over a file's owner, which are
 * given up.
 */
#pragma once

#include <glib.h>

#define CONFINE_ERROR (confine_error_quark ())
typedef enum
{
  CONFINE_ERROR_CAPABILITY,
  CONFINE_ERROR_SYSTEM
} ConfineError;
GQuark confine_error_quark (void);

/* For good. Before the first thread; what looks up users comes before (it may talk to a server). */
gboolean confine_process (GError **error);
/* The second half alone: the calls. Needs PR_SET_NO_NEW_PRIVS. */
gboolean confine_calls (GError **error);
