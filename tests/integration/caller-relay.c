/* SPDX-License-Identifier: MIT
 *
 * Stands where countersign-mcp-http is installed, in a tree that a test made for itself, and
 * carries lines between its standard input and output and agent.sock: so a case says to the broker
 * what that program would, and the broker finds out who speaks as it always does.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* FALSE (0): the end. */
static int
carry (int from, int to)
{
  static char piece[65536];
  ssize_t n = read (from, piece, sizeof piece);

  for (ssize_t at = 0; at < n;)
    {
      ssize_t written = write (to, piece + at, (size_t) (n - at));
      if (written <= 0)
        return 0;
      at += written;
    }
  return n > 0;
}

int
main (int argc, char **argv)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int broker = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (argc != 2 || strlen (argv[1]) >= sizeof address.sun_path)
    return 2;
  strcpy (address.sun_path, argv[1]);
  if (broker < 0 || connect (broker, (const struct sockaddr *) &address, sizeof address) != 0)
    {
      perror (argv[1]);
      return 1;
    }
  struct pollfd both[] = { { STDIN_FILENO, POLLIN, 0 }, { broker, POLLIN, 0 } };
  while (poll (both, 2, -1) > 0)
    {
      if (both[0].revents != 0 && !carry (STDIN_FILENO, broker))
        return 0;
      if (both[1].revents != 0 && !carry (broker, STDOUT_FILENO))
        return 0;
    }
  return 1;
}
