/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

static const char *const placeholders[] = { "{method}", "{target}", "{timestamp}", "{body}" };

/* Which placeholder @text begins with, or G_N_ELEMENTS. */
static gsize
placeholder_at (const char *text)
{
  gsize i;

  for (i = 0; i < G_N_ELEMENTS (placeholders); i++)
    if (g_str_has_prefix (text, placeholders[i]))
      break;
  return i;
}

gboolean
http_hmac_is_template (const char *over)
{
  gboolean any = FALSE;

  for (; *over != '\0'; over++)
    {
      if (*over == '}')
        return FALSE;
      if (*over != '{')
        continue;
      gsize which = placeholder_at (over);
      if (which == G_N_ELEMENTS (placeholders))
        return FALSE;
      over += strlen (placeholders[which]) - 1;
      any = TRUE;
    }
  return any;
}

static const EVP_MD *
find_hash (const char *name)
{
  if (strcmp (name, "sha1") == 0)
    return EVP_sha1 ();
  if (strcmp (name, "sha256") == 0)
    return EVP_sha256 ();
  return strcmp (name, "sha512") == 0 ? EVP_sha512 () : NULL;
}

gboolean
http_hmac_is_hash (const char *hash)
{
  return find_hash (hash) != NULL;
}

static void
append_part (GByteArray *text, gsize which, const HttpHmacInput *input)
{
  const char *const words[] = { input->method, input->target, input->timestamp };

  if (which < G_N_ELEMENTS (words))
    g_byte_array_append (text, (const guint8 *) words[which], (guint) strlen (words[which]));
  else if (input->body_len > 0)
    g_byte_array_append (text, input->body, (guint) input->body_len);
}

static GByteArray *
fill (const char *over, const HttpHmacInput *input)
{
  GByteArray *text = g_byte_array_new ();

  while (*over != '\0')
    {
      gsize which = placeholder_at (over);
      if (which < G_N_ELEMENTS (placeholders))
        {
          append_part (text, which, input);
          over += strlen (placeholders[which]);
        }
      else
        g_byte_array_append (text, (const guint8 *) over++, 1);
    }
  return text;
}

static char *
to_hex (const guint8 *bytes, gsize len)
{
  GString *hex = g_string_sized_new (2 * len);

  for (gsize i = 0; i < len; i++)
    g_string_append_printf (hex, "%02x", bytes[i]);
  return g_string_free (hex, FALSE);
}

char *
http_hmac_sign (const HttpHmac *self, const void *key, gsize key_len, const HttpHmacInput *input)
{
  g_autoptr (GByteArray) text = fill (self->over, input);
  guint8 mac[EVP_MAX_MD_SIZE];
  guint len = 0;

  HMAC (find_hash (self->hash), key, (int) key_len, text->data != NULL ? text->data : mac,
        text->len, mac, &len);
  return self->base64 ? g_base64_encode (mac, len) : to_hex (mac, len);
}
