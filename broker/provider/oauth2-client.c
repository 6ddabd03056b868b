/* SPDX-License-Identifier: MIT
 *
 * Who asks: what a file says of a client of OAuth 2, and what follows from it.
 */
#include <openssl/sha.h>
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/oauth2-private.h"
#include "policy/policy-words.h"

const char *const oauth2_client_auth_words[] = { "post", "basic", "none", NULL };

/* What we set ourselves, and what would change where the answer goes or who asks. */
static const char *const reserved[] = { "response_type",
                                        "response_mode",
                                        "client_id",
                                        "client_secret",
                                        "redirect_uri",
                                        "scope",
                                        "state",
                                        "code",
                                        "code_challenge",
                                        "code_verifier",
                                        "code_challenge_method",
                                        "request",
                                        "request_uri",
                                        NULL };

gboolean
oauth2_take_client_auth (ServiceLine *line, GPtrArray *words, GError **error)
{
  return provider_take_of (line, words, "way for a client to prove itself",
                           oauth2_client_auth_words, error)
         >= 0;
}

gboolean
oauth2_take_port (ServiceLine *line, GPtrArray *words, GError **error)
{
  guint64 port;
  const char *text = service_line_take (line, "a port, or any", error);
  if (text == NULL)
    return FALSE;
  if (strcmp (text, "any") != 0
      && (*text == '0' || !g_ascii_string_to_unsigned (text, 10, 1024, 65535, &port, NULL)))
    return service_line_fail_taken (line, error,
                                    "a callback's port is a number from 1024 to 65535, or any");
  g_ptr_array_add (words, g_strdup (text));
  return TRUE;
}

gboolean
oauth2_take_parameter (ServiceLine *line, GPtrArray *words, GError **error)
{
  const char *name = service_line_take (line, "a parameter's name, as in prompt", error);
  if (name == NULL)
    return FALSE;
  g_autofree char *shown = policy_show (name);
  if (*name == '\0'
      || name[strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")]
             != '\0')
    return service_line_fail_taken (
        line, error, "a parameter's name has only letters, digits, '_', '.' and '-'");
  if (g_strv_contains (reserved, name))
    return service_line_fail_taken (
        line, error, "%s is set by each authorization itself; take the line out", shown);
  g_ptr_array_add (words, g_strdup (name));
  return provider_take_text (line, words, error);
}

/* --- The sense of the lines together --- */

static gboolean
check_secret (const Provider *provider, GError **error)
{
  const char *auth = provider_text (provider, "client-auth");
  gboolean secret = provider_text (provider, "client-secret") != NULL;
  if (auth == NULL)
    return TRUE;
  if (secret && strcmp (auth, "none") == 0)
    return provider_fail (provider, "client-secret", 0, error,
                          "a client's secret that \"client-auth none\" never sends; take one of "
                          "the two out");
  if (!secret && strcmp (auth, "none") != 0)
    return provider_fail (provider, "client-auth", 0, error,
                          "\"client-auth %s\" sends the client's secret; name it, as in: "
                          "client-secret %s-client-secret",
                          auth, provider_name (provider));
  return TRUE;
}

/* What stands in the URL twice, one reader takes from here and the next from there. */
static gboolean
check_query (const Provider *provider, GError **error)
{
  const char *url = provider_text (provider, "authorize");
  const char *query = url == NULL ? NULL : strchr (url, '?');
  g_auto (GStrv) parts = g_strsplit (query == NULL ? "" : query + 1, "&", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      parts[i][strcspn (parts[i], "=")] = '\0';
      g_autofree char *name = g_uri_unescape_string (parts[i], NULL);
      if (name != NULL && g_strv_contains (reserved, name))
        return provider_fail (provider, "authorize", 0, error,
                              "\"%s\" is set by each authorization itself; take it out of the URL",
                              name);
    }
  return TRUE;
}

static gboolean
check_device_only (const Provider *provider, GError **error)
{
  static const char *const browser[] = { "authorize", "callback-port", "parameter", NULL };
  if (provider_text (provider, "device-only") == NULL)
    return TRUE;
  for (guint i = 0; browser[i] != NULL; i++)
    if (provider_text (provider, browser[i]) != NULL)
      return provider_fail (provider, browser[i], 0, error,
                            "\"%s\" is about a browser, and the file says device-only; take one "
                            "of the two out",
                            browser[i]);
  return TRUE;
}

static gboolean
check_issuer (const Provider *provider, GError **error)
{
  const char *issuer = provider_text (provider, "issuer");
  if (issuer != NULL && strchr (issuer, '?') != NULL)
    return provider_fail (provider, "issuer", 0, error, "an issuer is a URL without a query");
  return TRUE;
}

static gboolean
check_scopes (const Provider *provider, GError **error)
{
  g_autoptr (GPtrArray) rows = provider_rows (provider, "scope");
  for (guint i = 0; i < rows->len; i++)
    for (char **scope = g_ptr_array_index (rows, i); *scope != NULL; scope++)
      {
        g_autofree char *problem = oauth2_scope_problem (provider, *scope);
        if (problem != NULL)
          return provider_fail (provider, "scope", i, error, "%s", problem);
      }
  return TRUE;
}

gboolean
oauth2_check_client (const Provider *provider, GError **error)
{
  return check_issuer (provider, error) && check_secret (provider, error)
         && check_scopes (provider, error) && check_query (provider, error)
         && check_device_only (provider, error);
}

/* --- What follows --- */

guint
oauth2_callback_port (const Provider *provider)
{
  const char *text = provider_text (provider, "callback-port");
  if (text == NULL)
    return OAUTH2_CALLBACK_PORT;
  return strcmp (text, "any") == 0 ? 0 : (guint) g_ascii_strtoull (text, NULL, 10);
}

char *
oauth2_redirect_uri (guint port)
{
  return g_strdup_printf ("http://localhost:%u" OAUTH2_CALLBACK_PATH, port);
}

gboolean
oauth2_device_only (const Provider *provider)
{
  return provider_text (provider, "device-only") != NULL;
}

static gboolean
server_takes (const json_t *metadata, const char *auth)
{
  gsize i;
  const json_t *item;
  json_array_foreach (json_object_get (metadata, "client_auth"), i, item)
  {
    if (g_strcmp0 (json_string_value (item), auth) == 0)
      return TRUE;
  }
  return FALSE;
}

OAuth2ClientAuth
oauth2_client_auth (const Provider *provider, const json_t *metadata)
{
  const char *auth = provider_text (provider, "client-auth");
  if (provider_text (provider, "client-secret") == NULL)
    return CLIENT_AUTH_NONE;
  if (auth != NULL)
    return strcmp (auth, "basic") == 0 ? CLIENT_AUTH_BASIC : CLIENT_AUTH_POST;
  return server_takes (metadata, "basic") && !server_takes (metadata, "post") ? CLIENT_AUTH_BASIC
                                                                              : CLIENT_AUTH_POST;
}

char *
oauth2_challenge (const char *verifier, gsize len)
{
  guchar digest[SHA256_DIGEST_LENGTH];
  SHA256 ((const guchar *) verifier, len, digest);
  char *text = g_base64_encode (digest, sizeof digest);
  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

static char *
join_all (GPtrArray *rows)
{
  GString *all = g_string_new (NULL);
  for (guint i = 0; i < rows->len; i++)
    {
      g_autofree char *line = g_strjoinv (" ", g_ptr_array_index (rows, i));
      g_string_append_printf (all, "%s%s", i == 0 ? "" : " ", line);
    }
  return g_string_free (all, FALSE);
}

/* RFC 6749, 3.3. GitHub takes a comma for a blank: what looks like one scope would be two. */
char *
oauth2_scope_problem (const Provider *provider, const char *scope)
{
  gboolean commas = strcmp (provider_name (provider), "github") == 0;
  gsize len = strlen (scope);
  if (len == 0 || len > OAUTH2_MAX_SCOPE)
    return g_strdup_printf ("a scope has 1 to %d bytes", OAUTH2_MAX_SCOPE);
  for (gsize i = 0; i < len; i++)
    if (scope[i] <= ' ' || scope[i] >= 0x7f || strchr ("\"\\", scope[i]) != NULL
        || (commas && scope[i] == ','))
      return g_strdup ("a scope is one word of ASCII; write each of several by itself");
  return NULL;
}

static gboolean
check_scope (const Provider *provider, GPtrArray *rows, const char *scope, GError **error)
{
  g_autofree char *problem = oauth2_scope_problem (provider, scope), *all = join_all (rows);
  g_autofree char *shown = policy_show (scope);
  if (problem != NULL)
    g_set_error (error, PROVIDER_ERROR, PROVIDER_ERROR_FIELD, "scopes: %s: %s", shown, problem);
  else if (rows->len > 0 && !provider_has_word (provider, "scope", scope))
    g_set_error (error, PROVIDER_ERROR, PROVIDER_ERROR_FIELD,
                 "scopes: %s is not among those that provider %s is set up for: %s", shown,
                 provider_name (provider), all);
  else
    return TRUE;
  return FALSE;
}

gboolean
oauth2_scopes_allowed (const Provider *provider, const char *const *scopes, GError **error)
{
  g_autoptr (GPtrArray) rows = provider_rows (provider, "scope");
  for (guint i = 0; scopes[i] != NULL; i++)
    if (!check_scope (provider, rows, scopes[i], error))
      return FALSE;
  return TRUE;
}
