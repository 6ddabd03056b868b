/* SPDX-License-Identifier: MIT
 *
 * The terminal approver on the whole screen: one card, what may be chosen of it, and keys. Knows
 * nothing of sockets.
 *
 * MUST
 *  - grant only by the key for it, on a card that has stood on the screen for a while with no key
 *    pressed, and at high risk only when all that must be read was marked as read
 *  - have Deny where Enter goes to on a new card
 *  - decide nothing when it is left, by whatever way
 *  - drop a PIN half typed when its card goes, or the screen does
 */
#pragma once

#include "approve-ui/card/browse.h"
#include "approve-ui/card/draft.h"
#include "approve-ui/card/queue.h"
#include "approve-ui/terminal/terminal-screen.h"
#include "broker/base/secret.h"

typedef enum
{
  TERMINAL_SENT_FAILED = 0,
  TERMINAL_SENT_PIN, /* the PIN is needed, or was not the right one */
  TERMINAL_SENT_KEY, /* the touch of a security key did not come; it can be tried again */
  TERMINAL_SENT_DONE
} TerminalSent;

/* What a person is to do while an answer is under way; @words are ours. */
typedef struct
{
  void (*say) (gpointer user, const char *words);
  gpointer user;
} TerminalVoice;

/* A login that goes on in the person's browser. */
typedef struct
{
  Browse *browse;
  char *state;   /* whether a browser was asked to open it, escaped */
  gboolean told; /* it was on the screen */
} TerminalPage;

/* Whoever talks to the broker. What they say is escaped; g_free(). */
typedef struct
{
  int fd; /* readable: there may be news */
  Queue *queue;
  GPtrArray *pages; /* of TerminalPage: what goes on in a browser; shown when one comes */
  /* Takes what has arrived, without waiting. @said gets what became of the card on the screen, if
   * somebody else answered it. FALSE: there will be no more news. */
  gboolean (*news) (gpointer user, char **said);
  /* Both take what was answered out of the queue. @pin may be NULL. Where a security key has to be
   * touched, it blocks until that has happened, or something is typed. */
  TerminalSent (*grant) (gpointer user, const CardGroup *group, const Draft *draft,
                         const Secret *pin, const TerminalVoice *voice, char **said);
  TerminalSent (*deny) (gpointer user, const CardGroup *group, const char *reason, gint64 seconds,
                        char **said);
  /* TRUE while something that was granted here goes on in a browser: @once waits for its end. */
  gboolean (*busy) (gpointer user);
  gpointer user;
} TerminalBackend;

typedef enum
{
  TERMINAL_FULL_FAILED = 0, /* the terminal cannot be drawn on: @error */
  TERMINAL_FULL_LEFT,       /* by the key for it, a signal, or a terminal that is gone */
  TERMINAL_FULL_NO_NEWS,
  TERMINAL_FULL_ANSWERED /* with @once */
} TerminalFullEnd;

/* Until the person leaves, or with @once has answered one card. @log gets the lines that were said,
 * for when the screen is gone; free the array. */
TerminalFullEnd terminal_full_run (int in, int out, const TerminalBackend *backend, gboolean once,
                                   GPtrArray **log, GError **error);
