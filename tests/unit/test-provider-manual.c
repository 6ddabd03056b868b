/* SPDX-License-Identifier: MIT
 *
 * countersign-provider(5) says what the broker reads: each of its examples is taken, and each line
 * of each kind is in it.
 */
#include <string.h>

#include "broker/provider/provider-module.h"

#define CERTIFICATE "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
#define BEGIN ".Bd -literal -offset indent\nprovider "
#define END ".Ed\n"

static char *
read_manual (void)
{
  char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_get_contents (MANUAL, &text, NULL, &error));
  return text;
}

static void
test_examples (void)
{
  guint found = 0;
  g_autofree char *manual = read_manual ();
  for (const char *at = manual; (at = strstr (at, BEGIN)) != NULL; found++)
    {
      g_autoptr (GError) error = NULL;
      const char *text = strchr (at, '\n') + 1, *name = at + strlen (BEGIN);
      gsize len = (gsize) (strstr (text, END) - text);
      g_autofree char *file
          = g_strdup_printf ("providers.d/%.*s.conf", (int) strcspn (name, "\n"), name);
      const PolicySource sources[]
          = { { file, text, len },
              { "providers.d/example.pem", CERTIFICATE, strlen (CERTIFICATE) } };
      g_autoptr (Providers) providers = providers_parse (sources, 2, &error);
      g_assert_no_error (error);
      g_assert_nonnull (providers);
      at = text + len;
    }
  g_assert_cmpuint (found, >=, 11);
}

static void
test_lines (void)
{
  g_autofree char *manual = read_manual ();
  for (guint kind = 0; kind < PROVIDER_KINDS; kind++)
    {
      const ProviderModule *module = provider_module ((ProviderKind) kind);
      g_autofree char *section = g_strconcat (": kind ", module->word, "\n", NULL);
      g_assert_nonnull (strstr (manual, section));
      for (gsize i = 0; i < module->n_directives; i++)
        {
          const char *word = module->directives[i].word;
          g_autofree char *alone = g_strconcat ("\n.It Ic ", word, "\n", NULL);
          g_autofree char *followed = g_strconcat ("\n.It Ic ", word, " ", NULL);
          if (strstr (manual, alone) == NULL && strstr (manual, followed) == NULL)
            g_error ("%s of kind %s is not in the manual", module->directives[i].word,
                     module->word);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/provider-manual/each example is a file that is taken", test_examples);
  g_test_add_func ("/provider-manual/each line of each kind is described", test_lines);
  return g_test_run ();
}
