/* SPDX-License-Identifier: MIT
 *
 * Signatures of a log's files, checked by themselves: record by record, without the verifier.
 */
#pragma once

#include "tests/unit/audit-log.h"

guint audit_signed_last (const AuditLog *log); /* number of the last file */
/* All files from @first on are closed, but the last, which may be, each as the key that the one
 * before promised allows. The seed that the broker has is that of what comes next. */
void audit_signed_assert (const AuditLog *log, guint first);
