/* SPDX-License-Identifier: MIT
 *
 * A value of which one stream has the first part and another the rest: here, the rest, or what is
 * between.
 */
#include "broker/worker/redact-scan.h"

/* Those a program prints; a stream seldom begins in the middle of the others. */
static gboolean
is_common (guint8 form)
{
  return form == REDACT_FORM_PLAIN || form == REDACT_FORM_HEX
         || (form >= REDACT_FORM_BASE64 && form <= REDACT_FORM_BASE64_2);
}

/* The longest rest of a form that the text begins with. */
static void
try_pattern (RedactScan *scan, const RedactPattern *pattern)
{
  const RedactNeedle *needle = &scan->index->needles[pattern->needle];
  gsize total = redact_form_len (pattern->form, needle->len);
  gsize least = redact_scan_enough (total);

  for (gsize from = 1; from + least <= total; from++)
    {
      guint8 first = redact_form_at (pattern->form, needle->value, needle->len, from);
      RedactFound found = { 0 };
      RedactMatch got;

      if (!redact_form_same (pattern->form, first, scan->text.data[0]))
        continue;
      got = redact_match (&scan->text, REDACT_READ_PLAIN, 0, needle, pattern->form, from, &found);
      if (got == REDACT_MATCH_FULL
          || (got == REDACT_MATCH_CUT && scan->text.ended && found.matched >= least))
        redact_scan_hit (scan, 0, found.end, needle);
      if (got == REDACT_MATCH_CUT && !scan->text.ended)
        redact_scan_hold (scan, 0);
      if (got != REDACT_MATCH_NONE)
        return;
    }
}

void
redact_scan_beginning (RedactScan *scan)
{
  if (scan->text.len == 0)
    return;
  for (guint i = 0; i < scan->index->n_patterns; i++)
    if (is_common (scan->index->patterns[i].form))
      try_pattern (scan, &scan->index->patterns[i]);
}
