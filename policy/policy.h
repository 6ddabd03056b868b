/* SPDX-License-Identifier: MIT
 *
 * The policy language and its verdict. Pure: no clock, no I/O, no network, nothing of ours below it.
 *
 * MUST
 *  - deny beats ask beats allow, whatever the order of the rules
 *  - what no rule matches is asked
 *  - among the asks (or allows) that match, the tightest bounds hold
 *  - a policy that does not parse whole is no policy: NULL, never the part that did
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

#define POLICY_ERROR (policy_error_quark ())
typedef enum
{
  POLICY_ERROR_SYNTAX /* the message is "file:line:column: what is wrong; what would be right" */
} PolicyError;
GQuark policy_error_quark (void);

typedef enum { POLICY_DENY = 0, POLICY_ASK, POLICY_ALLOW } PolicyVerdict;
const char *policy_verdict_name (PolicyVerdict verdict);

/* The words of the language for what is asked; the broker's operations are these. */
typedef enum
{
  OPERATION_LIST_SECRETS, OPERATION_GET_SECRET, OPERATION_REVEAL, OPERATION_STORE_SECRET,
  OPERATION_UPDATE_SECRET, OPERATION_DELETE_SECRET, OPERATION_MINT_TOKEN, OPERATION_REVOKE_TOKEN,
  OPERATION_HTTP_REQUEST, OPERATION_RUN_COMMAND, OPERATION_LAUNCH, OPERATION_OAUTH_LOGIN,
  OPERATION_AWS_CREDENTIALS, OPERATION_GITHUB_TOKEN, OPERATION_SSH_CERTIFICATE,
  OPERATION_COUNT
} Operation;
const char *operation_name (Operation operation);          /* "get_secret" */
gboolean operation_from_name (const char *name, Operation *operation);

/* How a person proves to be one; higher is stricter. */
typedef enum { CONFIRM_UNSET = 0, CONFIRM_CLICK, CONFIRM_PIN } PolicyConfirm;
const char *policy_confirm_name (PolicyConfirm confirm);   /* "click", "pin" */

typedef struct
{
  const char *name; /* "policy.conf", for messages */
  const char *text;
  gsize len;
} PolicySource;

typedef struct
{
  Operation operation;
  const char *resource; /* secret's name, provider; NULL when the operation has none */
  const char *exe;      /* requester's verified executable; NULL when unverified: no allow matches */
  uid_t uid;
} PolicyQuery;

typedef struct
{
  PolicyVerdict verdict;
  gint64 max_duration;   /* seconds; 0: no rule bounds it */
  gint64 max_uses;       /* 0: no rule bounds it */
  PolicyConfirm confirm; /* never CONFIRM_UNSET: pin unless each matching rule that says says click */
  int rule;              /* the rule that decided, for policy_rule_text(); -1: nothing matched */
} PolicyDecision;

typedef struct _Policy Policy;

/* Returns a policy the caller owns, or NULL with @error set. */
Policy *policy_parse (const PolicySource *sources, gsize n_sources, GError **error);
void policy_free (Policy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Policy, policy_free)

/* Cannot fail. Thread-safe on one policy. */
void policy_decide (const Policy *policy, const PolicyQuery *query, PolicyDecision *decision);

gsize policy_n_rules (const Policy *policy);
/* The rule in canonical words, and "file:line". g_free(). */
char *policy_rule_text (const Policy *policy, int rule);
char *policy_rule_place (const Policy *policy, int rule);

/* Sense, beyond syntax: what a person should be told before accepting. @user_mode: an "allow" for
 * an operation other than http_request and mint_token has no effect there (it is asked), which is
 * an error, not a warning. */
typedef enum { POLICY_NOTE_ERROR, POLICY_NOTE_LOOSENING, POLICY_NOTE_WARNING } PolicyNoteKind;
typedef struct { PolicyNoteKind kind; int rule; char *place; char *text; } PolicyNote;
/* Array of PolicyNote (free with g_ptr_array_unref). */
GPtrArray *policy_check (const Policy *policy, gboolean user_mode);
