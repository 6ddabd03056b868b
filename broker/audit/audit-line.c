/* SPDX-License-Identifier: MIT
 *
 * Scanning a record without building anything: verifying reads a million of them a second. A record
 * is
 *
 *   {"seq":N,"time":"…","event":"…"[,"member":value]…,"prev":"hex","mac":"hex"}
 *
 * with no space between, values being texts, whole numbers, or lists of texts.
 */
#include "broker/audit/audit-line.h"
#include "broker/audit/audit-verify.h"

#include "broker/base/wire.h"

#include <string.h>

#define MAX_MEMBERS 48
#define TAIL_LEN (strlen (AUDIT_PREV) + AUDIT_HEX_LEN + 1 + strlen (AUDIT_MAC) + AUDIT_HEX_LEN + 2)

typedef struct
{
  const char *at, *end;
  guint8 seen; /* OR of all bytes of texts: the top bit says that there is more than ASCII */
} Scan;

/* What stands for itself within a text. */
static const guint8 plain[256] = {
  [0x20 ... 0x21] = 1, /* not the quote */
  [0x23 ... 0x5b] = 1, /* not the backslash */
  [0x5d ... 0x7e] = 1,
  [0x80 ... 0xff] = 1, /* whether it is UTF-8 is asked once for the whole line */
};

static gboolean
take (Scan *scan, const char *literal)
{
  gsize len = strlen (literal);

  if ((gsize) (scan->end - scan->at) < len || memcmp (scan->at, literal, len) != 0)
    return FALSE;
  scan->at += len;
  return TRUE;
}

static int
hex_value (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* After a backslash: only what has no other spelling. */
static gboolean
take_escape (Scan *scan)
{
  int high, low;

  if (take (scan, "\"") || take (scan, "\\"))
    return TRUE;
  if (!take (scan, "u00") || scan->end - scan->at < 2)
    return FALSE;
  high = hex_value (scan->at[0]);
  low = hex_value (scan->at[1]);
  if (high < 0 || low < 0)
    return FALSE;
  scan->at += 2;
  return (high < 2 && high + low > 0) || (high == 7 && low == 15);
}

/* Eight bytes at once, as far as they stand for themselves and are ASCII: most of every text is.
 * The top bit of a byte of each term says that it is below 0x20, a quote, a backslash, DEL, not
 * ASCII; a borrow can only say so of a byte too many, behind one that is so. */
static const char *
skip_plain (const char *at, const char *end)
{
  const guint64 ones = G_GUINT64_CONSTANT (0x0101010101010101), tops = ones << 7;

  for (guint64 x; end - at >= 8; at += 8)
    {
      memcpy (&x, at, 8);
      guint64 quote = x ^ ones * '"', backslash = x ^ ones * '\\', delete = x ^ ones * 0x7f;
      if (((x - ones * 0x20) | (quote - ones) | (backslash - ones) | (delete - ones) | x) & tops)
        break;
    }
  return at;
}

static gboolean
take_text (Scan *scan)
{
  const char *at = scan->at, *end = scan->end;
  guint8 seen = 0;

  if (at == end || *at++ != '"')
    return FALSE;
  for (;;)
    {
      at = skip_plain (at, end);
      while (at < end && plain[(guint8) *at])
        seen |= (guint8) *at++;
      scan->at = at;
      if (at == end)
        return FALSE;
      if (*at == '"')
        break;
      scan->at = at + 1;
      if (*at != '\\' || !take_escape (scan))
        return FALSE;
      at = scan->at;
    }
  scan->at = at + 1;
  scan->seen |= seen;
  return TRUE;
}

/* Digits without leading zeros, at most @max. */
static gboolean
take_digits (Scan *scan, guint64 max, guint64 *value)
{
  const char *first = scan->at;
  guint64 n = 0;

  for (; scan->at < scan->end && g_ascii_isdigit (*scan->at); scan->at++)
    {
      guint64 digit = (guint64) (*scan->at - '0');
      if (n > (max - digit) / 10)
        return FALSE;
      n = n * 10 + digit;
    }
  *value = n;
  return scan->at > first && (*first != '0' || scan->at == first + 1);
}

static gboolean
take_number (Scan *scan)
{
  gboolean negative = take (scan, "-");
  guint64 value;

  if (!take_digits (scan, (guint64) G_MAXINT64 + (negative ? 1 : 0), &value))
    return FALSE;
  return !negative || value != 0;
}

static gboolean
take_list (Scan *scan)
{
  if (!take (scan, "["))
    return FALSE;
  if (take (scan, "]"))
    return TRUE;
  do
    if (!take_text (scan))
      return FALSE;
  while (take (scan, ","));
  return take (scan, "]");
}

static gboolean
take_value (Scan *scan)
{
  if (scan->at == scan->end)
    return FALSE;
  if (*scan->at == '"')
    return take_text (scan);
  return *scan->at == '[' ? take_list (scan) : take_number (scan);
}

typedef struct
{
  struct
  {
    const char *at;
    gsize len;
  } list[MAX_MEMBERS];
  gsize n;
  guint64 filter; /* a bit for each name's looks: most names need no comparing */
} Names;

/* FALSE when @name was there before. */
static gboolean
names_add (Names *names, const char *name, gsize len)
{
  guint64 bit = G_GUINT64_CONSTANT (1)
                << ((guint) (name[0] * 7 + name[len / 2] * 3 + name[len - 1] + (int) len) & 63);

  if (names->n == MAX_MEMBERS)
    return FALSE;
  if (names->filter & bit)
    for (gsize i = 0; i < names->n; i++)
      if (names->list[i].len == len && memcmp (names->list[i].at, name, len) == 0)
        return FALSE;
  names->filter |= bit;
  names->list[names->n].at = name;
  names->list[names->n++].len = len;
  return TRUE;
}

static gboolean
take_name (Scan *scan, Names *names)
{
  const char *first = scan->at;

  while (scan->at < scan->end
         && (g_ascii_islower (*scan->at) || g_ascii_isdigit (*scan->at) || *scan->at == '_'))
    scan->at++;
  return scan->at > first && names_add (names, first, (gsize) (scan->at - first));
}

static gboolean
take_members (Scan *scan)
{
  Names names;

  names.n = 0;
  names.filter = 0;
  names_add (&names, "seq", 3);
  names_add (&names, "time", 4);
  names_add (&names, "event", 5);
  names_add (&names, "prev", 4);
  names_add (&names, "mac", 3);
  while (scan->at < scan->end)
    if (!take (scan, ",\"") || !take_name (scan, &names) || !take (scan, "\":")
        || !take_value (scan))
      return FALSE;
  return TRUE;
}

/* "2026-11-21T09:30:00.123Z": times of one form can be compared as bytes. */
static gboolean
take_time (Scan *scan)
{
  static const char form[] = "0000-00-00T00:00:00.000Z";

  for (const char *f = form; *f != '\0'; f++, scan->at++)
    if (scan->at == scan->end || (*f == '0' ? !g_ascii_isdigit (*scan->at) : *scan->at != *f))
      return FALSE;
  return TRUE;
}

/* Without a branch in the loop, so that the compiler takes many bytes at once: two of these are in
 * each line. */
static gboolean
take_hex (Scan *scan)
{
  const guint8 *at = (const guint8 *) scan->at;
  guint8 bad = 0;

  if (scan->end - scan->at < AUDIT_HEX_LEN)
    return FALSE;
  for (guint i = 0; i < AUDIT_HEX_LEN; i++)
    bad |= (guint8) ((guint8) (at[i] - '0') > 9) & (guint8) ((guint8) (at[i] - 'a') > 5);
  scan->at += bad ? 0 : AUDIT_HEX_LEN;
  return !bad;
}

static gboolean
take_head (Scan *scan, AuditLine *out)
{
  if (!take (scan, "{\"seq\":") || !take_digits (scan, G_MAXINT64, &out->seq) || out->seq == 0
      || !take (scan, ",\"time\":\""))
    return FALSE;
  out->time = scan->at;
  if (!take_time (scan) || !take (scan, "\",\"event\":\""))
    return FALSE;
  out->event = scan->at;
  while (scan->at < scan->end && (g_ascii_islower (*scan->at) || *scan->at == '_'))
    scan->at++;
  out->event_len = (gsize) (scan->at - out->event);
  return out->event_len > 0 && take (scan, "\"");
}

static gboolean
take_tail (Scan *scan, AuditLine *out)
{
  if (!take (scan, AUDIT_PREV))
    return FALSE;
  out->prev = scan->at;
  if (!take_hex (scan) || !take (scan, "\"" AUDIT_MAC))
    return FALSE;
  out->mac = scan->at;
  return take_hex (scan) && take (scan, "\"}");
}

gboolean
audit_line_scan (const char *line, gsize len, AuditLine *out)
{
  Scan scan = { line, line + len, 0 };
  gboolean fits = len >= AUDIT_LINE_MIN && len <= AUDIT_LINE_MAX;

  if (fits)
    {
      scan.end = line + len - TAIL_LEN; /* a text that runs into the tail is none */
      fits = take_head (&scan, out) && take_members (&scan);
    }
  if (fits)
    {
      scan.end = line + len;
      fits = take_tail (&scan, out) && scan.at == scan.end;
    }
  if (!fits || (scan.seen >= 0x80 && !g_utf8_validate_len (line, len, &scan.at)))
    {
      out->fault = (gsize) (scan.at - line);
      return FALSE;
    }
  out->signed_len = (gsize) (out->mac - line) - strlen (AUDIT_MAC);
  return TRUE;
}

gboolean
audit_line_is_event (const AuditLine *line, const char *event)
{
  return line->event_len == strlen (event) && memcmp (line->event, event, line->event_len) == 0;
}

/* Reckoned, not looked up: the compiler then takes many bytes at once. */
static char
hex_digit (guint8 nibble)
{
  return (char) (nibble + '0' + (nibble > 9 ? 'a' - '0' - 10 : 0));
}

void
audit_hex (const guint8 hash[AUDIT_HASH_LEN], char *hex)
{
  for (guint i = 0; i < AUDIT_HASH_LEN; i++)
    {
      hex[2 * i] = hex_digit (hash[i] >> 4);
      hex[2 * i + 1] = hex_digit (hash[i] & 15);
    }
}

gboolean
audit_unhex (const char *hex, guint8 hash[AUDIT_HASH_LEN])
{
  for (guint i = 0; i < AUDIT_HASH_LEN; i++)
    {
      int high = hex_value (hex[2 * i]), low = high < 0 ? -1 : hex_value (hex[2 * i + 1]);
      if (low < 0)
        return FALSE;
      hash[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

json_t *
audit_parse_line (const char *line, gsize len, GError **error)
{
  AuditLine scanned;

  if (!audit_line_scan (line, len, &scanned))
    {
      g_set_error (error, WIRE_ERROR, WIRE_ERROR_PARSE, "not a record: column %" G_GSIZE_FORMAT,
                   scanned.fault + 1);
      return NULL;
    }
  return wire_parse (line, len, FALSE, error);
}
