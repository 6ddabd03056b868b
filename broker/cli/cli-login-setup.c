/* SPDX-License-Identifier: MIT
 *
 * Making Countersign known at a provider, and the provider to Countersign.
 *
 * MUST
 *  - put what is secret into the store alone: the file has its name
 *  - write over no file
 *  - have that file accepted, by the PIN and once it was shown, and nothing else
 */
#include "broker/cli/cli-login.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "approve-ui/card/card-wrap.h"
#include "broker/cli/cli-accept-file.h"
#include "broker/cli/cli-login-guide.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"
#include "broker/cli/cli-value.h"

typedef struct
{
  const CliGuide *guide;
  char *answers[CLI_GUIDE_QUESTIONS];   /* as they stand in the file; NULL: none */
  Secret *secrets[CLI_GUIDE_QUESTIONS]; /* those that go to the store */
  char *file, *path, *text;
  gboolean written; /* by us, just now */
} Setup;

static void
setup_clear (Setup *setup)
{
  for (gsize i = 0; i < CLI_GUIDE_QUESTIONS; i++)
    {
      g_free (setup->answers[i]);
      secret_free (setup->secrets[i]);
    }
  g_free (setup->file);
  g_free (setup->path);
  g_free (setup->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Setup, setup_clear)

/* --- The steps --- */

#define COLUMNS 78
#define INDENT 5 /* of a step's words */

static void
print_step (FILE *stream, guint number, const char *text)
{
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_printf (line, "  %u. ", number);
  card_wrap (line, text, INDENT, COLUMNS);
  fprintf (stream, "%s\n", line->str);
}

static void
print_steps (FILE *stream, const CliGuide *guide)
{
  guint number = 0;

  fprintf (stream, "Setting up %s: Countersign becomes %s.\n\n", guide->name, guide->what);
  for (const char *const *step = guide->steps; *step != NULL; step++)
    print_step (stream, ++number, *step);
  fputc ('\n', stream);
  fflush (stream);
}

/* --- The answers --- */

static gboolean
unfit (GError **error, const CliGuideQuestion *question, const char *why)
{
  g_set_error (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT, "%s: %s", question->prompt, why);
  return FALSE;
}

/* It stands in a line as it is; whether it means anything is found when the file is read. */
static gboolean
check_answer (const CliGuideQuestion *question, const char *answer, GError **error)
{
  const char *unwanted = question->kind == CLI_ANSWER_TEXT ? "\t\r\n\"{}#\\" : " \t\r\n\"{}#\\";

  if (!g_utf8_validate (answer, -1, NULL))
    return unfit (error, question, "is not UTF-8 text");
  return strpbrk (answer, unwanted) == NULL
         || unfit (error, question, "has a blank, a quote, a brace, a # or a \\ in it");
}

static char *
prompt_of (const CliGuideQuestion *question)
{
  return g_strconcat (question->prompt, ": ", NULL);
}

static const char *
instead_of (const CliGuideQuestion *question)
{
  return question->variable != NULL ? question->variable : "a terminal";
}

/* What the environment says, and that it does: NULL when it says nothing. */
static const char *
from_environment (FILE *stream, const CliGuideQuestion *question)
{
  const char *value = question->variable != NULL ? g_getenv (question->variable) : NULL;

  if (value == NULL || *value == '\0')
    return NULL;
  fprintf (stream, "%s: taken from %s in the environment\n", question->prompt, question->variable);
  return value;
}

static Secret *
read_secret (FILE *stream, const CliGuideQuestion *question, GError **error)
{
  const char *given = from_environment (stream, question);
  g_autofree char *prompt = prompt_of (question), *path = NULL;

  if (!cli_guard (error))
    return NULL;
  if (given != NULL)
    return secret_new_from (given, strlen (given), error);
  if (question->kind == CLI_ANSWER_SECRET)
    return cli_ask_hidden (prompt, instead_of (question), error);
  path = cli_ask_text (prompt, instead_of (question), error);
  return path != NULL ? cli_value_read (path, TRUE, error) : NULL;
}

static gboolean
answer_secret (Setup *setup, gsize i, FILE *stream, GError **error)
{
  const CliGuideQuestion *question = &setup->guide->questions[i];
  g_autoptr (Secret) secret = read_secret (stream, question, error);

  if (secret == NULL)
    return FALSE;
  if (secret_len (secret) == 0)
    return question->may || unfit (error, question, "is empty");
  setup->secrets[i] = g_steal_pointer (&secret);
  setup->answers[i] = cli_login_guide_secret (setup->guide, question);
  return TRUE;
}

static gboolean
answer_text (Setup *setup, gsize i, FILE *stream, GError **error)
{
  const CliGuideQuestion *question = &setup->guide->questions[i];
  g_autofree char *prompt = prompt_of (question);
  g_autofree char *answer = g_strdup (from_environment (stream, question));

  if (answer == NULL)
    answer = cli_ask_text (prompt, instead_of (question), error);
  if (answer == NULL || !check_answer (question, answer, error))
    return FALSE;
  if (*answer == '\0' && question->otherwise == NULL)
    return question->may || unfit (error, question, "is empty");
  setup->answers[i] = *answer != '\0' ? g_steal_pointer (&answer) : g_strdup (question->otherwise);
  return TRUE;
}

static gboolean
ask (Setup *setup, FILE *stream, GError **error)
{
  for (gsize i = 0; i < CLI_GUIDE_QUESTIONS && setup->guide->questions[i].key != NULL; i++)
    {
      gboolean secret = setup->guide->questions[i].kind == CLI_ANSWER_SECRET
                        || setup->guide->questions[i].kind == CLI_ANSWER_FILE;
      if (!(secret ? answer_secret : answer_text) (setup, i, stream, error))
        return FALSE;
    }
  setup->text = cli_login_guide_file (setup->guide, (const char *const *) setup->answers);
  return TRUE;
}

/* --- The file, and the store --- */

static gboolean
check_free (const Setup *setup, GError **error)
{
  if (!g_file_test (setup->path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
               "%s is there already: look at it, and accept it by countersign policy apply; or "
               "remove it, and begin anew",
               setup->path);
  return FALSE;
}

/* The PIN that opened the connection is for what was typed a moment ago; what becomes of the
 * accepted files is shown first, and wants it once more. */
static gboolean
store_secrets (Client *client, const Setup *setup, const Secret *pin, GError **error)
{
  for (gsize i = 0; i < CLI_GUIDE_QUESTIONS; i++)
    {
      g_autoptr (json_t) params = NULL, result = NULL;
      int fd;

      if (setup->secrets[i] == NULL)
        continue;
      params = json_pack ("{s:s, s:s}", "name", setup->answers[i], "mode", "any");
      if (!cli_value_set (params, setup->secrets[i], &fd, error))
        return FALSE;
      cli_set_secret (params, "pin", pin);
      result = client_call (client, "secret_set", params, fd, NULL, error);
      if (fd != -1)
        close (fd);
      if (result == NULL)
        {
          g_prefix_error (error,
                          "the provider is accepted, but %s is not stored: ", setup->answers[i]);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
accept_made (const Cli *cli, Setup *setup, GError **error)
{
  g_autoptr (Secret) pin = NULL;
  g_autoptr (Client) client = cli_connect_with_pin (cli, &pin, error);
  g_autoptr (GPtrArray) accepted = client != NULL ? cli_accepted (client, error) : NULL;
  g_autoptr (GPtrArray) with = NULL;

  if (accepted == NULL)
    return FALSE;
  with = cli_accept_with (accepted, setup->file, setup->text, accepted);
  if (!cli_proposals_check (with, error)
      || !cli_accept_write (setup->path, setup->text, &setup->written, error)
      || !cli_accept_changed (cli, client, accepted, with, error))
    {
      /* A proposal that nobody meant to leave would turn up in the next policy apply. */
      if (setup->written)
        unlink (setup->path);
      return FALSE;
    }
  return store_secrets (client, setup, pin, error);
}

static CliStatus
report (const Cli *cli, const Setup *setup)
{
  cli_accept_report (cli, setup->guide->name, setup->path, "accepted", TRUE);
  if (cli->json)
    return CLI_DONE;
  for (gsize i = 0; i < CLI_GUIDE_QUESTIONS; i++)
    if (setup->secrets[i] != NULL)
      printf ("Kept in the store: %s\n", setup->answers[i]);
  printf ("Next: %s\n", setup->guide->next);
  return CLI_DONE;
}

CliStatus
cli_login_setup (Cli *cli, const char *provider)
{
  g_auto (Setup) setup = { .guide = cli_login_guide (provider) };
  FILE *stream = cli->json ? stderr : stdout;
  GError *error = NULL;

  if (setup.guide == NULL)
    {
      g_autofree char *names = cli_login_guide_names ();
      return cli_usage (cli, "there is no way to set up “%s”: it is one of %s", provider, names);
    }
  setup.file = cli_accept_name (PROVIDER_FOLDER, setup.guide->name);
  setup.path = cli_accept_path (setup.file);
  if (!cli_read_pin_first (cli, &error) || !check_free (&setup, &error))
    return cli_fail (cli, error);
  print_steps (stream, setup.guide);
  if (!ask (&setup, stream, &error) || !accept_made (cli, &setup, &error))
    return cli_fail (cli, error);
  return report (cli, &setup);
}
