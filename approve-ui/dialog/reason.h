/* SPDX-License-Identifier: MIT
 *
 * Where a person denies with a reason for the agent, or for some time.
 */
#pragma once

#include <gtk/gtk.h>

#define APPROVE_TYPE_REASON (approve_reason_get_type ())
G_DECLARE_FINAL_TYPE (ApproveReason, approve_reason, APPROVE, REASON, GtkPopover)

/* Signal "deny": the person wants it so. */
/* What the agent is told, or NULL: nothing of the person's own. g_free(). */
char *approve_reason_text (ApproveReason *self);
/* For so many seconds the same is denied unasked; 0: not. */
gint64 approve_reason_seconds (ApproveReason *self);
/* As it was at first. */
void approve_reason_clear (ApproveReason *self);
