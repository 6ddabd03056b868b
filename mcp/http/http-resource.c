/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-resource.h"

#include <gio/gio.h>
#include <string.h>

#define WELL_KNOWN "/.well-known/oauth-protected-resource"

static gboolean
refuse (GError **error, const char *uri, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               "--resource %s: %s. Write it as clients do, such as "
               "https://mcp.example.org" HTTP_RESOURCE_PATH,
               uri, what);
  return FALSE;
}

static GUri *
parse (const char *uri)
{
  return g_uri_parse (uri, G_URI_FLAGS_ENCODED, NULL);
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return strcmp (host, "localhost") == 0
         || (address != NULL && g_inet_address_get_is_loopback (address));
}

/* How far the spelling is settled: a path may be in any case. */
static gboolean
is_lower (const char *uri)
{
  const char *authority = strstr (uri, "://");
  const char *end = authority != NULL ? strchrnul (authority + 3, '/') : uri + strlen (uri);

  for (; uri < end; uri++)
    if (g_ascii_isupper (*uri))
      return FALSE;
  return TRUE;
}

static gboolean
has_usual_port (const GUri *parsed)
{
  int usual = strcmp (g_uri_get_scheme ((GUri *) parsed), "https") == 0 ? 443 : 80;

  return g_uri_get_port ((GUri *) parsed) == usual;
}

/* What stands in a quoted string and in a policy: printable, and nothing that ends either. */
static gboolean
is_plain (const char *uri)
{
  for (; *uri != '\0'; uri++)
    if (*uri <= ' ' || *uri >= 0x7f || strchr ("\"\\<>^`{|}", *uri) != NULL)
      return FALSE;
  return TRUE;
}

gboolean
http_resource_check (const char *uri, GError **error)
{
  g_autoptr (GUri) parsed = is_plain (uri) ? parse (uri) : NULL;
  const char *scheme = parsed != NULL ? g_uri_get_scheme (parsed) : NULL;
  const char *host = parsed != NULL ? g_uri_get_host (parsed) : NULL;

  if (host == NULL || *host == '\0')
    return refuse (error, uri, "it is no address");
  if (!is_lower (uri))
    return refuse (error, uri, "scheme and host are written in lower case");
  if (strcmp (scheme, "https") != 0 && !(strcmp (scheme, "http") == 0 && is_loopback (host)))
    return refuse (error, uri,
                   "others reach it: it has to begin with https://, or tokens would be read on the "
                   "way");
  if (g_uri_get_userinfo (parsed) != NULL || g_uri_get_query (parsed) != NULL
      || g_uri_get_fragment (parsed) != NULL)
    return refuse (error, uri, "it has no user, query or fragment");
  if (has_usual_port (parsed))
    return refuse (error, uri, "it does not name the port that is meant anyway");
  if (g_str_has_suffix (uri, "/"))
    return refuse (error, uri, "it does not end in a slash");
  if (strstr (uri, "/./") != NULL || strstr (uri, "/../") != NULL || g_str_has_suffix (uri, "/.")
      || g_str_has_suffix (uri, "/..") || strstr (strstr (uri, "://") + 3, "//") != NULL)
    return refuse (error, uri, "its path has steps that lead nowhere");
  return TRUE;
}

char *
http_resource_default (const char *server, const char *name)
{
  const char *host = strstr (server, "://") + 3, *colon = strrchr (server, ':');
  const char *usual = g_str_has_prefix (server, "https:") ? ":443" : ":80";
  g_autofree char *scheme = g_strndup (server, host - server);
  g_autofree char *address = g_strndup (host, colon - host);

  return g_strconcat (scheme, name != NULL ? name : address,
                      strcmp (colon, usual) == 0 ? "" : colon, HTTP_RESOURCE_PATH, NULL);
}

char *
http_resource_host (const char *uri)
{
  g_autoptr (GUri) parsed = parse (uri);
  const char *host = g_uri_get_host (parsed);

  /* As in a Host header. */
  return strchr (host, ':') != NULL ? g_strdup_printf ("[%s]", host) : g_strdup (host);
}

/* --- Where its metadata is --- */

static const char *
path_of (const char *uri)
{
  return strchrnul (strstr (uri, "://") + 3, '/');
}

char *
http_resource_metadata_url (const char *uri)
{
  const char *path = path_of (uri);
  g_autofree char *origin = g_strndup (uri, path - uri);

  return g_strconcat (origin, WELL_KNOWN, path, NULL);
}

gboolean
http_resource_is_metadata (const char *uri, const char *path)
{
  const char *behind = g_str_has_prefix (path, WELL_KNOWN) ? path + strlen (WELL_KNOWN) : NULL;

  return behind != NULL
         && (*behind == '\0' || strcmp (behind, HTTP_RESOURCE_PATH) == 0
             || strcmp (behind, path_of (uri)) == 0);
}

/* --- What is published --- */

static const json_t *
issuers_of (const json_t *callers)
{
  return json_object_get (callers, "issuers");
}

gboolean
http_resource_has_issuer (const json_t *callers)
{
  return json_array_size (issuers_of (callers)) > 0;
}

/* Of all issuers; each once, in their order. */
static json_t *
scopes_of (const json_t *callers)
{
  json_t *all = json_array ();
  g_autoptr (json_t) seen = json_object ();
  size_t i, j;
  json_t *issuer, *scope;

  json_array_foreach ((json_t *) issuers_of (callers), i, issuer)
      json_array_foreach (json_object_get (issuer, "scopes"), j,
                          scope) if (json_is_string (scope)
                                     && json_object_get (seen, json_string_value (scope)) == NULL)
  {
    json_object_set_new (seen, json_string_value (scope), json_true ());
    json_array_append (all, scope);
  }
  return all;
}

char *
http_resource_scopes (const json_t *callers)
{
  g_autoptr (json_t) all = scopes_of (callers);
  GString *text = g_string_new (NULL);
  size_t i;
  json_t *scope;

  json_array_foreach (all, i, scope)
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", json_string_value (scope));
  return g_string_free (text, FALSE);
}

json_t *
http_resource_metadata (const char *uri, const json_t *callers)
{
  json_t *metadata = json_pack ("{s:s, s:[], s:[s]}", "resource", uri, "authorization_servers",
                                "bearer_methods_supported", "header");
  json_t *servers = json_object_get (metadata, "authorization_servers");
  json_t *scopes = scopes_of (callers);
  size_t i;
  json_t *issuer;

  json_array_foreach ((json_t *) issuers_of (callers), i, issuer)
      json_array_append (servers, json_object_get (issuer, "issuer"));
  /* Section 3.2: what is empty is left out. */
  if (json_array_size (scopes) > 0)
    json_object_set (metadata, "scopes_supported", scopes);
  json_decref (scopes);
  return metadata;
}
