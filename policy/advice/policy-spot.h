/* SPDX-License-Identifier: MIT
 *
 * Where in the text a word of a rule stands, for whoever has to point at it.
 */
#pragma once

#include "policy/policy-rule.h"

typedef struct _PolicySpots PolicySpots;

/* @sources have to live as long. What cannot be cut into words has none. */
PolicySpots *policy_spots_new (const PolicySource *sources, gsize n_sources);
void policy_spots_free (PolicySpots *spots);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PolicySpots, policy_spots_free)

/* The place of @value behind the word @clause; without a value that of the clause whole, without a
 * clause that of the rule whole. A value that is not written there, as behind a macro's name, is
 * the clause. FALSE: it is not known. */
gboolean policy_spots_find (const PolicySpots *spots, const PolicyRule *rule, const char *clause,
                            const char *value, PolicySpot *spot);
/* The place of @word among what stands before the clauses: the verdict, or an operation. */
gboolean policy_spots_head (const PolicySpots *spots, const PolicyRule *rule, const char *word,
                            PolicySpot *spot);
