/* SPDX-License-Identifier: MIT
 *
 * http_request: what is asked, what it comes down to, and how far it has come.
 */
#pragma once

#include "broker/operation/operation-fault.h"
#include "broker/operation/operation-program.h"

typedef struct
{
  /* as asked */
  char *service, *method, *path, *output_file;
  json_t *query, *headers;
  char *body;
  gsize body_len;
  int output;
  gint64 timeout, max_bytes;
  /* what it comes down to */
  Services *services;   /* that @found is of */
  const Service *found; /* NULL: none, see @fault */
  ServiceRequest *built;
  OperationFault fault;
  /* on its way */
  guint64 ticket;
} HttpWork;

/* Sends it, under the grant of @request; ends in request_finish() or request_fail(). */
void http_work_begin (Request *request);
