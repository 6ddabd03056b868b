/* SPDX-License-Identifier: MIT
 *
 * What can be asked for: one row an operation. A new front-end or capability is a new row.
 */
#pragma once

#include "broker/request.h"

typedef enum
{
  RISK_DISCLOSE = 0,
  RISK_WRITE,
  RISK_READ
} Risk; /* the worst is the default */
const char *risk_name (Risk risk);

struct _OperationRow
{
  Operation operation;
  const char *call; /* on agent.sock */
  Risk risk;
  gboolean reusable;      /* a grant covers repeats within its duration and uses; else it is for one
                             execution */
  gboolean secret_result; /* the result is a value: it is kept for nobody */
  /* Fills resource, scopes, asked, and what only this operation has. FALSE: asked wrongly. Takes
   * @fd. */
  gboolean (*prepare) (Request *request, json_t *args, int fd, GError **error);
  /* Whether it can be done at all, before a person is asked. FALSE: request_fail() has been called.
   * May be NULL. */
  gboolean (*check) (Request *request);
  /* What a person must see besides the common part: [{"label","value"}]. May be NULL. */
  void (*facts) (const Request *request, json_t *facts);
  /* Does it, now that it is granted and recorded; ends in request_finish() or request_fail(). */
  void (*execute) (Request *request);
};

/* NULL: not an operation that is asked for. */
const OperationRow *operation_row (const char *call);

/* As agents and people see them. */
#define OPERATION_REFERENCE_MESSAGE "Use the reference; the value stays with the broker."
json_t *operation_entry_json (const StoreEntry *entry);
json_t *operation_reference_json (const Grant *grant);
