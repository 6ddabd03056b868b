/* SPDX-License-Identifier: MIT
 *
 * The policy language and its verdict. Pure: no clock, no I/O, no network, nothing of ours below.
 * The language is described in countersign-policy(5).
 *
 * MUST
 *  - deny beats ask beats allow, whatever the order of the rules
 *  - what no rule matches is asked
 *  - among the asks (or allows) that match, the tightest bounds hold
 *  - what cannot be known of a requester narrows and never widens
 *  - a policy that does not parse whole is no policy: NULL, never the part that did
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Foreign bytes: whoever can write the file must not be able to make reading it expensive. */
#define POLICY_MAX_FILE (256 * 1024) /* bytes of one source */
#define POLICY_MAX_RULES 10000       /* of all sources together */
#define POLICY_MAX_LIST 256          /* words between { and } */
#define POLICY_MAX_WORD 4096         /* bytes of one word; Linux's PATH_MAX */
#define POLICY_MAX_DURATION (30 * 24 * 3600)
#define POLICY_MAX_USES 1000000
#define POLICY_MAX_COUNT 10000 /* requests that "over" and "rate" count up to */

#define POLICY_ERROR (policy_error_quark ())
typedef enum
{
  POLICY_ERROR_SYNTAX /* the message is "file:line:column: what is wrong; what would be right" */
} PolicyError;
GQuark policy_error_quark (void);

typedef enum
{
  POLICY_DENY = 0,
  POLICY_ASK,
  POLICY_ALLOW
} PolicyVerdict;
const char *policy_verdict_name (PolicyVerdict verdict);

/* The words of the language for what is asked; the broker's operations are these. */
typedef enum
{
  OPERATION_LIST_SECRETS,
  OPERATION_GET_SECRET,
  OPERATION_REVEAL,
  OPERATION_STORE_SECRET,
  OPERATION_UPDATE_SECRET,
  OPERATION_DELETE_SECRET,
  OPERATION_MINT_TOKEN,
  OPERATION_REVOKE_TOKEN,
  OPERATION_HTTP_REQUEST,
  OPERATION_RUN_COMMAND,
  OPERATION_LAUNCH,
  OPERATION_OAUTH_LOGIN,
  OPERATION_AWS_CREDENTIALS,
  OPERATION_GITHUB_TOKEN,
  OPERATION_SSH_CERTIFICATE,
  OPERATION_COUNT
} Operation;
const char *operation_name (Operation operation); /* "get_secret" */
gboolean operation_from_name (const char *name, Operation *operation);

/* How a person proves to be one; higher is stricter. */
typedef enum
{
  CONFIRM_UNSET = 0,
  CONFIRM_CLICK,
  CONFIRM_PIN,
  CONFIRM_KEY /* a touch of an enrolled security key; at high risk the PIN as well */
} PolicyConfirm;
const char *policy_confirm_name (PolicyConfirm confirm); /* "click", "pin", "key" */

typedef struct
{
  const char *name; /* "policy.conf", for messages */
  const char *text;
  gsize len;
} PolicySource;
/* NULL: none is named so. */
const PolicySource *policy_source_find (const PolicySource *sources, gsize n, const char *name);

/* How many requests of whoever asks count for the rule whose canonical text is @rule, in the last
 * @period seconds: those that the rule's clauses matched, "over" left out, and that the policy did
 * not refuse. policy_counted() names the rules that a request counts for. */
typedef gint64 (*PolicyCount) (gpointer user, const char *rule, gint64 period);

/* NULL or 0 is "not known" where nothing else is said. What a rule looks at and is not known may be
 * anything: a deny matches, an ask brings its bounds, an allow brings its bounds and allows
 * nothing.
 */
typedef struct
{
  Operation operation;
  const char *resource; /* secret's name, provider; NULL when the operation has none */
  /* The requester's verified executable. NULL when it is unverified; then it could be any: each
   * "from" of a deny matches, each "from" of an ask brings its bounds and its "confirm pin" or
   * "confirm key" but no "confirm click", and no allow matches, with or without "from". */
  const char *exe;
  uid_t uid;
  /* What run_command and launch would start, NULL-terminated: the real full path of the executable
   * in the place of its name, then the arguments as they are. NULL where nothing is started; where
   * something is, but not known what, each "command" matches as "from" does an unverified exe. */
  const char *const *command;
  /* Who calls over HTTP, as NAME/SUBJECT; NULL: a program of this machine. Such a one runs no
   * program here and has no uid: none of the clauses about programs matches, and an allow only with
   * "caller". */
  const char *caller;
  const char *method; /* http_request: "GET" */
  /* http_request: the path alone, as a service's scopes are matched against it; begins with "/" */
  const char *path;
  const char *sha256;   /* of the requester's executable: 64 hexadecimal digits, lower case */
  const char *package;  /* that owns the executable; "": none does */
  const char *unit;     /* the innermost systemd unit that the requester runs in; "": none */
  gboolean unit_chosen; /* the requester could have chosen it: it narrows and never widens */
  /* The verified executables above the requester, nearest first, as far up as they run as the same
   * user, NULL-terminated. chain_whole FALSE: there may be others, which are not known. */
  const char *const *chain;
  gboolean chain_whole;
  /* run_command and launch: where the command would start; else where the requester is. Full. */
  const char *cwd;
  int weekday, minute; /* local time: 1 Monday … 7 Sunday, 0: not known; minute of the day */
  PolicyCount count;   /* NULL: not known, and then no "rate" is reached */
  gpointer count_user;
} PolicyQuery;

typedef struct
{
  PolicyVerdict verdict;
  gint64 max_duration; /* seconds; 0: no rule bounds it */
  gint64 max_uses;     /* 0: no rule bounds it */
  PolicyConfirm
      confirm;      /* never UNSET: the strictest that a matching ask names, pin if none does */
  gboolean sandbox; /* only where the kernel confines it wholly: one of the rules says so */
  int rule;         /* the first that decided, for policy_rule_text(); -1: none matched */
  gboolean notify;  /* denied or allowed, and the person is told of it */
  gboolean cut;     /* a rule that decided has "scopes": see policy_scope_passes() */
  /* NULL, or why it is denied though no deny says so: "rate", a count has been reached; "scopes",
   * none of those that are asked for is left. */
  const char *code;
} PolicyDecision;

typedef struct _Policy Policy;

/* Returns a policy the caller owns, or NULL with @error set. No source, or none with a rule, is a
 * policy too: everything is asked. */
Policy *policy_parse (const PolicySource *sources, gsize n_sources, GError **error);
void policy_free (Policy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Policy, policy_free)

/* Cannot fail: an operation that does not exist is denied. Thread-safe on one policy. */
void policy_decide (const Policy *policy, const PolicyQuery *query, PolicyDecision *decision);

/* The same for one thing that is known under several names, as a service and one of its scopes: a
 * rule is about it whose "of" matches any of @names (NULL-terminated; none: it has no resource).
 * The query's resource is not looked at. */
void policy_decide_names (const Policy *policy, const PolicyQuery *query, const char *const *names,
                          PolicyDecision *decision);

/* The same for several things that are asked at once (@resources NULL-terminated; none: one thing
 * without a resource): each must pass. The worst verdict, the tightest bounds of all, the strictest
 * confirm of those that are asked. The query's resource is not looked at. */
void policy_decide_each (const Policy *policy, const PolicyQuery *query,
                         const char *const *resources, PolicyDecision *decision);

/* The same for several scopes of the query's resource (@scopes NULL-terminated; none: the resource
 * itself): each is known by the resource's name and as RESOURCE/SCOPE, and each must pass, but for
 * those that policy_scope_passes() cuts, as if they had not been asked for. All cut: denied. */
void policy_decide_scopes (const Policy *policy, const PolicyQuery *query,
                           const char *const *scopes, PolicyDecision *decision);

/* FALSE when a rule that decides about @scope of the query's resource has "scopes", and none of
 * them matches: then it is not granted with the others. */
gboolean policy_scope_passes (const Policy *policy, const PolicyQuery *query, const char *scope);

/* What of a requester and of the moment some rule looks at, so that nothing is gathered for
 * nothing. */
typedef enum
{
  POLICY_NEEDS_SHA256 = 1 << 0,
  POLICY_NEEDS_PACKAGE = 1 << 1,
  POLICY_NEEDS_UNIT = 1 << 2,
  POLICY_NEEDS_CHAIN = 1 << 3,
  POLICY_NEEDS_CWD = 1 << 4,
  POLICY_NEEDS_TIME = 1 << 5,
  POLICY_NEEDS_COUNT = 1 << 6,
  POLICY_NEEDS_HTTP = 1 << 7 /* method, path */
} PolicyNeeds;
guint policy_needs (const Policy *policy); /* bits of PolicyNeeds */

/* Minutes until some "during" or "on" begins or ends, from @weekday (1…7) and @minute on; at least
 * 1. -1: none ever does. */
gint64 policy_next_change (const Policy *policy, int weekday, int minute);

/* Calls @each for the rules with "over" or "rate" that the request counts for: in canonical words,
 * which live as long as the policy, and the longest period (seconds) that is asked for. To be
 * called once for a request that was not refused. */
typedef void (*PolicyCounted) (gpointer user, const char *rule, gint64 longest_period);
void policy_counted (const Policy *policy, const PolicyQuery *query, PolicyCounted each,
                     gpointer user);
/* The same for a request about all of @names (see policy_decide_names() and _each()); each rule is
 * named once. */
void policy_counted_names (const Policy *policy, const PolicyQuery *query, const char *const *names,
                           PolicyCounted each, gpointer user);

/* Whether an "allow" counts: for http_request and mint_token, and where the broker has a uid of its
 * own also for what reads, list_secrets and get_secret. The caller of policy_decide() asks instead
 * for all others, under the bounds of the decision. */
gboolean policy_may_allow (Operation operation, gboolean user_mode);

gsize policy_n_rules (const Policy *policy);
/* The rule in canonical words, which parse to the same rule again, and "file:line". g_free(). NULL
 * when there is no such rule. */
char *policy_rule_text (const Policy *policy, int rule);
char *policy_rule_place (const Policy *policy, int rule);
/* Its "rate": @n in @period seconds. FALSE when it has none. */
gboolean policy_rule_rate (const Policy *policy, int rule, gint64 *n, gint64 *period);

/* Whether some request of who is in @query may match the rule: what is asked for, of what, where,
 * when and how often is not looked at. */
gboolean policy_rule_concerns (const Policy *policy, int rule, const PolicyQuery *query);

/* The rule that allows @operation of exactly @resource (NULL: it has none) from exactly @exe, for
 * at most @max seconds, in canonical words. g_free(). NULL when no rule says just that: in a name
 * with a star or a question mark those would stand for more than themselves. */
char *policy_allow_text (Operation operation, const char *resource, const char *exe, gint64 max);
/* The same for all of @resources (not empty) given to exactly @command (see PolicyQuery). */
char *policy_allow_command_text (Operation operation, const char *const *resources,
                                 const char *const *command, const char *exe, gint64 max);

/* The interpreter that the executable at path @exe is, by its name ("python" for
 * /usr/bin/python3.11), or NULL: what it was told to run decides what it does. */
const char *policy_interpreter (const char *exe);
