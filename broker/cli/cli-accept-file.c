/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-accept-file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "broker/base/paths.h"
#include "broker/base/text.h"
#include "broker/cli/cli-new-file.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-file-text.h"
#include "broker/service/service-base.h"

char *
cli_accept_name (const char *folder, const char *name)
{
  return g_strconcat (folder, name, ".conf", NULL);
}

char *
cli_accept_path (const char *file)
{
  g_autofree char *config = paths_config_dir ();

  return g_build_filename (config, file, NULL);
}

gboolean
cli_accept_write (const char *path, const char *text, gboolean *written, GError **error)
{
  g_autofree char *config = paths_config_dir (), *folder = g_path_get_dirname (path);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!paths_make_private (config, error))
    return FALSE;
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", folder,
                   g_strerror (errno));
      return FALSE;
    }
  *written = cli_new_file (path, text, strlen (text), FALSE, error);
  return *written;
}

gboolean
cli_accept_check_word (Cli *cli, const char *what, const char *word, gboolean whole_name)
{
  g_autoptr (GError) error = NULL;

  if (word == NULL || (whole_name ? text_check_name : text_check_segment) (word, &error))
    return TRUE;
  cli->status = cli_usage (cli, "%s “%s” %s", what, word, error->message);
  return FALSE;
}

gboolean
cli_accept_check_network (Cli *cli, const char *word)
{
  if (word == NULL || g_strv_contains (service_network_words, word))
    return TRUE;
  cli->status = cli_usage (cli, "--network is public, private or loopback");
  return FALSE;
}

/* The X.pem beside @file that its @text names as its ca; NULL when it names none. g_free(). */
static char *
certificate_of (const char *file, const char *text)
{
  g_autofree char *name = text != NULL ? cli_file_text_word (text, "ca") : NULL;
  const char *slash = strchr (file, '/');

  return name != NULL && slash != NULL
             ? g_strdup_printf ("%.*s%s", (int) (slash + 1 - file), file, name)
             : NULL;
}

GPtrArray *
cli_accept_with (const GPtrArray *accepted, const char *file, const char *content,
                 const GPtrArray *proposed)
{
  g_autofree char *certificate = certificate_of (file, content);
  const char *text = certificate != NULL ? cli_proposals_text (proposed, certificate) : NULL;
  g_autoptr (GPtrArray) files = cli_proposals_with (accepted, file, content);

  return text != NULL ? cli_proposals_with (files, certificate, text) : g_steal_pointer (&files);
}

GPtrArray *
cli_accept_without (const GPtrArray *accepted, const char *file)
{
  g_autofree char *certificate = certificate_of (file, cli_proposals_text (accepted, file));
  g_autoptr (GPtrArray) files = cli_proposals_with (accepted, file, NULL);

  for (guint i = 0; certificate != NULL && i < files->len; i++)
    {
      const CliProposal *other = files->pdata[i];
      g_autofree char *theirs = g_str_has_suffix (other->name, ".conf")
                                    ? certificate_of (other->name, other->text)
                                    : NULL;
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

gboolean
cli_accept_changed (const Cli *cli, Client *client, const GPtrArray *accepted,
                    const GPtrArray *changed, GError **error)
{
  FILE *stream = cli->json ? stderr : stdout;
  g_autoptr (GPtrArray) proposed = cli_proposals (error);
  g_autoptr (json_t) result = NULL;

  if (proposed == NULL || !cli_proposals_check (changed, error))
    return FALSE;
  cli_accept_print (stream, accepted, changed);
  print_others (stream, accepted, changed, proposed);
  cli_accept_announce (cli, stream);
  result = cli_accept (cli, client, accepted, changed, error);
  return result != NULL;
}

CliStatus
cli_accept_report (const Cli *cli, const char *name, const char *file, const char *what,
                   gboolean changed)
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
