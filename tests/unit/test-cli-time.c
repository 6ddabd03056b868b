/* SPDX-License-Identifier: MIT
 *
 * Now is Saturday, 21 November 2026, 14:05:06.789 in Berlin, an hour ahead of UTC.
 */
#include "broker/cli/audit/cli-audit-time.h"
#include "tests/unit/table.h"

#include <string.h>

#define NOW (G_GINT64_CONSTANT (1795266306) * G_USEC_PER_SEC + 789000)

typedef struct
{
  const char *sentence, *text;
  const char *since, *until; /* NULL: it is no time */
} Case;

static const Case cases[] = {
  { "now is now", "now", "2026-11-21T13:05:06.789Z", "2026-11-21T13:05:06.789Z" },
  { "a date is the whole day, as it is here", "2026-11-20", "2026-11-19T23:00:00.000Z",
    "2026-11-20T22:59:59.999Z" },
  { "the day on which summer ends has twenty-five hours", "2026-10-25", "2026-10-24T22:00:00.000Z",
    "2026-10-25T22:59:59.999Z" },
  { "the day on which summer begins has twenty-three", "2026-03-29", "2026-03-28T23:00:00.000Z",
    "2026-03-29T21:59:59.999Z" },
  { "a minute lasts to its end", "2026-11-21T09:30", "2026-11-21T08:30:00.000Z",
    "2026-11-21T08:30:59.999Z" },
  { "a blank stands for the T", "2026-11-21 09:30", "2026-11-21T08:30:00.000Z",
    "2026-11-21T08:30:59.999Z" },
  { "a second too", "2026-11-21T09:30:15", "2026-11-21T08:30:15.000Z", "2026-11-21T08:30:15.999Z" },
  { "a zone that is named counts", "2026-11-21T09:30Z", "2026-11-21T09:30:00.000Z",
    "2026-11-21T09:30:59.999Z" },
  { "an offset counts", "2026-11-21T09:30:00+05:30", "2026-11-21T04:00:00.000Z",
    "2026-11-21T04:00:00.999Z" },
  { "a time copied from a record is that one", "2026-11-21T09:30:00.123Z",
    "2026-11-21T09:30:00.123Z", "2026-11-21T09:30:00.123Z" },
  { "summer's hour is summer's", "2026-07-01T12:00", "2026-07-01T10:00:00.000Z",
    "2026-07-01T10:00:59.999Z" },
  { "today", "today", "2026-11-20T23:00:00.000Z", "2026-11-21T22:59:59.999Z" },
  { "yesterday", "yesterday", "2026-11-19T23:00:00.000Z", "2026-11-20T22:59:59.999Z" },
  { "yesterday at a time", "yesterday 18:00", "2026-11-20T17:00:00.000Z",
    "2026-11-20T17:00:59.999Z" },
  { "a time alone is today's", "09:30", "2026-11-21T08:30:00.000Z", "2026-11-21T08:30:59.999Z" },
  { "a weekday is the last one", "monday", "2026-11-15T23:00:00.000Z", "2026-11-16T22:59:59.999Z" },
  { "a weekday is today's", "Saturday", "2026-11-20T23:00:00.000Z", "2026-11-21T22:59:59.999Z" },
  { "tomorrow's weekday was six days ago", "sunday", "2026-11-14T23:00:00.000Z",
    "2026-11-15T22:59:59.999Z" },
  { "a weekday can be short", "mon 07:15", "2026-11-16T06:15:00.000Z", "2026-11-16T06:15:59.999Z" },
  { "hours back", "2h", "2026-11-21T11:05:06.789Z", "2026-11-21T11:05:06.789Z" },
  { "hours back in words", "2 hours ago", "2026-11-21T11:05:06.789Z", "2026-11-21T11:05:06.789Z" },
  { "minutes back", "90m", "2026-11-21T11:35:06.789Z", "2026-11-21T11:35:06.789Z" },
  { "seconds back", "6 seconds ago", "2026-11-21T13:05:00.789Z", "2026-11-21T13:05:00.789Z" },
  { "days back are of twenty-four hours", "3 days", "2026-11-18T13:05:06.789Z",
    "2026-11-18T13:05:06.789Z" },
  { "a week back", "1week", "2026-11-14T13:05:06.789Z", "2026-11-14T13:05:06.789Z" },
  { "blanks around it do not count", "  now ", "2026-11-21T13:05:06.789Z",
    "2026-11-21T13:05:06.789Z" },
  { "no word is no time", "" },
  { "a word that is none", "yesteryear" },
  { "a month that is none", "2026-13-01" },
  { "a day that is none", "2026-02-30" },
  { "an hour that is none", "2026-11-21T25:00" },
  { "a minute that is none", "yesterday 10:60" },
  { "a date with something after it", "2026-11-21x" },
  { "a day with something after it", "yesterday noon" },
  { "a number without a unit", "12" },
  { "a unit that is none", "2 fortnights ago" },
  { "ago of nothing", "ago" },
  { "none of them ago", "0h" },
  { "ago is not the future", "-2h" },
  { "longer ago than there are trails", "99999999999 days ago" },
};

static void
test_case (gconstpointer data)
{
  const Case *c = data;

  for (int end = 0; end < 2; end++)
    {
      const char *expected = end ? c->until : c->since;
      g_autoptr (GError) error = NULL;
      g_autofree char *time = cli_audit_time (c->text, end, NOW, &error);
      g_assert_cmpstr (time, ==, expected);
      g_assert_true ((time == NULL) == (error != NULL));
      if (error != NULL)
        g_assert_nonnull (strstr (error->message, c->text));
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "CET-1CEST,M3.5.0/2,M10.5.0/3", TRUE); /* needs no files of zones */
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/cli-time/", cases, test_case);
  return g_test_run ();
}
