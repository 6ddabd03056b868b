/* SPDX-License-Identifier: MIT
 *
 * What becomes of requests when one policy takes the place of another, in words.
 *
 * MUST
 *  - name whatever passes, is asked or is bounded more openly than before: better one too many than
 *    one too few
 */
#pragma once

#include "policy/advice/policy-check.h"

typedef enum
{
  POLICY_CHANGE_ALLOWED = 0, /* passes without asking now */
  POLICY_CHANGE_ASKED,
  POLICY_CHANGE_LOOSER, /* the verdict is the same, its bounds are not */
  POLICY_CHANGE_DENIED,
  POLICY_CHANGE_TIGHTER
} PolicyChangeKind;
/* "newly allowed", "newly asked", "looser", "newly denied", "tighter" */
const char *policy_change_kind_name (PolicyChangeKind kind);

typedef struct
{
  PolicyChangeKind kind;
  gboolean widens;
  char *about; /* "get_secret of token": a rule in canonical words, without verdict and bounds */
  char *shown; /* the same for people: "any but reveal of token" for a long list */
  char *text;  /* "it was denied" */
  /* The rule that is there no more, or is new. */
  gboolean removed; /* it is one of the policy before */
  char *file;
  guint line, column, length;
} PolicyChange;

/* Array of PolicyChange (free with g_ptr_array_unref): what widens first. In a region that several
 * rules together keep up some may be named that is kept up. @known says which allows count. */
GPtrArray *policy_compare (const Policy *before, const Policy *after, const PolicyKnown *known);
