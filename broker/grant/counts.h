/* SPDX-License-Identifier: MIT
 *
 * How often somebody asked, for the rules that count.
 *
 * MUST
 *  - forget nothing that still counts: whoever asks must not be able to make room
 *  - count a program under the name of its file only where root alone can put one there: a copy
 *    under another name is nobody new, nor is a fork
 */
#pragma once

#include "policy/policy.h"

typedef struct _Counts Counts;

Counts *counts_new (void);
void counts_free (Counts *self);

/* Whose requests are counted. */
typedef struct
{
  Counts *counts;
  char *who, *all; /* alone, and where there are too many to tell apart */
} CountOf;

/* By exe, uid and caller of @query. */
void count_of_set (CountOf *self, Counts *counts, const PolicyQuery *query);
void count_of_clear (CountOf *self);
/* A PolicyCount; @user is a CountOf. */
gint64 count_of (gpointer user, const char *rule, gint64 period);
/* A PolicyCounted: one more. @user is a CountOf. */
void count_of_add (gpointer user, const char *rule, gint64 longest_period);
/* Seconds until fewer than @n lie in the last @period seconds; rounded up. */
gint64 count_of_wait (const CountOf *self, const char *rule, gint64 n, gint64 period);
