/* SPDX-License-Identifier: MIT
 *
 * Where a person makes a grant less than what is asked: scopes, duration, uses, holder, always.
 */
#pragma once

#include <gtk/gtk.h>

#include "approve-ui/card/draft.h"

#define APPROVE_TYPE_CHOICES (approve_choices_get_type ())
G_DECLARE_FINAL_TYPE (ApproveChoices, approve_choices, APPROVE, CHOICES, GtkWidget)

/* Offers what @card does; what is chosen goes to @draft, and "changed" is signalled. Both must
 * outlive the next call, or the one to clear it. */
void approve_choices_show (ApproveChoices *self, const Card *card, Draft *draft);
/* Offers nothing. */
void approve_choices_clear (ApproveChoices *self);
/* The labels of @group are as wide as one another. */
void approve_choices_align (ApproveChoices *self, GtkSizeGroup *group);
/* FALSE while something typed there is no choice; @why gets what, g_free(). */
gboolean approve_choices_valid (ApproveChoices *self, char **why);
