/* SPDX-License-Identifier: MIT
 *
 * What is looked for of a value: all of it, its longer lines each by itself, what UTF-16 makes of
 * it, or, of a long one, pieces.
 */
#pragma once

#include "broker/base/secret.h"
#include "broker/worker/redact-match.h"

typedef struct
{
  GArray *needles;  /* of RedactNeedle */
  GArray *words;    /* of RedactNeedle: values too short to be anything but words of their own */
  GPtrArray *bytes; /* of Secret: what they point into */
} RedactNeedles;

void redact_needles_init (RedactNeedles *needles);
void redact_needles_clear (RedactNeedles *needles);
/* FALSE with a SecretError when locked memory has no room. */
gboolean redact_needles_add (RedactNeedles *needles, const Secret *value, guint name,
                             GError **error);
