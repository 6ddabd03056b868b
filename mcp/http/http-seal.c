/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-seal.h"

#include "broker/worker/seal-calls.h"
#include "broker/worker/seal-files.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/prctl.h>

#ifdef __SANITIZE_ADDRESS__
/* The leak check traces its own process, which is given up. */
const char *__asan_default_options (void);
const char *
__asan_default_options (void)
{
  return "detect_leaks=0";
}
#endif

static gboolean
report (int failed, GError **error)
{
  if (failed == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (failed),
               "refuses to start: this kernel does not let it give up what it does not need: %s",
               g_strerror (failed));
  return FALSE;
}

gboolean
http_seal_files (GError **error)
{
  const SealFiles nothing = { 0 };
  int failed = prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;

  if (failed == 0 && seal_files_version () > 0)
    failed = seal_files (&nothing);
  return report (failed, error);
}

gboolean
http_seal_calls (GError **error)
{
  return report (seal_calls (SEAL_CALLS_SERVER), error);
}
