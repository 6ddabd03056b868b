/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - write over no file
 *  - not let a file that somebody left there pass for the preset of its name
 */
#include "broker/cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/text.h"
#include "broker/cli/cli-diff.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-accept-file.h"
#include "broker/cli/cli-service-preset.h"
#include "broker/cli/cli-file-text.h"
#include "broker/cli/cli-session.h"

typedef struct
{
  char *credential, *base, *network, *as; /* options; each may be NULL */
  char *file, *path;                      /* services.d/NAME.conf, and where that is */
  char *text;
  gboolean written; /* by us, just now */
} Adding;

static void
adding_clear (Adding *adding)
{
  g_free (adding->credential);
  g_free (adding->base);
  g_free (adding->network);
  g_free (adding->as);
  g_free (adding->file);
  g_free (adding->path);
  g_free (adding->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Adding, adding_clear)

/* It stands in a line as one word; whether it is a URL is found when the file is read. */
static gboolean
check_base (Cli *cli, const char *base)
{
  if (base == NULL || (*base != '\0' && strpbrk (base, " \t\r\n\"{}#") == NULL))
    return TRUE;
  cli->status = cli_usage (cli, "--base “%s” is no URL", base);
  return FALSE;
}

/* --- The file --- */

/* A preset whose service is at a host of its own for everybody has one that cannot be (RFC 2606,
 * section 2) in place of it. */
static gboolean
check_has_base (const Adding *adding, const char *text, GError **error)
{
  g_autofree char *base = cli_file_text_word (text, "base");

  if (adding->base != NULL || base == NULL || !g_str_has_suffix (base, ".example"))
    return TRUE;
  g_set_error (error, POLICY_ERROR, POLICY_ERROR_SYNTAX,
               "this service is at a host of your own: say which with --base, in place of %s",
               base);
  return FALSE;
}

/* The preset @name, with what the options say in it. */
static char *
from_preset (const Adding *adding, const char *name, GError **error)
{
  const struct
  {
    const char *directive, *word, *after;
  } changes[] = {
    { "service", adding->as, "service" },
    { "base", adding->base, "service" },
    { "credential", adding->credential, "base" },
    { "network", adding->network, "base" },
  };
  g_autofree char *text = cli_service_preset (name, error);

  if (text != NULL && !check_has_base (adding, text, error))
    return NULL;
  for (gsize i = 0; text != NULL && i < G_N_ELEMENTS (changes); i++)
    if (changes[i].word != NULL)
      {
        char *changed = cli_file_text_set (text, changes[i].directive, changes[i].word,
                                           changes[i].after, error);
        g_free (text);
        text = changed;
      }
  return g_steal_pointer (&text);
}

/* A file that is there already is what is proposed; else one is made from the preset. */
static gboolean
find_text (Adding *adding, const char *name, GError **error)
{
  if (!g_file_test (adding->path, G_FILE_TEST_EXISTS))
    adding->text = from_preset (adding, name, error);
  else if (adding->as != NULL || adding->base != NULL || adding->network != NULL
           || adding->credential != NULL)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                 "%s is there already: edit it and leave the options out, or choose another name "
                 "with --as",
                 adding->path);
  else
    g_file_get_contents (adding->path, &adding->text, NULL, error);
  if (adding->text == NULL || g_utf8_validate (adding->text, -1, NULL))
    return adding->text != NULL;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s is not UTF-8 text", adding->path);
  return FALSE;
}

/* --- Accepting it --- */

/* Not an error: whoever sets things up may begin at either end. */
static void
note_missing_secret (const Cli *cli, Client *client, const char *text)
{
  g_autofree char *secret = cli_file_text_word (text, "credential");
  g_autoptr (json_t) params = secret != NULL ? json_pack ("{s:s}", "name", secret) : NULL;
  g_autoptr (json_t) result = NULL;
  g_autoptr (GError) error = NULL;

  if (params == NULL)
    return;
  result = client_call (client, "secret_show", params, -1, NULL, &error);
  if (g_error_matches (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_NOT_FOUND))
    cli_say_error (cli, "there is no secret %s yet; countersign secret set %s stores it", secret,
                   secret);
}

/* Whoever adds a preset expects what comes with the program: what was there before they came is
 * compared with it. */
static void
compare_with_preset (const Cli *cli, const Adding *adding, const char *name)
{
  FILE *stream = cli->json ? stderr : stdout;
  g_autofree char *preset = cli_service_preset (name, NULL);
  g_autofree char *diff = preset != NULL ? cli_diff (preset, adding->text) : NULL;
  g_autofree char *path = text_escape (adding->path);

  if (adding->written || diff == NULL || *diff == '\0')
    return;
  fprintf (stream,
           "%s was there already, and is not the preset of that name. It differs from that:\n%s\n",
           path, diff);
}

static gboolean
accept_added (const Cli *cli, Adding *adding, gboolean *changed, GError **error)
{
  g_autoptr (Client) client = cli_connect_with_pin (cli, NULL, error);
  g_autoptr (GPtrArray) accepted = client != NULL ? cli_accepted (client, error) : NULL;
  g_autoptr (GPtrArray) proposed = accepted != NULL ? cli_proposals (error) : NULL;
  g_autoptr (GPtrArray) with = NULL;

  if (proposed == NULL)
    return FALSE;
  with = cli_accept_with (accepted, adding->file, adding->text, proposed);
  *changed = !cli_proposals_equal (accepted, with);
  if (*changed)
    compare_with_preset (cli, adding, cli->args[0]);
  if (*changed && !cli_accept_changed (cli, client, accepted, with, error))
    return FALSE;
  note_missing_secret (cli, client, adding->text);
  return TRUE;
}

static CliStatus
add (Cli *cli, Adding *adding)
{
  const char *name = adding->as != NULL ? adding->as : cli->args[0];
  GError *error = NULL;
  gboolean changed;

  adding->file = cli_accept_name (SERVICE_FOLDER, name);
  adding->path = cli_accept_path (adding->file);
  if (!cli_read_pin_first (cli, &error) || !find_text (adding, cli->args[0], &error)
      || !cli_accept_write (adding->path, adding->text, &adding->written, &error))
    return cli_fail (cli, error);
  if (!accept_added (cli, adding, &changed, &error))
    {
      /* A proposal that nobody meant to leave would turn up in the next policy apply. */
      if (adding->written)
        unlink (adding->path);
      return cli_fail (cli, error);
    }
  return cli_accept_report (cli, name, adding->path,
                            changed ? "accepted" : "is accepted already, just as it is", changed);
}

CliStatus
cli_service_add (Cli *cli)
{
  g_auto (Adding) adding = { 0 };
  const GOptionEntry entries[]
      = { { "credential", 0, 0, G_OPTION_ARG_FILENAME, &adding.credential,
            "The secret that it sends, in place of the preset's", "SECRET" },
          { "base", 0, 0, G_OPTION_ARG_FILENAME, &adding.base,
            "Where it is, in place of the preset's URL", "URL" },
          { "network", 0, 0, G_OPTION_ARG_FILENAME, &adding.network,
            "Where its address may be: public, private or loopback", "KIND" },
          { "as", 0, 0, G_OPTION_ARG_FILENAME, &adding.as, "Call it NAME", "NAME" },
          G_OPTION_ENTRY_NULL };

  if (!cli_options (cli, entries, 1, 1)
      || !cli_accept_check_word (cli, "the name", cli->args[0], FALSE)
      || !cli_accept_check_word (cli, "--as", adding.as, FALSE)
      || !cli_accept_check_word (cli, "--credential", adding.credential, TRUE)
      || !check_base (cli, adding.base) || !cli_accept_check_network (cli, adding.network))
    return cli->status;
  return add (cli, &adding);
}
