/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-bearer.h"

#include <string.h>

#define SCHEME "Bearer"

/* RFC 6750, section 2.1: b64token. */
static gboolean
is_token (const char *text)
{
  gsize body = 0;

  while (g_ascii_isalnum (text[body]) || (text[body] != '\0' && strchr ("-._~+/", text[body])))
    body++;
  return body > 0 && text[body + strspn (text + body, "=")] == '\0';
}

HttpBearer
http_bearer_read (const char *authorization, const char **token)
{
  gsize scheme = strlen (SCHEME);

  /* RFC 9110, section 11.1: in any case, and with any spaces. */
  if (authorization == NULL || g_ascii_strncasecmp (authorization, SCHEME, scheme) != 0
      || (authorization[scheme] != ' ' && authorization[scheme] != '\0'))
    return HTTP_BEARER_NONE;
  *token = authorization + scheme + strspn (authorization + scheme, " ");
  if (**token == '\0')
    return HTTP_BEARER_NONE;
  return is_token (*token) ? HTTP_BEARER_TOKEN : HTTP_BEARER_MALFORMED;
}

static void
add (GString *text, const char *name, const char *value)
{
  if (value == NULL || *value == '\0')
    return;
  g_string_append_printf (text, "%s%s=\"", text->len > strlen (SCHEME) ? ", " : " ", name);
  /* RFC 9110, section 5.6.4; what RFC 6750 does not allow in any of them is left out. */
  for (; *value != '\0'; value++)
    if (*value >= ' ' && *value < 0x7f && *value != '"' && *value != '\\')
      g_string_append_c (text, *value);
  g_string_append_c (text, '"');
}

char *
http_challenge_write (const HttpChallenge *challenge)
{
  GString *text = g_string_new (SCHEME);

  if (challenge->metadata != NULL)
    {
      add (text, "error", challenge->error);
      add (text, "error_description", challenge->error != NULL ? challenge->description : NULL);
      add (text, "resource_metadata", challenge->metadata);
      add (text, "scope", challenge->scopes);
    }
  return g_string_free (text, FALSE);
}
