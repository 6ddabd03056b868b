/* SPDX-License-Identifier: MIT
 *
 * Why a clause does not match a request, in words.
 */
#pragma once

#include "policy/explain/policy-describe.h"

/* What there is of @request where the clause looks: @surely FALSE when it is not known, so that the
 * clause may match. One line; g_free(). */
char *policy_why_clause (const PolicyRequest *request, const char *clause, gboolean surely);

/* Why an allow that matches in all else is none for who asks. */
char *policy_why_unknown (const PolicyRequest *request);
