/* SPDX-License-Identifier: MIT
 *
 * `audit show`: the whole life of one request. What one record has said is not said again by the
 * next.
 */
#include "broker/cli/audit/cli-audit.h"

#include <stdio.h>
#include <string.h>

#include "approve-ui/card/card-wrap.h"
#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/cli/audit/cli-audit-print.h"
#include "broker/cli/audit/cli-audit-time.h"
#include "broker/cli/cli-output.h"

#define LABEL_WIDTH 14
#define INDENT 4

/* ---- finding ---- */

static GPtrArray *
by_id (const CliTrail *trail, const char *id, GError **error)
{
  CliAuditChoice choice = { .id = id };

  return cli_audit_read (trail, &choice, error);
}

/* The rest of what one of @records, which are taken, belongs to; they themselves when that is
 * nothing. */
static GPtrArray *
whole_life (const CliTrail *trail, GPtrArray *records, GError **error)
{
  g_autoptr (GPtrArray) owned = records;
  const char *request = NULL, *grant = NULL;

  for (guint i = 0; i < records->len && request == NULL; i++)
    {
      request = wire_string (records->pdata[i], "request_id");
      grant = wire_string (records->pdata[i], "grant_id");
    }
  if (request != NULL || grant != NULL)
    return by_id (trail, request != NULL ? request : grant, error);
  return g_steal_pointer (&owned);
}

/* A number is a record's, unless a request has it for its name. */
static GPtrArray *
find (const CliTrail *trail, const char *word, GError **error)
{
  char *end;
  CliAuditChoice by_seq = { .seq = g_ascii_strtoull (word, &end, 10) };
  GPtrArray *records = by_id (trail, word, error);

  if (records != NULL && records->len == 0 && *end == '\0' && by_seq.seq > 0)
    {
      g_ptr_array_unref (records);
      records = cli_audit_read (trail, &by_seq, error);
    }
  return records == NULL || records->len == 0 ? records : whole_life (trail, records, error);
}

/* ---- in words ---- */

typedef struct
{
  const json_t *held, *decided, *ended, *last_use;
  guint uses;
} Life;

static gboolean
is_decision (const json_t *record)
{
  CliTone tone;

  cli_audit_verdict (record, &tone);
  return tone == CLI_TONE_YES || tone == CLI_TONE_NO;
}

static Life
read_life (const GPtrArray *records)
{
  Life life = { 0 };

  for (guint i = 0; i < records->len; i++)
    {
      const json_t *record = records->pdata[i];
      const char *event = wire_string (record, "event");
      if (g_strcmp0 (event, "request_held") == 0)
        life.held = record;
      else if (life.decided == NULL && is_decision (record))
        life.decided = record;
      else if (g_strcmp0 (event, "grant_ended") == 0)
        life.ended = record;
      else if (g_strcmp0 (event, "grant_used") == 0)
        {
          life.uses++;
          life.last_use = record;
        }
    }
  return life;
}

static gint64
ms_of (const json_t *record)
{
  const char *time = wire_string (record, "time");
  g_autoptr (GDateTime) at = g_date_time_new_from_iso8601 (time, NULL);

  return at == NULL ? 0 : g_date_time_to_unix (at) * 1000 + g_date_time_get_microsecond (at) / 1000;
}

static char *
clock_of (const json_t *record)
{
  return cli_audit_local (wire_string (record, "time"), "%H:%M:%S");
}

static char *
between (const json_t *from, const json_t *to)
{
  return cli_audit_span (ms_of (to) - ms_of (from));
}

static void
say_decided (GString *out, const Life *life)
{
  CliTone tone;
  const char *by = wire_string (life->decided, "by"), *code = wire_string (life->decided, "code");
  gint64 duration = wire_integer (life->decided, "duration", 0);
  g_autofree char *verdict = g_strdup (cli_audit_verdict (life->decided, &tone));
  g_autofree char *length = duration > 0 ? text_format_duration (duration) : NULL;
  g_autofree char *took = life->held != NULL ? between (life->held, life->decided) : NULL;

  verdict[0] = g_ascii_toupper (verdict[0]);
  g_string_append_printf (out, "%s%s%s%s%s", verdict, length != NULL ? " for " : "",
                          length != NULL ? length : "", took != NULL ? " after " : "",
                          took != NULL ? took : "");
  if (by != NULL)
    g_string_append_printf (out, ", by %s", by);
  else if (g_strcmp0 (code, "person") == 0)
    g_string_append (out, ", by a person");
  else if (code != NULL)
    {
      g_autofree char *words = g_strdelimit (g_strdup (code), "_", ' ');
      g_string_append_printf (out, ": %s", words);
    }
  if (took == NULL && tone == CLI_TONE_YES)
    g_string_append (out, ", nobody was asked");
}

/* "Granted for 15m after 9.3s, by ann; used 12 times, last at 09:44:10; ended at 09:45:21:
 * expired." */
static char *
in_words (const Life *life)
{
  GString *out = g_string_new (NULL);

  if (life->decided != NULL)
    say_decided (out, life);
  else if (life->held != NULL)
    {
      g_autofree char *at = clock_of (life->held);
      g_string_append_printf (out, "Held since %s; no answer is recorded", at);
    }
  if (life->uses > 0)
    {
      g_autofree char *at = clock_of (life->last_use);
      g_string_append_printf (out, "; used %u time%s, last at %s", life->uses,
                              life->uses == 1 ? "" : "s", at);
    }
  if (life->ended != NULL)
    {
      g_autofree char *at = clock_of (life->ended);
      const char *why = wire_string (life->ended, "why");
      g_string_append_printf (out, "; ended at %s%s%s", at, why != NULL ? ": " : "",
                              why != NULL ? why : "");
    }
  if (out->len > 0)
    g_string_append_c (out, '.');
  return g_string_free (out, FALSE);
}

/* ---- printing ---- */

typedef struct
{
  CliScreen screen;
  GHashTable *said; /* "key=value" */
  char *day;
  const json_t *before; /* the record before */
  guint folded;         /* uses after the first in a row, not told yet */
} Showing;

static void
print_wrapped (const Showing *showing, const char *text, gsize indent)
{
  g_autofree char *shown = text_escape (text);
  g_autoptr (GString) out = g_string_new (NULL);

  card_wrap (out, shown, indent, showing->screen.width > 0 ? showing->screen.width : G_MAXINT);
  puts (out->str);
}

static char *
value_text (const json_t *value)
{
  GString *text = g_string_new (NULL);
  const json_t *item;
  gsize i;

  if (json_is_integer (value))
    g_string_printf (text, "%" JSON_INTEGER_FORMAT, json_integer_value (value));
  else if (json_is_string (value))
    g_string_assign (text, json_string_value (value));
  json_array_foreach (value, i, item)
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", json_string_value (item));
  return g_string_free (text, FALSE);
}

static gboolean
is_frame (const char *key)
{
  static const char *const keys[] = { "seq", "time", "event", "prev", "mac", NULL };

  return g_strv_contains (keys, key);
}

static void
print_members (Showing *showing, const json_t *record)
{
  const char *key;
  json_t *value;

  json_object_foreach ((json_t *) record, key, value)
  {
    g_autofree char *text = value_text (value);
    if (is_frame (key) || !g_hash_table_add (showing->said, g_strconcat (key, "=", text, NULL)))
      continue;
    /* A use has the token alone, where its grant has the name too. */
    if (strcmp (key, "resource_token") == 0)
      g_hash_table_add (showing->said, g_strconcat ("resource=", text, NULL));
    printf ("%*s%-*s ", INDENT, "", LABEL_WIDTH, key);
    print_wrapped (showing, text, INDENT + LABEL_WIDTH + 1);
  }
}

static void
print_day (Showing *showing, const json_t *record)
{
  g_autofree char *day = cli_audit_day (wire_string (record, "time"));

  if (g_strcmp0 (day, showing->day) == 0)
    return;
  printf ("\n%s%s%s\n", showing->screen.colour ? "\033[1m" : "", day,
          showing->screen.colour ? "\033[0m" : "");
  g_free (showing->day);
  showing->day = g_steal_pointer (&day);
}

static void
print_folded (Showing *showing)
{
  g_autofree char *at = showing->folded > 0 ? clock_of (showing->before) : NULL;

  if (showing->folded == 0)
    return;
  printf ("%*sand %u more, to %s (record %" G_GINT64_FORMAT ")\n", INDENT, "", showing->folded, at,
          wire_integer (showing->before, "seq", 0));
  showing->folded = 0;
}

static void
print_record (Showing *showing, const json_t *record)
{
  const char *time = wire_string (record, "time");
  g_autofree char *clock = cli_audit_local (time, "%H:%M:%S");
  g_autofree char *at = g_strdup_printf ("%s.%.3s", clock, time + strlen ("2026-11-21T09:30:00."));
  g_autofree char *span = showing->before != NULL ? between (showing->before, record) : NULL;
  g_autofree char *after = span != NULL ? g_strconcat ("+", span, NULL) : g_strdup ("");
  CliTone tone;
  const char *event = wire_string (record, "event");

  cli_audit_verdict (record, &tone);
  print_day (showing, record);
  printf ("%s  %-8s  %s%s%s  (record %" G_GINT64_FORMAT ")\n", at, after,
          cli_tone_begin (&showing->screen, tone), event, cli_tone_end (&showing->screen, tone),
          wire_integer (record, "seq", 0));
  print_members (showing, record);
}

/* Uses of one grant, one after the other. */
static gboolean
is_another_use (const json_t *before, const json_t *record)
{
  return before != NULL && g_strcmp0 (wire_string (record, "event"), "grant_used") == 0
         && g_strcmp0 (wire_string (before, "event"), "grant_used") == 0
         && g_strcmp0 (wire_string (before, "grant_id"), wire_string (record, "grant_id")) == 0;
}

static void
print_title (const Showing *showing, GPtrArray *records)
{
  const json_t *first = records->pdata[0];
  const char *id = wire_string (first, "request_id");
  g_autoptr (CliNames) names = cli_names_new ();
  g_autofree char *what = NULL, *title = NULL, *words = NULL;
  Life life = read_life (records);

  for (guint i = 0; i < records->len; i++)
    cli_names_learn (names, records->pdata[i]);
  what = cli_audit_what (first, names);
  words = in_words (&life);
  title = id != NULL ? g_strdup_printf ("Request %s  %s", id, what)
                     : g_strdup_printf ("Record %" G_GINT64_FORMAT "  %s",
                                        wire_integer (first, "seq", 0), what);
  fputs (showing->screen.colour ? "\033[1m" : "", stdout);
  print_wrapped (showing, g_strchomp (title), 0);
  fputs (showing->screen.colour ? "\033[0m" : "", stdout);
  if (*words != '\0')
    print_wrapped (showing, words, 0);
}

static void
print_life (GPtrArray *records, const CliScreen *screen)
{
  g_autoptr (GHashTable) said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Showing showing = { .screen = *screen, .said = said };

  print_title (&showing, records);
  for (guint i = 0; i < records->len; i++)
    {
      const json_t *record = records->pdata[i];
      if (is_another_use (showing.before, record))
        showing.folded++;
      else
        {
          print_folded (&showing);
          print_record (&showing, record);
        }
      showing.before = record;
    }
  print_folded (&showing);
  g_free (showing.day);
}

static void
print_json (GPtrArray *records, const CliScreen *screen)
{
  g_autoptr (CliListing) listing = cli_listing_new (CLI_LISTING_JSON, screen);

  for (guint i = 0; i < records->len; i++)
    cli_listing_add (listing, records->pdata[i]);
  cli_listing_end (listing);
}

CliStatus
cli_audit_show (Cli *cli)
{
  gboolean no_names = FALSE;
  const GOptionEntry entries[] = { { "no-names", 0, 0, G_OPTION_ARG_NONE, &no_names,
                                     "Ask for no PIN; names stay sealed", NULL },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (GPtrArray) records = NULL;
  g_auto (CliTrail) trail = { 0 };
  CliScreen screen = cli_screen ();
  GError *error = NULL;

  if (!cli_options (cli, entries, 1, 1))
    return cli->status;
  if (!cli_trail_open (cli, &trail, &error)
      || (!no_names && !cli_trail_unseal (cli, &trail, &error))
      || (records = find (&trail, cli->args[0], &error)) == NULL)
    return cli_fail (cli, error);
  if (records->len == 0)
    return cli_say_error (cli, "the trail has no request, grant or record “%s”", cli->args[0]);
  if (!no_names && !cli_audit_unseal (&trail, records, &error))
    return cli_fail (cli, error);
  cli_pager_start ();
  if (cli->json)
    print_json (records, &screen);
  else
    print_life (records, &screen);
  cli_pager_end ();
  return CLI_DONE;
}
