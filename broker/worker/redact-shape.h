/* SPDX-License-Identifier: MIT
 *
 * What looks like a credential, whoever's it is.
 */
#pragma once

#include "broker/worker/redact-match.h"

#define REDACT_N_SHAPES 7

/* Once before any other. */
void redact_shape_init (void);
const char *redact_shape_name (guint shape);

/* At an anchor, see redact-marks.h; starts before @from are none. CUT: what begins at
 * @found->start may be one. */
RedactMatch redact_shape_at (const RedactText *text, gsize from, gsize anchor, RedactFound *found,
                             guint *shape);
/* Where the beginning of one may stand that the text cuts before its anchor is whole; its length
 * when nowhere. */
gsize redact_shape_tail (const RedactText *text, gsize from);
