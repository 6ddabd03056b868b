/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-accept.h"

#include <string.h>
#include <unistd.h>

#include "broker/base/text.h"
#include "broker/cli/cli-diff.h"
#include "broker/cli/policy/cli-notes.h"
#include "broker/cli/cli-session.h"

GPtrArray *
cli_accepted (Client *client, GError **error)
{
  g_autoptr (json_t) result = client_call (client, "policy_show", NULL, -1, NULL, error);

  return result == NULL ? NULL : cli_proposals_from_json (json_object_get (result, "files"), error);
}

#define SHORT 24 /* changed lines of a policy's file that are shown unasked */

/* "+" and "-" lines in colours. */
static void
print_lines (FILE *stream, const char *diff)
{
  g_auto (GStrv) lines = g_strsplit (diff, "\n", -1);

  for (char **line = lines; *line != NULL && (**line != '\0' || line[1] != NULL); line++)
    {
      if (**line == '+' || **line == '-')
        cli_notes_colour (stream, **line == '+' ? CLI_GREEN : CLI_DELETED);
      fputs (*line, stream);
      if (**line == '+' || **line == '-')
        cli_notes_colour (stream, CLI_PLAIN);
      fputc ('\n', stream);
    }
}

static guint
count_lines (const char *diff, char mark)
{
  guint n = 0;

  for (const char *line = diff; line != NULL && *line != '\0';)
    {
      n += *line == mark;
      line = strchr (line, '\n');
      line = line != NULL ? line + 1 : NULL;
    }
  return n;
}

/* NULL: it is new, or no longer there. */
static void
print_difference (FILE *stream, const char *name, const char *accepted, const char *proposed,
                  gboolean whole)
{
  g_autofree char *shown = text_escape (name);
  g_autofree char *diff
      = cli_diff (accepted != NULL ? accepted : "", proposed != NULL ? proposed : "");
  guint less = count_lines (diff, '-'), more = count_lines (diff, '+');

  if (*diff == '\0' && accepted != NULL && proposed != NULL)
    return;
  fprintf (stream, "%s%s", shown,
           accepted == NULL   ? " (new)"
           : proposed == NULL ? " (no longer there)"
                              : "");
  if (!whole && less + more > SHORT)
    {
      fprintf (stream, ": lines that are new: %u, no longer there: %u; --diff shows them\n\n", more,
               less);
      return;
    }
  fputc ('\n', stream);
  print_lines (stream, diff);
  fputc ('\n', stream);
}

void
cli_accept_print_texts (FILE *stream, const GPtrArray *accepted, const GPtrArray *proposed,
                        gboolean whole)
{
  for (guint i = 0; i < proposed->len; i++)
    {
      const CliProposal *file = proposed->pdata[i];
      print_difference (stream, file->name, cli_proposals_text (accepted, file->name), file->text,
                        whole || !cli_proposal_is_policy (file));
    }
  for (guint i = 0; i < accepted->len; i++)
    {
      const CliProposal *file = accepted->pdata[i];
      if (cli_proposals_text (proposed, file->name) == NULL)
        print_difference (stream, file->name, file->text, NULL,
                          whole || !cli_proposal_is_policy (file));
    }
}

void
cli_accept_print (FILE *stream, const GPtrArray *accepted, const GPtrArray *proposed)
{
  cli_accept_print_texts (stream, accepted, proposed, TRUE);
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
cli_accept (const Cli *cli, Client *client, const GPtrArray *accepted, const GPtrArray *files,
            GError **error)
{
  g_autoptr (json_t) array = cli_proposals_json (files), before = cli_proposals_json (accepted);
  g_autofree char *over = wire_files_digest (before);
  g_autoptr (json_t) params = json_pack ("{s:b, s:s}", "files_fd", TRUE, "over", over);
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
