/* SPDX-License-Identifier: MIT
 *
 * countersign-worker-http: speaks HTTP for the broker, with one credential.
 */
#include <signal.h>

#include "broker/worker/http-confine.h"
#include "broker/worker/http-transfer.h"
#include "broker/worker/http-worker.h"
#include "broker/worker/start.h"

#define GRACE 40 /* seconds for what must not get lost */

int
main (int argc, char **argv)
{
  int fd = worker_start (argc, argv, "countersign-worker-http",
                         "Sends HTTP requests for the Countersign broker, which starts it.", GRACE);
  g_autoptr (GError) error = NULL;
  gboolean landlock;

  signal (SIGPIPE, SIG_IGN); /* a site may go at any time */
  if (!http_confine (&landlock, &error))
    {
      g_printerr ("countersign-worker-http: %s\n", error->message);
      return 1;
    }
  http_transfer_init ();
  g_autoptr (HttpWorker) worker = http_worker_new (fd, landlock);
  http_worker_run (worker);
  return 0;
}
