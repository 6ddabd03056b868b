/* SPDX-License-Identifier: MIT */
#include "broker/worker/redact-form.h"

#include <string.h>

/* Shorter texts stand on two lines by chance. */
#define PLAIN_WRAPS 16

typedef struct
{
  const char *separator;
  guint group, phase; /* bytes between separators; how many of a group stand before the value */
} Layout;

static const Layout layouts[REDACT_N_FORMS] = {
  [REDACT_FORM_HEX_COLON] = { ":", 1, 0 }, [REDACT_FORM_HEX_DASH] = { "-", 1, 0 },
  [REDACT_FORM_HEX_SPACE] = { " ", 1, 0 }, [REDACT_FORM_HEX_ARRAY] = { ", 0x", 1, 0 },
  [REDACT_FORM_HEX_PAIR] = { " ", 2, 0 },  [REDACT_FORM_HEX_PAIR_1] = { " ", 2, 1 },
};

static gboolean
is_base64 (RedactForm form)
{
  return form >= REDACT_FORM_BASE64 && form <= REDACT_FORM_BASE64_REVERSED_2;
}

/* How many bytes stand before the value, modulo three. */
static gsize
base64_skip (RedactForm form)
{
  return (gsize) (form - REDACT_FORM_BASE64) % 3;
}

gsize
redact_form_len (RedactForm form, gsize len)
{
  const Layout *layout = &layouts[form];
  gsize skip;

  if (form == REDACT_FORM_PLAIN || form == REDACT_FORM_REVERSED)
    return len;
  if (layout->group > 0)
    return 2 * len + strlen (layout->separator) * ((len + layout->phase - 1) / layout->group);
  if (!is_base64 (form))
    return 2 * len;
  skip = base64_skip (form);
  return 8 * (skip + len) / 6 - (8 * skip + 5) / 6;
}

static guint8
base64_at (const guint8 *value, gsize skip, gsize i)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  gsize bit = 6 * (i + (8 * skip + 5) / 6) - 8 * skip;
  guint bits = (guint) value[bit / 8] << 8;

  if (bit % 8 > 2)
    bits |= value[bit / 8 + 1];
  return (guint8) digits[bits >> (10 - bit % 8) & 63];
}

static guint8
hex_at (const guint8 *value, gsize i)
{
  return (guint8) "0123456789abcdef"[value[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
}

static guint8
layout_at (const Layout *layout, const guint8 *value, gsize i)
{
  gsize digits = 2 * layout->group, stride = digits + strlen (layout->separator);
  gsize at = i + 2 * layout->phase, in = at % stride;

  if (in >= digits)
    return (guint8) layout->separator[in - digits];
  return hex_at (value, at / stride * digits + in - 2 * layout->phase);
}

guint8
redact_form_at (RedactForm form, const guint8 *value, gsize len, gsize i)
{
  if (form == REDACT_FORM_PLAIN)
    return value[i];
  if (form == REDACT_FORM_REVERSED)
    return value[len - 1 - i];
  if (layouts[form].group > 0)
    return layout_at (&layouts[form], value, i);
  if (form == REDACT_FORM_HEX)
    return hex_at (value, i);
  if (form == REDACT_FORM_HEX_REVERSED)
    return hex_at (value, 2 * len - 1 - i);
  if (form >= REDACT_FORM_BASE64_REVERSED)
    i = redact_form_len (form, len) - 1 - i;
  return base64_at (value, base64_skip (form), i);
}

guint8
redact_form_other (RedactForm form, guint8 expected)
{
  if (is_base64 (form) && expected == '+')
    return '-';
  if (is_base64 (form) && expected == '/')
    return '_';
  return expected;
}

gboolean
redact_form_same (RedactForm form, guint8 expected, guint8 text)
{
  if (expected == text)
    return TRUE;
  if (form < REDACT_FORM_BASE64)
    return FALSE;
  if (is_base64 (form))
    return text == redact_form_other (form, expected);
  return text >= 'A' && text <= 'F' && (text | 0x20) == expected;
}

gboolean
redact_form_wraps (RedactForm form, gsize len)
{
  return form >= REDACT_FORM_BASE64 || len >= PLAIN_WRAPS;
}
