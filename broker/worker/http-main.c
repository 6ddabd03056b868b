/* SPDX-License-Identifier: MIT
 *
 * countersign-worker-http: speaks HTTP for the broker, with one credential.
 */
#include <poll.h>

#include "broker/worker/link.h"
#include "broker/worker/start.h"

int
main (int argc, char **argv)
{
  int fd = worker_start (argc, argv, "countersign-worker-http",
                         "Sends HTTP requests for the Countersign broker, which starts it.");
  g_autoptr (WorkerLink) link = worker_link_new (fd, NULL, 0, NULL);
  struct pollfd polled;

  do
    {
      polled = (struct pollfd){ worker_link_fd (link), worker_link_events (link), 0 };
      poll (&polled, 1, -1);
    }
  while (worker_link_turn (link, polled.revents));
  return 0;
}
