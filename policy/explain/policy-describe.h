/* SPDX-License-Identifier: MIT
 *
 * A request as people write it down, in the words of the language:
 *
 *   get_secret prod/db/URL from /usr/bin/node uid 1000
 *   run_command { prod/db prod/cache } command { /usr/bin/psql -c x } from /usr/bin/claude
 *
 *   request  = operation [ resource | "{" resource { resource } "}" ] { fact }
 *   fact     = word [ value | "{" { value } "}" ]
 *
 * A value is what it says, and no pattern. What is not said is not known, and of somebody of whom
 * neither "from" nor "caller" is said nothing is verified. The language is described in
 * countersign-expect(5).
 *
 * MUST
 *  - refuse a word it does not know, and a value that no request can have
 *  - read back from what policy_request_text() wrote as the same request
 */
#pragma once

#include "policy/policy.h"

typedef struct _PolicyRequest PolicyRequest;

PolicyRequest *policy_request_new (Operation operation);
void policy_request_free (PolicyRequest *self); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PolicyRequest, policy_request_free)

/* The one request that is the whole text; lines may go on as in a policy. NULL with
 * POLICY_ERROR_SYNTAX, "name:line:column: what is wrong; what would be right". */
PolicyRequest *policy_request_parse (const PolicySource *source, GError **error);
/* In canonical words, one line. g_free(). */
char *policy_request_text (const PolicyRequest *self);

/* The same without what changes from one time to the next: what is asked for, and by whom.
 * g_free().
 */
char *policy_request_brief (const PolicyRequest *self);

/* Says one thing more: @word is that of a fact, or "of" for a resource; @value is NULL where it has
 * none, or is an empty list. Of a list each value is said. NULL, or what is wrong; g_free(). */
char *policy_request_say (PolicyRequest *self, const char *word, const char *value);
gboolean policy_request_says (const PolicyRequest *self, const char *word);
/* NULL, or why not all of it can be said of one request; g_free(). To be asked after the last
 * policy_request_say(); policy_request_parse() has done so. */
char *policy_request_problem (const PolicyRequest *self);
/* The fact @word was not recorded: whatever looks at it may match or not. What "from" says stays,
 * as it is then known which program it was, and not whether it was verified. */
void policy_request_forget (PolicyRequest *self, const char *word);

/* The words of what PolicyOutlook says is missing: "from, scopes". g_free(). */
char *policy_request_words (guint32 facts);

/* What it asks for the counts of "over" and "rate", unless "after" is said. */
void policy_request_count (PolicyRequest *self, PolicyCount count, gpointer user);

Operation policy_request_operation (const PolicyRequest *self);
/* The first that it names, or NULL. */
const char *policy_request_resource (const PolicyRequest *self);
/* All of its scopes are among @scopes; of those that cover an http_request one is enough. TRUE when
 * it has none. */
gboolean policy_request_has_scopes (const PolicyRequest *self, const char *const *scopes);
/* Without its resource; borrowed until something more is said or it is asked for again. */
const PolicyQuery *policy_request_query (PolicyRequest *self);

/* What the policy says of it: of a command's resources each has to pass, of a service and the
 * scopes that cover a request any rule may speak, of other scopes each has to pass. */
void policy_request_decide (PolicyRequest *self, const Policy *policy, PolicyDecision *decision);
/* Those of its scopes that the policy leaves out of what is granted; g_strfreev(). */
char **policy_request_cut (PolicyRequest *self, const Policy *policy);
/* As policy_counted(): it was not refused, and counts. */
void policy_request_counted (PolicyRequest *self, const Policy *policy, PolicyCounted each,
                             gpointer user);
