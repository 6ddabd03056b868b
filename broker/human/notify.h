/* SPDX-License-Identifier: MIT
 *
 * Telling approvers what waits.
 */
#pragma once

#include "broker/request/request.h"

void notify_held (Vault *vault, const Request *request);
void notify_closed (Vault *vault, const Request *request);
void notify_one_held (Conn *conn, const Request *request);
/* How many wait has changed: what those learn who may not read cards. */
void notify_count (Vault *vault);
/* The broker was locked: to all that subscribed. */
void notify_state (Vault *vault);
void notify_one_count (Vault *vault, Conn *conn);
