/* SPDX-License-Identifier: MIT */
#include "broker/cli/audit/cli-audit-time.h"

#include <string.h>

#include "broker/base/text.h"

#define SECOND G_USEC_PER_SEC
#define MINUTE (60 * SECOND)
#define AGO_MAX (200 * 366 * 24) /* hours; before any trail, and far from any overflow */

G_DEFINE_QUARK (countersign_cli_time_error, cli_time_error)

/* From @at on, and how much of time it names. */
typedef struct
{
  GDateTime *at;
  gint64 length; /* µs; -1: a day, which is not always as long */
} Span;

static const char *
skip_blanks (const char *text)
{
  while (*text == ' ')
    text++;
  return text;
}

/* ---- days ---- */

static GDateTime *
midnight (GDateTime *of)
{
  g_autoptr (GTimeZone) local = g_time_zone_new_local ();
  int year, month, day;

  g_date_time_get_ymd (of, &year, &month, &day);
  return g_date_time_new (local, year, month, day, 0, 0, 0);
}

/* Days back from @now that @word, @len bytes long, says; -1: it is none. */
static int
days_back (const char *word, gsize len, GDateTime *now)
{
  static const char *const weekdays[]
      = { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday" };
  g_autofree char *lower = g_ascii_strdown (word, (gssize) len);

  if (strcmp (lower, "today") == 0)
    return 0;
  if (strcmp (lower, "yesterday") == 0)
    return 1;
  for (int i = 0; i < 7; i++)
    if (strcmp (lower, weekdays[i]) == 0 || (len == 3 && strncmp (lower, weekdays[i], 3) == 0))
      return (g_date_time_get_day_of_week (now) - 1 - i + 7) % 7;
  return -1;
}

static gboolean
two_digits (const char *at, int max, int *value)
{
  if (!g_ascii_isdigit (at[0]) || !g_ascii_isdigit (at[1]))
    return FALSE;
  *value = (at[0] - '0') * 10 + at[1] - '0';
  return *value <= max;
}

/* "09:30" or "09:30:15", and nothing after it, on the day that begins at @day. */
static gboolean
take_clock (const char *text, GDateTime *day, Span *span)
{
  g_autoptr (GTimeZone) local = g_time_zone_new_local ();
  int hour, minute, second = 0, year, month, date;
  gsize len = strlen (text);

  if ((len != 5 && len != 8) || !two_digits (text, 23, &hour) || text[2] != ':'
      || !two_digits (text + 3, 59, &minute)
      || (len == 8 && (text[5] != ':' || !two_digits (text + 6, 59, &second))))
    return FALSE;
  g_date_time_get_ymd (day, &year, &month, &date);
  span->at = g_date_time_new (local, year, month, date, hour, minute, second);
  span->length = len == 5 ? MINUTE : SECOND;
  return span->at != NULL;
}

/* "yesterday", "monday 18:00", "09:30". */
static gboolean
take_day (const char *text, GDateTime *now, Span *span)
{
  gsize len = strcspn (text, " ");
  int back = days_back (text, len, now);
  g_autoptr (GDateTime) today = midnight (now);
  g_autoptr (GDateTime) there = back >= 0 ? g_date_time_add_days (now, -back) : NULL;
  g_autoptr (GDateTime) day = there != NULL ? midnight (there) : NULL;
  const char *rest = skip_blanks (text + len);

  if (day == NULL)
    return take_clock (text, today, span);
  if (*rest != '\0')
    return take_clock (rest, day, span);
  span->at = g_steal_pointer (&day);
  span->length = -1;
  return TRUE;
}

/* ---- dates ---- */

/* "2026-11-21 09:30Z" as ISO 8601 has it, with seconds; NULL when it does not look like a date.
 * @length: what the last part of it spans. */
static char *
as_iso (const char *text, gint64 *length)
{
  g_autofree char *copy = g_strdup (text);
  gsize clock = 11;

  if (strlen (copy) < 10 || copy[4] != '-' || copy[7] != '-')
    return NULL;
  if (copy[10] == '\0')
    {
      *length = -1;
      return g_strconcat (copy, "T00:00:00", NULL);
    }
  if (copy[10] == ' ')
    copy[10] = 'T';
  gsize digits = strspn (copy + clock, "0123456789:");
  *length = digits == 5 ? MINUTE : copy[clock + digits] == '.' ? 1000 : SECOND;
  if (digits != 5)
    return g_steal_pointer (&copy);
  return g_strdup_printf ("%.*s:00%s", (int) (clock + digits), copy, copy + clock + digits);
}

static gboolean
take_date (const char *text, Span *span)
{
  g_autoptr (GTimeZone) local = g_time_zone_new_local ();
  g_autofree char *iso = as_iso (text, &span->length);

  span->at = iso != NULL ? g_date_time_new_from_iso8601 (iso, local) : NULL;
  return span->at != NULL;
}

/* ---- so long ago ---- */

static gint64
hours_in (const char *unit)
{
  static const struct
  {
    const char *names; /* each between blanks */
    gint64 hours;
  } units[] = { { " h hour hours ", 1 }, { " d day days ", 24 }, { " w week weeks ", 7 * 24 } };
  g_autofree char *word = g_strdup_printf (" %s ", unit);

  for (gsize i = 0; *unit != '\0' && i < G_N_ELEMENTS (units); i++)
    if (strstr (units[i].names, word) != NULL)
      return units[i].hours;
  return 0;
}

static gint64
seconds_in (const char *unit)
{
  if (g_strv_contains ((const char *const[]){ "s", "sec", "second", "seconds", NULL }, unit))
    return 1;
  if (g_strv_contains ((const char *const[]){ "m", "min", "minute", "minutes", NULL }, unit))
    return 60;
  return hours_in (unit) * 3600;
}

/* "2h", "90 minutes ago", "3days". */
static gboolean
take_ago (const char *text, GDateTime *now, Span *span)
{
  char *end;
  guint64 n = g_ascii_isdigit (*text) ? g_ascii_strtoull (text, &end, 10) : 0;
  g_autofree char *unit = n > 0 ? g_strdup (skip_blanks (end)) : NULL;

  if (n == 0 || n > (guint64) AGO_MAX * 3600)
    return FALSE;
  if (g_str_has_suffix (unit, " ago"))
    unit[strlen (unit) - 4] = '\0';
  g_strstrip (unit);
  gint64 each = seconds_in (unit);
  if (each == 0 || (gint64) n > (gint64) AGO_MAX * 3600 / each)
    return FALSE;
  span->at = g_date_time_add (now, -(gint64) n * each * SECOND);
  span->length = 0;
  return span->at != NULL;
}

static gboolean
take_now (const char *text, GDateTime *now, Span *span)
{
  if (strcmp (text, "now") != 0)
    return FALSE;
  span->at = g_date_time_ref (now);
  span->length = 0;
  return TRUE;
}

static char *
last_of (const Span *span)
{
  g_autoptr (GDateTime) after = span->length < 0 ? g_date_time_add_days (span->at, 1)
                                                 : g_date_time_add (span->at, span->length);
  gint64 usec = g_date_time_to_unix (after) * SECOND + g_date_time_get_microsecond (after);

  return text_format_time (span->length == 0 ? usec : usec - 1000);
}

char *
cli_audit_time (const char *text, gboolean end, gint64 now, GError **error)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (now / SECOND);
  g_autoptr (GDateTime) exact = g_date_time_add (utc, now % SECOND);
  g_autoptr (GDateTime) here = g_date_time_to_local (exact);
  g_autofree char *word = g_strstrip (g_strdup (text));
  Span span = { NULL, 0 };

  if (!take_now (word, here, &span) && !take_date (word, &span) && !take_ago (word, here, &span)
      && !take_day (word, here, &span))
    {
      g_set_error (error, CLI_TIME_ERROR, CLI_TIME_ERROR_UNKNOWN,
                   "“%s” is no time; write 2026-11-21, 2026-11-21T09:30, 09:30, yesterday, monday "
                   "or “2 hours ago”",
                   text);
      return NULL;
    }
  g_autoptr (GDateTime) at = span.at;
  return end ? last_of (&span)
             : text_format_time (g_date_time_to_unix (at) * SECOND
                                 + g_date_time_get_microsecond (at));
}

/* ---- to be read ---- */

static GDateTime *
local_time (const char *time)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_iso8601 (time, NULL);

  return utc != NULL ? g_date_time_to_local (utc) : NULL;
}

/* A record's time has the form of one, and need not be one: then it is shown as it is. */
char *
cli_audit_local (const char *time, const char *format)
{
  g_autoptr (GDateTime) local = local_time (time);

  return local != NULL ? g_date_time_format (local, format) : g_strdup (time);
}

char *
cli_audit_day (const char *time)
{
  static const char *const days[] = { "", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
  g_autoptr (GDateTime) local = local_time (time);
  g_autofree char *date = cli_audit_local (time, "%Y-%m-%d");

  return local == NULL ? g_steal_pointer (&date)
                       : g_strdup_printf ("%s %s", days[g_date_time_get_day_of_week (local)], date);
}
