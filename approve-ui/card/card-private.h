/* SPDX-License-Identifier: MIT
 *
 * Between the files that put a card into words.
 */
#pragma once

#include "approve-ui/card/card-show.h"

/* What follows from a grant, in a few words. */
const char *card_consequence (const Card *card);
