/* SPDX-License-Identifier: MIT */
#include "broker/worker/inner-listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAITING 64 /* connections not yet taken */
#define SOON 1000  /* ms */
#define LOOPBACK 1 /* always the first interface of a namespace */

typedef union
{
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} Address;

static gsize
parse (const char *host, guint16 port, Address *address)
{
  memset (address, 0, sizeof *address);
  if (inet_pton (AF_INET6, host, &address->v6.sin6_addr) == 1)
    {
      address->v6.sin6_family = AF_INET6;
      address->v6.sin6_port = htons (port);
      return sizeof address->v6;
    }
  address->v4.sin_family = AF_INET;
  address->v4.sin_port = htons (port);
  if (inet_pton (AF_INET, host, &address->v4.sin_addr) != 1)
    address->v4.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  return sizeof address->v4;
}

/* The address becomes this machine's own, as far as the namespace goes. */
static gboolean
own_address (int fd, const Address *address)
{
  if (address->any.sa_family == AF_INET6)
    {
      struct in6_ifreq request
          = { .ifr6_addr = address->v6.sin6_addr, .ifr6_prefixlen = 128, .ifr6_ifindex = LOOPBACK };
      return IN6_IS_ADDR_LOOPBACK (&address->v6.sin6_addr) || ioctl (fd, SIOCSIFADDR, &request) == 0
             || errno == EEXIST;
    }
  struct ifreq request = { .ifr_name = "lo:1" };
  memcpy (&request.ifr_addr, &address->v4, sizeof address->v4);
  return (ntohl (address->v4.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET
         || ioctl (fd, SIOCSIFADDR, &request) == 0;
}

/* The kernel makes a new IPv6 address usable a moment after it was given. */
static gboolean
bind_soon (int fd, const Address *address, socklen_t len)
{
  for (int i = 0; i < SOON; i++)
    {
      if (bind (fd, &address->any, len) == 0)
        return TRUE;
      if (errno != EADDRNOTAVAIL)
        return FALSE;
      g_usleep (1000);
    }
  return FALSE;
}

int
inner_listen (const char *host, guint16 port)
{
  Address address;
  socklen_t len = (socklen_t) parse (host, port, &address);
  const int on = 1;
  int fd = socket (address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return -1;
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (own_address (fd, &address) && bind_soon (fd, &address, len) && listen (fd, WAITING) == 0)
    return fd;
  int failed = errno;
  close (fd);
  errno = failed;
  return -1;
}
