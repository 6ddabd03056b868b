/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - look from the root down, so that what a person's own program serves (FUSE, which can be
 *    mounted only where they may write) is never asked
 */
#include "broker/base/protected.h"

#include <string.h>
#include <sys/stat.h>

static gboolean
is_roots (const char *path)
{
  struct stat st;

  return lstat (path, &st) == 0 && st.st_uid == 0 && !S_ISLNK (st.st_mode)
         && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

gboolean
protected_path (const char *path)
{
  g_autofree char *part = g_strdup (path);

  if (*path != '/' || !is_roots ("/"))
    return FALSE;
  for (char *end = strchr (part + 1, '/'); end != NULL; end = strchr (end + 1, '/'))
    {
      *end = '\0';
      if (!is_roots (part))
        return FALSE;
      *end = '/';
    }
  return is_roots (part);
}
