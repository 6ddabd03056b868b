/* SPDX-License-Identifier: MIT */
#include "broker/base/parcel.h"

#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/wire.h"

#define BOUND "countersign parcel" /* what the bytes are for */
#define PARCEL_MAX (512 * 1024)

static json_t *
encode (const Secret *value)
{
  gsize room = (secret_len (value) + 2) / 3 * 4 + 1;
  char *text = g_malloc (room);

  EVP_EncodeBlock ((guint8 *) text, secret_peek (value), (int) secret_len (value));
  json_t *encoded = json_string (text);
  wire_text_free (text, room);
  return encoded;
}

GBytes *
parcel_seal (const Secret *key, const json_t *fields, const GPtrArray *names,
             const GPtrArray *values, GError **error)
{
  json_t *encoded = json_object ();
  gsize len;

  for (guint i = 0; i < names->len; i++)
    json_object_set_new (encoded, g_ptr_array_index (names, i),
                         encode (g_ptr_array_index (values, i)));
  g_autoptr (json_t) whole = json_pack ("{s:O, s:o}", "fields", fields, "values", encoded);
  char *text = wire_dump (whole, &len);
  GBytes *sealed = crypt_seal (key, BOUND, strlen (BOUND), text, len, error);
  wire_text_free (text, len);
  return sealed;
}

void
parcel_free (Parcel *self)
{
  if (self == NULL)
    return;
  json_decref (self->fields);
  g_hash_table_unref (self->values);
  g_free (self);
}

static Parcel *
refuse (GError **error)
{
  g_set_error_literal (error, CRYPT_ERROR, CRYPT_ERROR_FORMAT,
                       "what is in the parcel is no answer that was kept");
  return NULL;
}

/* NULL: not base64 as it is written here, or no room. */
static Secret *
decode (const char *text)
{
  gsize len = strlen (text), padding = 0;
  g_autoptr (Secret) value = secret_new (len / 4 * 3 + 1, NULL);

  if (value == NULL || len % 4 != 0
      || (len > 0 && EVP_DecodeBlock (secret_data (value), (const guint8 *) text, (int) len) < 0))
    return NULL;
  while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
    padding++;
  secret_truncate (value, len / 4 * 3 - padding);
  return g_steal_pointer (&value);
}

static Parcel *
read_parcel (const json_t *whole, GError **error)
{
  g_autoptr (Parcel) self = g_new0 (Parcel, 1);
  const char *name;
  json_t *text;

  self->fields = json_incref (json_object_get (whole, "fields"));
  self->values
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) secret_free);
  json_object_foreach (json_object_get (whole, "values"), name, text)
  {
    Secret *value = json_is_string (text) ? decode (json_string_value (text)) : NULL;
    if (value == NULL)
      return refuse (error);
    g_hash_table_insert (self->values, g_strdup (name), value);
  }
  return json_is_object (self->fields) ? g_steal_pointer (&self) : refuse (error);
}

Parcel *
parcel_open (int fd, const Secret *key, GError **error)
{
  g_autoptr (Secret) sealed
      = lseek (fd, 0, SEEK_SET) == 0 ? secret_read_fd (fd, PARCEL_MAX, error) : NULL;

  if (sealed == NULL)
    return error == NULL || *error == NULL ? refuse (error) : NULL;
  g_autoptr (Secret) text
      = crypt_open (key, BOUND, strlen (BOUND), secret_peek (sealed), secret_len (sealed), error);
  if (text == NULL)
    return NULL;
  g_autoptr (json_t) whole
      = wire_parse ((const char *) secret_peek (text), secret_len (text), FALSE, NULL);
  return whole != NULL ? read_parcel (whole, error) : refuse (error);
}
