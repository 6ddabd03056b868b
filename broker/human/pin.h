/* SPDX-License-Identifier: MIT
 *
 * The PIN: shown knowledge that a person is there.
 *
 * MUST
 *  - keep nothing that could be guessed against offline: the verifier is an HMAC under a key
 * derived from the master key, sealed in the store
 *  - make wrong guesses cost whoever makes them, and not lock the person out
 *
 * Charged is the guesser's session. A guesser can make new sessions without end, so all sessions
 * that never gave the right PIN or passphrase also share one count. One that did is only charged
 * for its own.
 */
#pragma once

#include "broker/vault.h"

#define PIN_MIN 6   /* characters */
#define PIN_MAX 128 /* bytes */

#define PIN_ERROR (pin_error_quark ())
typedef enum
{
  PIN_ERROR_WRONG,
  PIN_ERROR_WAIT,
  PIN_ERROR_UNFIT
} PinError;
GQuark pin_error_quark (void);

Pin *pin_new (Vault *vault);
void pin_free (Pin *self);
/* Reads the verifier; the vault's store is unlocked. */
gboolean pin_load (Pin *self, GError **error);
void pin_lock (Pin *self);
/* PIN_ERROR_UNFIT says what is wrong with it. */
gboolean pin_fits (const char *pin, GError **error);
/* Makes @pin the PIN. The key is there: after pin_load(). */
gboolean pin_set (Pin *self, const char *pin, WriterDone done, gpointer data, GError **error);
/* @wait gets the seconds until @caller may guess again, 0 when at once. */
gboolean pin_try (Pin *self, const Process *caller, const char *pin, gint64 *wait, GError **error);
/* @caller gave the passphrase: its session is the person's, and all counts are forgotten. */
void pin_trust (Pin *self, const Process *caller);
