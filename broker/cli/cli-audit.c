/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-audit.h"

#include <stdio.h>
#include <string.h>

#include "broker/audit/audit-line.h"
#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/cli/cli-output.h"

/* An ISO 8601 time, in local time where it names no zone; NULL when it is none. */
static char *
parse_time (const char *text)
{
  g_autoptr (GTimeZone) local = g_time_zone_new_local ();
  g_autofree char *day = strchr (text, 'T') == NULL ? g_strconcat (text, "T00:00:00", NULL) : NULL;
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (day != NULL ? day : text, local);

  return time == NULL ? NULL : text_format_time (g_date_time_to_unix (time) * G_USEC_PER_SEC);
}

static gboolean
choose_time (const Cli *cli, const char *option, const char *text, char **to)
{
  if (text == NULL || (*to = parse_time (text)) != NULL)
    return TRUE;
  cli_usage (cli, "%s: “%s” is no time; write 2026-11-21, or 2026-11-21T09:30:00Z", option, text);
  return FALSE;
}

/* ---- list ---- */

static char *
what_of (const json_t *record)
{
  const char *operation = wire_string (record, "operation"),
             *resource = wire_string (record, "resource");

  return operation == NULL && resource == NULL
             ? NULL
             : g_strdup_printf ("%s%s%s", operation != NULL ? operation : "",
                                operation != NULL && resource != NULL ? " " : "",
                                resource != NULL ? resource : "");
}

/* What says most of how it went. */
static char *
how_of (const json_t *record)
{
  static const char *const keys[] = { "code", "why", "purpose", "damage", "jti", "kid", NULL };
  const json_t *duration = json_object_get (record, "duration");

  if (json_is_integer (duration) && json_integer_value (duration) > 0)
    {
      g_autofree char *text = text_format_duration (json_integer_value (duration));
      return g_strdup_printf ("for %s", text);
    }
  for (const char *const *key = keys; *key != NULL; key++)
    if (wire_string (record, *key) != NULL)
      return g_strdup (wire_string (record, *key));
  return NULL;
}

/* The requester, or the person's program: by name once that is opened. Who calls over HTTP is no
 * process. */
static char *
who_of (const json_t *record)
{
  const json_t *pid = json_object_get (record, "pid");
  const char *exe = wire_string (record, "exe"), *caller = wire_string (record, "caller");
  g_autofree char *name = exe != NULL ? g_path_get_basename (exe) : g_strdup (caller);

  if (wire_string (record, "subject") != NULL)
    return g_strdup (wire_string (record, "subject"));
  if (!json_is_integer (pid))
    return NULL;
  return g_strdup_printf ("%s%spid %" JSON_INTEGER_FORMAT, name != NULL ? name : "",
                          name != NULL ? ", " : "", json_integer_value (pid));
}

static void
print_table (GPtrArray *records)
{
  const char *const headings[] = { "SEQ", "TIME", "EVENT", "REQUEST", "WHO", "WHAT", "HOW", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);

  for (guint i = 0; i < records->len; i++)
    {
      const json_t *record = records->pdata[i];
      g_autofree char *what = what_of (record), *who = who_of (record), *how = how_of (record);

      cli_table_cellf (table, "%" G_GINT64_FORMAT, wire_integer (record, "seq", 0));
      cli_table_cell (table, wire_string (record, "time"));
      cli_table_cell (table, wire_string (record, "event"));
      cli_table_cell (table, wire_string (record, "request_id"));
      cli_table_cell (table, who);
      cli_table_cell (table, what);
      cli_table_cell (table, how);
    }
  cli_table_print (table);
}

static void
print_json (GPtrArray *records)
{
  g_autoptr (json_t) list = json_array ();

  for (guint i = 0; i < records->len; i++)
    json_array_append (list, records->pdata[i]);
  cli_json_list (list, "seq");
}

CliStatus
cli_audit_list (Cli *cli)
{
  g_autofree char *event = NULL, *request = NULL, *since = NULL, *until = NULL;
  gboolean no_names = FALSE;
  gint last = 0;
  const GOptionEntry entries[]
      = { { "event", 0, 0, G_OPTION_ARG_FILENAME, &event, "Only records of this event", "EVENT" },
          { "request", 0, 0, G_OPTION_ARG_FILENAME, &request,
            "Only records of this request or grant", "ID" },
          { "since", 0, 0, G_OPTION_ARG_FILENAME, &since, "Not before this time", "TIME" },
          { "until", 0, 0, G_OPTION_ARG_FILENAME, &until, "Not after this time", "TIME" },
          { "last", 'n', 0, G_OPTION_ARG_INT, &last, "Only the newest N", "N" },
          { "no-names", 0, 0, G_OPTION_ARG_NONE, &no_names, "Ask for no PIN; names stay sealed",
            NULL },
          G_OPTION_ENTRY_NULL };
  GError *error = NULL;

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  CliAuditChoice choice = { .event = event, .id = request, .last = last };
  g_autoptr (GPtrArray) records = NULL;
  g_auto (CliTrail) trail = { 0 };
  if (last < 0)
    return cli_usage (cli, "--last: must not be negative");
  if (!choose_time (cli, "--since", since, &choice.since)
      || !choose_time (cli, "--until", until, &choice.until))
    {
      g_free (choice.since);
      return CLI_USAGE;
    }
  if (cli_trail_open (cli, &trail, &error))
    records = cli_audit_read (&trail, &choice, &error);
  g_free (choice.since);
  g_free (choice.until);
  if (records == NULL || (!no_names && !cli_audit_open (cli, &trail, records, &error)))
    return cli_fail (cli, error);
  if (cli->json)
    print_json (records);
  else
    print_table (records);
  return CLI_DONE;
}

/* ---- show ---- */

static gboolean
is_shown_elsewhere (const char *key)
{
  static const char *const keys[] = { "seq", "time", "event", "prev", "mac", NULL };
  return g_strv_contains (keys, key);
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

static void
print_whole (json_t *record)
{
  const char *key;
  json_t *value;

  printf ("%s  %s  (record %" G_GINT64_FORMAT ")\n", wire_string (record, "time"),
          wire_string (record, "event"), wire_integer (record, "seq", 0));
  json_object_foreach (record, key, value)
  {
    g_autofree char *text = value_text (value), *label = g_strdup_printf ("  %-12s", key);
    if (!is_shown_elsewhere (key))
      cli_line (label, "%s", text);
  }
}

/* A number is a record's, unless a request has it for its name. */
static GPtrArray *
find (const CliTrail *trail, const char *word, GError **error)
{
  char *end;
  CliAuditChoice by_id = { .id = word }, by_seq = { .seq = g_ascii_strtoull (word, &end, 10) };
  GPtrArray *records = cli_audit_read (trail, &by_id, error);

  if (records == NULL || records->len > 0 || *end != '\0' || by_seq.seq == 0)
    return records;
  g_ptr_array_unref (records);
  records = cli_audit_read (trail, &by_seq, error);
  if (records == NULL || records->len == 0)
    return records;
  g_autofree char *request = g_strdup (wire_string (records->pdata[0], "request_id"));
  if (request == NULL)
    return records;
  g_ptr_array_unref (records);
  by_id.id = request;
  return cli_audit_read (trail, &by_id, error);
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
  GError *error = NULL;

  if (!cli_options (cli, entries, 1, 1))
    return cli->status;
  if (!cli_trail_open (cli, &trail, &error)
      || (records = find (&trail, cli->args[0], &error)) == NULL)
    return cli_fail (cli, error);
  if (records->len == 0)
    return cli_say_error (cli, "the trail has no request, grant or record “%s”", cli->args[0]);
  if (!no_names && !cli_audit_open (cli, &trail, records, &error))
    return cli_fail (cli, error);
  if (cli->json)
    print_json (records);
  for (guint i = 0; !cli->json && i < records->len; i++)
    print_whole (records->pdata[i]);
  return CLI_DONE;
}
