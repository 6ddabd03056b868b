/* SPDX-License-Identifier: MIT
 *
 * application/x-www-form-urlencoded, as OAuth writes it (RFC 6749, appendix B).
 */
#pragma once

#include "broker/base/secret.h"

/* At most three bytes for each of @in. Returns what follows @out. */
guint8 *http_form_put (guint8 *out, const guint8 *in, gsize len);
/* Base64 of "USER:VALUE", each encoded before they are joined (RFC 6749, 2.3.1), so that either may
 * have a colon. Without a final NUL. */
Secret *http_form_basic (const char *user, const Secret *value, GError **error);
