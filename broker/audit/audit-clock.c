/* SPDX-License-Identifier: MIT
 *
 * Alone in its file, so that a test can link another clock.
 */
#include "broker/audit/audit-private.h"

gint64
audit_now (void)
{
  return g_get_real_time ();
}
