/* SPDX-License-Identifier: MIT
 *
 * Which of the waiting requests is looked at: "2 of 4", and buttons to look at others.
 */
#pragma once

#include <gtk/gtk.h>

#define APPROVE_TYPE_TURNS (approve_turns_get_type ())
G_DECLARE_FINAL_TYPE (ApproveTurns, approve_turns, APPROVE, TURNS, GtkBox)

/* Signal "move" (int by): the person wants to see another. */
void approve_turns_show (ApproveTurns *self, guint position, guint n);
