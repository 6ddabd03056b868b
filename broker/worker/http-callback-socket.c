/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-callback-socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/worker/http-callback.h"

#define BACKLOG 64
#define TRIES 16 /* for a port that is free under both kinds of address */

typedef union
{
  struct sockaddr any;
  struct sockaddr_in four;
  struct sockaddr_in6 six;
} Address;

void
http_callback_sockets_close (HttpCallbackSockets *self)
{
  for (guint i = 0; i < HTTP_CALLBACK_SOCKETS; i++)
    if (self->fds[i] >= 0)
      close (g_steal_fd (&self->fds[i]));
}

static socklen_t
make_address (Address *address, int family, guint16 port)
{
  memset (address, 0, sizeof *address);
  if (family == AF_INET)
    {
      address->four.sin_family = AF_INET;
      address->four.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
      address->four.sin_port = htons (port);
      return sizeof address->four;
    }
  address->six.sin6_family = AF_INET6;
  address->six.sin6_addr = in6addr_loopback;
  address->six.sin6_port = htons (port);
  return sizeof address->six;
}

/* -1 with errno. Connections of an earlier flow that linger do not count (SO_REUSEADDR); somebody
 * who listens does. */
static int
open_one (int family, guint16 port)
{
  int fd = socket (family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
  Address address;
  socklen_t len = make_address (&address, family, port);

  if (fd < 0)
    return -1;
  if (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
      && (family == AF_INET || setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0)
      && bind (fd, &address.any, len) == 0 && listen (fd, BACKLOG) == 0)
    return fd;
  int number = errno;
  close (fd);
  errno = number;
  return -1;
}

static guint16
port_of (int fd)
{
  Address address = { 0 };
  socklen_t len = sizeof address;

  return getsockname (fd, &address.any, &len) == 0 ? ntohs (address.four.sin_port) : 0;
}

/* 0, or an errno. */
static int
open_both (HttpCallbackSockets *self, guint16 port)
{
  self->fds[1] = -1;
  self->fds[0] = open_one (AF_INET, port);
  if (self->fds[0] < 0)
    return errno;
  self->port = port_of (self->fds[0]);
  self->fds[1] = open_one (AF_INET6, self->port);
  if (self->fds[1] >= 0 || errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)
    return 0;
  int number = errno;
  http_callback_sockets_close (self);
  return number;
}

gboolean
http_callback_sockets_open (HttpCallbackSockets *self, guint16 port, GError **error)
{
  int number = open_both (self, port);

  for (guint i = 1; i < TRIES && port == 0 && number == EADDRINUSE; i++)
    number = open_both (self, port);
  if (number == 0)
    return TRUE;
  if (number == EADDRINUSE)
    g_set_error (error, HTTP_CALLBACK_ERROR_DOMAIN, HTTP_CALLBACK_PROBLEM_PORT,
                 "port %u of this machine is another program's, which would be brought the answer; "
                 "see which with `ss -ltnp 'sport = :%u'` and end it, or let the provider's file "
                 "say \"callback-port any\"",
                 port, port);
  else
    g_set_error (error, HTTP_CALLBACK_ERROR_DOMAIN, HTTP_CALLBACK_PROBLEM_SYSTEM,
                 "port %u of this machine cannot be listened on: %s", port, g_strerror (number));
  return FALSE;
}
