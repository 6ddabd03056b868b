/* SPDX-License-Identifier: MIT
 *
 * What an issuer publishes of itself: metadata (RFC 8414, OpenID Connect Discovery 1.0) and keys
 * (RFC 7517).
 *
 * MUST
 *  - take nothing from a document of another issuer than the one that was asked
 *  - take no endpoint that a secret could not be sent to
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-answer.h"
#include "broker/provider/provider-readers.h"

#define WHO "the issuer"
#define MAX_KEYS 64
#define MAX_MEMBER 2048 /* bytes; of an RSA modulus of 8192 bits, and more */

static gboolean
refuse_shape (ProviderRead *read, const char *what)
{
  return provider_answer_refuse (read, "answer",
                                 "what the issuer publishes is not as documented: %s", what);
}

static gboolean
check_issuer (const ProviderReply *reply, ProviderRead *read, const json_t *root)
{
  const char *asked = wire_string (reply->expect, "issuer");
  const char *says = json_string_value (json_object_get (root, "issuer"));
  if (says == NULL)
    return refuse_shape (read, "no issuer");
  if (asked == NULL || strcmp (asked, says) != 0)
    return provider_answer_refuse (read, "answer",
                                   "what is published there is another issuer's; write the issuer "
                                   "letter for letter as it names itself, with or without a slash "
                                   "at its end");
  json_object_set_new (read->fields, "issuer", json_string (says));
  return TRUE;
}

static gboolean
take_endpoint (ProviderRead *read, const json_t *root, const char *name)
{
  const json_t *value = json_object_get (root, name);
  if (value == NULL || json_is_null (value))
    return TRUE;
  if (!provider_url_is_safe (json_string_value (value)))
    return refuse_shape (read, "an endpoint that a secret could not be sent to");
  json_object_set (read->fields, name, (json_t *) value);
  return TRUE;
}

static gboolean
take_endpoints (ProviderRead *read, const json_t *root)
{
  static const char *const names[]
      = { "authorization_endpoint", "token_endpoint", "device_authorization_endpoint",
          "revocation_endpoint",    "jwks_uri",       "userinfo_endpoint" };
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (!take_endpoint (read, root, names[i]))
      return FALSE;
  return json_object_get (read->fields, "token_endpoint") != NULL
         || refuse_shape (read, "no token_endpoint");
}

static gboolean
list_has (const json_t *list, const char *word)
{
  for (gsize i = 0; i < json_array_size (list); i++)
    if (g_strcmp0 (json_string_value (json_array_get (list, i)), word) == 0)
      return TRUE;
  return FALSE;
}

/* Left out, PKCE may still be there: it is sent in any case. */
static gboolean
check_pkce (ProviderRead *read, const json_t *root)
{
  const json_t *methods = json_object_get (root, "code_challenge_methods_supported");
  return methods == NULL || list_has (methods, "S256")
         || provider_answer_refuse (read, "unsupported",
                                    "this issuer does not take PKCE with S256, without which a "
                                    "login is not safe here");
}

static void
take_client_auth (ProviderRead *read, const json_t *root)
{
  static const char *const methods[][2] = { { "client_secret_post", "post" },
                                            { "client_secret_basic", "basic" },
                                            { "none", "none" } };
  const json_t *said = json_object_get (root, "token_endpoint_auth_methods_supported");
  json_t *list = json_array ();
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (list_has (said, methods[i][0]))
      json_array_append_new (list, json_string (methods[i][1]));
  json_object_set_new (read->fields, "client_auth", list);
}

void
provider_read_oauth_metadata (const ProviderReply *reply, ProviderRead *read)
{
  static const char iss[] = "authorization_response_iss_parameter_supported";
  g_autoptr (json_t) root = NULL;
  if (!provider_answer_status (reply, read, WHO)
      || (root = provider_answer_json (reply, read, WHO)) == NULL
      || !check_issuer (reply, read, root) || !take_endpoints (read, root)
      || !check_pkce (read, root))
    return;
  take_client_auth (read, root);
  json_object_set_new (read->fields, iss,
                       json_boolean (json_is_true (json_object_get (root, iss))));
  read->ok = TRUE;
}

/* What a resource server needs of it: where its keys are. Nobody logs in there for us. */
void
provider_read_oauth_issuer (const ProviderReply *reply, ProviderRead *read)
{
  g_autoptr (json_t) root = NULL;
  if (!provider_answer_status (reply, read, WHO)
      || (root = provider_answer_json (reply, read, WHO)) == NULL
      || !check_issuer (reply, read, root) || !take_endpoint (read, root, "jwks_uri"))
    return;
  read->ok
      = json_object_get (read->fields, "jwks_uri") != NULL || refuse_shape (read, "no jwks_uri");
}

/* --- Keys --- */

static const char *const members[] = { "kty", "kid", "alg", "use", "crv", "x", "y", "n", "e" };

/* For verifying, and with nothing in it by which others could sign. */
static gboolean
is_public (const json_t *key)
{
  static const char *const private_members[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };
  const json_t *operations = json_object_get (key, "key_ops");
  for (gsize i = 0; i < G_N_ELEMENTS (private_members); i++)
    if (json_object_get (key, private_members[i]) != NULL)
      return FALSE;
  return operations == NULL || list_has (operations, "verify");
}

/* The public members of a key that signs; NULL: one that we have no use for. A set may hold keys of
 * kinds not known to us, which are left out (RFC 7517, 5). */
static json_t *
read_key (const json_t *key)
{
  const char *use = json_string_value (json_object_get (key, "use"));
  const char *kty = json_string_value (json_object_get (key, "kty"));
  if (kty == NULL
      || (strcmp (kty, "EC") != 0 && strcmp (kty, "RSA") != 0 && strcmp (kty, "OKP") != 0)
      || (use != NULL && strcmp (use, "sig") != 0) || !is_public (key))
    return NULL;
  json_t *public = json_object ();
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const char *text = provider_answer_word (key, members[i], MAX_MEMBER);
      if (text != NULL)
        json_object_set_new (public, members[i], json_string (text));
    }
  return public;
}

/* How long the answer may be kept (RFC 9111, 5.2.2), in seconds; nothing when it does not say. */
static void
take_age (const ProviderReply *reply, ProviderRead *read)
{
  g_auto (GStrv) said
      = g_strsplit (reply->cache_control != NULL ? reply->cache_control : "", ",", -1);
  gint64 age = -1;
  for (char **one = said; *one != NULL; one++)
    {
      guint64 number = G_MAXINT32;
      g_strstrip (*one);
      if (g_ascii_strcasecmp (*one, "no-store") == 0 || g_ascii_strcasecmp (*one, "no-cache") == 0)
        age = 0;
      else if (age != 0 && g_ascii_strncasecmp (*one, "max-age=", 8) == 0)
        age = g_ascii_string_to_unsigned (*one + 8, 10, 0, G_MAXINT32, &number, NULL)
                  ? (gint64) number
                  : 0;
    }
  if (age >= 0)
    json_object_set_new (read->fields, "max_age", json_integer (age));
}

void
provider_read_jwks (const ProviderReply *reply, ProviderRead *read)
{
  g_autoptr (json_t) root = NULL;
  if (!provider_answer_status (reply, read, WHO)
      || (root = provider_answer_json (reply, read, WHO)) == NULL)
    return;
  const json_t *keys = json_object_get (root, "keys");
  json_t *taken = json_array ();
  json_object_set_new (read->fields, "keys", taken);
  for (gsize i = 0; i < json_array_size (keys) && i <= MAX_KEYS; i++)
    {
      json_t *key = read_key (json_array_get (keys, i));
      if (key != NULL)
        json_array_append_new (taken, key);
    }
  if (!json_is_array (keys) || json_array_size (keys) > MAX_KEYS)
    refuse_shape (read, "no keys, or more than 64");
  else if (json_array_size (taken) == 0)
    refuse_shape (read, "no key that signs");
  else
    read->ok = TRUE;
  take_age (reply, read);
}
