/* SPDX-License-Identifier: MIT
 *
 * The dialog program, countersign-approve: started by the broker when there is something to show
 * and somewhere to show it, spoken to over a socketpair that nobody else has.
 *
 * MUST
 *  - start it only for a person who gave the passphrase to this very broker, with an environment
 *    built from nothing (broker/base/display.h)
 *  - take nothing from it that the other approvers may not say: it only may read cards without PIN
 */
#pragma once

#include "broker/vault.h"

Approver *approver_new (Vault *vault);
void approver_free (Approver *self);

/* A request is held: starts the program if it does not run and there is a display. */
void approver_wanted (Approver *self);
/* Started if need be, as for a request, to tell @message (taken), which it is sent when it follows
 * the queue; of many the first. */
void approver_owe (Approver *self, json_t *message);
/* What it is owed is sent over @conn, which is its own. */
void approver_pay (Approver *self, Conn *conn);
/* Brings its main window to the front. FALSE: there is nowhere to show it, or it does not start. */
gboolean approver_raise (Approver *self, GError **error);
