/* SPDX-License-Identifier: MIT
 *
 * The dialog program: what the broker says becomes windows, and what a person does becomes
 * decisions.
 *
 * MUST
 *  - answer only what is shown
 *  - as a registered approver, which the broker did not start, show cards only after the PIN
 *  - be gone, with its windows, as soon as the broker is
 */
#pragma once

#include "broker/client/client.h"

typedef struct _Approve Approve;

/* Takes @client. @registered: it is one that we opened, not the broker. @ended is called when there
 * is nothing more to do; @error may be NULL. */
Approve *approve_new (Client *client, gboolean registered,
                      void (*ended) (gpointer user, const GError *error), gpointer user);
/* Opens the main window. */
void approve_raise (Approve *self);
void approve_free (Approve *self);
