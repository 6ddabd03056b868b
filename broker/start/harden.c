/* SPDX-License-Identifier: MIT */
#include "broker/start/harden.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "broker/base/tracer.h"

G_DEFINE_QUARK (countersign_harden_error, harden_error)

gboolean
harden_process (GError **error)
{
  struct rlimit none = { 0, 0 }, files;

  /* Dumpable first: from here on nobody of the same user can attach. Whoever attached before is
   * seen by the next check. */
  if (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit (RLIMIT_CORE, &none) != 0
      || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    {
      g_set_error (error, HARDEN_ERROR, HARDEN_ERROR_SYSTEM, "cannot protect the process: %s",
                   g_strerror (errno));
      return FALSE;
    }
  int tracer = tracer_pid ();
  if (tracer != 0)
    {
      g_set_error (error, HARDEN_ERROR, HARDEN_ERROR_TRACED,
                   tracer > 0 ? "refuses to start: traced by process %d, which could read all keys"
                              : "refuses to start: cannot tell whether it is traced (%d)",
                   tracer);
      return FALSE;
    }
  /* Each connection costs some descriptors; the soft limit is made for programs that use select(2).
   */
  if (getrlimit (RLIMIT_NOFILE, &files) == 0)
    {
      files.rlim_cur = files.rlim_max;
      setrlimit (RLIMIT_NOFILE, &files);
    }
  umask (0077);
  return TRUE;
}
