/* SPDX-License-Identifier: MIT
 *
 * The control socket: the one way by which a passphrase reaches a broker, from the `countersign`
 * that started it.
 *
 * MUST
 *  - carry out one call, then be closed
 *  - end the process when that call fails: a broker that was not unlocked this way has nothing to
 * do here
 */
#pragma once

#include "broker/opening.h"
#include "broker/rpc.h"

typedef struct
{
  Vault *vault;
  Places *places;
  int *seat;
  /* The vault is open and the seat taken: begin to serve. */
  gboolean (*serve) (gpointer user, GError **error);
  /* The call failed, or nobody is there: end with status 1. */
  void (*give_up) (gpointer user);
  gpointer user;
} ControlSetup;

/* Takes @fd; @setup is copied, what it points to must outlive the loop. */
gboolean control_start (const ControlSetup *setup, int fd, GError **error);
