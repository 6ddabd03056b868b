/* SPDX-License-Identifier: MIT
 *
 * The call `resolve`: what a command line comes down to, before a person is asked.
 */
#pragma once

#include "broker/worker/link.h"

#define EXEC_RESOLVE_FIELDS 3
extern const WireField exec_resolve_fields[EXEC_RESOLVE_FIELDS];

/* Answers @id. TRUE: and said that nothing of the confinement is missing. */
gboolean exec_resolve (WorkerLink *link, gint64 id, const json_t *params);
