/* SPDX-License-Identifier: MIT
 *
 * conformance-fixture [--http ADDRESS:PORT]: on standard input and output, or, printing its URL,
 * over HTTP.
 */
#include "tests/conformance/fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  g_autofree char *address = NULL;
  const GOptionEntry entries[]
      = { { "http", 0, 0, G_OPTION_ARG_STRING, &address, "Serve HTTP there", "ADDRESS:PORT" },
          G_OPTION_ENTRY_NULL };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  wire_init ();
  signal (SIGPIPE, SIG_IGN);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      fprintf (stderr, "conformance-fixture: %s\n", error->message);
      return 2;
    }
  g_autoptr (Fixture) fixture = fixture_new ();
  if (address != NULL ? fixture_run_http (fixture, address, &error)
                      : fixture_run_stdio (fixture, &error))
    return EXIT_SUCCESS;
  fprintf (stderr, "conformance-fixture: %s\n", error->message);
  return EXIT_FAILURE;
}
