/* SPDX-License-Identifier: MIT
 *
 * The requests that ended lately, for a person who looks: in memory only, and bounded. What has to
 * be kept is in the audit trail.
 */
#pragma once

#include "broker/request/request.h"

#define HISTORY_MAX 500

History *history_new (void);
void history_free (History *self);
/* @request has just ended. */
void history_add (History *self, const Request *request);
/* json_t of each, the newest first; free the array, not its items. */
GPtrArray *history_list (const History *self);
