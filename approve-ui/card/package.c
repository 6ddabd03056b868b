/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/package.h"

#include <signal.h>
#include <string.h>

#define TIMEOUT "/usr/bin/timeout"
#define DPKG "/usr/bin/dpkg-query"

/* dpkg takes a pattern. */
static char *
literal (const char *path)
{
  GString *out = g_string_new (NULL);

  for (; *path != '\0'; path++)
    {
      if (strchr ("*?[]\\", *path) != NULL)
        g_string_append_c (out, '\\');
      g_string_append_c (out, *path);
    }
  return g_string_free (out, FALSE);
}

/* Between fork and exec: a thread of ours may have all signals blocked, and with them the clock by
 * which timeout(1) ends what hangs. */
static void
unblock (gpointer unused)
{
  sigset_t none;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
}

/* "nodejs:amd64, other: /usr/bin/node" → "nodejs". NULL: it owns no such file, or did not answer.
 */
static char *
ask (const char *path)
{
  g_autofree char *pattern = literal (path), *out = NULL;
  const char *argv[] = { TIMEOUT, "2", DPKG, "--search", "--", pattern, NULL };
  const char *environment[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", NULL };
  int status;

  if (!g_spawn_sync ("/", (char **) argv, (char **) environment, G_SPAWN_STDERR_TO_DEV_NULL,
                     unblock, NULL, &out, NULL, &status, NULL)
      || status != 0 || out == NULL)
    return NULL;
  return g_strndup (out, strcspn (out, ":,\n"));
}

char *
package_owner (const char *exe)
{
  char *owner;

  if (!g_file_test (DPKG, G_FILE_TEST_IS_EXECUTABLE)
      || !g_file_test (TIMEOUT, G_FILE_TEST_IS_EXECUTABLE))
    return NULL;
  owner = ask (exe);
  /* What the kernel calls /usr/bin/sh, its package may still call /bin/sh. */
  if (owner == NULL && g_str_has_prefix (exe, "/usr/"))
    owner = ask (exe + strlen ("/usr"));
  return owner != NULL ? owner : g_strdup ("");
}
