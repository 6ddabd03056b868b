/* SPDX-License-Identifier: MIT
 *
 * Addresses that a credential is sent to.
 *
 * MUST
 *  - take a host in one spelling only, and no user or password before it
 *  - let http:// go no further than this machine
 */
#include <string.h>

#include "broker/provider/provider-private.h"
#include "broker/service/service-base.h"

#define MAX_URL 2048

static char *
rest_problem (const char *rest)
{
  if (*rest != '\0' && *rest != '/' && *rest != '?')
    return g_strdup ("behind host and port comes a path that begins with a slash, or nothing");
  for (const char *p = rest; *p != '\0'; p++)
    if (*p <= ' ' || *p >= 0x7f || strchr ("\"<>\\^`{|}", *p) != NULL)
      return g_strdup ("a URL is ASCII without blanks; write other characters as %XX");
    else if (*p == '#')
      return g_strdup ("a URL that is sent to ends before #; take the rest out");
    else if (*p == '%' && !(g_ascii_isxdigit (p[1]) && g_ascii_isxdigit (p[2])))
      return g_strdup ("behind % come two hexadecimal digits");
  return NULL;
}

static ServiceNetwork
network_of (const char *word)
{
  guint network = 0;
  while (service_network_words[network] != NULL
         && strcmp (service_network_words[network], word) != 0)
    network++;
  return (ServiceNetwork) network;
}

/* Fills @base, which is cleared by the caller; the rest of @url is looked at too. */
static char *
read_url (const char *url, ServiceBase *base)
{
  if (strlen (url) > MAX_URL)
    return g_strdup ("a URL has at most 2048 bytes");
  if (!g_str_has_prefix (url, "https://") && !g_str_has_prefix (url, "http://"))
    return g_strdup ("a URL begins with https://, or on this machine with http://");
  const char *host = strstr (url, "://") + 3;
  const char *rest = host + strcspn (host, "/?#");
  g_autofree char *origin = g_strndup (url, rest - url);
  if (strchr (origin, '@') != NULL)
    return g_strdup ("a URL holds no user and no password");
  char *problem = service_base_parse (origin, base);
  return problem != NULL ? problem : rest_problem (rest);
}

char *
provider_url_problem (const char *url, const char *network)
{
  ServiceBase base = { 0 };
  char *problem = read_url (url, &base);
  if (problem == NULL)
    problem = service_base_network_problem (&base, network_of (network));
  service_base_clear (&base);
  return problem;
}

gboolean
provider_url_is_safe (const char *url)
{
  ServiceBase base = { 0 };
  g_autofree char *problem = url == NULL ? g_strdup ("") : read_url (url, &base);
  gboolean safe
      = problem == NULL && (base.scheme == SCHEME_HTTPS || service_base_is_loopback (&base));
  service_base_clear (&base);
  return safe;
}

json_t *
provider_target (const Provider *provider, const char *url, GError **error)
{
  const char *network = provider_network (provider);
  g_autofree char *problem = provider_url_problem (url, network);
  if (problem != NULL)
    {
      g_set_error (error, PROVIDER_ERROR, PROVIDER_ERROR_ENDPOINT,
                   "an address of provider %s cannot be gone to: %s", provider->name, problem);
      return NULL;
    }
  json_t *target = json_pack ("{s:s, s:s}", "url", url, "network", network);
  if (provider->ca != NULL)
    json_object_set_new (target, "ca", json_string (provider->ca));
  return target;
}
