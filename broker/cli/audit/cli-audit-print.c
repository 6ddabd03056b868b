/* SPDX-License-Identifier: MIT */
#include "broker/cli/audit/cli-audit-print.h"

#include <stdio.h>
#include <string.h>

#include "approve-ui/card/card-wrap.h"
#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/cli/audit/cli-audit-csv.h"
#include "broker/cli/audit/cli-audit-time.h"
#include "broker/cli/cli-json.h"

#define WIDE 110        /* columns from which there is room for more */
#define VERDICT_WIDTH 7 /* the longest of them */
#define ID_WIDTH 10
#define SENTENCE_MIN 25
#define NARROW_INDENT 8

struct _CliListing
{
  CliListingFormat format;
  CliScreen screen;
  CliNames *names;
  gboolean begun;
  char *day;      /* that rows stand under */
  json_t *folded; /* the first of several uses, not shown yet */
  guint uses;
  char *last_use; /* its time */
};

CliListing *
cli_listing_new (CliListingFormat format, const CliScreen *screen)
{
  CliListing *self = g_new0 (CliListing, 1);

  self->format = format;
  self->screen = *screen;
  self->names = cli_names_new ();
  return self;
}

void
cli_listing_learn (CliListing *self, const json_t *record)
{
  if (self->format == CLI_LISTING_HUMAN)
    cli_names_learn (self->names, record);
}

/* ---- words ---- */

const char *
cli_tone_begin (const CliScreen *screen, CliTone tone)
{
  static const char *const codes[] = { [CLI_TONE_QUIET] = "\033[2m",
                                       [CLI_TONE_PLAIN] = "",
                                       [CLI_TONE_WAITS] = "\033[33m",
                                       [CLI_TONE_YES] = "\033[32m",
                                       [CLI_TONE_NO] = "\033[31m" };
  return screen->colour ? codes[tone] : "";
}

const char *
cli_tone_end (const CliScreen *screen, CliTone tone)
{
  return *cli_tone_begin (screen, tone) != '\0' ? "\033[0m" : "";
}

/* ---- rows ---- */

/* A cell that is wider than its column goes on over its edge, and what follows begins below it. */
static void
add_cell (GString *out, gsize *column, const char *text, gsize width)
{
  gsize used = card_text_width (text), from = *column;

  g_string_append (out, text);
  *column = from + width + 2;
  if (used <= width)
    g_string_append_printf (out, "%*s", (int) (width - used + 2), "");
  else
    g_string_append_printf (out, "\n%*s", (int) *column, "");
}

static gboolean
is_wide (const CliScreen *screen)
{
  return screen->width == 0 || screen->width >= WIDE;
}

static gsize
who_width (const CliScreen *screen)
{
  return is_wide (screen) ? 20 : 12;
}

/* With the colour around the word alone: what is beside it stays readable in every theme. What is
 * no step of a request has none, and its sentence begins here. */
static void
add_verdict (GString *out, gsize *column, const CliScreen *screen, const json_t *record)
{
  CliTone tone;
  const char *verdict = cli_audit_verdict (record, &tone);

  if (*verdict == '\0')
    return;
  g_string_append_printf (out, "%s%s%s%*s", cli_tone_begin (screen, tone), verdict,
                          cli_tone_end (screen, tone), (int) (VERDICT_WIDTH - strlen (verdict) + 2),
                          "");
  *column += VERDICT_WIDTH + 2;
}

static gboolean
has_room (const CliScreen *screen, gsize column)
{
  return screen->width == 0 || screen->width >= column + SENTENCE_MIN;
}

/* Below the rest, where there is no room beside it. */
static void
begin_sentence (GString *out, gsize *column, const CliScreen *screen)
{
  if (has_room (screen, *column))
    return;
  *column = NARROW_INDENT;
  g_string_append_printf (out, "\n%*s", NARROW_INDENT, "");
}

static void
print_heading (const CliScreen *screen)
{
  gboolean id = is_wide (screen);

  printf ("%s%6s  %-*s  %-*s  %s%-*s%s%s\n", screen->colour ? "\033[1m" : "", "SEQ",
          screen->terminal ? 8 : 19, "TIME", (int) who_width (screen), "WHO",
          id ? "REQUEST     " : "", VERDICT_WIDTH, "OUTCOME",
          has_room (screen, who_width (screen) + 20 + VERDICT_WIDTH + 2) ? "  WHAT" : "",
          screen->colour ? "\033[0m" : "");
}

static void
print_day (CliListing *self, const char *time)
{
  g_autofree char *day = cli_audit_day (time);

  if (!self->screen.terminal || g_strcmp0 (day, self->day) == 0)
    return;
  printf ("%s%s%s\n", self->screen.colour ? "\033[1m" : "", day,
          self->screen.colour ? "\033[0m" : "");
  g_free (self->day);
  self->day = g_steal_pointer (&day);
}

static char *
seq_and_time (const CliListing *self, const json_t *record)
{
  g_autofree char *time = cli_audit_local (
      wire_string (record, "time"), self->screen.terminal ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S");
  return g_strdup_printf ("%6" G_GINT64_FORMAT "  %s", wire_integer (record, "seq", 0), time);
}

static void
print_row (CliListing *self, const json_t *record, const char *more)
{
  g_autofree char *who = cli_audit_who (record, self->names, is_wide (&self->screen)),
                  *shown_who = text_escape (who != NULL ? who : "-"),
                  *sentence = cli_audit_sentence (record, self->names),
                  *whole = g_strconcat (sentence, more, NULL), *shown = text_escape (whole),
                  *when = seq_and_time (self, record);
  const char *id = wire_string (record, "request_id");
  g_autofree char *shown_id = text_escape (id != NULL ? id : "-");
  g_autoptr (GString) row = g_string_new (NULL);
  gsize column = 0;

  print_day (self, wire_string (record, "time"));
  add_cell (row, &column, when, self->screen.terminal ? 16 : 27);
  add_cell (row, &column, shown_who, who_width (&self->screen));
  if (is_wide (&self->screen))
    add_cell (row, &column, shown_id, ID_WIDTH);
  add_verdict (row, &column, &self->screen, record);
  begin_sentence (row, &column, &self->screen);
  card_wrap (row, shown, column, self->screen.width > 0 ? self->screen.width : G_MAXINT);
  puts (row->str);
}

/* ---- uses ---- */

#define FOLDED "folded" /* our own members of a record, which none that was written has */
#define FOLDED_TO "folded_to"

gboolean
cli_listing_has_rows (const CliListing *self)
{
  return self->format == CLI_LISTING_HUMAN;
}

void
cli_listing_fold (json_t *record, guint times, const char *to)
{
  json_object_set_new (record, FOLDED, json_integer (times));
  json_object_set_new (record, FOLDED_TO, json_string (to));
}

/* @record is a use: it is in the row that is not shown yet. */
static void
count_use (CliListing *self, const json_t *record)
{
  const char *to = wire_string (record, FOLDED_TO);

  self->uses += 1 + (guint) wire_integer (record, FOLDED, 0);
  g_free (self->last_use);
  self->last_use = g_strdup (to != NULL ? to : wire_string (record, "time"));
}

static gboolean
is_same_use (const CliListing *self, const json_t *record)
{
  return self->folded != NULL && g_strcmp0 (wire_string (record, "event"), "grant_used") == 0
         && g_strcmp0 (wire_string (record, "grant_id"), wire_string (self->folded, "grant_id"))
                == 0;
}

void
cli_listing_flush (CliListing *self)
{
  g_autofree char *until = NULL, *more = NULL;

  if (self->folded == NULL)
    return;
  if (self->uses > 1)
    {
      until = cli_audit_local (self->last_use, "%H:%M:%S");
      more = g_strdup_printf (
          ", %u times, %s %s", self->uses,
          strcmp (self->last_use, wire_string (self->folded, "time")) < 0 ? "from" : "to", until);
    }
  print_row (self, self->folded, more != NULL ? more : "");
  g_clear_pointer (&self->folded, json_decref);
  g_clear_pointer (&self->last_use, g_free);
}

static void
add_row (CliListing *self, json_t *record)
{
  if (!self->begun)
    print_heading (&self->screen);
  if (is_same_use (self, record))
    {
      count_use (self, record);
      return;
    }
  cli_listing_flush (self);
  if (g_strcmp0 (wire_string (record, "event"), "grant_used") != 0)
    {
      print_row (self, record, "");
      return;
    }
  self->folded = json_incref (record);
  self->uses = 0;
  count_use (self, record);
}

/* ---- the other formats ---- */

/* A listing's objects have an "id". */
static void
add_json (CliListing *self, json_t *record)
{
  g_autoptr (json_t) object = json_copy (record);

  json_object_set (object, "id", json_object_get (record, "seq"));
  g_autofree char *text = cli_json_text (object);
  if (self->format == CLI_LISTING_JSON)
    fputs (self->begun ? ",\n  " : "[\n  ", stdout);
  fputs (text, stdout);
  if (self->format == CLI_LISTING_LINES)
    fputs ("\n", stdout);
}

static void
add_csv (CliListing *self, const json_t *record)
{
  g_autofree char *heading = self->begun ? NULL : cli_csv_heading ();
  g_autofree char *line = cli_csv_line (record);

  fputs (heading != NULL ? heading : "", stdout);
  fputs (line, stdout);
}

void
cli_listing_add (CliListing *self, json_t *record)
{
  switch (self->format)
    {
    case CLI_LISTING_HUMAN:
      cli_listing_learn (self, record);
      add_row (self, record);
      break;
    case CLI_LISTING_JSON:
    case CLI_LISTING_LINES:
      add_json (self, record);
      break;
    case CLI_LISTING_CSV:
      add_csv (self, record);
      break;
    }
  self->begun = TRUE;
}

/* A listing of nothing is one too. */
void
cli_listing_end (CliListing *self)
{
  g_autofree char *heading = cli_csv_heading ();

  cli_listing_flush (self);
  if (self->format == CLI_LISTING_HUMAN && !self->begun)
    print_heading (&self->screen);
  else if (self->format == CLI_LISTING_JSON)
    fputs (self->begun ? "\n]\n" : "[]\n", stdout);
  else if (self->format == CLI_LISTING_CSV && !self->begun)
    fputs (heading, stdout);
}

void
cli_listing_free (CliListing *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->folded, json_decref);
  g_free (self->last_use);
  cli_names_free (self->names);
  g_free (self->day);
  g_free (self);
}
