/* SPDX-License-Identifier: MIT
 *
 * Standing rules: what a person countersigned for "always", for one program, one resource and the
 * scopes on the card. A standing rule answers an "ask" of the policy within that ask's bounds; a
 * "deny" of the policy still denies.
 *
 * MUST
 *  - be offered only where the mode lets an "allow" count, and in system mode for one exact command
 *    line of launch; and to a program whose path says what it does: verified, no interpreter, in a
 * place where only root can put another
 *  - be made only by a decision that carried the PIN or a key, and be in the trail before it counts
 *  - stand for no more proof than it was made with: one without a touch of a security key answers
 *    nothing that the policy wants a key for
 *  - be kept sealed in the store, never in a file that an agent can write
 */
#pragma once

#include "broker/request/request.h"

Standing *standing_new (Vault *vault);
void standing_free (Standing *self);
/* Reads the rules from the store, which is unlocked. */
gboolean standing_load (Standing *self, GError **error);
/* The keys go; the rules with them. */
void standing_lock (Standing *self);

/* The rule that "always" would make of @request, in the policy language; NULL: it is not offered.
 * g_free(). */
char *request_always_rule (const Request *request);
/* Whether a rule answers @request. */
gboolean standing_covers (const Standing *self, const Request *request);
/* The id of the rule that answers @request, whose bounds are then also the rule's; or NULL. */
const char *standing_answer (const Standing *self, Request *request);
/* Makes the rule of @request's card for what @grant gives: once it is in the trail, it counts. @by
 * as in Decision. */
void standing_add (Standing *self, const Request *request, const Grant *grant, const char *by);
/* json_t {"id","rule","scopes","made_at","key_id"?} of each, oldest first; free the array. */
GPtrArray *standing_list (const Standing *self);
/* FALSE: there is none with that id. */
gboolean standing_remove (Standing *self, const char *id);
