/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-accept.h"

#include <string.h>
#include <unistd.h>

#include "broker/base/text.h"
#include "broker/cli/cli-diff.h"
#include "broker/cli/cli-session.h"

GPtrArray *
cli_accepted (Client *client, GError **error)
{
  g_autoptr (json_t) result = client_call (client, "policy_show", NULL, -1, NULL, error);

  return result == NULL ? NULL : cli_proposals_from_json (json_object_get (result, "files"), error);
}

static void
print_difference (FILE *stream, const char *name, const char *accepted, const char *proposed)
{
  g_autofree char *shown = text_escape (name);
  g_autofree char *diff
      = cli_diff (accepted != NULL ? accepted : "", proposed != NULL ? proposed : "");

  if (*diff == '\0' && accepted != NULL && proposed != NULL)
    return;
  fprintf (stream, "%s%s\n%s\n", shown,
           accepted == NULL   ? " (new)"
           : proposed == NULL ? " (no longer there)"
                              : "",
           diff);
}

void
cli_accept_print (FILE *stream, const GPtrArray *accepted, const GPtrArray *proposed)
{
  for (guint i = 0; i < proposed->len; i++)
    {
      const CliProposal *file = proposed->pdata[i];
      print_difference (stream, file->name, cli_proposals_text (accepted, file->name), file->text);
    }
  for (guint i = 0; i < accepted->len; i++)
    {
      const CliProposal *file = accepted->pdata[i];
      if (cli_proposals_text (proposed, file->name) == NULL)
        print_difference (stream, file->name, file->text, NULL);
    }
}

void
cli_accept_announce (const Cli *cli, FILE *stream)
{
  fflush (stream);
  if (cli->pin_fd == -1)
    g_printerr ("To accept this, type the PIN once more.\n");
}

/* By descriptor: files may be larger than a line. */
json_t *
cli_accept (const Cli *cli, Client *client, const GPtrArray *files, GError **error)
{
  g_autoptr (json_t) params = json_pack ("{s:b}", "files_fd", TRUE),
                     array = cli_proposals_json (files);
  g_autofree char *text = json_dumps (array, JSON_COMPACT);
  g_autoptr (Secret) content = secret_new_from (text, strlen (text), error);
  json_t *result;
  int fd;

  if (content == NULL)
    return NULL;
  fd = secret_to_memfd (content, error);
  if (fd == -1)
    return NULL;
  result = cli_widen (cli, client, "policy_apply", params, fd, error);
  close (fd);
  return result;
}
