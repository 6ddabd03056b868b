/* SPDX-License-Identifier: MIT */
#include "broker/operation/operation.h"

#include <string.h>

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

static const OperationRow *const rows[] = {
  &operation_list_secrets,  &operation_get_secret,     &operation_http_request,
  &operation_run_command,   &operation_resolve_secret, &operation_store_secret,
  &operation_update_secret, &operation_delete_secret,  &operation_launch,
  &operation_read_secrets,
};

const OperationRow *
operation_row (const char *call)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i]->call, call) == 0)
      return rows[i];
  return NULL;
}
