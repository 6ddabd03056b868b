/* SPDX-License-Identifier: MIT */
#include "broker/base/key-assertion.h"

#include <string.h>

void
key_assertion_free (KeyAssertion *assertion)
{
  if (assertion == NULL)
    return;
  g_clear_pointer (&assertion->credential_id, g_bytes_unref);
  g_clear_pointer (&assertion->authenticator_data, g_bytes_unref);
  g_clear_pointer (&assertion->signature, g_bytes_unref);
  g_free (assertion);
}

json_t *
key_bytes_json (GBytes *bytes)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);
  g_autofree char *text = g_base64_encode (data, len);

  return json_string (text);
}

GBytes *
key_bytes_read (const char *field, const char *base64, gsize max, GError **error)
{
  gsize len;
  g_autofree guchar *bytes = g_base64_decode (base64, &len);
  g_autofree char *again = g_base64_encode (bytes, len);

  /* GLib skips what is no base64: spelt again, it must be the same. */
  if (len > 0 && len <= max && strcmp (again, base64) == 0)
    return g_bytes_new_take (g_steal_pointer (&bytes), len);
  g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD,
               "%s: must be base64 of 1 to %" G_GSIZE_FORMAT " bytes", field, max);
  return NULL;
}

json_t *
key_assertion_json (const KeyAssertion *assertion)
{
  return json_pack ("{s:o, s:o, s:o}", "credential_id", key_bytes_json (assertion->credential_id),
                    "authenticator_data", key_bytes_json (assertion->authenticator_data),
                    "signature", key_bytes_json (assertion->signature));
}

KeyAssertion *
key_assertion_read (const json_t *object, GError **error)
{
  static const WireField fields[] = {
    { "credential_id", WIRE_STRING, TRUE, 1, 0, NULL },
    { "authenticator_data", WIRE_STRING, TRUE, 1, 0, NULL },
    { "signature", WIRE_STRING, TRUE, 1, 0, NULL },
  };
  g_autoptr (KeyAssertion) read = g_new0 (KeyAssertion, 1);

  if (!wire_check (fields, G_N_ELEMENTS (fields), object, error))
    {
      g_prefix_error (error, "key.");
      return NULL;
    }
  read->credential_id = key_bytes_read ("key.credential_id", wire_string (object, fields[0].name),
                                        KEY_CREDENTIAL_MAX, error);
  if (read->credential_id == NULL)
    return NULL;
  read->authenticator_data
      = key_bytes_read ("key.authenticator_data", wire_string (object, fields[1].name),
                        KEY_AUTHENTICATOR_DATA_MAX, error);
  if (read->authenticator_data == NULL)
    return NULL;
  read->signature = key_bytes_read ("key.signature", wire_string (object, fields[2].name),
                                    KEY_SIGNATURE_MAX, error);
  return read->signature != NULL ? g_steal_pointer (&read) : NULL;
}
