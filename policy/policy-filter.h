/* SPDX-License-Identifier: MIT
 *
 * Rules by the hash of what they say: which of many can match a request at all.
 *
 * MUST
 *  - leave no rule out that was filed under a hash: two things with the same hash cost a
 *    comparison and nothing else
 */
#pragma once

#include <glib.h>

typedef struct _PolicySlot PolicySlot;

typedef struct
{
  gsize words;        /* of 64 rules each */
  guint64 *always;    /* rules that no hash can tell; NULL: the filter is not made */
  GHashTable *filing; /* while it is filled */
  PolicySlot *slots;  /* by hash, as many as a power of two */
  guint shift;        /* of a hash, to its slot */
} PolicyFilter;

void policy_filter_init (PolicyFilter *filter, gsize words);
void policy_filter_clear (PolicyFilter *filter);

void policy_filter_always (PolicyFilter *filter, gsize rule);
void policy_filter_file (PolicyFilter *filter, guint32 hash, gsize rule);
/* When all rules are filed; only then are they found. */
void policy_filter_finish (PolicyFilter *filter);

/* Adds those under @hash to the bits @hits. */
void policy_filter_find (const PolicyFilter *filter, guint32 hash, guint64 *hits);
