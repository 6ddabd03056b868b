/* SPDX-License-Identifier: MIT
 *
 * Memory that strangers make grow, counted over all connections: each may be large, not all at
 * once.
 */
#pragma once

#include <glib.h>

typedef struct
{
  gsize used, most; /* bytes */
} HttpBudget;

/* FALSE, and nothing is taken: there is not so much left. */
static inline gboolean
http_budget_take (HttpBudget *budget, gsize n)
{
  if (n > budget->most - MIN (budget->used, budget->most))
    return FALSE;
  budget->used += n;
  return TRUE;
}

static inline void
http_budget_give (HttpBudget *budget, gsize n)
{
  g_assert (n <= budget->used);
  budget->used -= n;
}
