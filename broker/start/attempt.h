/* SPDX-License-Identifier: MIT
 *
 * A passphrase, tried on a thread of its own: Argon2 takes a good part of a second, and a person
 * who panics must not wait for the guesses of somebody else.
 *
 * MUST
 *  - touch nothing but the store's file until the passphrase has proved right
 */
#pragma once

#include "broker/start/opening.h"

#define ATTEMPTS_MAX 32 /* waiting; tried one after the other */

typedef struct _Attempt Attempt;
/* @store, unlocked and the callee's, or NULL with @error. */
typedef void (*AttemptDone) (gpointer user, Store *store, const GError *error);

/* Takes @passphrase, also on error. @done runs once, on the main loop, unless it is forsaken. */
Attempt *attempt_begin (Vault *vault, const Places *places, Secret *passphrase, AttemptDone done,
                        gpointer user, GError **error);
/* Nobody waits for it any more. */
void attempt_forsake (Attempt *self);
