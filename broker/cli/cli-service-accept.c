/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-service-accept.h"

#include <stdio.h>

#include "broker/base/paths.h"
#include "broker/base/text.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-service-text.h"

char *
cli_service_file (const char *service)
{
  return g_strconcat (SERVICE_FOLDER, service, ".conf", NULL);
}

char *
cli_service_path (const char *file)
{
  g_autofree char *config = paths_config_dir ();

  return g_build_filename (config, file, NULL);
}

gboolean
cli_service_check_word (Cli *cli, const char *what, const char *word, gboolean whole_name)
{
  g_autoptr (GError) error = NULL;

  if (word == NULL || (whole_name ? text_check_name : text_check_segment) (word, &error))
    return TRUE;
  cli->status = cli_usage (cli, "%s “%s” %s", what, word, error->message);
  return FALSE;
}

/* services.d/X.pem that @text names as its ca; NULL when it names none. g_free(). */
static char *
certificate_of (const char *text)
{
  g_autofree char *name = text != NULL ? cli_service_text_word (text, "ca") : NULL;

  return name != NULL ? g_strconcat (SERVICE_FOLDER, name, NULL) : NULL;
}

GPtrArray *
cli_service_with (const GPtrArray *accepted, const char *file, const char *content,
                  const GPtrArray *proposed)
{
  g_autofree char *certificate = certificate_of (content);
  const char *text = certificate != NULL ? cli_proposals_text (proposed, certificate) : NULL;
  g_autoptr (GPtrArray) files = cli_proposals_with (accepted, file, content);

  return text != NULL ? cli_proposals_with (files, certificate, text) : g_steal_pointer (&files);
}

GPtrArray *
cli_service_without (const GPtrArray *accepted, const char *file)
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

gboolean
cli_service_accept (const Cli *cli, Client *client, const GPtrArray *accepted,
                    const GPtrArray *changed, GError **error)
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

CliStatus
cli_service_report (const Cli *cli, const char *name, const char *file, const char *what,
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
