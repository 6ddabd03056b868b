/* SPDX-License-Identifier: MIT
 *
 * What is longer than a screen goes through a pager, as git has it.
 */
#pragma once

#include <glib.h>

/* What standard output was before a pager came between. */
typedef struct
{
  gboolean terminal, colour;
  guint width; /* columns; 0: no terminal, lines are as long as they are */
} CliScreen;
CliScreen cli_screen (void);

/* From here on standard output goes to $COUNTERSIGN_PAGER, $PAGER or less, when it is a terminal
 * and there is one; "" and "cat" mean none. Nothing may be asked at the terminal afterwards. */
void cli_pager_start (void);
/* Waits until the person has left it. Nothing, when there is none. */
void cli_pager_end (void);
