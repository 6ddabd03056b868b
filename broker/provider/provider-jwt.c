/* SPDX-License-Identifier: MIT */
#include "broker/provider/provider-jwt.h"

#include <string.h>

#include "broker/base/wire.h"

/* RFC 4648, section 5, without padding; wire_text_free() with @len bytes. NULL: none. */
static char *
decode (const char *text, gsize n, gsize *len)
{
  gsize padded = n + (4 - n % 4) % 4;
  char *copy = g_malloc (padded + 1);
  gboolean good = n > 0 && n % 4 != 1;

  for (gsize i = 0; i < padded; i++)
    {
      char c = i < n ? text[i] : '=';
      good = good && (i >= n || g_ascii_isalnum (c) || c == '-' || c == '_');
      copy[i] = (char) (c == '-' ? '+' : c == '_' ? '/' : c);
    }
  copy[padded] = '\0';
  *len = padded + 1;
  if (good)
    {
      gsize bytes = 0;
      g_base64_decode_inplace (copy, &bytes);
      copy[bytes] = '\0';
      return copy;
    }
  wire_text_free (copy, *len);
  return NULL;
}

static json_t *
parse_part (const char *text, gsize n)
{
  gsize len;
  char *json = decode (text, n, &len);
  json_t *object = json != NULL ? wire_parse (json, strlen (json), FALSE, NULL) : NULL;

  wire_text_free (json, len);
  return object;
}

json_t *
provider_jwt_claims (const char *token, gsize len)
{
  const char *first = len > 0 && len <= PROVIDER_MAX_JWT ? memchr (token, '.', len) : NULL;
  gsize left = first != NULL ? len - (gsize) (first + 1 - token) : 0;
  const char *second = left > 0 ? memchr (first + 1, '.', left) : NULL;

  if (second == NULL || second + 1 == token + len
      || memchr (second + 1, '.', len - (gsize) (second + 1 - token)) != NULL)
    return NULL;
  g_autoptr (json_t) head = parse_part (token, first - token);
  if (wire_string (head, "alg") == NULL)
    return NULL;
  return parse_part (first + 1, second - first - 1);
}

gboolean
provider_jwt_says (const char *token, gsize len, const json_t *claims)
{
  g_autoptr (json_t) said = provider_jwt_claims (token, len);
  const char *name;
  json_t *value;

  if (said == NULL)
    return FALSE;
  json_object_foreach ((json_t *) claims, name, value)
  {
    if (!json_equal (json_object_get (said, name), value))
      return FALSE;
  }
  return TRUE;
}
