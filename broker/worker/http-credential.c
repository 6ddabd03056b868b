/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-credential.h"

#include <openssl/evp.h>
#include <string.h>

G_DEFINE_QUARK (countersign_http_credential_error, http_credential_error)

struct _HttpCredential
{
  char *name;
  Secret *value;
  /* Parts of it, which are secret by themselves. */
  Secret *aws_id, *aws_key, *aws_token;
  Secret *password; /* of "user:password" */
  Secret *basic;    /* as it is sent */
};

void
http_credential_free (HttpCredential *self)
{
  if (self == NULL)
    return;
  secret_free (self->value);
  secret_free (self->aws_id);
  secret_free (self->aws_key);
  secret_free (self->aws_token);
  secret_free (self->password);
  secret_free (self->basic);
  g_free (self->name);
  g_free (self);
}

static gboolean
refuse (const HttpCredential *self, const char *why, GError **error)
{
  g_set_error (error, HTTP_CREDENTIAL_ERROR, HTTP_CREDENTIAL_ERROR_VALUE, "the value of %s %s",
               self->name, why);
  return FALSE;
}

Secret *
http_secret_concat (const char *before, const guint8 *middle, gsize len, const char *after,
                    GError **error)
{
  gsize first = strlen (before), last = strlen (after);
  Secret *whole = secret_new (first + len + last + 1, error);

  if (whole == NULL)
    return NULL;
  guint8 *out = secret_data (whole);
  memcpy (out, before, first);
  if (len > 0)
    memcpy (out + first, middle, len);
  memcpy (out + first + len, after, last);
  return whole;
}

Secret *
http_credential_basic (const HttpCredential *self, const char *user, GError **error)
{
  g_autofree char *before = user != NULL ? g_strconcat (user, ":", NULL) : g_strdup ("");
  gsize len = strlen (before) + secret_len (self->value);
  g_autoptr (Secret) plain
      = http_secret_concat (before, secret_peek (self->value), secret_len (self->value), "", error);
  g_autoptr (Secret) encoded = plain != NULL ? secret_new ((len + 2) / 3 * 4 + 1, error) : NULL;

  if (encoded == NULL)
    return NULL;
  EVP_EncodeBlock (secret_data (encoded), secret_peek (plain), (int) len);
  return g_steal_pointer (&encoded);
}

Secret *
http_credential_percent (const HttpCredential *self, gboolean path, GError **error)
{
  static const char digits[] = "0123456789ABCDEF";
  const guint8 *in = secret_peek (self->value);
  gsize len = secret_len (self->value), n = 0;
  Secret *encoded = secret_new (len * 3, error);

  if (encoded == NULL)
    return NULL;
  guint8 *out = secret_data (encoded);
  for (gsize i = 0; i < len; i++)
    if (g_ascii_isalnum (in[i]) || (in[i] != 0 && strchr ("-._~", in[i]) != NULL)
        || (path && in[i] != 0 && strchr ("!$&'()*+,;=:@", in[i]) != NULL))
      out[n++] = in[i];
    else
      {
        out[n++] = '%';
        out[n++] = (guint8) digits[in[i] >> 4];
        out[n++] = (guint8) digits[in[i] & 15];
      }
  secret_truncate (encoded, n);
  return encoded;
}

/* RFC 9110, 5.5; without spaces at its ends, which would get lost. */
static gboolean
check_header_value (const HttpCredential *self, GError **error)
{
  const guint8 *bytes = secret_peek (self->value);
  gsize len = secret_len (self->value);

  for (gsize i = 0; i < len; i++)
    if (bytes[i] == '\n' || bytes[i] == '\r')
      return refuse (self, "has a line break, which no header can hold; store it again without one",
                     error);
    else if (bytes[i] < ' ' || bytes[i] == 0x7f)
      return refuse (self, "has control characters, which no header can hold", error);
  if (bytes[0] == ' ' || bytes[len - 1] == ' ')
    return refuse (self, "begins or ends with a space, which a header would lose", error);
  return TRUE;
}

static gboolean
split_aws (HttpCredential *self, GError **error)
{
  const guint8 *id = secret_peek (self->value);
  gsize len = secret_len (self->value);
  const guint8 *key = memchr (id, ':', len);

  if (!check_header_value (self, error))
    return FALSE;
  if (key == NULL || key == id || key + 1 == id + len)
    return refuse (self, "must be KEYID:SECRET or KEYID:SECRET:SESSIONTOKEN", error);
  key++;
  gsize rest = len - (gsize) (key - id);
  const guint8 *token = memchr (key, ':', rest);
  gsize key_len = token != NULL ? (gsize) (token - key) : rest;
  self->aws_id = http_secret_concat ("", id, (gsize) (key - id) - 1, "", error);
  self->aws_key = http_secret_concat ("", key, key_len, "", error);
  if (token != NULL)
    self->aws_token = http_secret_concat ("", token + 1, rest - key_len - 1, "", error);
  return self->aws_id != NULL && self->aws_key != NULL
         && (token == NULL || self->aws_token != NULL);
}

static gboolean
split_basic (HttpCredential *self, const char *user, GError **error)
{
  gsize len = secret_len (self->value);
  const guint8 *colon = memchr (secret_peek (self->value), ':', len);

  self->basic = http_credential_basic (self, user, error);
  if (self->basic == NULL || user != NULL)
    return self->basic != NULL;
  if (colon == NULL)
    return refuse (self, "must be USER:PASSWORD, since its service names no user", error);
  gsize before = (gsize) (colon - secret_peek (self->value)) + 1;
  self->password = secret_new_from (colon + 1, len - before, error);
  return self->password != NULL;
}

static gboolean
prepare (HttpCredential *self, const HttpPlace *place, GError **error)
{
  if (secret_len (self->value) == 0)
    return refuse (self, "is empty", error);
  switch (place->kind)
    {
    case HTTP_PLACE_BEARER:
    case HTTP_PLACE_HEADER:
      return check_header_value (self, error);
    case HTTP_PLACE_BASIC:
      return split_basic (self, place->user, error);
    case HTTP_PLACE_AWS:
      return split_aws (self, error);
    case HTTP_PLACE_NONE:
    case HTTP_PLACE_QUERY:
    case HTTP_PLACE_PATH:
    case HTTP_PLACE_FORM:
    case HTTP_PLACE_HMAC:
      break;
    }
  return TRUE;
}

HttpCredential *
http_credential_new (const HttpPlace *place, const char *name, Secret *value, GError **error)
{
  g_autoptr (HttpCredential) self = g_new0 (HttpCredential, 1);

  self->name = g_strdup (name);
  self->value = value;
  return prepare (self, place, error) ? g_steal_pointer (&self) : NULL;
}

const Secret *
http_credential_value (const HttpCredential *self)
{
  return self->value;
}

static const char *
text_of (const Secret *secret)
{
  return secret != NULL ? (const char *) secret_peek (secret) : NULL;
}

const char *
http_credential_aws_id (const HttpCredential *self)
{
  return text_of (self->aws_id);
}

const char *
http_credential_aws_key (const HttpCredential *self)
{
  return text_of (self->aws_key);
}

const char *
http_credential_aws_token (const HttpCredential *self)
{
  return text_of (self->aws_token);
}

/* Without the final NUL that parts have. */
static Secret *
bare (const Secret *secret, GError **error)
{
  return secret_new_from (secret_peek (secret), secret_len (secret) - 1, error);
}

Redactor *
http_credential_redactor (const HttpCredential *self, const Secret *signature, GError **error)
{
  RedactSecret looked_for[6];
  g_autoptr (Secret) key = NULL, token = NULL, basic = NULL;
  gsize n = 0;

  if (self == NULL)
    return redactor_new (NULL, 0, error);
  looked_for[n++] = (RedactSecret){ self->name, self->value };
  if (self->aws_key != NULL && (key = bare (self->aws_key, error)) == NULL)
    return NULL;
  if (self->aws_token != NULL && (token = bare (self->aws_token, error)) == NULL)
    return NULL;
  if (self->basic != NULL && (basic = bare (self->basic, error)) == NULL)
    return NULL;
  const Secret *const parts[] = { key, token, self->password, basic, signature };
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (parts[i] != NULL && secret_len (parts[i]) > 0)
      looked_for[n++] = (RedactSecret){ self->name, parts[i] };
  return redactor_new (looked_for, n, error);
}
