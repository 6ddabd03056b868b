/* SPDX-License-Identifier: MIT
 *
 * A test double of countersignd. Copied into a tree of its own as "countersignd", it listens where
 * the broker would and hands each connection to the test, which speaks for the broker: to the
 * kernel, and so to whoever connects, it is this program that listens. integration/double.py is the
 * other end.
 *
 * The file "control" beside it names the test's socket. There it sends 's' when it has started, 'l'
 * when it listens, 'c' with a descriptor for each connection; it listens when it gets 'l', and ends
 * at the end of that stream.
 */
#include "broker/base/paths.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void
check (gboolean fine, const char *what)
{
  if (fine)
    return;
  perror (what);
  exit (1);
}

static struct sockaddr_un
address_of (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  return address;
}

static int
open_control (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *dir = g_path_get_dirname (self);
  g_autofree char *file = g_build_filename (dir, "control", NULL);
  g_autofree char *path = NULL;
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  check (g_file_get_contents (file, &path, NULL, NULL), file);
  struct sockaddr_un address = address_of (g_strstrip (path));
  check (connect (fd, (struct sockaddr *) &address, sizeof address) == 0, path);
  return fd;
}

static void
tell (int control, char what, int fd)
{
  struct iovec iov = { &what, 1 };
  char room[CMSG_SPACE (sizeof (int))] = "";
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

  if (fd >= 0)
    {
      message.msg_control = room;
      message.msg_controllen = sizeof room;
      struct cmsghdr *part = CMSG_FIRSTHDR (&message);
      part->cmsg_level = SOL_SOCKET;
      part->cmsg_type = SCM_RIGHTS;
      part->cmsg_len = CMSG_LEN (sizeof fd);
      memcpy (CMSG_DATA (part), &fd, sizeof fd);
    }
  check (sendmsg (control, &message, MSG_NOSIGNAL) == 1, "control");
}

static int
open_listener (const char *path)
{
  struct sockaddr_un address = address_of (path);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  unlink (path);
  check (bind (fd, (struct sockaddr *) &address, sizeof address) == 0 && listen (fd, 64) == 0,
         path);
  return fd;
}

int
main (int argc, char **argv)
{
  g_autofree char *dir = paths_runtime_dir ();
  g_autofree char *path = g_build_filename (dir, "agent.sock", NULL);
  struct pollfd slots[2] = { { open_control (), POLLIN, 0 }, { -1, POLLIN, 0 } };
  char order;

  check (paths_make_private (dir, NULL), dir);
  tell (slots[0].fd, 's', -1);
  while (poll (slots, 2, -1) >= 0)
    {
      if (slots[0].revents != 0 && read (slots[0].fd, &order, 1) != 1)
        break;
      if (slots[0].revents != 0)
        {
          slots[1].fd = open_listener (path);
          tell (slots[0].fd, 'l', -1);
        }
      if (slots[1].fd >= 0 && slots[1].revents != 0)
        {
          int fd = accept4 (slots[1].fd, NULL, NULL, SOCK_CLOEXEC);
          tell (slots[0].fd, 'c', fd);
          close (fd);
        }
    }
  unlink (path);
  return 0;
}
