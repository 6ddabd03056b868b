/* SPDX-License-Identifier: MIT
 *
 * Whatever the text: it is a template or an error with its place, never both or neither. Each name
 * in it is a secret's, and stands in the list once. What is left when references are filled is the
 * text, byte for byte: with each name written out as a reference again it is a template of the same
 * names, which filled with the same values is the same.
 */
#include "broker/base/text.h"
#include "broker/cli/cli-template.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void
free_secret (gpointer secret)
{
  secret_free (secret);
}

/* A value for each name: itself between @before and @after. */
static GPtrArray *
values_for (const CliTemplate *template, const char *before, const char *after)
{
  GPtrArray *values = g_ptr_array_new_with_free_func (free_secret);

  for (guint i = 0; i < cli_template_n_names (template); i++)
    {
      g_autofree char *value = g_strconcat (before, cli_template_names (template)[i], after, NULL);
      Secret *secret = secret_new_from (value, strlen (value), NULL);
      g_assert_nonnull (secret);
      g_ptr_array_add (values, secret);
    }
  return values;
}

static Secret *
fill (const CliTemplate *template, const char *before, const char *after)
{
  g_autoptr (GPtrArray) values = values_for (template, before, after);
  Secret *filled = cli_template_fill (template, values, NULL);

  g_assert_nonnull (filled);
  return filled;
}

static void
check_names (const CliTemplate *template)
{
  const char *const *names = cli_template_names (template);

  for (guint i = 0; i < cli_template_n_names (template); i++)
    {
      g_assert_true (text_check_name (names[i], NULL));
      for (guint j = 0; j < i; j++)
        g_assert_cmpstr (names[i], !=, names[j]);
    }
}

static void
check_again (const CliTemplate *template)
{
  g_autoptr (Secret) text = fill (template, "{{ secret://", " }}");
  g_autoptr (CliTemplate) again
      = cli_template_parse ((const char *) secret_peek (text), secret_len (text), "again", NULL);
  g_autoptr (Secret) one = fill (template, "<", ">");

  g_assert_nonnull (again);
  g_assert_cmpuint (cli_template_n_names (again), ==, cli_template_n_names (template));
  for (guint i = 0; i < cli_template_n_names (template); i++)
    g_assert_cmpstr (cli_template_names (again)[i], ==, cli_template_names (template)[i]);
  g_autoptr (Secret) filled = fill (again, "<", ">");
  g_assert_true (secret_equal (one, filled));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (CliTemplate) template = NULL;
  g_autoptr (GError) error = NULL;

  if (size > 4096)
    return 0;
  g_assert_true (secret_init (NULL));
  template = cli_template_parse ((const char *) data, size, "fuzz", &error);
  g_assert_true ((template == NULL) == (error != NULL));
  if (error != NULL)
    g_assert_true (g_str_has_prefix (error->message, "fuzz:"));
  else
    {
      check_names (template);
      check_again (template);
    }
  return 0;
}
