/* SPDX-License-Identifier: MIT
 *
 * What the policy looks at of a requester besides who it is: where it is, what started it, how
 * often it has asked.
 *
 * MUST
 *  - be read anew for each request: all of it may have changed
 *  - be of the pinned process, never of what has its number now
 */
#pragma once

#include "broker/grant/counts.h"
#include "broker/grant/executables.h"
#include "policy/policy.h"

typedef struct _Facts Facts;

Facts *facts_new (void);
void facts_free (Facts *self);

/* Fills what @needs (bits of PolicyNeeds) names in @query, of whose exe, uid and caller is there
 * already. It borrows from @self until the next call. */
void facts_fill (Facts *self, const Process *process, guint needs, Executables *executables,
                 Counts *counts, PolicyQuery *query);
/* The local time of now. */
void facts_fill_time (PolicyQuery *query);
