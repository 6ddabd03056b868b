/* SPDX-License-Identifier: MIT
 *
 * The rows of the main window's lists.
 */
#pragma once

#include <gtk/gtk.h>
#include <jansson.h>

#include "approve-ui/card/queue.h"

/* Each row: what it is about, a line of details, and a button (NULL: none) named @action, told
 * apart for screen readers by what it is about. */
GtkWidget *window_row_waiting (const CardGroup *group, GtkWidget **action);
GtkWidget *window_row_grant (const json_t *grant, GtkWidget **action);
GtkWidget *window_row_rule (const json_t *rule, GtkWidget **action);
GtkWidget *window_row_event (const json_t *event);
/* What is left of a grant, counted down; FALSE: nothing is. */
gboolean window_row_tick (GtkWidget *row, gint64 now);
/* The same grants or rules in the same order: their rows can stay, and with them what has the
 * focus.
 */
gboolean window_row_same (GtkListBox *list, const json_t *things);
/* In an empty list. */
GtkWidget *window_row_nothing (const char *text);
