/* SPDX-License-Identifier: MIT
 *
 * The control socket: the one way by which a passphrase reaches a broker. In user mode from the
 * `countersign` that started it, over a socketpair; in system mode over control.sock, from the
 * person's, who has seen whose socket it is.
 *
 * MUST
 *  - carry out one call, then be closed
 *  - in user mode, end the process when that call fails: a broker that was not unlocked this way
 * has nothing to do here
 *  - in system mode, leave everything as it was when the passphrase is wrong
 */
#pragma once

#include "broker/serve/rpc.h"
#include "broker/start/opening.h"

typedef struct
{
  Vault *vault;
  Places *places;
  int *seat;
  /* The vault is open and the seat taken: begin to serve, or go on with what waited. */
  gboolean (*serve) (gpointer user, GError **error);
  /* The call failed, or nobody is there: end with status 1. NULL in system mode. */
  void (*give_up) (gpointer user);
  gpointer user;
} ControlSetup;

/* Takes @fd; @setup is copied, what it points to must outlive the loop. */
gboolean control_start (const ControlSetup *setup, int fd, GError **error);
/* A connection to control.sock; @setup is as above, @fd and @peer are taken. */
void control_accept (const ControlSetup *setup, int fd, Process *peer);
