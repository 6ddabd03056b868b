/* SPDX-License-Identifier: MIT */
#include "broker/operation/operation.h"

#include <string.h>

#include "broker/accepted.h"

const char *
risk_name (Risk risk)
{
  switch (risk)
    {
    case RISK_READ:
      return "read";
    case RISK_WRITE:
      return "write";
    case RISK_DISCLOSE:
    default:
      return "disclose";
    }
}

/* What a record tells of whoever asks, whether some rule looks at it or not. */
#define ALWAYS (POLICY_NEEDS_UNIT | POLICY_NEEDS_CHAIN | POLICY_NEEDS_CWD)

Question *
operation_question (const Request *request)
{
  const Vault *vault = request->vault;
  const OperationRow *row = request->row;
  QuestionKind kind = row->scoped ? QUESTION_SCOPES : QUESTION_ONE;
  char **names = row->scoped ? g_strdupv (request->scopes) : NULL;
  PolicyQuery query;

  accepted_query_more (vault, request->requester, row->operation, ALWAYS, &query);
  query.resource = request->resource;
  if (row->ask != NULL)
    row->ask (request, &query, &kind, &names);
  return question_new (&query, kind, names, policy_needs (vault->policy) | ALWAYS, vault->counts);
}

void
operation_decide (const Request *request, const Policy *policy, PolicyDecision *decision)
{
  question_decide (request->question, policy, decision);
  if (request->row->temper != NULL)
    request->row->temper (request, decision);
}

char *
operation_rule (const Request *request, const char *exe, gint64 max)
{
  if (request->row->rule != NULL)
    return request->row->rule (request, exe, max);
  return policy_allow_text (request->row->operation, request->resource, exe, max);
}

static const OperationRow *const rows[] = {
  &operation_list_secrets,  &operation_get_secret,      &operation_http_request,
  &operation_run_command,   &operation_resolve_secret,  &operation_store_secret,
  &operation_update_secret, &operation_delete_secret,   &operation_launch,
  &operation_oauth_login,   &operation_read_secrets,    &operation_aws_credentials,
  &operation_github_token,  &operation_ssh_certificate, &operation_mint_token,
};

const OperationRow *
operation_row (const char *call)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i]->call, call) == 0)
      return rows[i];
  return NULL;
}
