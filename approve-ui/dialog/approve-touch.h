/* SPDX-License-Identifier: MIT
 *
 * A grant from the dialog that wants a security key: fetches a challenge, follows the touch beside
 * everything else that happens, and sends the decision with it.
 *
 * MUST
 *  - stop the key's blinking when the card goes, or the person denies
 *  - keep the PIN that came with the grant for the touch only, and wipe it then
 */
#pragma once

#include "approve-ui/dialog/link.h"

typedef struct _ApproveTouch ApproveTouch;

typedef struct
{
  void (*say) (gpointer user, const char *words); /* what the person is to do */
  void (*failed) (gpointer user, const GError *error);
  LinkAnswer decided; /* of decide */
} ApproveTouchEvents;

/* Takes @decision; @pin may be NULL. Of @events at most one of failed and decided is called, and
 * none of them any more after approve_touch_free(). */
ApproveTouch *approve_touch_new (Link *link, const Card *card, json_t *decision, const Secret *pin,
                                 const ApproveTouchEvents *events, gpointer user);
/* Calls it off, unless the decision is on its way. */
void approve_touch_free (ApproveTouch *self);
const Card *approve_touch_card (const ApproveTouch *self);
