/* SPDX-License-Identifier: MIT
 *
 * Random rules and requests, in which every clause and every fact turns up. --seed repeats them.
 */
#pragma once

#include "policy/policy.h"

#define PICK(words) ((words)[g_test_rand_int_range (0, G_N_ELEMENTS (words))])
#define ONE_IN(n) (g_test_rand_int_range (0, (n)) == 0)

#define RANDOM_RESOURCES 5
extern const char *const random_resources[RANDOM_RESOURCES]; /* the first is NULL */
#define RANDOM_PROGRAMS 4
extern const char *const random_programs[RANDOM_PROGRAMS]; /* the first is NULL */
#define RANDOM_COMMANDS 4
extern const char *const *const random_commands[RANDOM_COMMANDS]; /* the first is NULL */
#define RANDOM_SCOPES 4
extern const char *const random_scopes[RANDOM_SCOPES];

/* g_free(). */
char *random_rule (PolicyVerdict verdict);
/* Of text; from none to more than are looked at together. Denies are rare, or they would answer
 * everything. */
GPtrArray *random_rules (void);
/* The rules a line each; fails the test when they do not parse. */
Policy *random_parse (const GPtrArray *rules);

/* Each fact known or not. */
PolicyQuery random_query (void);

/* What of a request can be unknown: sets the fact @fact so. */
#define RANDOM_FACTS 10
void random_forget (PolicyQuery *query, guint fact);

/* For a failure: the rules and what was asked. */
void random_explain (const PolicyQuery *query, const GPtrArray *rules);

/* No bound is the widest. */
gboolean random_within (gint64 bound, gint64 other);
