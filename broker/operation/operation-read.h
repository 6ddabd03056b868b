/* SPDX-License-Identifier: MIT
 *
 * Reading the values that an operation hands on, one after the other.
 */
#pragma once

#include "broker/operation/operation-step.h"

typedef struct
{
  /* One more value, @i of them. FALSE: request_fail() has been called. */
  gboolean (*value) (Request *request, guint i, const Secret *value);
  void (*done) (Request *request);
} OperationReader;

/* @names are copied; NULL-terminated, may be empty. A value that cannot be read fails the request.
 */
void operation_read (Request *request, const char *const *names, const OperationReader *reader);
