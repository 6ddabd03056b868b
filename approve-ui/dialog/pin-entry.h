/* SPDX-License-Identifier: MIT
 *
 * Where a PIN is typed.
 *
 * MUST
 *  - keep what is typed in locked memory, and wipe it when it is taken, cleared or hidden
 *  - be no text to anybody else: not to the accessibility bus, the clipboard, the primary selection
 *    or an input method
 *
 * GtkPasswordEntry is not that: with GTK 4.8 its text can be read over AT-SPI.
 */
#pragma once

#include <gtk/gtk.h>

#include "broker/base/secret.h"

#define APPROVE_TYPE_PIN_ENTRY (approve_pin_entry_get_type ())
G_DECLARE_FINAL_TYPE (ApprovePinEntry, approve_pin_entry, APPROVE, PIN_ENTRY, GtkWidget)

/* Signals: "changed", "activate" (Enter). */
gboolean approve_pin_entry_is_empty (ApprovePinEntry *self);
/* What was typed, which is forgotten here; NULL when nothing was, or it cannot be kept. */
Secret *approve_pin_entry_take (ApprovePinEntry *self);
void approve_pin_entry_clear (ApprovePinEntry *self);
