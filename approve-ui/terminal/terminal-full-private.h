/* SPDX-License-Identifier: MIT
 *
 * What the files of the full-screen approver share.
 */
#pragma once

#include "approve-ui/terminal/terminal-choices.h"
#include "approve-ui/terminal/terminal-entry.h"
#include "approve-ui/terminal/terminal-full.h"
#include "approve-ui/terminal/terminal-key.h"
#include "approve-ui/terminal/terminal-line.h"
#include "approve-ui/terminal/terminal-package.h"
#include "approve-ui/terminal/terminal-pane.h"

#define TERMINAL_ARM_AFTER (500 * 1000) /* microseconds without a key before keys count */

/* Where keys go, in the order of Tab. */
typedef enum
{
  FULL_DENY = 0,
  FULL_GRANT,
  FULL_BODY,
  FULL_CHOICES
} FullFocus;

/* What the line that is typed is for. */
typedef enum
{
  FULL_TYPES_PIN = 0,
  FULL_TYPES_REASON,
  FULL_TYPES_TIME,
  FULL_TYPES_USES
} FullTyped;

typedef struct
{
  int in, signals;
  const TerminalBackend *backend;
  TerminalScreen *screen;
  gboolean once;

  /* The card on the screen. */
  const CardGroup *group; /* NULL: nothing waits */
  const Card *card;       /* the first of the group */
  char *shown;            /* its request_id */
  guint shown_alike;
  Draft *draft;
  FullFocus focus;
  gint64 armed_at; /* by terminal_now(): when keys count */

  TerminalPackages *packages;
  TerminalPane *body, *choices, *note, *help;
  gboolean in_help;
  TerminalPane *whole; /* a long text by itself */
  int whole_line;      /* which line of the card that is; -1: none */
  guint whole_width;   /* the columns that it was made for */
  TerminalPane *page;  /* what goes on in a browser, by itself */
  gboolean in_page;
  TerminalEntry *entry; /* NULL: nothing is typed */
  FullTyped typed;
  char *said;     /* the note, escaped; NULL: none */
  GPtrArray *log; /* of char * */

  Secret *input; /* bytes that are no key yet */
  gsize used;

  gboolean leaving, answered, no_news;
} Full;

/* terminal-full-draw.c */
void full_draw (Full *self);
/* FALSE: the screen is too small to decide anything on. */
gboolean full_fits (const Full *self);

/* terminal-full-keys.c: @bytes are the key's own. */
void full_take_key (Full *self, const TerminalKey *key, const guint8 *bytes, gsize len);

/* terminal-full-act.c */
void full_want_grant (Full *self, gboolean always);
/* @reason may be NULL; @seconds 0: this request alone. */
void full_deny (Full *self, const char *reason, gint64 seconds);
/* Asks for a line; full_take_typed() does with it what it is for. */
void full_type (Full *self, FullTyped what, const char *prompt);
void full_take_typed (Full *self);
/* Nothing is typed any more; what was is wiped. */
void full_stop_typing (Full *self);
/* Says it until the next key. Takes @text. */
void full_say (Full *self, char *text);

/* terminal-full-card.c */
/* Sees to it that what is on the screen is what the queue looks at; a card that was not there
 * before begins anew, unarmed. */
void full_show_current (Full *self);
gboolean full_armed (const Full *self);
void full_disarm (Full *self);
/* Items of the body are lines of the card that must be read first. */
void full_fill_body (Full *self, guint width);
void full_mark_read (Full *self, int item);
int full_first_unread (const Full *self); /* -1: none */

/* terminal-full-page.c */
/* Opens when there is one that was not told yet, and closes when there is none. */
void full_show_pages (Full *self);
/* The card was not seen meanwhile. */
void full_close_page (Full *self);
void full_draw_page (Full *self, guint columns, guint room);

/* terminal-full-whole.c: the next of the long texts, of which the card shows the beginning. */
void full_open_whole (Full *self);
void full_close_whole (Full *self);
void full_draw_whole (Full *self, guint columns, guint room);
