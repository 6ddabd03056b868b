/* SPDX-License-Identifier: MIT
 *
 * What kind of place an address is.
 */
#include "broker/worker/http-address.h"

#include <netdb.h>

#include "tests/unit/table.h"

typedef struct
{
  const char *sentence;
  const char *address;
  HttpNetwork network;
} Row;

static const Row rows[] = {
  { "a public address", "140.82.112.5", HTTP_NETWORK_PUBLIC },
  { "one of a resolver", "8.8.8.8", HTTP_NETWORK_PUBLIC },
  { "the last before multicast", "223.255.255.255", HTTP_NETWORK_PUBLIC },
  { "the first above this host's", "1.0.0.0", HTTP_NETWORK_PUBLIC },
  { "loopback", "127.0.0.1", HTTP_NETWORK_LOOPBACK },
  { "loopback is a whole net", "127.255.255.254", HTTP_NETWORK_LOOPBACK },
  { "loopback in decimal", "2130706433", HTTP_NETWORK_LOOPBACK },
  { "loopback in hex", "0x7f000001", HTTP_NETWORK_LOOPBACK },
  { "loopback in octal", "0177.0.0.1", HTTP_NETWORK_LOOPBACK },
  { "loopback, short", "127.1", HTTP_NETWORK_LOOPBACK },
  { "this host", "0.0.0.0", HTTP_NETWORK_NONE },
  { "this host's net", "0.1.2.3", HTTP_NETWORK_NONE },
  { "ten", "10.0.0.1", HTTP_NETWORK_PRIVATE },
  { "ten in decimal", "167772161", HTTP_NETWORK_PRIVATE },
  { "172.16 to 31", "172.31.255.255", HTTP_NETWORK_PRIVATE },
  { "172.32 is public", "172.32.0.0", HTTP_NETWORK_PUBLIC },
  { "172.15 is public", "172.15.255.255", HTTP_NETWORK_PUBLIC },
  { "192.168", "192.168.1.1", HTTP_NETWORK_PRIVATE },
  { "192.167 is public", "192.167.255.255", HTTP_NETWORK_PUBLIC },
  { "carriers' own", "100.64.0.1", HTTP_NETWORK_PRIVATE },
  { "below carriers' own", "100.63.255.255", HTTP_NETWORK_PUBLIC },
  { "above carriers' own", "100.128.0.0", HTTP_NETWORK_PUBLIC },
  { "metadata of most clouds", "169.254.169.254", HTTP_NETWORK_NONE },
  { "metadata in decimal", "2852039166", HTTP_NETWORK_NONE },
  { "metadata of Amazon's containers", "169.254.170.2", HTTP_NETWORK_NONE },
  { "metadata of Alibaba", "100.100.100.200", HTTP_NETWORK_NONE },
  { "metadata of Oracle", "192.0.0.192", HTTP_NETWORK_NONE },
  { "the host below Azure", "168.63.129.16", HTTP_NETWORK_NONE },
  { "this link", "169.254.0.1", HTTP_NETWORK_NONE },
  { "documentation", "192.0.2.1", HTTP_NETWORK_NONE },
  { "documentation, second", "198.51.100.1", HTTP_NETWORK_NONE },
  { "documentation, third", "203.0.113.1", HTTP_NETWORK_NONE },
  { "benchmarks", "198.19.255.255", HTTP_NETWORK_NONE },
  { "multicast", "224.0.0.1", HTTP_NETWORK_NONE },
  { "reserved", "240.0.0.1", HTTP_NETWORK_NONE },
  { "broadcast", "255.255.255.255", HTTP_NETWORK_NONE },
  { "a public address of version 6", "2606:4700::1111", HTTP_NETWORK_PUBLIC },
  { "loopback of version 6", "::1", HTTP_NETWORK_LOOPBACK },
  { "nobody", "::", HTTP_NETWORK_NONE },
  { "mapped loopback", "::ffff:127.0.0.1", HTTP_NETWORK_NONE },
  { "mapped public", "::ffff:8.8.8.8", HTTP_NETWORK_NONE },
  { "mapped metadata", "::ffff:a9fe:a9fe", HTTP_NETWORK_NONE },
  { "compatible loopback", "::127.0.0.1", HTTP_NETWORK_NONE },
  { "unique local", "fd12:3456:789a::1", HTTP_NETWORK_PRIVATE },
  { "unique local, assigned", "fc00::1", HTTP_NETWORK_PRIVATE },
  { "metadata of Amazon, version 6", "fd00:ec2::254", HTTP_NETWORK_NONE },
  { "metadata of Google, version 6", "fd20:ce::254", HTTP_NETWORK_NONE },
  { "this link, version 6", "fe80::1", HTTP_NETWORK_NONE },
  { "this site, version 6", "fec0::1", HTTP_NETWORK_NONE },
  { "multicast, version 6", "ff02::1", HTTP_NETWORK_NONE },
  { "documentation, version 6", "2001:db8::1", HTTP_NETWORK_NONE },
  { "documentation, version 6, second", "3fff::1", HTTP_NETWORK_NONE },
  { "Teredo", "2001:0:53aa:64c::1", HTTP_NETWORK_NONE },
  { "6to4 of a private address", "2002:a00:1::1", HTTP_NETWORK_NONE },
  { "translated public", "64:ff9b::8.8.8.8", HTTP_NETWORK_PUBLIC },
  { "translated loopback", "64:ff9b::127.0.0.1", HTTP_NETWORK_NONE },
  { "translated private", "64:ff9b::10.0.0.1", HTTP_NETWORK_NONE },
  { "translated metadata", "64:ff9b::169.254.169.254", HTTP_NETWORK_NONE },
  { "translated locally", "64:ff9b:1::8.8.8.8", HTTP_NETWORK_NONE },
  { "outside of what is given out", "4000::1", HTTP_NETWORK_NONE },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
  struct addrinfo *found = NULL;

  /* As the worker reads them: with all the notations that the C library takes. */
  g_assert_cmpint (getaddrinfo (row->address, "443", &hints, &found), ==, 0);
  g_assert_cmpint (http_address_network (found->ai_addr), ==, row->network);
  freeaddrinfo (found);
}

static void
test_other (void)
{
  const struct sockaddr local = { .sa_family = AF_UNIX };

  g_assert_cmpint (http_address_network (&local), ==, HTTP_NETWORK_NONE);
}

static void
test_words (void)
{
  g_assert_cmpint (http_network_from_word ("public"), ==, HTTP_NETWORK_PUBLIC);
  g_assert_cmpint (http_network_from_word ("private"), ==, HTTP_NETWORK_PRIVATE);
  g_assert_cmpint (http_network_from_word ("loopback"), ==, HTTP_NETWORK_LOOPBACK);
  g_assert_cmpint (http_network_from_word ("no"), ==, HTTP_NETWORK_NONE);
  g_assert_cmpint (http_network_from_word ("Public"), ==, HTTP_NETWORK_NONE);
  g_assert_cmpint (http_network_from_word (NULL), ==, HTTP_NETWORK_NONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/http-address/", rows, test_row);
  g_test_add_func ("/http-address/a socket in a file is no network", test_other);
  g_test_add_func ("/http-address/words are read", test_words);
  return g_test_run ();
}
