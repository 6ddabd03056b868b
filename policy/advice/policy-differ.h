/* SPDX-License-Identifier: MIT
 *
 * What the files share that compare two policies.
 */
#pragma once

#include "policy/advice/policy-compare.h"
#include "policy/policy-private.h"

/* --- Regions (policy-region.c) --- */

/* The requests that a rule matches, cut along its lists into parts of one word each: into @most at
 * most, so that of long lists some words stay together. */
typedef struct _PolicyRegions PolicyRegions;
PolicyRegions *policy_regions_new (const PolicyRule *rule, guint64 most);
void policy_regions_free (PolicyRegions *regions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PolicyRegions, policy_regions_free)
guint policy_regions_count (const PolicyRegions *regions);
/* The part @i as a rule of that verdict without bounds; lives as long as @regions. */
const PolicyRule *policy_regions_nth (PolicyRegions *regions, guint i);
/* The parts @chosen (of guint) in as few words as they can be said; of char*. */
GPtrArray *policy_regions_words (const PolicyRegions *regions, const GArray *chosen);

/* FALSE when it is sure that nothing matches both. */
gboolean policy_patterns_meet (const PolicyPattern *a, const PolicyPattern *b);
/* Whether it is about programs of this machine alone: an allow that names no caller is. */
gboolean policy_rule_is_about_programs (const PolicyRule *rule);
/* FALSE when it is sure that no request is matched by both, one of them for certain. */
gboolean policy_rules_meet (const PolicyRule *a, const PolicyRule *b);
/* The same where both only may be meant, of a program that is known. */
gboolean policy_rules_may_meet (const PolicyRule *a, const PolicyRule *b);

/* --- What becomes of a part (policy-loosen.c) --- */

typedef struct
{
  const Policy *policy;
  GArray *alone; /* of gboolean, by rule: the other policy has no such rule */
} PolicySide;

typedef struct
{
  PolicySide from, to;
  gboolean user_mode;
} PolicyShift;

/* The clause whose bound is looser in "to"; or none, and then it is the verdict. */
typedef struct
{
  PolicyVerdict tight, open; /* the verdict in "from" and the most open one in "to" */
  gboolean partly;           /* only some of it is as open as that */
  const char *bound;         /* the clause; NULL: the verdict */
  char *tight_words, *open_words;
} PolicyLoosening;
void policy_loosening_free (PolicyLoosening *loosening);

/* What is looser in "to" than in "from" of the part @region of @rule: because the rule is there no
 * more, or because it is new. Array of PolicyLoosening. */
GPtrArray *policy_loosened_without (const PolicyShift *shift, const PolicyRule *rule,
                                    const PolicyRule *region);
GPtrArray *policy_loosened_by (const PolicyShift *shift, const PolicyRule *rule,
                               const PolicyRule *region);
