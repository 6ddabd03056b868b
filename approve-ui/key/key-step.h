/* SPDX-License-Identifier: MIT
 *
 * A touch of a security key as one step of what a program does: on a thread of its own, with a
 * descriptor to wait for beside everything else. For the dialog's main loop and the terminal's poll
 * alike.
 */
#pragma once

#include "approve-ui/card/card.h"
#include "approve-ui/key/key-device.h"

typedef enum
{
  KEY_STEP_LOOKING, /* for the key that is meant */
  KEY_STEP_TOUCH,   /* it blinks */
  KEY_STEP_DONE,
  KEY_STEP_FAILED
} KeyStepState;

typedef struct _KeyStep KeyStep;
/* For granting @card. @challenge: the broker's answer to key_challenge. NULL: it was not
 * understood. */
KeyStep *key_step_grant (const Card *card, const json_t *challenge, GError **error);
/* For enrolling a key under @name, on which there is none of @enrolled (of GBytes). */
KeyStep *key_step_enrol (const char *name, GPtrArray *enrolled);
/* From any thread: a key that blinks for it stops. Does not wait for the end, which comes FAILED.
 */
void key_step_cancel (KeyStep *self);
/* Calls it off too. */
void key_step_free (KeyStep *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KeyStep, key_step_free)

/* Readable when the state has changed, until key_step_state() was called. */
int key_step_fd (const KeyStep *self);
KeyStepState key_step_state (KeyStep *self);
/* "Touch your security key." and so on; NULL when there is nothing to say. */
const char *key_step_words (KeyStepState state);

/* After the end, once: the `key` of decide, or NULL with a KEY_DEVICE_ERROR. */
json_t *key_step_take (KeyStep *self, GError **error);
/* The same of an enrolment. */
KeyCredential *key_step_take_credential (KeyStep *self, GError **error);
