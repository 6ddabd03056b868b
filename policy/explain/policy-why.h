/* SPDX-License-Identifier: MIT
 *
 * Why a policy says what it says of a described request: each rule, whether it matches, and if not,
 * for which of its clauses. Pure, as the verdict is.
 *
 * MUST
 *  - come to the verdict that policy_request_decide() comes to
 *  - count nothing as allowed, or as denied, that hangs on what was not recorded
 */
#pragma once

#include "policy/explain/policy-describe.h"

/* What a rule has to do with the verdict. */
typedef enum
{
  POLICY_PART_OTHER = 0, /* it is about another operation, or several of its clauses do not match */
  POLICY_PART_NEAR,      /* all matches but one clause, or would if more were known */
  POLICY_PART_BEATEN,    /* it matches, and a stricter verdict beats it */
  POLICY_PART_DECIDED
} PolicyPart;
const char *policy_part_name (PolicyPart part); /* "other", "near", "beaten", "decided" */

typedef struct
{
  int rule;
  PolicyPart part;
  const char *clause; /* the first that does not match; NULL: none, or it is the operation */
  char *why;          /* it does not match, or only may, in words; NULL: nothing is to be said */
  gboolean maybe;     /* it counts because it could be meant: the requester is not known so well */
} PolicyWhy;

/* Array of PolicyWhy, one for each rule, in their order. */
GPtrArray *policy_why (const Policy *policy, PolicyRequest *request);

/* The strictest and the loosest verdict that is possible, whatever was forgotten of a request: the
 * same where nothing of that decides. */
typedef struct
{
  PolicyVerdict least, most;
  guint32 missing; /* what was forgotten and rules look at, for policy_request_words() */
} PolicyOutlook;
void policy_outlook (const Policy *policy, PolicyRequest *request, PolicyOutlook *outlook);
