/* SPDX-License-Identifier: MIT
 *
 * Looking at a text every few bytes finds what is written as it reads, in one line. Here, at each
 * byte that may not stand for itself, what it and its surroundings read as is put together in a
 * window, and that is looked at in the same way.
 */
#include "broker/worker/redact-scan.h"

#define WINDOW (2 * (REDACT_STEP_MAX + 3) + 4)
#define BLANKS_MAX 64

/* Characters around a place: those before it stand in the text as they are. */
typedef struct
{
  RedactScan *scan;
  RedactReading reading;
  gsize floor;     /* what starts before it is looked at elsewhere */
  gboolean joins;  /* lines that were broken are put together */
  gboolean spaces; /* a plus is a blank */
  gboolean broken; /* a line was met that is */
  gboolean plus;   /* ... a plus */
  gboolean cut;    /* the text ends in it */
  guint n, place;
  guint8 chars[WINDOW];
  gsize at[WINDOW]; /* where each stands */
} Window;

static gboolean
is_blank (guint8 byte)
{
  return byte == ' ' || byte == '\t';
}

static gboolean
is_break (guint8 byte)
{
  return byte == '\n' || byte == '\r';
}

/* Whether each byte stands for itself and no line ends. */
static gboolean
is_plain (const RedactScan *scan, RedactReading reading, gsize from, gsize to)
{
  if (redact_marks_between (scan->marks.breaks, from, to) != 0)
    return FALSE;
  if (reading == REDACT_READ_PLAIN || redact_marks_between (scan->marks.specials, from, to) == 0)
    return TRUE;
  for (; from < to; from++)
    if (redact_read_introduced (scan->text.data[from]) & 1U << reading)
      return FALSE;
  return TRUE;
}

/* Before @at: where the line that is continued there ends, or @at. */
static gsize
line_before (Window *window, gsize at)
{
  const RedactScan *scan = window->scan;
  gsize before = at;

  while (before > window->floor && at - before < BLANKS_MAX
         && is_blank (scan->text.data[before - 1]))
    before--;
  if (before == window->floor || !is_break (scan->text.data[before - 1]))
    return at;
  window->broken = TRUE;
  while (before > window->floor && is_break (scan->text.data[before - 1]))
    before--;
  return before;
}

/* Whether no line breaks so close before @at that a form may go on from the one before. */
static gboolean
is_within_line (const RedactScan *scan, gsize at)
{
  gsize window = redact_index_window (scan->index);

  /* A blank may be the end of an indentation, and a line break before that. */
  return at >= scan->from + window && is_plain (scan, REDACT_READ_PLAIN, at - window, at)
         && !is_blank (scan->text.data[at - window]);
}

/* As many bytes before @at as there can be of a form's beginning. */
static void
put_before (Window *window, gsize at)
{
  const RedactScan *scan = window->scan;
  guint most = redact_index_window (scan->index) - 1, from = most;
  gboolean within = is_within_line (scan, at);

  while (within && from > 0 && at > window->floor)
    {
      from--;
      at--;
      window->chars[from] = scan->text.data[at];
      window->at[from] = at;
    }
  while (!within && from > 0)
    {
      gsize end = line_before (window, at);
      while (window->joins && end < at)
        {
          at = end;
          end = line_before (window, at);
        }
      if (at == window->floor)
        break;
      at--;
      from--;
      window->chars[from] = scan->text.data[at];
      window->at[from] = at;
    }
  window->n = window->place = most - from;
  memmove (window->chars, window->chars + from, window->n);
  memmove (window->at, window->at + from, window->n * sizeof *window->at);
}

static void
try_four (Window *window, guint i, gboolean beginning)
{
  guint32 four = redact_four (window->chars + i);
  guint n;
  const RedactEntry *entries;

  if (!redact_index_knows (window->scan->index, four))
    return;
  entries = redact_index_find (window->scan->index, four, &n);
  for (guint k = 0; k < n; k++)
    if (entries[k].four == four && entries[k].offset <= i && (!beginning || entries[k].offset == 0))
      redact_scan_try (window->scan, window->reading, entries[k].pattern,
                       window->at[i - entries[k].offset]);
}

/* Starts that have too few characters after them to be looked at every few. */
static void
look_at_tail (Window *window)
{
  RedactScan *scan = window->scan;
  guint most = redact_index_window (scan->index) - 1;

  for (guint i = window->n - MIN (window->n, most); i < window->n && i <= window->place; i++)
    if (i + 4 <= window->n)
      try_four (window, i, TRUE);
    else if (!scan->text.ended
             && redact_index_begins (scan->index, window->chars + i, window->n - i))
      redact_scan_hold (scan, window->at[i]);
}

static void
look (Window *window)
{
  guint step = window->scan->index->step;

  for (guint i = step - 1; i + 4 <= window->n && i < window->place + step; i += step)
    try_four (window, i, FALSE);
  if (window->cut)
    look_at_tail (window);
}

/* One unit at *@at. FALSE when the text is cut there. */
static gboolean
put_unit (Window *window, gsize *at, gboolean *in_break)
{
  const RedactText *text = &window->scan->text;
  RedactUnit unit;
  gboolean breaks;

  if (*at >= text->len)
    return FALSE;
  if (!redact_read (text, window->reading, *at, &unit))
    {
      if (window->n == window->place)
        redact_scan_hold (window->scan, *at);
      return FALSE;
    }
  if (window->reading == REDACT_READ_PERCENT && text->data[*at] == '+')
    {
      window->plus = TRUE;
      unit.bytes[0] = window->spaces ? ' ' : '+';
    }
  breaks = unit.n == 1 && is_break (unit.bytes[0]);
  window->broken = window->broken || breaks;
  *in_break = window->joins && unit.n == 1 && (breaks || (*in_break && is_blank (unit.bytes[0])));
  for (guint i = 0; !*in_break && i < unit.n; i++)
    {
      window->chars[window->n] = unit.bytes[i];
      window->at[window->n++] = *at;
    }
  *at += unit.len;
  return TRUE;
}

static void
look_around (Window *window, gsize at)
{
  guint step = window->scan->index->step, enough;
  gboolean in_break = FALSE;

  put_before (window, at);
  /* As far as look() looks, and one beside that. */
  enough = (window->place / step + 1) * step + 4;
  window->cut = FALSE;
  while (!window->cut && window->n < enough)
    window->cut = !put_unit (window, &at, &in_break);
  look (window);
}

/* In each way in which it may be meant: lines by themselves or joined, pluses as blanks or as they
 * are. Most texts leave no choice. */
static void
look_around_all (RedactScan *scan, RedactReading reading, gsize floor, gsize at)
{
  Window window; /* filled as far as it is used */

  window.scan = scan;
  window.reading = reading;
  window.floor = floor;
  window.broken = window.plus = FALSE;
  for (guint way = 0; way < 4; way++)
    {
      window.joins = (way & 1) != 0;
      window.spaces = (way & 2) == 0;
      if ((window.joins ? reading != REDACT_READ_PLAIN && !window.broken
                        : reading == REDACT_READ_PLAIN)
          || (!window.spaces && !window.plus))
        continue;
      look_around (&window, at);
    }
}

/* --- Most stand alone: then two looks suffice, and no window is needed --- */

/* The text up to @end, then @byte unless @n is 0, then the text from @next on. */
static gboolean
knows_across (const RedactScan *scan, gsize end, guint n, guint8 byte, gsize next)
{
  const RedactIndex *index = scan->index;
  const guint8 *before = scan->text.data + end, *after = scan->text.data + next;
  guint32 across = redact_four_of (before[-3], before[-2], before[-1], n > 0 ? byte : after[0]);
  guint32 four = n > 0 && index->step == 3 ? redact_four_of (byte, after[0], after[1], after[2])
                                           : redact_four (after + index->step - 3 - n);

  return redact_index_knows (index, across) | redact_index_knows (index, four);
}

static gsize
after_blanks (const RedactScan *scan, gsize at)
{
  while (at < scan->text.len && is_blank (scan->text.data[at]))
    at++;
  return at;
}

/* Whether what knows_across() looks at stands for itself. */
static gboolean
plain_after (const RedactScan *scan, RedactReading reading, gsize next)
{
  gsize end = next + scan->index->step + 1;

  return end <= scan->text.len && is_plain (scan, reading, next, end);
}

/* A form goes on over what stands from @end to @next only with what stands on both sides. */
static gboolean
passes_break (const RedactScan *scan, gsize end, gsize next)
{
  const guint8 *data = scan->text.data;

  if (end < scan->from + 3)
    return end == scan->from;
  if (next < scan->text.len && is_blank (data[next]))
    next = after_blanks (scan, next);
  if (plain_after (scan, REDACT_READ_PLAIN, next) && !knows_across (scan, end, 0, 0, next))
    return TRUE;
  return next < scan->text.len && !is_break (data[next]) && !is_break (data[end - 1])
         && !redact_index_knows_pair (scan->index, data[end - 1], data[next]);
}

static gboolean
passes_unit (const RedactScan *scan, RedactReading reading, gsize at, const RedactUnit *unit)
{
  const guint8 *data = scan->text.data;
  gsize next = at + unit->len;

  if (unit->n != 1 || !is_within_line (scan, at) || !plain_after (scan, reading, next))
    return FALSE;
  if ((redact_index_knows_pair (scan->index, data[at - 1], unit->bytes[0])
       || redact_index_knows_pair (scan->index, unit->bytes[0], data[next]))
      && knows_across (scan, at, 1, unit->bytes[0], next))
    return FALSE;
  return !is_break (unit->bytes[0]) || passes_break (scan, at, next);
}

/* --- */

static void
scan_breaks (RedactScan *scan)
{
  const RedactText *text = &scan->text;
  gsize floor = scan->from;

  for (gsize word = scan->from / 64; word < scan->marks.n_words; word++)
    for (guint64 bits = scan->marks.breaks[word]; bits != 0; bits &= bits - 1)
      {
        gsize at = 64 * word + (gsize) __builtin_ctzll (bits), end = at;

        /* Of two that end a line the second is looked at, of two lines without anything between
         * them the first. */
        if (at < floor
            || (text->data[at] == '\r' && at + 1 < text->len && text->data[at + 1] == '\n'))
          continue;
        if (at > scan->from && text->data[at - 1] == '\r')
          end--;
        if (end > floor && !passes_break (scan, end, at + 1))
          look_around_all (scan, REDACT_READ_PLAIN, floor, at);
        floor = at + 1;
      }
}

static void
scan_specials (RedactScan *scan)
{
  const RedactText *text = &scan->text;
  gsize floors[REDACT_N_READINGS];

  for (guint i = 0; i < REDACT_N_READINGS; i++)
    floors[i] = scan->from;
  for (gsize word = scan->from / 64; word < scan->marks.n_words; word++)
    for (guint64 bits = scan->marks.specials[word]; bits != 0; bits &= bits - 1)
      {
        gsize at = 64 * word + (gsize) __builtin_ctzll (bits);
        RedactReading reading = (guint) __builtin_ctz (redact_read_introduced (text->data[at]));
        RedactUnit unit;
        gboolean whole;

        if (at < scan->from || (text->data[at] == '+' && !text->plus_is_space))
          continue;
        whole = redact_read (text, reading, at, &unit);
        if (whole && unit.n == 1 && unit.len == 1 && unit.bytes[0] == text->data[at])
          continue;
        if (!whole || !passes_unit (scan, reading, at, &unit))
          look_around_all (scan, reading, floors[reading], at);
        floors[reading] = at + 1;
      }
}

/* The last bytes, as they are. */
static void
scan_tail (RedactScan *scan)
{
  gsize most = redact_index_window (scan->index) - 1;
  gsize n = MIN (scan->text.len - scan->from, MIN (most, WINDOW));
  Window window;

  window.scan = scan;
  window.reading = REDACT_READ_PLAIN;
  window.n = window.place = (guint) n;
  for (gsize i = 0; i < n; i++)
    {
      window.at[i] = scan->text.len - n + i;
      window.chars[i] = scan->text.data[window.at[i]];
    }
  look_at_tail (&window);
}

void
redact_scan_bends (RedactScan *scan)
{
  scan_breaks (scan);
  scan_specials (scan);
  scan_tail (scan);
}
