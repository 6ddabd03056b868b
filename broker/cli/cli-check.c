/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-check.h"

#include <stdio.h>

#include "broker/cli/cli-output.h"

typedef struct
{
  const char *id;
  CliCheckState state;
  char *text, *mend;
} Check;

struct _CliChecks
{
  GPtrArray *list; /* of Check */
};

static const char *const state_names[] = { "wrong", "note", "ok" };

static void
check_free (gpointer data)
{
  Check *check = data;

  g_free (check->text);
  g_free (check->mend);
  g_free (check);
}

CliChecks *
cli_checks_new (void)
{
  CliChecks *checks = g_new0 (CliChecks, 1);

  checks->list = g_ptr_array_new_with_free_func (check_free);
  return checks;
}

void
cli_checks_free (CliChecks *checks)
{
  if (checks == NULL)
    return;
  g_ptr_array_unref (checks->list);
  g_free (checks);
}

void
cli_checks_add (CliChecks *checks, const char *id, CliCheckState state, const char *mend,
                const char *format, ...)
{
  Check *check = g_new0 (Check, 1);
  va_list list;

  va_start (list, format);
  *check = (Check){ id, state, g_strdup_vprintf (format, list), g_strdup (mend) };
  va_end (list);
  g_ptr_array_add (checks->list, check);
}

gboolean
cli_checks_wrong (const CliChecks *checks)
{
  for (guint i = 0; i < checks->list->len; i++)
    if (((Check *) checks->list->pdata[i])->state == CLI_CHECK_WRONG)
      return TRUE;
  return FALSE;
}

void
cli_checks_print (const CliChecks *checks)
{
  gboolean bold = cli_colour (stdout);

  for (guint i = 0; i < checks->list->len; i++)
    {
      const Check *check = checks->list->pdata[i];
      g_autofree char *text = cli_escape_message (check->text);
      gboolean loud = bold && check->state == CLI_CHECK_WRONG;

      printf ("%s%-6s%s%-16s%s\n", loud ? "\033[1m" : "", state_names[check->state],
              loud ? "\033[0m" : "", check->id, text);
      if (check->mend != NULL)
        printf ("%22smend: %s\n", "", check->mend);
    }
}

json_t *
cli_checks_json (const CliChecks *checks)
{
  json_t *array = json_array ();

  for (guint i = 0; i < checks->list->len; i++)
    {
      const Check *check = checks->list->pdata[i];
      json_array_append_new (array, json_pack ("{s:s, s:s, s:s, s:s*}", "id", check->id, "state",
                                               state_names[check->state], "text", check->text,
                                               "mend", check->mend));
    }
  return array;
}
