/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/browse.h"

#include <arpa/inet.h>
#include <string.h>

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "broker/base/wire.h"

#define LONGEST_URL 8192
#define LONGEST_CODE 64

G_DEFINE_QUARK (countersign_browse_error, browse_error)

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, BROWSE_ERROR, BROWSE_ERROR_ADDRESS, _ ("the address is not opened: %s"), why);
  return FALSE;
}

/* Nothing that a terminal, a shell or a browser would read as something else. */
static gboolean
is_graphic (const char *url)
{
  for (; *url != '\0'; url++)
    if (!g_ascii_isgraph (*url) || strchr ("\"\\<>`", *url) != NULL)
      return FALSE;
  return TRUE;
}

/* Names that resolve to this machine by definition, and its own addresses (RFC 8252, 7.3). */
static gboolean
is_loopback (const char *host)
{
  struct in_addr v4;
  struct in6_addr v6;

  if (inet_pton (AF_INET, host, &v4) == 1)
    return ntohl (v4.s_addr) >> 24 == IN_LOOPBACKNET;
  if (inet_pton (AF_INET6, host, &v6) == 1)
    return IN6_IS_ADDR_LOOPBACK (&v6);
  return g_ascii_strcasecmp (host, "localhost") == 0;
}

/* What a person reads as one host and a browser, decoded, as another. */
static gboolean
encodes_host (const char *url)
{
  const char *host = strstr (url, "://");

  return host != NULL && memchr (host, '%', 3 + strcspn (host + 3, "/?#")) != NULL;
}

gboolean
browse_check_url (const char *url, GError **error)
{
  g_autoptr (GUri) uri = NULL;

  if (strlen (url) > LONGEST_URL || !is_graphic (url))
    return refuse (error, strlen (url) > LONGEST_URL
                              ? _ ("it is too long")
                              : _ ("it has characters that an address does not have"));
  if (encodes_host (url))
    return refuse (error, _ ("its host is written in an encoding"));
  uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    return refuse (error, _ ("it names no host"));
  if (g_uri_get_userinfo (uri) != NULL)
    return refuse (error, _ ("it names a user, which looks like a host"));
  if (strcmp (g_uri_get_scheme (uri), "https") == 0
      || (strcmp (g_uri_get_scheme (uri), "http") == 0 && is_loopback (g_uri_get_host (uri))))
    return TRUE;
  return refuse (error, _ ("it is not https"));
}

static gint64
read_time (const char *text)
{
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time != NULL
             ? g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time)
             : 0;
}

Browse *
browse_parse (const json_t *params, GError **error)
{
  const char *id = wire_string (params, "request_id"), *login = wire_string (params, "login_id");
  const char *provider = wire_string (params, "provider"), *url = wire_string (params, "url");
  const char *code = wire_string (params, "user_code");
  Browse *browse;

  id = id != NULL ? id : login;
  if (id == NULL || provider == NULL || url == NULL
      || (code != NULL && strlen (code) > LONGEST_CODE))
    {
      g_set_error_literal (error, BROWSE_ERROR, BROWSE_ERROR_UNREADABLE,
                           _ ("the broker names a page to open in a way that is not understood"));
      return NULL;
    }
  if (!browse_check_url (url, error))
    return NULL;
  browse = g_new0 (Browse, 1);
  browse->id = g_strdup (id);
  browse->provider = g_strdup (provider);
  browse->url = g_strdup (url);
  browse->user_code = code != NULL && *code != '\0' ? g_strdup (code) : NULL;
  browse->expires_at = read_time (wire_string (params, "expires_at"));
  return browse;
}

void
browse_free (Browse *browse)
{
  if (browse == NULL)
    return;
  g_free (browse->id);
  g_free (browse->provider);
  g_free (browse->url);
  g_free (browse->user_code);
  g_free (browse);
}

char *
browse_title (const Browse *browse)
{
  g_autofree char *provider = card_name (browse->provider);

  return g_strdup_printf (_ ("Log in to %s"), provider);
}

const char *
browse_what_to_do (const Browse *browse)
{
  return browse->user_code != NULL
             ? _ ("Open this address in a browser, on this machine or another, and enter the code "
                  "there:")
             : _ ("Open this address in a browser on this machine, and log in there:");
}

char *
browse_outcome (const char *provider, const json_t *params)
{
  const char *message = wire_string (params, "message");
  gboolean ok = json_is_true (json_object_get (params, "ok"));
  g_autofree char *name = card_name (provider);
  g_autofree char *shown = message != NULL && *message != '\0' ? card_escape (message) : NULL;

  if (shown == NULL)
    return g_strdup_printf (ok ? _ ("%s: logged in.") : _ ("%s: not logged in."), name);
  return g_strdup_printf (ok ? "%s: %s" : _ ("%s: not logged in: %s"), name, shown);
}
