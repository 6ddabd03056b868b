/* SPDX-License-Identifier: MIT */
#include "broker/token/token-key.h"

#include <string.h>

G_DEFINE_QUARK (countersign_token_error, token_error)

static const TokenAlgorithmRow rows[TOKEN_ALGORITHMS] = {
  [TOKEN_ES256] = { "ES256", TOKEN_FAMILY_EC, "prime256v1", "P-256", "SHA256", 32, FALSE },
  [TOKEN_ES384] = { "ES384", TOKEN_FAMILY_EC, "secp384r1", "P-384", "SHA384", 48, FALSE },
  [TOKEN_ES512] = { "ES512", TOKEN_FAMILY_EC, "secp521r1", "P-521", "SHA512", 66, FALSE },
  [TOKEN_RS256] = { "RS256", TOKEN_FAMILY_RSA, NULL, NULL, "SHA256", 0, FALSE },
  [TOKEN_RS384] = { "RS384", TOKEN_FAMILY_RSA, NULL, NULL, "SHA384", 0, FALSE },
  [TOKEN_RS512] = { "RS512", TOKEN_FAMILY_RSA, NULL, NULL, "SHA512", 0, FALSE },
  [TOKEN_PS256] = { "PS256", TOKEN_FAMILY_RSA, NULL, NULL, "SHA256", 0, TRUE },
  [TOKEN_PS384] = { "PS384", TOKEN_FAMILY_RSA, NULL, NULL, "SHA384", 0, TRUE },
  [TOKEN_PS512] = { "PS512", TOKEN_FAMILY_RSA, NULL, NULL, "SHA512", 0, TRUE },
  [TOKEN_EDDSA] = { "EdDSA", TOKEN_FAMILY_OKP, NULL, "Ed25519", NULL, 32, FALSE },
};

const TokenAlgorithmRow *
token_algorithm_row (TokenAlgorithm algorithm)
{
  g_assert (algorithm > TOKEN_NO_ALGORITHM && algorithm < TOKEN_ALGORITHMS);
  return &rows[algorithm];
}

const char *
token_algorithm_name (TokenAlgorithm algorithm)
{
  return token_algorithm_row (algorithm)->name;
}

/* Exactly: libjwt would take "es256" and "NoNe" too. */
TokenAlgorithm
token_algorithm_find (const char *name)
{
  for (int i = TOKEN_NO_ALGORITHM + 1; name != NULL && i < TOKEN_ALGORITHMS; i++)
    if (strcmp (rows[i].name, name) == 0)
      return (TokenAlgorithm) i;
  return TOKEN_NO_ALGORITHM;
}

char *
token_base64 (const void *data, gsize len)
{
  char *text = g_base64_encode (data, len);

  text[strcspn (text, "=")] = '\0';
  g_strdelimit (text, "+", '-');
  return g_strdelimit (text, "/", '_');
}

static int
digit (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

guint8 *
token_unbase64 (const char *text, gsize text_len, gsize *len)
{
  g_autofree guint8 *bytes = g_malloc (text_len / 4 * 3 + 4);
  guint32 held = 0;
  guint bits = 0;

  *len = 0;
  for (gsize i = 0; i < text_len; i++)
    {
      int value = digit (text[i]);
      if (value < 0)
        return NULL;
      held = held << 6 | (guint32) value;
      bits += 6;
      if (bits < 8)
        continue;
      bits -= 8;
      bytes[(*len)++] = (guint8) (held >> bits);
      held &= (1u << bits) - 1;
    }
  /* Left-over bits that say something would be a second spelling of the same. */
  if (text_len % 4 == 1 || held != 0)
    return NULL;
  bytes[*len] = 0;
  return g_steal_pointer (&bytes);
}
