/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE /* Linux 5.14; the C library's headers came later */
#define SO_NETNS_COOKIE 71
#endif

#define SENT_MAX 8 /* bytes: it is a letter */

G_DEFINE_QUARK (countersign_http_listener_error, http_listener_error)

/* Which network namespace @socket is in; 0: the kernel does not say. */
static guint64
namespace_of (int socket)
{
  guint64 cookie = 0;
  socklen_t len = sizeof cookie;

  return getsockopt (socket, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) == 0 ? cookie : 0;
}

static guint64
own_namespace (void)
{
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  guint64 cookie = fd >= 0 ? namespace_of (fd) : 0;

  if (fd >= 0)
    close (fd);
  return cookie;
}

static int
option (int socket, int name)
{
  int value = -1;
  socklen_t len = sizeof value;

  return getsockopt (socket, SOL_SOCKET, name, &value, &len) == 0 ? value : -1;
}

static const char *
fault_of (int fd)
{
  guint64 theirs = namespace_of (fd), ours = own_namespace ();
  int domain = option (fd, SO_DOMAIN);

  if ((domain != AF_INET && domain != AF_INET6) || option (fd, SO_PROTOCOL) != IPPROTO_TCP
      || option (fd, SO_ACCEPTCONN) != 1)
    return "is no listening TCP socket";
  if (theirs == 0 || ours == 0)
    return "cannot be told from one of this machine's own: the kernel is older than Linux 5.14";
  return theirs == ours ? "is in the machine's own network, which every process can reach" : NULL;
}

/* All descriptors that came, of which only a single one is taken. -1: none, or several. */
static int
single (struct msghdr *message)
{
  int found = -1;
  guint n = 0;

  for (struct cmsghdr *part = CMSG_FIRSTHDR (message); part != NULL;
       part = CMSG_NXTHDR (message, part))
    for (gsize at = 0;
         part->cmsg_type == SCM_RIGHTS && at + CMSG_LEN (sizeof (int)) <= part->cmsg_len;
         at += sizeof (int))
      {
        int fd;
        memcpy (&fd, CMSG_DATA (part) + at, sizeof fd);
        if (n++ == 0)
          found = fd;
        else
          close (fd);
      }
  if (n <= 1 && (message->msg_flags & MSG_CTRUNC) == 0)
    return found;
  close (found);
  return -1;
}

static int
receive (int program)
{
  char sent[SENT_MAX];
  union
  {
    struct cmsghdr header;
    char room[CMSG_SPACE (2 * sizeof (int))];
  } control;
  struct iovec iov = { sent, sizeof sent };
  struct msghdr message = { .msg_iov = &iov,
                            .msg_iovlen = 1,
                            .msg_control = control.room,
                            .msg_controllen = sizeof control.room };

  return recvmsg (program, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) >= 0 ? single (&message) : -1;
}

int
http_listener_receive (int program, GError **error)
{
  int fd = receive (program);
  const char *fault = fd >= 0 ? fault_of (fd) : NULL;

  if (fd >= 0 && fault == NULL)
    return fd;
  if (fd < 0)
    g_set_error_literal (error, HTTP_LISTENER_ERROR, HTTP_LISTENER_ERROR_END,
                         "the program has gone, or sent something else than its socket");
  else
    {
      g_set_error (error, HTTP_LISTENER_ERROR, HTTP_LISTENER_ERROR_PLACE,
                   "what the program sent %s", fault);
      close (fd);
    }
  return -1;
}

static void
on_alarm (int number)
{
}

/* Whether it blocks is for each of its holders to say, and what waited is there for each to take:
 * no flag that is set here would hold. A signal ends a wait that should not have been. */
int
http_listener_accept (int listener)
{
  const struct sigaction wakes = { .sa_handler = on_alarm };
  int client;

  sigaction (SIGALRM, &wakes, NULL);
  fcntl (listener, F_SETFL, O_NONBLOCK);
  alarm (1);
  client = accept4 (listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  alarm (0);
  return client;
}
