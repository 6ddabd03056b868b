/* SPDX-License-Identifier: MIT
 *
 * Where a service is.
 *
 * MUST
 *  - take a host in one spelling only: lower case, ASCII, an address in its usual notation
 *  - let http:// go no further than this machine
 */
#include <arpa/inet.h>
#include <string.h>

#include "broker/service/service-private.h"
#include "policy/policy-words.h"

const char *const service_scheme_words[] = { "https", "http", "tcp", NULL };
const char *const service_network_words[] = { "public", "private", "loopback", NULL };

static const guint default_port[] = { 443, 80, 0 };

static const char *
take_scheme (const char *text, ServiceScheme *scheme)
{
  for (guint i = 0; service_scheme_words[i] != NULL; i++)
    {
      gsize len = strlen (service_scheme_words[i]);
      if (g_str_has_prefix (text, service_scheme_words[i]) && g_str_has_prefix (text + len, "://"))
        {
          *scheme = i;
          return text + len + 3;
        }
    }
  return NULL;
}

static char *
label_problem (const char *label)
{
  gsize len = strlen (label);
  if (len == 0 || len > 63)
    return g_strdup ("a host's name has labels of 1 to 63 characters, parted by single dots");
  for (const char *p = label; *p != '\0'; p++)
    {
      if (g_ascii_isupper (*p))
        return g_strdup ("a host is written in lower case");
      if ((guchar) *p >= 0x80)
        return g_strdup ("a host is written in ASCII; write its name as it begins with xn--");
      if (!g_ascii_isalnum (*p) && *p != '-' && *p != '_')
        return g_strdup_printf ("a host's name has no character \"%c\"", *p);
    }
  if (label[0] == '-' || label[len - 1] == '-')
    return g_strdup ("a label of a host neither begins nor ends with a hyphen");
  return NULL;
}

static gboolean
is_number (const char *label)
{
  if (g_str_has_prefix (label, "0x"))
    return label[2 + strspn (label + 2, "0123456789abcdef")] == '\0';
  return label[strspn (label, "0123456789")] == '\0';
}

static char *
host_problem (const char *host)
{
  struct in_addr address;
  g_auto (GStrv) labels = g_strsplit (host, ".", -1);
  guint n = g_strv_length (labels);
  if (n == 0 || strlen (host) > 253)
    return g_strdup ("a host's name has 1 to 253 characters");
  for (guint i = 0; i < n; i++)
    {
      char *problem = label_problem (labels[i]);
      if (problem != NULL)
        return problem;
    }
  /* 2130706433, 0x7f.1 and 127.1 are 127.0.0.1 to some, and names to others. */
  if (is_number (labels[n - 1]) && inet_pton (AF_INET, host, &address) != 1)
    return g_strdup ("an address is written as four numbers from 0 to 255, as in 192.0.2.1");
  return NULL;
}

static char *
take_address6 (const char *text, const char **rest, ServiceBase *base)
{
  struct in6_addr address;
  char usual[INET6_ADDRSTRLEN];
  const char *end = strchr (text, ']');
  if (end == NULL)
    return g_strdup ("an address that begins with [ ends with ]");
  base->host = g_strndup (text + 1, end - text - 1);
  *rest = end + 1;
  if (inet_pton (AF_INET6, base->host, &address) != 1)
    return g_strdup ("what stands in [ ] is no IPv6 address");
  inet_ntop (AF_INET6, &address, usual, sizeof usual);
  if (strcmp (usual, base->host) != 0)
    return g_strdup_printf ("an address is written in its usual form, [%s]", usual);
  return NULL;
}

static char *
take_host (const char *text, const char **rest, ServiceBase *base)
{
  if (*text == '[')
    return take_address6 (text, rest, base);
  *rest = text + strcspn (text, ":/?#");
  base->host = g_strndup (text, *rest - text);
  if (strchr (base->host, '@') != NULL)
    return g_strdup ("a base holds no user and no password; credential and place say what is sent");
  return host_problem (base->host);
}

static char *
take_port (const char *text, const char **rest, ServiceBase *base)
{
  base->port = default_port[base->scheme];
  *rest = text;
  if (*text == ':')
    {
      gsize digits = strspn (text + 1, "0123456789");
      guint64 port
          = digits > 0 && digits <= 5 && text[1] != '0' ? g_ascii_strtoull (text + 1, NULL, 10) : 0;
      if (port == 0 || port > 65535)
        return g_strdup ("a port is a number from 1 to 65535");
      base->port = (guint) port;
      *rest = text + 1 + digits;
    }
  if (base->port == 0)
    return g_strdup ("tcp:// needs its port, as in tcp://db.example.com:5432");
  return NULL;
}

static char *
take_path (const char *text, ServiceBase *base)
{
  if (*text == '\0')
    {
      base->path = g_strdup ("");
      return NULL;
    }
  if (base->scheme == SCHEME_TCP)
    return g_strdup ("tcp:// has a host and a port, and nothing behind them");
  base->path = g_strdup (text);
  if (*text != '/')
    return g_strdup ("behind host and port comes a path that begins with a slash, or nothing");
  g_auto (GStrv) parts = g_strsplit (text, SERVICE_CREDENTIAL_MARK, -1);
  g_autofree char *path = g_strjoinv ("x", parts);
  return service_base_path_problem (path);
}

static char *
make_origin (const ServiceBase *base)
{
  gboolean six = strchr (base->host, ':') != NULL;
  g_autofree char *port
      = base->port == default_port[base->scheme] ? NULL : g_strdup_printf (":%u", base->port);
  return g_strdup_printf ("%s://%s%s%s%s", service_scheme_words[base->scheme], six ? "[" : "",
                          base->host, six ? "]" : "", port == NULL ? "" : port);
}

char *
service_base_parse (const char *text, ServiceBase *base)
{
  const char *rest = take_scheme (text, &base->scheme);
  char *problem;
  if (rest == NULL)
    return g_strdup ("a base begins with https://, with http:// on this machine, or with tcp:// "
                     "where only commands go");
  if ((problem = take_host (rest, &rest, base)) != NULL
      || (problem = take_port (rest, &rest, base)) != NULL
      || (problem = take_path (rest, base)) != NULL)
    return problem;
  base->origin = make_origin (base);
  return NULL;
}

void
service_base_clear (ServiceBase *base)
{
  g_clear_pointer (&base->host, g_free);
  g_clear_pointer (&base->path, g_free);
  g_clear_pointer (&base->origin, g_free);
}

/* What can be said of @base without a look at the network: names are resolved, and their addresses
 * judged, by the worker. */
typedef enum
{
  HOST_NAMED,
  HOST_PUBLIC,
  HOST_PRIVATE,
  HOST_LOOPBACK
} HostKind;

static HostKind
kind4 (guint32 address)
{
  if (address >> 24 == 127)
    return HOST_LOOPBACK;
  return address >> 24 == 10 || address >> 20 == 0xac1 || address >> 16 == 0xc0a8 ? HOST_PRIVATE
                                                                                  : HOST_PUBLIC;
}

static HostKind
host_kind (const char *host)
{
  struct in_addr four;
  struct in6_addr six;
  if (strcmp (host, "localhost") == 0 || g_str_has_suffix (host, ".localhost"))
    return HOST_LOOPBACK;
  if (inet_pton (AF_INET, host, &four) == 1)
    return kind4 (ntohl (four.s_addr));
  if (inet_pton (AF_INET6, host, &six) != 1)
    return HOST_NAMED;
  if (IN6_IS_ADDR_LOOPBACK (&six))
    return HOST_LOOPBACK;
  return (six.s6_addr[0] & 0xfe) == 0xfc ? HOST_PRIVATE : HOST_PUBLIC;
}

gboolean
service_base_is_loopback (const ServiceBase *base)
{
  return host_kind (base->host) == HOST_LOOPBACK;
}

char *
service_base_network_problem (const ServiceBase *base, ServiceNetwork network)
{
  HostKind kind = host_kind (base->host);
  if (kind == HOST_LOOPBACK && network != NETWORK_LOOPBACK)
    return g_strdup_printf ("%s is this machine itself; add the line: network loopback",
                            base->host);
  if (kind == HOST_PRIVATE && network == NETWORK_PUBLIC)
    return g_strdup_printf ("%s is an address of a private network; add the line: network private",
                            base->host);
  if ((kind == HOST_PUBLIC || kind == HOST_PRIVATE) && network == NETWORK_LOOPBACK)
    return g_strdup_printf ("%s is another machine, which \"network loopback\" excludes; take that "
                            "line out",
                            base->host);
  if (base->scheme == SCHEME_HTTP && network != NETWORK_LOOPBACK)
    return g_strdup ("http:// would send the credential for all to read; write https://, or add "
                     "the line: network loopback");
  return NULL;
}
