/* SPDX-License-Identifier: MIT
 *
 * One service more, or one less, among the accepted files.
 *
 * MUST
 *  - have nothing else accepted with it: whoever can write in the configuration folder may have
 *    left a proposal there that waits for a PIN
 *  - show what changes before the PIN that accepts it is asked
 *  - write over no file
 */
#include "broker/cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/paths.h"
#include "broker/base/text.h"
#include "broker/cli/cli-accept.h"
#include "broker/cli/cli-new-file.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-service-preset.h"
#include "broker/cli/cli-service-text.h"
#include "broker/cli/cli-session.h"

typedef struct
{
  char *credential, *base, *as; /* options; each may be NULL */
  char *file, *path;            /* services.d/NAME.conf, and where that is */
  char *text;
  gboolean written; /* by us, just now */
} Adding;

static void
adding_clear (Adding *adding)
{
  g_free (adding->credential);
  g_free (adding->base);
  g_free (adding->as);
  g_free (adding->file);
  g_free (adding->path);
  g_free (adding->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Adding, adding_clear)

static char *
file_name (const char *service)
{
  return g_strconcat (SERVICE_FOLDER, service, ".conf", NULL);
}

static char *
file_path (const char *file)
{
  g_autofree char *config = paths_config_dir ();

  return g_build_filename (config, file, NULL);
}

static gboolean
check_word (Cli *cli, const char *what, const char *word, gboolean whole_name)
{
  g_autoptr (GError) error = NULL;

  if (word == NULL || (whole_name ? text_check_name : text_check_segment) (word, &error))
    return TRUE;
  cli->status = cli_usage (cli, "%s “%s” %s", what, word, error->message);
  return FALSE;
}

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
  g_autofree char *base = cli_service_text_word (text, "base");

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
  };
  g_autofree char *text = cli_service_preset (name, error);

  if (text != NULL && !check_has_base (adding, text, error))
    return NULL;
  for (gsize i = 0; text != NULL && i < G_N_ELEMENTS (changes); i++)
    if (changes[i].word != NULL)
      {
        char *changed = cli_service_text_set (text, changes[i].directive, changes[i].word,
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
  else if (adding->as != NULL || adding->base != NULL || adding->credential != NULL)
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

static gboolean
write_file (Adding *adding, GError **error)
{
  g_autofree char *config = paths_config_dir (), *folder = g_path_get_dirname (adding->path);

  if (g_file_test (adding->path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!paths_make_private (config, error))
    return FALSE;
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", folder,
                   g_strerror (errno));
      return FALSE;
    }
  adding->written = cli_new_file (adding->path, adding->text, strlen (adding->text), FALSE, error);
  return adding->written;
}

/* --- What it is accepted with --- */

/* services.d/X.pem that @text names as its ca; NULL when it names none. g_free(). */
static char *
certificate_of (const char *text)
{
  g_autofree char *name = text != NULL ? cli_service_text_word (text, "ca") : NULL;

  return name != NULL ? g_strconcat (SERVICE_FOLDER, name, NULL) : NULL;
}

/* The accepted files and the new one, with its certificate as it is in the folder now. */
static GPtrArray *
accepted_with (const Adding *adding, const GPtrArray *accepted, const GPtrArray *proposed)
{
  g_autofree char *certificate = certificate_of (adding->text);
  const char *text = certificate != NULL ? cli_proposals_text (proposed, certificate) : NULL;
  g_autoptr (GPtrArray) files = cli_proposals_with (accepted, adding->file, adding->text);

  return text != NULL ? cli_proposals_with (files, certificate, text) : g_steal_pointer (&files);
}

/* The accepted files without @file, and without a certificate that no other one names. */
static GPtrArray *
accepted_without (const char *file, const GPtrArray *accepted)
{
  g_autofree char *certificate = certificate_of (cli_proposals_text (accepted, file));
  g_autoptr (GPtrArray) files = cli_proposals_with (accepted, file, NULL);

  for (guint i = 0; certificate != NULL && i < files->len; i++)
    {
      const CliProposal *other = files->pdata[i];
      g_autofree char *theirs
          = cli_proposal_is_service (other) ? certificate_of (other->text) : NULL;
      if (g_strcmp0 (theirs, certificate) == 0)
        return g_steal_pointer (&files);
    }
  return certificate != NULL ? cli_proposals_with (files, certificate, NULL)
                             : g_steal_pointer (&files);
}

/* What is proposed besides, by name: it goes on waiting. */
static void
print_others (FILE *stream, const GPtrArray *accepted, const GPtrArray *changed,
              const GPtrArray *proposed)
{
  for (guint i = 0; i < proposed->len; i++)
    {
      const CliProposal *file = proposed->pdata[i];
      g_autofree char *name = text_escape (file->name);
      if (g_strcmp0 (cli_proposals_text (accepted, file->name), file->text) != 0
          && g_strcmp0 (cli_proposals_text (changed, file->name), file->text) != 0)
        fprintf (stream, "%s differs too, and is not accepted by this: countersign policy apply\n",
                 name);
    }
  for (guint i = 0; i < accepted->len; i++)
    {
      const CliProposal *file = accepted->pdata[i];
      g_autofree char *name = text_escape (file->name);
      if (cli_proposals_text (proposed, file->name) == NULL
          && cli_proposals_text (changed, file->name) != NULL)
        fprintf (stream, "%s is no longer there, and stays accepted: countersign policy apply\n",
                 name);
    }
}

/* --- Accepting it --- */

/* Shows what becomes of @accepted, and has it accepted. */
static gboolean
change (const Cli *cli, Client *client, const GPtrArray *accepted, const GPtrArray *changed,
        GError **error)
{
  FILE *stream = cli->json ? stderr : stdout;
  g_autoptr (GPtrArray) proposed = cli_proposals (error);
  g_autoptr (Services) services = proposed != NULL ? cli_proposals_services (changed, error) : NULL;
  g_autoptr (json_t) result = NULL;

  if (services == NULL)
    return FALSE;
  cli_accept_print (stream, accepted, changed);
  print_others (stream, accepted, changed, proposed);
  cli_accept_announce (cli, stream);
  result = cli_accept (cli, client, changed, error);
  return result != NULL;
}

/* Not an error: whoever sets things up may begin at either end. */
static void
note_missing_secret (const Cli *cli, Client *client, const char *text)
{
  g_autofree char *secret = cli_service_text_word (text, "credential");
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

static CliStatus
report (const Cli *cli, const char *name, const char *file, const char *what, gboolean changed)
{
  if (!cli->json)
    {
      printf ("%s: %s\n", name, what);
      return CLI_DONE;
    }
  g_autoptr (json_t) told
      = json_pack ("{s:s, s:s, s:b}", "id", name, "file", file, "changed", changed);
  cli_json (told);
  return CLI_DONE;
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
  with = accepted_with (adding, accepted, proposed);
  *changed = !cli_proposals_equal (accepted, with);
  if (*changed && !change (cli, client, accepted, with, error))
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

  adding->file = file_name (name);
  adding->path = file_path (adding->file);
  if (!cli_read_pin_first (cli, &error) || !find_text (adding, cli->args[0], &error)
      || !write_file (adding, &error))
    return cli_fail (cli, error);
  if (!accept_added (cli, adding, &changed, &error))
    {
      /* A proposal that nobody meant to leave would turn up in the next policy apply. */
      if (adding->written)
        unlink (adding->path);
      return cli_fail (cli, error);
    }
  return report (cli, name, adding->path,
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
          { "as", 0, 0, G_OPTION_ARG_FILENAME, &adding.as, "Call it NAME", "NAME" },
          G_OPTION_ENTRY_NULL };

  if (!cli_options (cli, entries, 1, 1) || !check_word (cli, "the name", cli->args[0], FALSE)
      || !check_word (cli, "--as", adding.as, FALSE)
      || !check_word (cli, "--credential", adding.credential, TRUE)
      || !check_base (cli, adding.base))
    return cli->status;
  return add (cli, &adding);
}

/* --- Removing one --- */

static gboolean
accept_removed (const Cli *cli, const char *file, GError **error)
{
  g_autoptr (Client) client = cli_connect_with_pin (cli, NULL, error);
  g_autoptr (GPtrArray) accepted = client != NULL ? cli_accepted (client, error) : NULL;
  g_autoptr (GPtrArray) without = NULL;

  if (accepted == NULL)
    return FALSE;
  if (cli_proposals_text (accepted, file) == NULL)
    {
      g_set_error (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_NOT_FOUND,
                   "there is no accepted %s; countersign service list has the names", file);
      return FALSE;
    }
  without = accepted_without (file, accepted);
  return change (cli, client, accepted, without, error);
}

CliStatus
cli_service_rm (Cli *cli)
{
  g_autofree char *file = NULL, *path = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 1, 1) || !check_word (cli, "the name", cli->args[0], FALSE))
    return cli->status;
  file = file_name (cli->args[0]);
  path = file_path (file);
  if (!cli_read_pin_first (cli, &error) || !accept_removed (cli, file, &error))
    return cli_fail (cli, error);
  /* Left there it would be proposed again. */
  if (unlink (path) != 0 && errno != ENOENT)
    return cli_say_error (cli, "no longer accepted, but %s is still there: %s", path,
                          g_strerror (errno));
  return report (cli, cli->args[0], path, "removed", TRUE);
}
