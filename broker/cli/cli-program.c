/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
cli_program_clear (CliProgram *program)
{
  free (program->path);
}

/* 0, or an errno value. */
static int
try_file (const char *path, CliProgram *program)
{
  char *real = realpath (path, NULL);
  int failed = 0;

  if (real == NULL || stat (real, &program->seen) != 0)
    failed = errno;
  else if (S_ISDIR (program->seen.st_mode))
    failed = EISDIR;
  else if (!S_ISREG (program->seen.st_mode) || access (real, X_OK) != 0)
    failed = EACCES;
  if (failed == 0)
    program->path = g_steal_pointer (&real);
  free (real);
  return failed;
}

static char *
system_path (void)
{
  gsize len = confstr (_CS_PATH, NULL, 0);
  char *path = g_malloc0 (len + 1);

  confstr (_CS_PATH, path, len);
  return path;
}

/* The first that can be executed. What is there and cannot be is told only when nothing else is. */
static int
search (const char *word, const char *path, CliProgram *program)
{
  g_autofree char *own = path == NULL ? system_path () : g_strdup (path);
  g_auto (GStrv) folders = g_strsplit (own, ":", -1);
  int failed = ENOENT;

  for (char **folder = folders; *folder != NULL; folder++)
    {
      /* An empty one is the working directory. */
      g_autofree char *file = g_build_filename (**folder != '\0' ? *folder : ".", word, NULL);
      int trouble = try_file (file, program);

      if (trouble == 0)
        return 0;
      if (trouble == EACCES)
        failed = EACCES;
    }
  return failed;
}

CliStatus
cli_program_find (const char *word, const char *path, CliProgram *program, GError **error)
{
  int failed = ENOENT;

  if (strchr (word, '/') != NULL)
    failed = try_file (word, program);
  else if (*word != '\0')
    failed = search (word, path, program);
  if (failed == 0)
    return CLI_DONE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (failed), "%s: %s", word,
               failed == ENOENT && strchr (word, '/') == NULL ? "no such command in PATH"
                                                              : g_strerror (failed));
  return failed == ENOENT || failed == ENOTDIR ? CLI_RUN_NOT_FOUND : CLI_RUN_NOT_EXECUTABLE;
}

gboolean
cli_program_unchanged (const CliProgram *program, GError **error)
{
  struct stat now;

  /* The time of change: unlike that of modification nobody can set it. */
  if (stat (program->path, &now) == 0 && now.st_dev == program->seen.st_dev
      && now.st_ino == program->seen.st_ino && now.st_size == program->seen.st_size
      && now.st_ctim.tv_sec == program->seen.st_ctim.tv_sec
      && now.st_ctim.tv_nsec == program->seen.st_ctim.tv_nsec)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
               "%s was changed while a person was asked about it; nothing was started",
               program->path);
  return FALSE;
}
