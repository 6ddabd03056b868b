/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-form.h"

#include <openssl/evp.h>
#include <string.h>

guint8 *
http_form_put (guint8 *out, const guint8 *in, gsize len)
{
  static const char digits[] = "0123456789ABCDEF";

  for (gsize i = 0; i < len; i++)
    if (g_ascii_isalnum (in[i]) || (in[i] != 0 && strchr ("-._*", in[i]) != NULL))
      *out++ = in[i];
    else if (in[i] == ' ')
      *out++ = '+';
    else
      {
        *out++ = '%';
        *out++ = (guint8) digits[in[i] >> 4];
        *out++ = (guint8) digits[in[i] & 15];
      }
  return out;
}

static guint8 *
put_text (guint8 *out, const char *text)
{
  return http_form_put (out, (const guint8 *) text, strlen (text));
}

Secret *
http_form_basic (const char *user, const Secret *value, GError **error)
{
  g_autoptr (Secret) pair = secret_new (3 * (strlen (user) + secret_len (value)) + 1, error);

  if (pair == NULL)
    return NULL;
  guint8 *end = put_text (secret_data (pair), user);
  *end++ = ':';
  end = http_form_put (end, secret_peek (value), secret_len (value));
  secret_truncate (pair, (gsize) (end - secret_data (pair)));
  Secret *basic = secret_new ((secret_len (pair) + 2) / 3 * 4 + 1, error);
  if (basic == NULL)
    return NULL;
  int len = EVP_EncodeBlock (secret_data (basic), secret_peek (pair), (int) secret_len (pair));
  secret_truncate (basic, (gsize) len);
  return basic;
}
