/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-browser.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/display.h"

G_DEFINE_QUARK (countersign_cli_browser_error, cli_browser_error)

/* Ctrl-C at this terminal is for us, and signals that we hold are not held there. */
static void
set_apart (gpointer unused)
{
  sigset_t none;

  setsid ();
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
}

/* @url in place of each %s in @command's words, else as the last of them. */
static char **
words_of (const char *command, const char *url)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gboolean placed = FALSE;

  if (!g_shell_parse_argv (command, NULL, &words, NULL))
    return NULL;
  for (char **word = words; *word != NULL; word++)
    {
      g_autoptr (GString) text = g_string_new (*word);
      placed |= g_string_replace (text, "%s", url, 0) > 0;
      g_strv_builder_add (builder, text->str);
    }
  if (!placed)
    g_strv_builder_add (builder, url);
  return g_strv_builder_end (builder);
}

static gboolean
start (const char *command, const char *url)
{
  g_auto (GStrv) words = words_of (command, url);

  return words != NULL
         && g_spawn_async (NULL, words, NULL,
                           G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL
                               | G_SPAWN_STDERR_TO_DEV_NULL,
                           set_apart, NULL, NULL, NULL);
}

gboolean
cli_browser_open (const char *url, GError **error)
{
  g_auto (GStrv) environment = g_get_environ ();
  const char *named = g_environ_getenv (environment, "BROWSER");
  g_auto (GStrv) commands = g_strsplit (named != NULL ? named : "", ":", -1);

  if (!display_is_there (environment))
    {
      g_set_error_literal (error, CLI_BROWSER_ERROR, CLI_BROWSER_ERROR_NO_DISPLAY,
                           "there is no display here to open a browser on");
      return FALSE;
    }
  for (char **command = commands; *command != NULL; command++)
    if (**command != '\0' && start (*command, url))
      return TRUE;
  if (start ("xdg-open", url))
    return TRUE;
  g_set_error_literal (error, CLI_BROWSER_ERROR, CLI_BROWSER_ERROR_NONE,
                       "no browser was found: neither $BROWSER nor xdg-open starts one");
  return FALSE;
}
