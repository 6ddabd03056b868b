/* SPDX-License-Identifier: MIT
 *
 * The dialog program's connection to the broker: calls that do not wait, and news as they come.
 *
 * MUST
 *  - end the program's work when the broker's end closes: a card without a broker is nobody's
 *  - keep no PIN longer than it takes to send it
 */
#pragma once

#include <jansson.h>

#include "approve-ui/card/card.h"
#include "broker/base/secret.h"
#include "broker/client/client.h"

typedef struct _Link Link;

typedef struct
{
  void (*held) (gpointer user, Card *card /* taken */);
  /* @error says why a card cannot be shown; it is left for others to answer. */
  void (*unreadable) (gpointer user, const char *request_id, const GError *error);
  /* @by may be NULL: nobody's decision ended it. */
  void (*closed) (gpointer user, const char *request_id, const char *status, const char *by);
  void (*waiting) (gpointer user, guint held);
  void (*state) (gpointer user, const char *state); /* the broker's has changed */
  void (*raise) (gpointer user);
  /* What was approved goes on in the person's browser, and is over: the notifications' params. */
  void (*browse) (gpointer user, const json_t *params);
  void (*browse_over) (gpointer user, const json_t *params);
  /* What a rule with "notify" decided: the notification's params. */
  void (*told) (gpointer user, const json_t *params);
  void (*gone) (gpointer user, const GError *error); /* the last that is called */
} LinkEvents;

/* What the broker said to a call: @result, or else @error with @reason ("pin_needed" and so on, may
 * be NULL). Not called any more once the link is gone. */
typedef void (*LinkAnswer) (gpointer user, const json_t *result, const GError *error,
                            const char *reason);

/* Takes @client and follows its queue, from the main loop. */
Link *link_new (Client *client, const LinkEvents *events, gpointer user);
void link_free (Link *self);
/* Takes @params (may be NULL); @pin (may be NULL) is added to them. @answer may be NULL. */
void link_call (Link *self, const char *method, json_t *params, const Secret *pin,
                LinkAnswer answer, gpointer user);
