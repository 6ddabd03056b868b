/* SPDX-License-Identifier: MIT */
#include "broker/operation/operation-fault.h"

void
operation_fault_set (OperationFault *fault, const char *code, char *message)
{
  if (fault->code != NULL)
    {
      g_free (message);
      return;
    }
  fault->code = code;
  fault->message = message;
}

void
operation_fault_clear (OperationFault *fault)
{
  fault->code = NULL;
  g_clear_pointer (&fault->message, g_free);
}

gboolean
operation_fault_check (Request *request, const OperationFault *fault)
{
  if (fault->code == NULL)
    return TRUE;
  request_fail (request, fault->code, fault->message); /* may free it, and @fault with it */
  return FALSE;
}
