/* SPDX-License-Identifier: MIT
 *
 * Telling approvers what waits.
 */
#pragma once

#include "broker/login/flow.h"
#include "broker/request/request.h"

/* {"jsonrpc","method","params"}; takes @params. */
json_t *notify_message (const char *method, json_t *params);
/* {"provider","url","user_code"?,"expires_at"} */
json_t *notify_browse_params (const FlowBrowse *browse);
/* What @request comes down to is to be opened in a browser: told to the connection it was approved
 * over, if it follows the queue, else to the dialog program, else to all who may read cards. FALSE:
 * there is none of these. */
gboolean notify_browse (const Request *request, const FlowBrowse *browse);
/* And to the same when that is over. */
void notify_browse_over (const Request *request, gboolean ok, const char *message);

/* A rule has "notify": that @request was denied or allowed ("denied", "allowed") unasked. To the
 * dialog, which is started for it, and to all who may read cards; of many in a row not of each. */
void notify_told (const Request *request, const char *what);

void notify_held (Vault *vault, const Request *request);
void notify_closed (Vault *vault, const Request *request);
void notify_one_held (Conn *conn, const Request *request);
/* How many wait has changed: what those learn who may not read cards. */
void notify_count (Vault *vault);
/* The broker was locked: to all that subscribed. */
void notify_state (Vault *vault);
void notify_one_count (Vault *vault, Conn *conn);
