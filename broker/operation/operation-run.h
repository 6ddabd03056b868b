/* SPDX-License-Identifier: MIT
 *
 * run_command: what is asked, what it comes down to, and how far it has come.
 */
#pragma once

#include "broker/operation/operation-fault.h"
#include "broker/operation/operation-program.h"
#include "broker/dispatch/worker-process.h"

typedef struct
{
  json_t *args;    /* as asked, with the input in it */
  char **names;    /* of the secrets */
  char **command;  /* the executable's path, then the arguments; NULL: not known */
  json_t *settled; /* what the worker found; NULL: see @fault */
  Services *services;
  const Service *reach; /* or NULL */
  OperationFault fault;
  Worker *worker; /* finds out, and runs */
  Worker *relay;  /* carries bytes to @reach; or NULL */
} RunWork;

/* What its worker tells while it runs. */
extern const WorkerEvents run_work_events;
/* Runs it, under the grant of @request; ends in request_finish() or request_fail(). */
void run_work_begin (Request *request);
