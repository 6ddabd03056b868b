/* SPDX-License-Identifier: MIT */
#include "broker/worker/redact-match.h"

/* Of an indentation, with its line break. */
#define BLANKS_MAX 64

typedef struct
{
  const RedactNeedle *needle;
  RedactForm form;
  gsize at, total; /* in characters of the form */
  guint8 expected;
  gboolean wraps;
  guint skipped; /* since the last character; 0 when no line was broken since */
} Matcher;

static void
expect (Matcher *matcher, gsize at)
{
  matcher->at = at;
  matcher->skipped = 0;
  if (at < matcher->total)
    matcher->expected
        = redact_form_at (matcher->form, matcher->needle->value, matcher->needle->len, at);
}

static gboolean
take_byte (Matcher *matcher, guint8 byte)
{
  gboolean breaks = byte == '\n' || byte == '\r';
  gboolean indents = matcher->skipped > 0 && (byte == ' ' || byte == '\t');

  /* Blanks after a line that was broken are never the form's. */
  if (!indents && redact_form_same (matcher->form, matcher->expected, byte))
    {
      expect (matcher, matcher->at + 1);
      return TRUE;
    }
  if (!indents && !(breaks && matcher->wraps) && !(byte == '\r' && matcher->expected == '\n'))
    return FALSE;
  return matcher->skipped++ < BLANKS_MAX;
}

static gboolean
take_unit (Matcher *matcher, const RedactText *text, gsize at, const RedactUnit *unit)
{
  /* Whoever encodes a path leaves a plus as it is. */
  if (unit->len == 1 && text->data[at] == '+' && matcher->expected == '+')
    return take_byte (matcher, '+');
  for (guint i = 0; i < unit->n && matcher->at < matcher->total; i++)
    if (!take_byte (matcher, unit->bytes[i]))
      return FALSE;
  return TRUE;
}

RedactMatch
redact_match (const RedactText *text, RedactReading reading, gsize at, const RedactNeedle *needle,
              RedactForm form, gsize from, RedactFound *found)
{
  Matcher matcher = { .needle = needle, .form = form };

  matcher.total = redact_form_len (form, needle->len);
  matcher.wraps = redact_form_wraps (form, needle->len);
  expect (&matcher, from);
  found->start = at;
  for (; matcher.at < matcher.total; found->matched = matcher.at - from)
    {
      RedactUnit unit;
      found->end = at;
      if (at >= text->len || !redact_read (text, reading, at, &unit))
        return REDACT_MATCH_CUT;
      /* Nothing is passed over before the first character. */
      if (!take_unit (&matcher, text, at, &unit) || matcher.at == from)
        return REDACT_MATCH_NONE;
      at += unit.len;
    }
  found->end = at;
  return REDACT_MATCH_FULL;
}
