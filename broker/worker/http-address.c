/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

typedef struct
{
  const char *prefix;
  guint bits;
  HttpNetwork network;
} Range;

/* The first that fits decides. */
static const Range ranges4[] = {
  { "168.63.129.16", 32, HTTP_NETWORK_NONE },   /* Azure's host */
  { "100.100.100.200", 32, HTTP_NETWORK_NONE }, /* Alibaba's metadata */
  { "0.0.0.0", 8, HTTP_NETWORK_NONE },          /* this host */
  { "127.0.0.0", 8, HTTP_NETWORK_LOOPBACK },
  { "10.0.0.0", 8, HTTP_NETWORK_PRIVATE },
  { "172.16.0.0", 12, HTTP_NETWORK_PRIVATE },
  { "192.168.0.0", 16, HTTP_NETWORK_PRIVATE },
  { "100.64.0.0", 10, HTTP_NETWORK_PRIVATE },
  { "169.254.0.0", 16, HTTP_NETWORK_NONE }, /* this link, and the metadata of most clouds */
  { "192.0.0.0", 24, HTTP_NETWORK_NONE },
  { "192.0.2.0", 24, HTTP_NETWORK_NONE },
  { "192.88.99.0", 24, HTTP_NETWORK_NONE },
  { "198.18.0.0", 15, HTTP_NETWORK_NONE },
  { "198.51.100.0", 24, HTTP_NETWORK_NONE },
  { "203.0.113.0", 24, HTTP_NETWORK_NONE },
  { "224.0.0.0", 3, HTTP_NETWORK_NONE }, /* multicast, reserved, broadcast */
  { "0.0.0.0", 0, HTTP_NETWORK_PUBLIC },
};

static const Range ranges6[] = {
  { "fd00:ec2::254", 128, HTTP_NETWORK_NONE }, /* Amazon's metadata */
  { "fd20:ce::254", 128, HTTP_NETWORK_NONE },  /* Google's */
  { "::1", 128, HTTP_NETWORK_LOOPBACK },
  { "fc00::", 7, HTTP_NETWORK_PRIVATE },
  { "2001::", 23, HTTP_NETWORK_NONE }, /* protocol assignments, Teredo among them */
  { "2001:db8::", 32, HTTP_NETWORK_NONE },
  { "2002::", 16, HTTP_NETWORK_NONE }, /* 6to4 */
  { "3fff::", 20, HTTP_NETWORK_NONE },
  { "2000::", 3, HTTP_NETWORK_PUBLIC },
  { "::", 0,
    HTTP_NETWORK_NONE }, /* also mapped and compatible addresses, links, sites, multicast */
};

/* RFC 6052: an IPv4 address behind the gateway of a network that speaks IPv6 alone. */
static const char nat64[] = "64:ff9b::";
#define NAT64_BYTES 12

static gboolean
is_in (const guint8 *address, int family, const char *prefix, guint bits)
{
  guint8 wanted[16];

  g_assert (inet_pton (family, prefix, wanted) == 1);
  guint whole = bits / 8, left = bits % 8;
  if (memcmp (address, wanted, whole) != 0)
    return FALSE;
  return left == 0 || ((address[whole] ^ wanted[whole]) & (0xff << (8 - left)) & 0xff) == 0;
}

static HttpNetwork
find (const Range *ranges, gsize n, int family, const guint8 *address)
{
  for (gsize i = 0; i < n; i++)
    if (is_in (address, family, ranges[i].prefix, ranges[i].bits))
      return ranges[i].network;
  return HTTP_NETWORK_NONE;
}

static HttpNetwork
network4 (const guint8 *address)
{
  return find (ranges4, G_N_ELEMENTS (ranges4), AF_INET, address);
}

static HttpNetwork
network6 (const guint8 *address)
{
  if (!is_in (address, AF_INET6, nat64, NAT64_BYTES * 8))
    return find (ranges6, G_N_ELEMENTS (ranges6), AF_INET6, address);
  /* Nothing but the public network is to be reached through a gateway. */
  return network4 (address + NAT64_BYTES) == HTTP_NETWORK_PUBLIC ? HTTP_NETWORK_PUBLIC
                                                                 : HTTP_NETWORK_NONE;
}

HttpNetwork
http_address_network (const struct sockaddr *address)
{
  if (address->sa_family == AF_INET)
    return network4 ((const guint8 *) &((const struct sockaddr_in *) address)->sin_addr);
  if (address->sa_family == AF_INET6)
    return network6 ((const guint8 *) &((const struct sockaddr_in6 *) address)->sin6_addr);
  return HTTP_NETWORK_NONE;
}

static const char *const words[] = { "no", "public", "private", "loopback" };

HttpNetwork
http_network_from_word (const char *word)
{
  for (HttpNetwork n = HTTP_NETWORK_PUBLIC; n <= HTTP_NETWORK_LOOPBACK; n++)
    if (g_strcmp0 (word, words[n]) == 0)
      return n;
  return HTTP_NETWORK_NONE;
}

const char *
http_network_word (HttpNetwork network)
{
  return words[network];
}
