/* SPDX-License-Identifier: MIT
 *
 * The table of clauses.
 */
#include "policy/policy-clause.h"

#include <string.h>

#include "policy/policy-words.h"

#define ALL (1 << POLICY_DENY | 1 << POLICY_ASK | 1 << POLICY_ALLOW)
#define GRANTING (1 << POLICY_ASK | 1 << POLICY_ALLOW)
#define ASKING (1 << POLICY_ASK)
#define UNSURE (1 << POLICY_DENY | 1 << POLICY_ASK)
#define UNASKED (1 << POLICY_DENY | 1 << POLICY_ALLOW)

#define NOTHING_GRANTED "a deny grants nothing that could be bounded; remove it, or write ask"
#define NOTHING_RUNS "a deny runs nothing that could be confined; remove it, or write ask"
#define NOBODY_CONFIRMS "nobody is asked here who could confirm; remove it, or write ask"
#define CHOSEN                                                                                     \
  "whoever asks chooses where it is, and an allow has to be sure; remove it, or write ask"
#define TOLD "whoever is asked need not be told; remove it"

#define EVERY POLICY_ALL_OPERATIONS, NULL
#define STARTING 1u << OPERATION_RUN_COMMAND | 1u << OPERATION_LAUNCH, &starting
#define HTTP 1u << OPERATION_HTTP_REQUEST, &http
#define SCOPED                                                                                     \
  1u << OPERATION_MINT_TOKEN | 1u << OPERATION_OAUTH_LOGIN | 1u << OPERATION_AWS_CREDENTIALS       \
      | 1u << OPERATION_GITHUB_TOKEN | 1u << OPERATION_SSH_CERTIFICATE,                            \
      &scoped

static const PolicyFew starting
    = { "run_command and launch alone start something", "{ run_command launch }",
        "starts nothing; only run_command and launch do" };
static const PolicyFew http = { "http_request alone has a method and a path", "http_request",
                                "has no method and no path; only http_request does" };
static const PolicyFew scoped
    = { "only requests for a token, a login or a certificate name scopes",
        "{ mint_token oauth_login github_token }",
        "names no scopes; only mint_token, oauth_login, aws_credentials, github_token and "
        "ssh_certificate do" };

#define VALUES(name) policy_##name##_add, policy_##name##_print
#define MATCHING(name) VALUES (name), policy_##name##_match, policy_##name##_covers

/* "over" looks at what the clauses before it have matched, and so stands behind all of those. */
const PolicyClause policy_clauses[] = {
  { "of", "a name or pattern", POLICY_ABOUT_THING, 0, POLICY_VALUE_LIST, ALL, NULL, EVERY,
    MATCHING (of) },
  { "method", "an HTTP method, as in GET", POLICY_ABOUT_THING, POLICY_NEEDS_HTTP, POLICY_VALUE_LIST,
    ALL, NULL, HTTP, MATCHING (method) },
  { "path", "a path or pattern, as in /repos/**", POLICY_ABOUT_THING, POLICY_NEEDS_HTTP,
    POLICY_VALUE_LIST, ALL, NULL, HTTP, MATCHING (path) },
  { "from", "the full path of a program", POLICY_ABOUT_PROGRAM, 0, POLICY_VALUE_LIST, ALL, NULL,
    EVERY, MATCHING (from) },
  { "sha256", "64 hexadecimal digits", POLICY_ABOUT_PROGRAM, POLICY_NEEDS_SHA256, POLICY_VALUE_LIST,
    ALL, NULL, EVERY, MATCHING (sha256) },
  { "package", "the name of a package", POLICY_ABOUT_PROGRAM, POLICY_NEEDS_PACKAGE,
    POLICY_VALUE_LIST, ALL, NULL, EVERY, MATCHING (package) },
  { "unit", "the name of a systemd unit, as in agent.service", POLICY_ABOUT_PROGRAM,
    POLICY_NEEDS_UNIT, POLICY_VALUE_LIST, ALL, NULL, EVERY, MATCHING (unit) },
  { "below", "the full path of a program", POLICY_ABOUT_PROGRAM, POLICY_NEEDS_CHAIN,
    POLICY_VALUE_LIST, ALL, NULL, EVERY, MATCHING (below) },
  { "uid", "a number", POLICY_ABOUT_PROGRAM, 0, POLICY_VALUE_LIST, ALL, NULL, EVERY,
    MATCHING (uid) },
  { "caller", "who calls over HTTP, as in work/ann@example.com", POLICY_ABOUT_CALLER, 0,
    POLICY_VALUE_LIST, ALL, NULL, EVERY, MATCHING (caller) },
  { "command",
    "a program's full path and its arguments in { }, as in { /usr/bin/gh pr list ** }, where ** "
    "is any more of them",
    POLICY_ABOUT_THING, 0, POLICY_VALUE_SEQUENCE, ALL, NULL, STARTING, MATCHING (command_clause) },
  { "in", "the full path of a directory", POLICY_ABOUT_PLACE, POLICY_NEEDS_CWD, POLICY_VALUE_LIST,
    UNSURE, CHOSEN, EVERY, MATCHING (in) },
  { "during", "hours, as in 09:00-18:00", POLICY_ABOUT_TIME, POLICY_NEEDS_TIME, POLICY_VALUE_LIST,
    ALL, NULL, EVERY, MATCHING (during) },
  { "on", "days, as in mon-fri", POLICY_ABOUT_TIME, POLICY_NEEDS_TIME, POLICY_VALUE_LIST, ALL, NULL,
    EVERY, MATCHING (on) },
  { "over", "a number of requests and in how long, as in 20/1h", POLICY_ABOUT_TIME,
    POLICY_NEEDS_COUNT, POLICY_VALUE_ONE, ALL, NULL, EVERY, MATCHING (over) },
  { "max", "a duration, as in 15m", POLICY_ABOUT_BOUND, 0, POLICY_VALUE_ONE, GRANTING,
    NOTHING_GRANTED, EVERY, VALUES (max) },
  { "uses", "a number", POLICY_ABOUT_BOUND, 0, POLICY_VALUE_ONE, GRANTING, NOTHING_GRANTED, EVERY,
    VALUES (uses) },
  { "rate", "a number of requests and in how long, as in 20/1h", POLICY_ABOUT_BOUND,
    POLICY_NEEDS_COUNT, POLICY_VALUE_ONE, GRANTING, NOTHING_GRANTED, EVERY, VALUES (rate) },
  { "scopes", "a scope or pattern", POLICY_ABOUT_BOUND, 0, POLICY_VALUE_LIST, GRANTING,
    NOTHING_GRANTED, SCOPED, VALUES (scopes) },
  { "confirm", "click, pin or key", POLICY_ABOUT_BOUND, 0, POLICY_VALUE_ONE, ASKING,
    NOBODY_CONFIRMS, EVERY, VALUES (confirm) },
  { "sandbox", NULL, POLICY_ABOUT_BOUND, 0, POLICY_VALUE_NONE, GRANTING, NOTHING_RUNS, STARTING,
    policy_sandbox_add },
  { "notify", NULL, POLICY_ABOUT_BOUND, 0, POLICY_VALUE_NONE, UNASKED, TOLD, EVERY,
    policy_notify_add },
};
const gsize policy_n_clauses = G_N_ELEMENTS (policy_clauses);
G_STATIC_ASSERT (G_N_ELEMENTS (policy_clauses) <= 32); /* a bit each in a rule's clauses */

int
policy_clause_find (const char *word)
{
  for (gsize i = 0; i < policy_n_clauses; i++)
    if (strcmp (policy_clauses[i].word, word) == 0)
      return (int) i;
  return -1;
}

gboolean
policy_reserved (const char *word)
{
  return policy_clause_find (word) >= 0 || g_strv_contains (policy_verdict_words, word)
         || strcmp (word, "any") == 0;
}

const char **
policy_clause_words (void)
{
  const char **words = g_new0 (const char *, policy_n_clauses + 1);
  for (gsize i = 0; i < policy_n_clauses; i++)
    words[i] = policy_clauses[i].word;
  return words;
}
