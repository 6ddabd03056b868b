/* SPDX-License-Identifier: MIT
 *
 * The main window's list of standing rules, which a person has made by "always"; each can be taken
 * back there.
 *
 * MUST
 *  - show none before the PIN was given, and forget them when the window closes
 */
#pragma once

#include <gtk/gtk.h>

#include "approve-ui/dialog/link.h"

typedef struct _WindowRules WindowRules;

/* Draws into @list; @section, which has it and its heading, shows while there are rules. @say (may
 * be called with "") gets what the broker refused. All must outlive it, and its calls end with
 * @link. */
WindowRules *window_rules_new (GtkWidget *section, GtkListBox *list, Link *link,
                               void (*say) (gpointer user, const char *text), gpointer user);
void window_rules_free (WindowRules *self);

/* Asks the broker for them. */
void window_rules_refresh (WindowRules *self);
void window_rules_clear (WindowRules *self);
