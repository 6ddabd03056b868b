/* SPDX-License-Identifier: MIT
 *
 * Why something cannot be done: found out before a person is asked, told when it is checked.
 */
#pragma once

#include "broker/request/request.h"

typedef struct
{
  const char *code; /* NULL: there is none */
  char *message;
} OperationFault;

/* Takes @message. The first one stays. */
void operation_fault_set (OperationFault *fault, const char *code, char *message);
void operation_fault_clear (OperationFault *fault);
/* FALSE: there is one, and request_fail() has been called. */
gboolean operation_fault_check (Request *request, const OperationFault *fault);
