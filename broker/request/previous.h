/* SPDX-License-Identifier: MIT
 *
 * What a person last approved, of each kind: by program and operation. A card tells what is
 * different now, because a difference is what a person who approves the tenth alike request would
 * overlook.
 *
 * MUST
 *  - learn only from what a person approved
 *  - be kept sealed in the store: names and command lines are in it
 */
#pragma once

#include "broker/vault.h"

#include <jansson.h>

Previous *previous_new (Vault *vault);
void previous_free (Previous *self);
/* Reads what was kept from the store, which is unlocked. */
void previous_load (Previous *self);
/* The keys go; what was read with them. */
void previous_lock (Previous *self);

/* Adds "previous" to @card when one of its kind was approved. */
void previous_compare (const Previous *self, json_t *card);
/* The card in @text was approved now. */
void previous_learn (Previous *self, const char *text);
