/* SPDX-License-Identifier: MIT
 *
 * Waiting for a person to touch a security key.
 *
 * MUST
 *  - stop the key's blinking when the program is told to end, before it does
 */
#pragma once

#include "approve-ui/key/key-step.h"
#include "broker/client/client.h"

typedef struct
{
  void (*say) (gpointer user, const char *words); /* what the person is to do next; words of ours */
  gpointer user;
  int keyboard; /* something typed there calls it off, and is thrown away; -1: nothing does */
} CliTouch;
/* Says it on standard error; no keyboard. */
extern const CliTouch cli_touch_aloud;

/* Blocks until @step has come to its end. FALSE: it was called off, by the keyboard or by a signal
 * that would end the program; that has its effect now, or when the caller no longer holds it. */
gboolean cli_touch_wait (KeyStep *step, const CliTouch *touch, GError **error);
/* A touch for granting @card: asks the broker for a challenge, and waits. The `key` of decide; the
 * caller owns it. */
json_t *cli_touch_card (Client *client, const Card *card, const CliTouch *touch, GError **error);
