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

void
operation_decide (const Request *request, const Policy *policy, PolicyDecision *decision)
{
  PolicyQuery query;

  accepted_query (request->vault, request->requester, request->row->operation, &query);
  query.resource = request->resource;
  if (request->row->decide != NULL)
    request->row->decide (request, policy, decision);
  else if (request->row->scoped)
    policy_decide_scopes (policy, &query, (const char *const *) request->scopes, decision);
  else
    policy_decide (policy, &query, decision);
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
