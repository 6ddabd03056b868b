/* SPDX-License-Identifier: MIT
 *
 * Times as people write them at the command line, and as they read them.
 */
#pragma once

#include <glib.h>

#define CLI_TIME_ERROR (cli_time_error_quark ())
typedef enum
{
  CLI_TIME_ERROR_UNKNOWN /* what was written, and what can be */
} CliTimeError;
GQuark cli_time_error_quark (void);

/* "2026-11-21", "2026-11-21T09:30", "2026-11-21T09:30:00.123Z", "09:30", "now", "today",
 * "yesterday 18:00", "monday", "2h", "3 days ago": as records write times. In local time where no
 * zone is named. A weekday is the last one, today included. @end: a day means its last moment,
 * a minute its last. @now: µs since 1970. NULL with an error; g_free(). */
char *cli_audit_time (const char *text, gboolean end, gint64 now, GError **error);

/* Local time of a record, as @format of g_date_time_format() says; g_free(). */
char *cli_audit_local (const char *time, const char *format);
/* The same day as people write it: "Sat 2026-11-21"; g_free(). */
char *cli_audit_day (const char *time);
