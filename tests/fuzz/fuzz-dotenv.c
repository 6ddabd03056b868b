/* SPDX-License-Identifier: MIT
 *
 * Whatever the file: it is variables or an error with its line, never both or neither. Each name is
 * one that an environment can have, and comes once; ${…} is the whole of a value or means nothing.
 * Written out again in single quotes, or in double ones where it has a single one in it, each value
 * is read as it was.
 */
#include "broker/cli/cli-dotenv.h"
#include "broker/cli/cli-reference.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void
check_error (const GError *error, const char *text, gsize size)
{
  guint64 line = 0, lines = 1;

  g_assert_true (g_str_has_prefix (error->message, "fuzz:"));
  line = g_ascii_strtoull (error->message + strlen ("fuzz:"), NULL, 10);
  for (gsize i = 0; i < size; i++)
    lines += text[i] == '\n';
  g_assert_cmpuint (line, >=, 1);
  g_assert_cmpuint (line, <=, lines);
}

static void
check_entry (const GPtrArray *entries, guint number)
{
  const CliDotenvEntry *entry = entries->pdata[number];

  g_assert_true (cli_reference_check_variable (entry->name, NULL));
  for (guint i = 0; i < number; i++)
    g_assert_cmpstr (((const CliDotenvEntry *) entries->pdata[i])->name, !=, entry->name);
  if (!entry->literal && cli_reference_has_variable (entry->value))
    {
      g_autofree char *variable = cli_reference_variable (entry->value);
      g_assert_nonnull (variable);
    }
}

/* NULL: it has quotes of both kinds, a reference or a backslash among them. */
static char *
write_out (const CliDotenvEntry *entry)
{
  if (strchr (entry->value, '\'') == NULL)
    return g_strdup_printf ("%s='%s' # as it was\n", entry->name, entry->value);
  if (strpbrk (entry->value, "\"\\") != NULL || cli_reference_has_variable (entry->value))
    return NULL;
  return g_strdup_printf ("export %s=\"%s\"\n", entry->name, entry->value);
}

static void
check_again (const CliDotenvEntry *entry)
{
  g_autofree char *text = write_out (entry);
  g_autoptr (GPtrArray) again = NULL;

  if (text == NULL)
    return;
  again = cli_dotenv_parse (text, strlen (text), "again", NULL);
  g_assert_nonnull (again);
  g_assert_cmpuint (again->len, ==, 1);
  const CliDotenvEntry *same = again->pdata[0];
  g_assert_cmpstr (same->name, ==, entry->name);
  g_assert_cmpstr (same->value, ==, entry->value);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_malloc (size + 1);
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  if (size > 0)
    memcpy (text, data, size);
  text[size] = '\0';
  entries = cli_dotenv_parse (text, size, "fuzz", &error);
  g_assert_true ((entries == NULL) == (error != NULL));
  if (error != NULL)
    check_error (error, text, size);
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      check_entry (entries, i);
      check_again (entries->pdata[i]);
    }
  return 0;
}
