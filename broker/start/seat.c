/* SPDX-License-Identifier: MIT */
#include "broker/start/seat.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/base/process.h"

#define LEAVE_MS 5000
#define TERM_MS 2000
#define TRIES 40

G_DEFINE_QUARK (countersign_seat_error, seat_error)

int
seat_take (const char *dir, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "broker.lock", NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  gboolean taken = fd >= 0 && errno == EWOULDBLOCK;
  g_set_error (error, SEAT_ERROR, taken ? SEAT_ERROR_TAKEN : SEAT_ERROR_SYSTEM, "%s: %s", path,
               taken ? "another broker is running" : g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

static int
connect_to (const char *dir)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *path = g_build_filename (dir, "human.sock", NULL);

  if (g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
    return -1;
  /* Not blocking: something that listens and never accepts must not hold up an unlock. */
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
wait_readable (int fd, int ms)
{
  struct pollfd wait = { .fd = fd, .events = POLLIN };
  return poll (&wait, 1, ms) > 0;
}

/* Its answers do not matter: what counts is that it goes. */
static void
ask_to_leave (int sock)
{
  static const char words[]
      = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\",\"params\":{\"version\":1,\"role\":"
        "\"human\"}}\n"
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"shutdown\",\"params\":{\"reason\":"
        "\"replace\"}}\n";
  char answer[4096];
  gint64 until = g_get_monotonic_time () + LEAVE_MS * 1000;

  if (send (sock, words, sizeof words - 1, MSG_NOSIGNAL) < 0)
    return;
  while (g_get_monotonic_time () < until && wait_readable (sock, LEAVE_MS)
         && recv (sock, answer, sizeof answer, 0) > 0)
    ;
}

/* Whoever listens at our own private socket and does not go when asked is ended: it is ours to end,
 * and no broker of ours would stay. */
static void
end_process (Process *process)
{
  int pidfd = process_pidfd (process);

  if (wait_readable (pidfd, LEAVE_MS))
    return;
  syscall (SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0);
  if (wait_readable (pidfd, TERM_MS))
    return;
  syscall (SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
  wait_readable (pidfd, TERM_MS);
}

/* Asks whoever listens, and sees to it that it goes. */
static void
evict (const char *dir)
{
  int sock = connect_to (dir);
  g_autoptr (Process) there = sock >= 0 ? process_open_peer (sock, NULL) : NULL;

  if (there != NULL && process_uid (there) == geteuid () && process_pid (there) != getpid ())
    {
      ask_to_leave (sock);
      end_process (there);
    }
  if (sock >= 0)
    close (sock);
}

int
seat_take_over (const char *dir, GError **error)
{
  /* More than once: an agent's side may start another in between, and one that is just starting or
   * ending does not listen. */
  for (int tries = 0;; tries++)
    {
      g_autoptr (GError) taken = NULL;
      evict (dir);
      int seat = seat_take (dir, &taken);
      if (seat >= 0)
        return seat;
      if (tries == TRIES || taken->code != SEAT_ERROR_TAKEN)
        {
          g_propagate_error (error, g_steal_pointer (&taken));
          return -1;
        }
      g_usleep (50 * 1000);
    }
}
