/* SPDX-License-Identifier: MIT
 *
 * What can be asked for: one row an operation. A new front-end or capability is a new row.
 */
#pragma once

#include "broker/request/request.h"

const char *risk_name (Risk risk);

struct _OperationRow
{
  Operation operation;
  const char *call;       /* on agent.sock */
  Risk risk;              /* unless the request itself says otherwise */
  gboolean reusable;      /* a grant covers repeats within its duration and uses; else it is for one
                             execution */
  gboolean records_use;   /* its own record of what was done stands for that of the use, and is
                             written before anything leaves */
  gboolean bound;         /* and only of exactly the same: request->binding */
  gboolean secret_result; /* the result is a value: it is kept for nobody */
  gboolean slow;          /* may run on after its caller was told "pending" */
  /* Fills resource, scopes, asked, and what only this operation has. FALSE: asked wrongly. */
  gboolean (*prepare) (Request *request, json_t *args, const OperationFiles *files, GError **error);
  /* Finds out what it comes down to, before anything is decided: may take its time, and ends in
   * request_settled(). May be NULL. */
  void (*settle) (Request *request);
  gboolean scoped; /* the policy speaks of its scopes too, as RESOURCE/SCOPE */
  /* What the policy is asked besides: adds to @query, and puts others in the place of @names. NULL:
   * of the operation and the resource, and of its scopes where it speaks of them. */
  void (*ask) (const Request *request, PolicyQuery *query, QuestionKind *kind, char ***names);
  /* What lies in the request itself changes the policy's word. May be NULL. */
  void (*temper) (const Request *request, PolicyDecision *decision);
  /* The rule that allows just this from just @exe, for at most @max seconds; g_free(). NULL when no
   * rule says that. NULL itself: one for the operation and the resource. */
  char *(*rule) (const Request *request, const char *exe, gint64 max);
  /* Whether it can be done at all, before a person is asked. FALSE: request_fail() has been called.
   * May be NULL. */
  gboolean (*check) (Request *request);
  /* A live grant under which it needs no person. NULL: one for the same operation, resource,
   * scopes and binding. */
  Grant *(*cover) (const Request *request);
  /* What a person must see besides the common part: [{"label","value"}]. May be NULL. */
  void (*facts) (const Request *request, json_t *facts);
  /* Does it, now that it is granted and recorded; ends in request_finish() or request_fail(). */
  void (*execute) (Request *request);
  /* The request has ended: what runs for it ends too. May be NULL. */
  void (*end) (Request *request);
};

extern const OperationRow operation_list_secrets, operation_get_secret, operation_resolve_secret,
    operation_store_secret, operation_update_secret, operation_delete_secret,
    operation_http_request, operation_mint_token, operation_run_command, operation_launch,
    operation_read_secrets, operation_oauth_login, operation_aws_credentials,
    operation_github_token, operation_ssh_certificate;

/* What the policy is asked of @request, and of who asks as they are now; the caller owns it. */
Question *operation_question (const Request *request);
/* What @policy says of request->question. */
void operation_decide (const Request *request, const Policy *policy, PolicyDecision *decision);
char *operation_rule (const Request *request, const char *exe, gint64 max);

/* NULL: not an operation that is asked for. */
const OperationRow *operation_row (const char *call);

/* As agents and people see them. */
#define OPERATION_REFERENCE_MESSAGE "Use the reference; the value stays with the broker."
json_t *operation_entry_json (const StoreEntry *entry);
json_t *operation_reference_json (const Grant *grant);
