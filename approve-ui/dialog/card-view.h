/* SPDX-License-Identifier: MIT
 *
 * The lines of a card, as a dialog draws them: label, value, what stood there before, and at high
 * risk a mark to set on each line that has to be read.
 */
#pragma once

#include <gtk/gtk.h>

#include "approve-ui/card/draft.h"
#include "approve-ui/card/queue.h"

#define APPROVE_TYPE_CARD_VIEW (approve_card_view_get_type ())
G_DECLARE_FINAL_TYPE (ApproveCardView, approve_card_view, APPROVE, CARD_VIEW, GtkWidget)

/* Draws @group's first card; what is marked as read goes to @draft, and "touched" is signalled.
 * Both must outlive the next call, or the
 * one to clear it. */
void approve_card_view_show (ApproveCardView *self, const CardGroup *group, Draft *draft);
/* Shows nothing. */
void approve_card_view_clear (ApproveCardView *self);
/* The labels of @group are as wide as one another. */
void approve_card_view_align (ApproveCardView *self, GtkSizeGroup *group);
/* Some of those alike came or went. */
void approve_card_view_update_alike (ApproveCardView *self, const CardGroup *group);
