/* SPDX-License-Identifier: MIT
 *
 * The policy is asked again about what is granted and held: when another was accepted, and when
 * the time has come at which a rule begins or ends to hold.
 *
 * MUST
 *  - end what would be denied now
 *  - widen nothing: what a person was shown stays the most that can be granted by it
 *  - hold nothing against a requester that it asked for since
 */
#pragma once

#include "broker/vault.h"

/* @ended: grants. @refused: requests that had not come to their end. */
typedef void (*JudgeDone) (gpointer data, guint ended, guint refused);

Judge *judge_new (Vault *vault);
void judge_free (Judge *self);
/* Asks about all, as soon as what the policy looks at is known (at most ten seconds), and from then
 * on whenever the time makes a difference. @done may be NULL; it is called once. */
void judge_again (Judge *self, JudgeDone done, gpointer data);
/* The keys go: nothing is asked until judge_again(). Those who wait are told of nothing ended. */
void judge_lock (Judge *self);
