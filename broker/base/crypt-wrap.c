/* SPDX-License-Identifier: MIT */
#include "broker/base/crypt.h"

#include <string.h>

#include "broker/base/wire.h"

#define KEY_FILE_VERSION 1

GBytes *
crypt_wrap (const Secret *kek, const char *label, const Secret *key, GError **error)
{
  g_autofree char *aad = g_strconcat (label, " 1", NULL);
  g_autoptr (Secret) wrapping = crypt_derive (kek, label, error);

  if (wrapping == NULL)
    return NULL;
  return crypt_seal (wrapping, aad, strlen (aad), secret_peek (key), secret_len (key), error);
}

Secret *
crypt_unwrap (const Secret *kek, const char *label, const void *wrapped, gsize len, GError **error)
{
  g_autofree char *aad = g_strconcat (label, " 1", NULL);
  g_autoptr (Secret) wrapping = crypt_derive (kek, label, error);

  if (wrapping == NULL)
    return NULL;
  return crypt_open (wrapping, aad, strlen (aad), wrapped, len, error);
}

static char *
hex (const guint8 *bytes, gsize len)
{
  char *text = g_malloc (2 * len + 1);

  for (gsize i = 0; i < len; i++)
    g_snprintf (text + 2 * i, 3, "%02x", bytes[i]);
  text[2 * len] = '\0';
  return text;
}

static gboolean
unhex (const char *text, guint8 *out, gsize len)
{
  if (strlen (text) != 2 * len)
    return FALSE;
  for (gsize i = 0; i < 2 * len; i++)
    if (!g_ascii_isxdigit (text[i]))
      return FALSE;
  for (gsize i = 0; i < len; i++)
    out[i] = (guint8) (g_ascii_xdigit_value (text[2 * i]) << 4
                       | g_ascii_xdigit_value (text[2 * i + 1]));
  return TRUE;
}

char *
crypt_key_file_text (const CryptKdf *kdf, GBytes *wrapped)
{
  g_autofree char *salt = hex (kdf->salt, sizeof kdf->salt);
  g_autofree char *base64
      = g_base64_encode (g_bytes_get_data (wrapped, NULL), g_bytes_get_size (wrapped));
  gsize len;
  g_autoptr (json_t) root
      = json_pack ("{s:i, s:{s:I, s:I, s:I, s:s}, s:s}", "v", KEY_FILE_VERSION, "kdf", "passes",
                   (json_int_t) kdf->passes, "memory_kib", (json_int_t) kdf->memory_kib, "lanes",
                   (json_int_t) kdf->lanes, "salt", salt, "wrapped", base64);

  return wire_dump (root, &len);
}

/* Numbers are read wide and refused before they are narrowed: 2^32 + 3 passes are not 3. */
static gboolean
key_file_parse (const char *text, gsize len, CryptKdf *kdf, GBytes **wrapped, GError **error)
{
  g_autoptr (json_t) root = wire_parse (text, len, FALSE, error);
  const char *salt, *base64;
  json_int_t v, passes, memory, lanes;
  json_error_t at;
  gsize wrapped_len;

  if (root == NULL)
    return FALSE;
  if (json_unpack_ex (root, &at, JSON_STRICT, "{s:I, s:{s:I, s:I, s:I, s:s}, s:s}", "v", &v, "kdf",
                      "passes", &passes, "memory_kib", &memory, "lanes", &lanes, "salt", &salt,
                      "wrapped", &base64)
          != 0
      || v != KEY_FILE_VERSION || passes < 0 || passes > G_MAXUINT32 || memory < 0
      || memory > G_MAXUINT32 || lanes < 0 || lanes > G_MAXUINT32
      || !unhex (salt, kdf->salt, sizeof kdf->salt))
    {
      g_set_error (error, CRYPT_ERROR, CRYPT_ERROR_FORMAT, "not a key file of version %d",
                   KEY_FILE_VERSION);
      return FALSE;
    }
  kdf->passes = (guint32) passes;
  kdf->memory_kib = (guint32) memory;
  kdf->lanes = (guint32) lanes;
  guchar *bytes = g_base64_decode (base64, &wrapped_len);
  *wrapped = g_bytes_new_take (bytes, wrapped_len);
  return TRUE;
}

Secret *
crypt_key_file_open (const char *text, gsize len, const char *label, const Secret *passphrase,
                     GError **error)
{
  g_autoptr (GBytes) wrapped = NULL;
  g_autoptr (Secret) kek = NULL;
  CryptKdf kdf;

  if (!key_file_parse (text, len, &kdf, &wrapped, error)
      || (kek = crypt_kdf (&kdf, passphrase, error)) == NULL)
    return NULL;
  return crypt_unwrap (kek, label, g_bytes_get_data (wrapped, NULL), g_bytes_get_size (wrapped),
                       error);
}
