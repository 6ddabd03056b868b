/* SPDX-License-Identifier: MIT
 *
 * What the broker does to itself before it holds anything.
 *
 * MUST
 *  - leave nothing for a process of the same user to read: not dumpable, no core file
 *  - not begin under a tracer, which would keep its hold through all of the above
 */
#pragma once

#include <glib.h>

#define HARDEN_ERROR (harden_error_quark ())
typedef enum
{
  HARDEN_ERROR_TRACED,
  HARDEN_ERROR_SYSTEM
} HardenError;
GQuark harden_error_quark (void);

gboolean harden_process (GError **error);
