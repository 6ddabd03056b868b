/* SPDX-License-Identifier: MIT
 *
 * A line that is typed on a screen that keys do not echo on: the PIN, a reason, a time.
 *
 * MUST
 *  - keep what is typed in locked memory, and wipe it when it is dropped
 *  - show nothing of what is hidden, not even how long it is
 */
#pragma once

#include "approve-ui/terminal/terminal-key.h"
#include "approve-ui/terminal/terminal-screen.h"
#include "broker/base/secret.h"

typedef struct _TerminalEntry TerminalEntry;

typedef enum
{
  TERMINAL_ENTRY_CANCELLED = 0,
  TERMINAL_ENTRY_GOES_ON,
  TERMINAL_ENTRY_COMPLETE
} TerminalEntryStep;

/* @prompt is copied. NULL, with an error, when there is no locked memory. */
TerminalEntry *terminal_entry_new (const char *prompt, gboolean hidden, GError **error);
void terminal_entry_free (TerminalEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TerminalEntry, terminal_entry_free)

/* @bytes are the key's own, @len of them. */
TerminalEntryStep terminal_entry_take (TerminalEntry *self, const TerminalKey *key,
                                       const guint8 *bytes, gsize len);
/* What was typed; the entry is empty afterwards. The caller owns it. */
Secret *terminal_entry_steal (TerminalEntry *self, GError **error);
/* On one row, with the terminal's cursor in it. */
void terminal_entry_draw (const TerminalEntry *self, TerminalScreen *screen, guint row);
