/* SPDX-License-Identifier: MIT
 *
 * What all windows have in common.
 */
#pragma once

#include <gtk/gtk.h>

#include "approve-ui/card/card.h"

/* Loads our style sheet and follows the desktop's wish for light or dark. Once, after gtk_init().
 */
void look_init (void);
/* A label for text that may be long and from anybody: wrapped anywhere, no markup, never cut, and
 * letters that run from right to left reorder nothing around them. @text is escaped already. */
GtkWidget *look_text (const char *text);
void look_set_text (GtkLabel *label, const char *text);
/* @text, each line of it in an isolate of ours; of the agent's text_escape() has left none.
 * g_free(). */
char *look_isolate (const char *text);
/* The style class by which a risk has its colour. */
const char *look_risk (CardRisk risk);
