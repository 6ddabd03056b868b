/* SPDX-License-Identifier: MIT */
#include "broker/cli/audit/cli-audit-csv.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/cli/cli-json.h"

/* What records have most; the rest is in the last one, as JSON. */
static const char *const columns[]
    = { "seq",       "time",    "event",   "request_id", "grant_id", "operation",
        "resource",  "code",    "verdict", "rule",       "by",       "waited",
        "duration",  "uses",    "scopes",  "pid",        "exe",      "verified",
        "subject",   "caller",  "purpose", "method",     "path",     "program",
        "directory", "package", "unit",    "why",        "failed",   NULL };

/* "=", "+", "-" and "@" begin a formula; so do the wide forms of them, and a tab before one is
 * passed over by some. A number of ours is none: it has no sign. */
static gboolean
is_formula (const char *text)
{
  static const gunichar begins[] = { '=', '+', '-', '@', 0xff1d, 0xff0b, 0xff0d, 0xff20 };
  gunichar c = g_utf8_get_char (text);

  for (gsize i = 0; i < G_N_ELEMENTS (begins); i++)
    if (c == begins[i])
      return TRUE;
  return FALSE;
}

/* @shown, which has no control in it, as a cell. */
static void
add_quoted (GString *out, const char *shown)
{
  if (strpbrk (shown, ",\"") == NULL)
    {
      g_string_append (out, shown);
      return;
    }
  g_string_append_c (out, '"');
  for (const char *at = shown; *at != '\0'; at++)
    g_string_append (out, *at == '"' ? "\"\"" : (char[]){ *at, '\0' });
  g_string_append_c (out, '"');
}

/* Escaped as for a terminal, so that there is no control left, and no line in a line. An apostrophe
 * makes a text of what would be a formula. */
static void
add_cell (GString *out, const char *text)
{
  g_autofree char *escaped = text_escape (text);
  gboolean formula = is_formula (escaped + strspn (escaped, " "));
  g_autofree char *shown = g_strconcat (formula ? "'" : "", escaped, NULL);

  add_quoted (out, shown);
}

static void
add_value (GString *out, const json_t *value)
{
  g_auto (GStrv) list = json_is_array (value) ? wire_texts (value) : NULL;
  g_autofree char *joined = list != NULL ? g_strjoinv (" ", list) : NULL;

  if (json_is_integer (value))
    g_string_append_printf (out, "%" JSON_INTEGER_FORMAT, json_integer_value (value));
  else if (value != NULL)
    add_cell (out, joined != NULL ? joined : json_string_value (value));
}

char *
cli_csv_heading (void)
{
  g_autofree char *names = g_strjoinv (",", (char **) columns);

  return g_strconcat (names, ",more\r\n", NULL);
}

/* What has no column. The chain is `verify`'s business. */
static char *
rest_of (const json_t *record)
{
  g_autoptr (json_t) rest = json_copy ((json_t *) record);

  for (const char *const *column = columns; *column != NULL; column++)
    json_object_del (rest, *column);
  json_object_del (rest, "id");
  json_object_del (rest, "prev");
  json_object_del (rest, "mac");
  if (json_object_size (rest) == 0)
    return g_strdup ("");
  return cli_json_text (rest);
}

char *
cli_csv_line (const json_t *record)
{
  GString *out = g_string_new (NULL);
  g_autofree char *rest = rest_of (record);

  for (const char *const *column = columns; *column != NULL; column++)
    {
      add_value (out, json_object_get (record, *column));
      g_string_append_c (out, ',');
    }
  /* ASCII, and escaped as JSON is: another escape would make no JSON of it. */
  add_quoted (out, rest);
  g_string_append (out, "\r\n");
  return g_string_free (out, FALSE);
}
