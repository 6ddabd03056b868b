/* SPDX-License-Identifier: MIT
 *
 * One line from a person at a terminal.
 *
 * MUST
 *  - leave the terminal as it was found, whatever ends the wait, signals too
 *  - hand out a line only when its end was typed: everything else is an end without an answer
 *  - throw away what was typed before the question, when asked to
 */
#pragma once

#include <signal.h>

#include "broker/base/secret.h"

typedef enum
{
  TERMINAL_LINE_FAILED = 0,  /* the terminal cannot be read: @error says why */
  TERMINAL_LINE_INTERRUPTED, /* Ctrl-C, or a signal that asks the program to end */
  TERMINAL_LINE_EOF,         /* Ctrl-D, or the terminal is gone */
  TERMINAL_LINE_DEADLINE,
  TERMINAL_LINE_WITHDRAWN, /* the watch says that the question is moot */
  TERMINAL_LINE_READ
} TerminalLineEnd;

/* While a question stands: when @fd becomes readable @check is called, and TRUE ends the wait. */
typedef struct
{
  int fd; /* -1: nothing to watch */
  gboolean (*check) (gpointer user);
  gpointer user;
} TerminalWatch;

typedef struct
{
  const char *prompt;
  gboolean hidden;            /* no echo, and type-ahead is discarded */
  gboolean discard;           /* discard type-ahead */
  gint64 deadline;            /* by terminal_now(); 0: none */
  const TerminalWatch *watch; /* may be NULL */
} TerminalQuestion;

#define TERMINAL_LINE_MAX 4096 /* as long a line as the kernel edits */

/* Microseconds of CLOCK_BOOTTIME: goes on while the machine sleeps. */
gint64 terminal_now (void);

/* @line gets the line without its end, only with TERMINAL_LINE_READ. Signals that would end or stop
 * the program are held while it waits; a stop (Ctrl-Z) is obeyed and the question asked again
 * afterwards. */
TerminalLineEnd terminal_line (int in, int out, const TerminalQuestion *question, Secret **line,
                               GError **error);

/* The signals that would end or stop the program. */
void terminal_held (sigset_t *set);
/* Holds the signals that would end or stop the program, so that what a question is about is not
 * lost between two questions; terminal_release() with what it filled in delivers them. */
void terminal_hold (sigset_t *before);
void terminal_release (const sigset_t *before);

/* Writes all of @text; a terminal that is gone is noticed at the next read. */
void terminal_write (int out, const char *text);
