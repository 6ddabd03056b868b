/* SPDX-License-Identifier: MIT
 *
 * Waiting for a person to touch a security key.
 *
 * MUST
 *  - stop the key's blinking when the program is told to end, before it does
 */
#pragma once

#include "approve-ui/key-step.h"
#include "broker/client/client.h"

/* Where what the person is to do next is said; @words are ours. */
typedef struct
{
  void (*say) (gpointer user, const char *words);
  gpointer user;
} CliTouchVoice;
/* A line on standard error. */
extern const CliTouchVoice cli_touch_aloud;

/* Blocks until @step has come to its end. FALSE: a signal came that would end the program; it has
 * its effect now, or when the caller no longer holds it. */
gboolean cli_touch_wait (KeyStep *step, const CliTouchVoice *voice, GError **error);
/* A touch for granting @card: asks the broker for a challenge, and waits. The `key` of decide; the
 * caller owns it. */
json_t *cli_touch_card (Client *client, const Card *card, const CliTouchVoice *voice,
                        GError **error);
