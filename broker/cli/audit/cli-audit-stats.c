/* SPDX-License-Identifier: MIT
 *
 * `audit stats`: how often a person is asked, by whom and for what, and how it ends: where the
 * policy asks too much, and where somebody keeps trying.
 */
#include "broker/cli/audit/cli-audit.h"

#include <stdio.h>
#include <string.h>

#include "approve-ui/card/card-wrap.h"
#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/cli/audit/cli-audit-choose.h"
#include "broker/cli/audit/cli-audit-print.h"
#include "broker/cli/audit/cli-audit-time.h"
#include "broker/cli/audit/cli-audit-tally.h"
#include "broker/cli/cli-output.h"

#define BATCH 64
#define TOP 10 /* of each list; --json has all */
#define BAR 30 /* columns of the longest */
#define USUAL_SINCE "30 days"

typedef struct
{
  const CliTrail *trail;
  CliCount *count;
  GPtrArray *batch;
  GError *error;
} Run;

static gboolean
empty_batch (Run *run)
{
  if (!cli_audit_unseal (run->trail, run->batch, &run->error))
    return FALSE;
  for (guint i = 0; i < run->batch->len; i++)
    cli_count_add (run->count, run->batch->pdata[i]);
  g_ptr_array_set_size (run->batch, 0);
  return TRUE;
}

static gboolean
on_line (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  Run *run = user;

  if (!cli_count_wants (scanned->event, scanned->event_len))
    return TRUE;
  json_t *record = audit_parse_line (line, len, &run->error);
  if (record == NULL)
    return FALSE;
  g_ptr_array_add (run->batch, record);
  return run->batch->len < BATCH || empty_batch (run);
}

static gboolean
count_all (Run *run, const CliChoose *choose)
{
  AuditWish wish = { .since = choose->choice.since, .until = choose->choice.until };

  cli_trail_prepare (run->trail, &wish);
  return audit_walk (run->trail->dir, run->trail->cache, &wish, FALSE, on_line, run, &run->error)
         && run->error == NULL && empty_batch (run);
}

/* ---- as JSON ---- */

static json_t *
seconds (gint64 ms)
{
  return ms >= 0 ? json_real ((double) ms / 1000) : json_null ();
}

static json_t *
tally_json (const CliTally *tally)
{
  json_t *object = json_pack (
      "{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "asked", (json_int_t) tally->asked, "granted",
      (json_int_t) tally->granted, "denied", (json_int_t) tally->denied, "expired",
      (json_int_t) tally->expired, "granted_unasked", (json_int_t) tally->unasked, "denied_unasked",
      (json_int_t) tally->refused, "median_seconds", seconds (cli_tally_median (tally)),
      "p90_seconds", seconds (cli_tally_p90 (tally)));

  if (tally->name != NULL)
    json_object_set_new (object, "id", json_string (tally->name));
  return object;
}

static json_t *
list_json (GPtrArray *list /* taken */, json_t *(*item) (const CliTally *tally))
{
  json_t *array = json_array ();

  for (guint i = 0; i < list->len; i++)
    json_array_append_new (array, item (list->pdata[i]));
  g_ptr_array_unref (list);
  return array;
}

static json_t *
day_json (const CliTally *tally)
{
  return json_pack ("{s:s, s:I}", "id", tally->name, "prompts", (json_int_t) tally->asked);
}

static json_t *
denial_json (const CliTally *tally)
{
  return json_pack ("{s:s, s:I}", "id", tally->name, "count", (json_int_t) tally->denied);
}

/* Rules that a person was asked under and always said yes. */
static GPtrArray *
never_denied (const CliCount *count)
{
  GPtrArray *rules = cli_count_rules (count);

  for (guint i = rules->len; i > 0; i--)
    {
      const CliTally *rule = rules->pdata[i - 1];
      if (rule->granted == 0 || rule->denied > 0)
        g_ptr_array_remove_index (rules, i - 1);
    }
  return rules;
}

static void
print_json (const CliCount *count, const CliChoose *choose)
{
  g_autoptr (json_t) object = tally_json (cli_count_all (count));

  json_object_set_new (object, "since", json_string (choose->choice.since));
  if (choose->choice.until != NULL)
    json_object_set_new (object, "until", json_string (choose->choice.until));
  json_object_set_new (object, "days", list_json (cli_count_days (count), day_json));
  json_object_set_new (object, "most_asked", list_json (cli_count_things (count), tally_json));
  json_object_set_new (object, "requesters", list_json (cli_count_requesters (count), tally_json));
  json_object_set_new (object, "denials", list_json (cli_count_denials (count), denial_json));
  json_object_set_new (object, "never_denied", list_json (never_denied (count), tally_json));
  cli_json (object);
}

/* ---- for a person ---- */

static void
print_title (const CliScreen *screen, const char *title)
{
  printf ("\n%s%s%s\n", screen->colour ? "\033[1m" : "", title, screen->colour ? "\033[0m" : "");
}

static char *
span_or_dash (gint64 ms)
{
  return ms >= 0 ? cli_audit_span (ms) : g_strdup ("-");
}

static void
print_summary (const CliCount *count, const CliChoose *choose)
{
  const CliTally *all = cli_count_all (count);
  g_autoptr (GPtrArray) days = cli_count_days (count);
  g_autofree char *since
      = cli_audit_day (choose->choice.since),
      *until = choose->choice.until != NULL ? cli_audit_day (choose->choice.until) : NULL,
      *median = span_or_dash (cli_tally_median (all)), *p90 = span_or_dash (cli_tally_p90 (all));

  cli_line ("Since", "%s%s%s", since, until != NULL ? ", until " : "", until != NULL ? until : "");
  cli_line ("Asked", "%u times, on %u day%s", all->asked, days->len, days->len == 1 ? "" : "s");
  cli_line ("Answers", "%u granted, %u denied, %u expired", all->granted, all->denied,
            all->expired);
  cli_line ("Answered in", "%s median, %s p90", median, p90);
  cli_line ("Unasked", "%u granted by the policy, %u denied", all->unasked, all->refused);
}

static void
print_days (const CliCount *count, const CliScreen *screen)
{
  g_autoptr (GPtrArray) days = cli_count_days (count);
  guint most = 1;

  for (guint i = 0; i < days->len; i++)
    most = MAX (most, ((CliTally *) days->pdata[i])->asked);
  print_title (screen, "Asked by day");
  for (guint i = 0; i < days->len; i++)
    {
      const CliTally *day = days->pdata[i];
      guint columns = (day->asked * BAR + most - 1) / most;
      g_autofree char *noon = g_strconcat (day->name, "T12:00:00", NULL);
      g_autoptr (GTimeZone) local = g_time_zone_new_local ();
      g_autoptr (GDateTime) at = g_date_time_new_from_iso8601 (noon, local);
      g_autofree char *utc = at != NULL ? g_date_time_format_iso8601 (at) : NULL;
      g_autofree char *name = cli_audit_day (utc != NULL ? utc : day->name);
      printf ("%-14s  %5u  ", name, day->asked);
      for (guint c = 0; c < columns; c++)
        fputs (g_get_charset (NULL) ? "▪" : "#", stdout);
      puts ("");
    }
}

static void
print_more (guint all)
{
  if (all > TOP)
    printf ("and %u more: --json has them all\n", all - TOP);
}

/* A name that is longer than its column has a line of its own. */
static void
print_tallies (const GPtrArray *list, const char *title, const CliScreen *screen)
{
  gsize width = screen->width == 0 || screen->width >= 110 ? 60 : 34;

  if (list->len == 0)
    return;
  print_title (screen, title);
  printf ("%*s  %5s %7s %6s %7s %7s %7s\n", (int) width, "", "asked", "granted", "denied",
          "expired", "unasked", "median");
  for (guint i = 0; i < MIN (list->len, TOP); i++)
    {
      const CliTally *tally = list->pdata[i];
      g_autofree char *name = text_escape (*tally->name != '\0' ? tally->name : "-"),
                      *median = span_or_dash (cli_tally_median (tally));
      gsize used = card_text_width (name);
      printf ("%s%s%*s  %5u %7u %6u %7u %7u %7s\n", name, used > width ? "\n" : "",
              (int) (used > width ? width : width - used), "", tally->asked, tally->granted,
              tally->denied + tally->refused, tally->expired, tally->unasked, median);
    }
  print_more (list->len);
}

static void
print_denials (const CliCount *count, const CliScreen *screen)
{
  g_autoptr (GPtrArray) list = cli_count_denials (count);

  if (list->len == 0)
    return;
  print_title (screen, "Denied, and why");
  for (guint i = 0; i < list->len; i++)
    {
      const CliTally *denial = list->pdata[i];
      g_autofree char *words = g_strdelimit (g_strdup (denial->name), "_", ' '),
                      *shown = text_escape (words);
      printf ("%5u  %s\n", denial->denied, shown);
    }
}

static void
print_never_denied (const CliCount *count, const CliScreen *screen)
{
  g_autoptr (GPtrArray) list = never_denied (count);

  if (list->len == 0)
    return;
  print_title (screen, "Rules that asked, and were never denied");
  for (guint i = 0; i < MIN (list->len, TOP); i++)
    {
      const CliTally *rule = list->pdata[i];
      g_autofree char *name = text_escape (rule->name);
      g_autoptr (GString) out = g_string_new (NULL);
      card_wrap (out, name, 7, screen->width > 0 ? screen->width : G_MAXINT);
      printf ("%5u  %s\n", rule->asked, out->str);
    }
  print_more (list->len);
}

static void
print_human (const CliCount *count, const CliChoose *choose, const CliScreen *screen)
{
  g_autoptr (GPtrArray) things = cli_count_things (count), who = cli_count_requesters (count);

  print_summary (count, choose);
  print_days (count, screen);
  print_tallies (things, "Most asked for", screen);
  print_tallies (who, "By requester", screen);
  print_denials (count, screen);
  print_never_denied (count, screen);
}

static CliStatus
stats (Cli *cli, CliChoose *choose)
{
  g_auto (CliTrail) trail = { 0 };
  CliScreen screen = cli_screen ();
  g_autoptr (CliCount) count = cli_count_new ();
  g_autoptr (GPtrArray) batch = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  Run run = { &trail, count, batch, NULL };
  GError *error = NULL;

  if (!cli_trail_open (cli, &trail, &error)
      || (!choose->no_names && !cli_trail_unseal (cli, &trail, &error)))
    return cli_fail (cli, error);
  if (!count_all (&run, choose))
    return cli_fail (cli, run.error);
  cli_pager_start ();
  if (cli->json)
    print_json (count, choose);
  else
    print_human (count, choose, &screen);
  cli_pager_end ();
  return CLI_DONE;
}

CliStatus
cli_audit_stats (Cli *cli)
{
  g_auto (CliChoose) choose = { 0 };
  const GOptionEntry entries[] = { CLI_SINCE_ENTRY (choose),
                                   CLI_UNTIL_ENTRY (choose),
                                   { "no-names", 0, 0, G_OPTION_ARG_NONE, &choose.no_names,
                                     "Ask for no PIN; names stay sealed", NULL },
                                   G_OPTION_ENTRY_NULL };

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  if (choose.since == NULL)
    choose.since = g_strdup (USUAL_SINCE);
  return cli_choose_check (cli, &choose) ? stats (cli, &choose) : CLI_USAGE;
}
