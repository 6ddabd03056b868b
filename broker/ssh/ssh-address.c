/* SPDX-License-Identifier: MIT */
#include "broker/ssh/ssh-address.h"

#include <arpa/inet.h>
#include <string.h>

typedef struct
{
  int family;
  guint bits; /* of the prefix */
  guint8 bytes[16];
} Network;

static guint
width (const Network *network)
{
  return network->family == AF_INET ? 32 : 128;
}

/* Decimal without sign, blanks or leading zeros. */
static gboolean
read_bits (const char *text, guint most, guint *bits)
{
  gsize len = strlen (text);

  if (len < 1 || len > 3 || strspn (text, "0123456789") != len || (text[0] == '0' && len > 1))
    return FALSE;
  *bits = (guint) g_ascii_strtoull (text, NULL, 10);
  return *bits <= most;
}

static gboolean
is_bare (const Network *network)
{
  for (guint i = network->bits; i < width (network); i++)
    if ((network->bytes[i / 8] & (0x80 >> (i % 8))) != 0)
      return FALSE;
  return TRUE;
}

/* sshd turns the addresses that it sees into IPv4 where they are that, and would compare them with
 * a network of the other family. */
static gboolean
is_mapped (const Network *network)
{
  static const guint8 prefix[12] = { [10] = 0xff, [11] = 0xff };

  return network->family == AF_INET6 && memcmp (network->bytes, prefix, sizeof prefix) == 0;
}

/* NULL, or what is wrong. */
static const char *
read_network (const char *text, Network *network)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 3);

  *network = (Network){ .family = strchr (text, ':') != NULL ? AF_INET6 : AF_INET };
  if (parts[0] == NULL || inet_pton (network->family, parts[0], network->bytes) != 1)
    return "is not an IPv4 or IPv6 address, or a network as 192.0.2.0/24";
  network->bits = width (network);
  if (parts[1] != NULL
      && (parts[2] != NULL || !read_bits (parts[1], width (network), &network->bits)))
    return "has a prefix length that its address cannot have";
  if (!is_bare (network))
    return "has bits set behind its prefix length: sshd would refuse the certificate";
  if (is_mapped (network))
    return "is an IPv4 address written as IPv6, which sshd never sees; write it as IPv4";
  return NULL;
}

static void
print_network (const Network *network, GString *to)
{
  char text[INET6_ADDRSTRLEN];

  inet_ntop (network->family, network->bytes, text, sizeof text);
  g_string_append_printf (to, "%s%s/%u", to->len > 0 ? "," : "", text, network->bits);
}

char *
ssh_addresses_read (const char *list, GError **error)
{
  g_auto (GStrv) words = g_strsplit (list, ",", SSH_ADDRESSES_MAX + 1);
  g_autoptr (GString) all = g_string_new (NULL);
  guint n = g_strv_length (words);

  if (n == 0 || n > SSH_ADDRESSES_MAX)
    {
      g_set_error (error, SSH_ERROR, SSH_ERROR_ADDRESS,
                   "must be 1 to %d networks, with a comma "
                   "between each and the next",
                   SSH_ADDRESSES_MAX);
      return NULL;
    }
  for (guint i = 0; i < n; i++)
    {
      Network network;
      const char *problem = read_network (words[i], &network);
      if (problem != NULL)
        {
          g_set_error (error, SSH_ERROR, SSH_ERROR_ADDRESS, "number %u %s", i + 1, problem);
          return NULL;
        }
      print_network (&network, all);
    }
  return g_string_free (g_steal_pointer (&all), FALSE);
}

static gboolean
is_within (const Network *narrow, const Network *wide)
{
  if (narrow->family != wide->family || narrow->bits < wide->bits)
    return FALSE;
  for (guint i = 0; i < wide->bits; i++)
    if (((narrow->bytes[i / 8] ^ wide->bytes[i / 8]) & (0x80 >> (i % 8))) != 0)
      return FALSE;
  return TRUE;
}

static gboolean
is_within_any (const Network *narrow, char **wide)
{
  Network network;

  for (; *wide != NULL; wide++)
    if (read_network (*wide, &network) == NULL && is_within (narrow, &network))
      return TRUE;
  return FALSE;
}

gboolean
ssh_addresses_within (const char *narrow, const char *wide)
{
  g_auto (GStrv) inner = g_strsplit (narrow, ",", -1), outer = g_strsplit (wide, ",", -1);
  Network network;

  for (char **word = inner; *word != NULL; word++)
    if (read_network (*word, &network) != NULL || !is_within_any (&network, outer))
      return FALSE;
  return inner[0] != NULL;
}
