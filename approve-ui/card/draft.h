/* SPDX-License-Identifier: MIT
 *
 * What granting would give, while a person makes it less: scopes taken away, time, uses, holder.
 * Used by the dialog and the terminal alike.
 *
 * MUST
 *  - stay within what the card offers
 *  - not be ready before all has been touched that the card wants to be touched
 */
#pragma once

#include <jansson.h>

#include "approve-ui/card/card-show.h"

typedef struct _Draft Draft;

/* Begins with all that was asked, for the card's default time and uses. */
Draft *draft_new (const Card *card);
void draft_free (Draft *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Draft, draft_free)

/* What can be chosen at all. */
gboolean draft_has_time (const Draft *self);
/* 0: not limited. */
gint64 draft_most_uses (const Draft *self);
/* The usual durations that fit, in seconds, shortest first; 0 ends them. */
const gint64 *draft_durations (const Draft *self);

gboolean draft_has_scope (const Draft *self, const char *scope);
guint draft_n_scopes (const Draft *self);
gint64 draft_duration (const Draft *self);
gint64 draft_uses (const Draft *self); /* 0: not limited */
const CardPair *draft_holder (const Draft *self);
gboolean draft_always (const Draft *self);
gboolean draft_touched (const Draft *self, const char *line);

/* FALSE when the card does not offer it; nothing has changed then. A draft without a scope can be,
 * but is not ready. */
gboolean draft_set_scope (Draft *self, const char *scope, gboolean on);
gboolean draft_set_duration (Draft *self, gint64 seconds);
gboolean draft_set_uses (Draft *self, gint64 uses);
gboolean draft_set_holder (Draft *self, guint index);
gboolean draft_set_always (Draft *self, gboolean on);
/* The person has seen the line with this id. */
void draft_touch (Draft *self, const char *line);

/* TRUE when granting is possible; else @why (may be NULL) gets what is missing, g_free(). */
gboolean draft_ready (const Draft *self, char **why);
/* "use, for 5m, any number of uses, to node alone", escaped. g_free(). */
char *draft_summary (const Draft *self);
/* Parameters of "decide"; the caller owns them. PIN and key are added by whoever has them. */
json_t *draft_decision (const Draft *self);
/* The same for a denial. @reason may be NULL; @seconds 0: this request alone. */
json_t *draft_denial (const char *request_id, const char *reason, gint64 seconds);
