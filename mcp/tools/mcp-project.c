/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-project.h"

#include "broker/base/text.h"
#include "broker/base/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME ".ov.yaml"
#define SIZE_MAX_FILE (64 * 1024) /* bytes */
#define SECRETS_MOST 256

typedef struct
{
  const char *name;
  guint line;
  McpProject *project;
  GPtrArray *secrets; /* NULL until they are said */
  gboolean in_list;   /* lines of secrets are still coming */
} Parser;

void
mcp_project_free (McpProject *project)
{
  if (project == NULL)
    return;
  g_free (project->app);
  g_free (project->environment);
  g_strfreev (project->secrets);
  g_free (project);
}

static gboolean
fail (const Parser *parser, GError **error, const char *words)
{
  g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "%s:%u: %s", parser->name, parser->line, words);
  return FALSE;
}

/* YAML 1.2, section 6.6: a comment begins at the line's start or after a space. */
static void
cut_comment (char *line)
{
  for (char *at = line; *at != '\0'; at++)
    if (*at == '#' && (at == line || g_ascii_isspace (at[-1])))
      *at = '\0';
}

/* A name, plain or quoted: @check is text_check_name() or text_check_segment(). */
static gboolean
take_name (const Parser *parser, char *text, gboolean (*check) (const char *name, GError **error),
           char **out, GError **error)
{
  g_autoptr (GError) fault = NULL;
  gsize len;

  g_strstrip (text);
  len = strlen (text);
  if (len >= 2 && (*text == '"' || *text == '\'') && text[len - 1] == *text)
    {
      text[len - 1] = '\0';
      text++;
    }
  if (!check (text, &fault))
    return fail (parser, error, fault->message);
  *out = g_strdup (text);
  return TRUE;
}

static gboolean
take_secret (Parser *parser, char *text, GError **error)
{
  char *name;

  if (parser->secrets->len >= SECRETS_MOST)
    return fail (parser, error, "names too many secrets");
  if (!take_name (parser, text, text_check_name, &name, error))
    return FALSE;
  g_ptr_array_add (parser->secrets, name);
  return TRUE;
}

/* [A, B] */
static gboolean
take_flow (Parser *parser, char *text, GError **error)
{
  gsize len = strlen (text);

  if (*text != '[' || text[len - 1] != ']')
    return fail (parser, error, "secrets: must be a list, one \"- NAME\" a line");
  text[len - 1] = '\0';
  g_auto (GStrv) names = g_strsplit (text + 1, ",", -1);
  for (char **name = names; *name != NULL; name++)
    if ((*g_strstrip (*name) != '\0' || names[1] != NULL) && !take_secret (parser, *name, error))
      return FALSE;
  return TRUE;
}

static gboolean
take_secrets (Parser *parser, char *text, GError **error)
{
  if (parser->secrets != NULL)
    return fail (parser, error, "secrets: is said twice");
  parser->secrets = g_ptr_array_new_with_free_func (g_free);
  parser->in_list = *text == '\0';
  return parser->in_list || take_flow (parser, text, error);
}

static gboolean
take_key (Parser *parser, const char *key, char *text, GError **error)
{
  McpProject *project = parser->project;
  gboolean app = g_str_equal (key, "app");
  char **place = app ? &project->app : &project->environment;

  parser->in_list = FALSE;
  if (g_str_equal (key, "secrets"))
    return take_secrets (parser, text, error);
  if (!app && !g_str_equal (key, "environment") && !g_str_equal (key, "env"))
    return fail (parser, error, "is not app, environment, env or secrets");
  if (*place != NULL)
    return fail (parser, error, "is said twice");
  return take_name (parser, text, text_check_segment, place, error);
}

static gboolean
take_line (Parser *parser, char *line, GError **error)
{
  char *colon;

  cut_comment (line);
  g_strchomp (line);
  if (*line == '\0' || g_str_equal (line, "---"))
    return TRUE;
  char *item = line + strspn (line, " ");
  if (parser->in_list && *item == '-' && (item[1] == ' ' || item[1] == '\0'))
    return take_secret (parser, item + 1, error);
  if (g_ascii_isspace (*line) || (colon = strchr (line, ':')) == NULL
      || (colon[1] != '\0' && colon[1] != ' '))
    return fail (parser, error, "is not \"key: value\"");
  *colon = '\0';
  return take_key (parser, line, g_strchug (colon + 1), error);
}

McpProject *
mcp_project_parse (const char *text, const char *name, GError **error)
{
  g_autoptr (McpProject) project = g_new0 (McpProject, 1);
  g_autoptr (GPtrArray) secrets = NULL;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  Parser parser = { .name = name, .project = project };
  gboolean fine = TRUE;

  for (char **line = lines; fine && *line != NULL; line++)
    {
      parser.line++;
      fine = take_line (&parser, *line, error);
    }
  secrets = parser.secrets;
  if (!fine)
    return NULL;
  if (secrets != NULL)
    {
      g_ptr_array_add (secrets, NULL);
      project->secrets = (char **) g_ptr_array_free (g_steal_pointer (&secrets), FALSE);
    }
  return g_steal_pointer (&project);
}

/* --- Finding it --- */

/* A file alone: what never ends must not be waited for. */
static char *
read_file (int fd, GError **error)
{
  struct stat st;
  g_autofree char *text = NULL;
  gssize n = -1;

  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_size <= SIZE_MAX_FILE)
    {
      text = g_malloc0 (st.st_size + 1);
      n = read (fd, text, st.st_size);
    }
  if (n >= 0 && g_utf8_validate (text, n, NULL))
    return g_steal_pointer (&text);
  g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD,
                       "is not a file of text that can be read");
  return NULL;
}

/* NULL without error when there is none. */
static McpProject *
try_in (const char *dir, GError **error)
{
  g_autofree char *path = g_build_filename (dir, FILE_NAME, NULL);
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    return NULL;
  g_autofree char *text = read_file (fd, error);
  if (fd >= 0)
    close (fd);
  if (text == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  return mcp_project_parse (text, path, error);
}

McpProject *
mcp_project_find (const char *dir, const char *home, GError **error)
{
  g_autofree char *at = g_strdup (dir);

  for (;;)
    {
      g_autoptr (GError) fault = NULL;
      McpProject *project = try_in (at, &fault);
      if (project != NULL)
        return project;
      if (fault != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&fault));
          return NULL;
        }
      if (g_strcmp0 (at, home) == 0 || g_str_equal (at, "/") || g_str_equal (at, "."))
        return g_new0 (McpProject, 1);
      char *up = g_path_get_dirname (at);
      g_free (at);
      at = up;
    }
}
