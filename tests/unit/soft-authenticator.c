/* SPDX-License-Identifier: MIT */
#include "tests/unit/soft-authenticator.h"

#include <fido.h>
#include <openssl/x509.h>

#include "tests/unit/soft-cbor.h"

#define ATTESTED 0x40
#define PRESENT 0x01
#define NAME_OF_CERTIFICATE "soft key"

gboolean
soft_authenticator_is (const SoftAuthenticator *self, const char *how)
{
  return g_strcmp0 (self->behaviour, how) == 0;
}

/* ---- CTAP 2 ---- */

void
soft_authenticator_status (SoftAuthenticator *self, guint8 code)
{
  g_byte_array_set_size (self->reply, 0);
  g_byte_array_append (self->reply, &code, 1);
}

/* TRUE when somebody touched it; else it waits, or has said no. */
static gboolean
touched (SoftAuthenticator *self)
{
  self->waits = soft_authenticator_is (self, "untouched");
  if (soft_authenticator_is (self, "refuses"))
    soft_authenticator_status (self, FIDO_ERR_OPERATION_DENIED);
  return !self->waits && !soft_authenticator_is (self, "refuses");
}

static gboolean
lists_ours (const SoftAuthenticator *self, SoftCbor list)
{
  for (gsize n = soft_cbor_enter (&list); n > 0; n--)
    {
      SoftCbor id;
      g_assert_true (soft_cbor_find_text (list, "id", &id));
      g_autoptr (GBytes) bytes = soft_cbor_string (id);
      if (g_bytes_equal (bytes, soft_key_credential (self->key)))
        return TRUE;
      soft_cbor_next (&list);
    }
  return FALSE;
}

static void
append (GByteArray *out, GBytes *bytes)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);

  soft_cbor_bytes (out, data, len);
}

/* Authenticator data with a new credential: AAGUID, id, key as COSE has it (RFC 9053, 7.1). */
static GBytes *
attested_data (SoftAuthenticator *self, const char *rp_id)
{
  static const guint8 aaguid[16], head[] = { 0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21 };
  const SoftTouch touch = { rp_id, PRESENT | ATTESTED, ++self->counter };
  g_autoptr (GBytes) plain = soft_key_data (&touch), point = soft_key_point (self->key);
  const guint8 *at = g_bytes_get_data (point, NULL);
  gsize len;
  const guint8 *id = g_bytes_get_data (soft_key_credential (self->key), &len);
  const guint8 id_len[] = { 0, (guint8) len };
  GByteArray *data = g_byte_array_new ();

  g_byte_array_append (data, g_bytes_get_data (plain, NULL), g_bytes_get_size (plain));
  g_byte_array_append (data, aaguid, sizeof aaguid);
  g_byte_array_append (data, id_len, sizeof id_len);
  g_byte_array_append (data, id, len);
  g_byte_array_append (data, head, sizeof head);
  soft_cbor_bytes (data, at + 1, 32);
  soft_cbor_head (data, 1, 2); /* -3: y */
  soft_cbor_bytes (data, at + 33, 32);
  return g_byte_array_free_to_bytes (data);
}

static GBytes *
find_string (SoftCbor map, gint64 key)
{
  SoftCbor value;

  g_assert_true (soft_cbor_find (map, key, &value));
  return soft_cbor_string (value);
}

/* Signed by the new key itself ("packed", self attestation). */
static void
make (SoftAuthenticator *self, SoftCbor request)
{
  SoftCbor value, name;
  gboolean excluded = soft_cbor_find (request, 5, &value) && lists_ours (self, value);

  if (soft_authenticator_is (self, "pin") || soft_authenticator_is (self, "u2f"))
    {
      soft_authenticator_status (self, FIDO_ERR_PIN_REQUIRED);
      return;
    }
  if (!touched (self))
    return;
  soft_authenticator_status (self, excluded ? FIDO_ERR_CREDENTIAL_EXCLUDED : FIDO_OK);
  if (excluded)
    return;
  g_assert_true (soft_cbor_find (request, 2, &value));
  g_assert_true (soft_cbor_find_text (value, "id", &name));
  g_autoptr (GBytes) rp = soft_cbor_string (name), hash = find_string (request, 1);
  g_autofree char *rp_id = g_strndup (g_bytes_get_data (rp, NULL), g_bytes_get_size (rp));
  g_autoptr (GBytes) data = attested_data (self, rp_id);
  g_autoptr (GBytes) signature = soft_key_sign (self->key, data, g_bytes_get_data (hash, NULL));
  soft_cbor_head (self->reply, 5, 3);
  soft_cbor_head (self->reply, 0, 1);
  soft_cbor_text (self->reply, "packed");
  soft_cbor_head (self->reply, 0, 2);
  append (self->reply, data);
  soft_cbor_head (self->reply, 0, 3);
  soft_cbor_head (self->reply, 5, 2);
  soft_cbor_text (self->reply, "alg");
  soft_cbor_head (self->reply, 1, 6); /* -7: ES256 */
  soft_cbor_text (self->reply, "sig");
  append (self->reply, signature);
}

static void
answer_assert (SoftAuthenticator *self, const char *rp_id, guint8 flags, const guint8 *hash)
{
  const SoftTouch touch = { rp_id, flags, ++self->counter };
  g_autoptr (KeyAssertion) made = soft_key_touch (self->key, &touch, hash);

  soft_cbor_head (self->reply, 5, 3);
  soft_cbor_head (self->reply, 0, 1);
  soft_cbor_head (self->reply, 5, 2);
  soft_cbor_text (self->reply, "id");
  append (self->reply, made->credential_id);
  soft_cbor_text (self->reply, "type");
  soft_cbor_text (self->reply, "public-key");
  soft_cbor_head (self->reply, 0, 2);
  append (self->reply, made->authenticator_data);
  soft_cbor_head (self->reply, 0, 3);
  append (self->reply, made->signature);
}

static void
assert_ours (SoftAuthenticator *self, SoftCbor request)
{
  SoftCbor list, options, up;
  gboolean ours = soft_cbor_find (request, 3, &list) && lists_ours (self, list);
  gboolean silent = soft_cbor_find (request, 5, &options)
                    && soft_cbor_find_text (options, "up", &up) && !soft_cbor_is_true (up);

  soft_authenticator_status (self, ours ? FIDO_OK : FIDO_ERR_NO_CREDENTIALS);
  if (!ours || (!silent && !touched (self)))
    return;
  g_autoptr (GBytes) rp = find_string (request, 1), hash = find_string (request, 2);
  g_autofree char *rp_id = g_strndup (g_bytes_get_data (rp, NULL), g_bytes_get_size (rp));
  answer_assert (self, rp_id, silent ? 0 : PRESENT, g_bytes_get_data (hash, NULL));
}

static void
info (SoftAuthenticator *self)
{
  static const guint8 aaguid[16];

  soft_authenticator_status (self, FIDO_OK);
  soft_cbor_head (self->reply, 5, 2);
  soft_cbor_head (self->reply, 0, 1);
  soft_cbor_head (self->reply, 4, 1);
  soft_cbor_text (self->reply, "FIDO_2_0");
  soft_cbor_head (self->reply, 0, 3);
  soft_cbor_bytes (self->reply, aaguid, sizeof aaguid);
}

void
soft_authenticator_ctap2 (SoftAuthenticator *self, const guint8 *message, gsize len)
{
  SoftCbor request = { message + 1, message + len };

  switch (message[0])
    {
    case CTAP_CBOR_GETINFO:
      info (self);
      break;
    case CTAP_CBOR_MAKECRED:
      make (self, request);
      break;
    case CTAP_CBOR_ASSERT:
      assert_ours (self, request);
      break;
    default:
      soft_authenticator_status (self, FIDO_ERR_INVALID_COMMAND);
      break;
    }
}

/* ---- U2F ---- */

/* A certificate of the key by itself. */
static void
append_certificate (SoftAuthenticator *self)
{
  X509 *certificate = X509_new ();
  X509_NAME *name = X509_get_subject_name (certificate);
  guint8 *der = NULL;

  X509_set_version (certificate, X509_VERSION_3);
  ASN1_INTEGER_set (X509_get_serialNumber (certificate), 1);
  X509_gmtime_adj (X509_getm_notBefore (certificate), 0);
  X509_gmtime_adj (X509_getm_notAfter (certificate), 86400);
  X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC, (const guint8 *) NAME_OF_CERTIFICATE, -1,
                              -1, 0);
  X509_set_issuer_name (certificate, name);
  X509_set_pubkey (certificate, soft_key_pair (self->key));
  g_assert_cmpint (X509_sign (certificate, soft_key_pair (self->key), EVP_sha256 ()), >, 0);
  int len = i2d_X509 (certificate, &der);
  g_byte_array_append (self->reply, der, len);
  OPENSSL_free (der);
  X509_free (certificate);
}

/* U2F Raw Message Formats, section 4.3. */
void
soft_authenticator_register (SoftAuthenticator *self, const guint8 *hash, const guint8 *application)
{
  static const guint8 zero = 0, five = 5, ok[] = { 0x90, 0x00 };
  gsize len;
  const guint8 *id = g_bytes_get_data (soft_key_credential (self->key), &len);
  g_autoptr (GBytes) point = soft_key_point (self->key);
  const guint8 *at = g_bytes_get_data (point, NULL), id_len = (guint8) len;
  GByteArray *text = g_byte_array_new ();

  g_byte_array_append (text, &zero, 1);
  g_byte_array_append (text, application, 32);
  g_byte_array_append (text, hash, 32);
  g_byte_array_append (text, id, len);
  g_byte_array_append (text, at, KEY_POINT_LEN - 32);
  g_autoptr (GBytes) first = g_byte_array_free_to_bytes (text);
  /* soft_key_sign() signs bytes and then 32 more. */
  g_autoptr (GBytes) signature = soft_key_sign (self->key, first, at + KEY_POINT_LEN - 32);
  g_byte_array_set_size (self->reply, 0);
  g_byte_array_append (self->reply, &five, 1);
  g_byte_array_append (self->reply, at, KEY_POINT_LEN);
  g_byte_array_append (self->reply, &id_len, 1);
  g_byte_array_append (self->reply, id, len);
  append_certificate (self);
  g_byte_array_append (self->reply, g_bytes_get_data (signature, NULL),
                       g_bytes_get_size (signature));
  g_byte_array_append (self->reply, ok, sizeof ok);
}
