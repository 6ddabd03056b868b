/* SPDX-License-Identifier: MIT
 *
 * The forms in which a value may come back. None is ever stored: each character of one is computed
 * from the value when it is compared.
 */
#pragma once

#include <glib.h>

typedef enum
{
  REDACT_FORM_PLAIN,
  REDACT_FORM_REVERSED,
  /* The value at three alignments in something longer. Characters that hold bits of a neighbour
   * too are no part of the form. Both alphabets (RFC 4648 sections 4 and 5). */
  REDACT_FORM_BASE64,
  REDACT_FORM_BASE64_1,
  REDACT_FORM_BASE64_2,
  REDACT_FORM_BASE64_REVERSED,
  REDACT_FORM_BASE64_REVERSED_1,
  REDACT_FORM_BASE64_REVERSED_2,
  /* Either case, all that follow. */
  REDACT_FORM_HEX,
  REDACT_FORM_HEX_REVERSED,
  REDACT_FORM_HEX_COLON,  /* 6b:51 */
  REDACT_FORM_HEX_DASH,   /* 6b-51 */
  REDACT_FORM_HEX_SPACE,  /* 6b 51 */
  REDACT_FORM_HEX_ARRAY,  /* 6b, 0x51 */
  REDACT_FORM_HEX_PAIR,   /* 6b51 372d, as xxd prints */
  REDACT_FORM_HEX_PAIR_1, /* 6b 5137 2d7a */
  REDACT_N_FORMS
} RedactForm;

/* In characters, of a value of @len bytes. */
gsize redact_form_len (RedactForm form, gsize len);
guint8 redact_form_at (RedactForm form, const guint8 *value, gsize len, gsize i);

/* Whether @text may stand for @expected: hexadecimal of either case, base64 of either alphabet. */
gboolean redact_form_same (RedactForm form, guint8 expected, guint8 text);
/* How else @expected may be written, itself if in no other way; case is not counted. */
guint8 redact_form_other (RedactForm form, guint8 expected);
/* Whether the form may be broken into lines. */
gboolean redact_form_wraps (RedactForm form, gsize len);
