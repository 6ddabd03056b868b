/* SPDX-License-Identifier: MIT */
#include "tests/unit/soft-device.h"

#include <openssl/x509.h>
#include <string.h>

#include "tests/unit/soft-cbor.h"
#include "tests/unit/soft-key.h"

#define GROUP "key"
#define NONCE_LEN 8
#define ATTESTED 0x40
#define PRESENT 0x01
#define U2F_REGISTER 0x01
#define U2F_DATA_AT 7 /* of an APDU of extended length */
#define NAME_OF_CERTIFICATE "soft key"

char *soft_keys_folder;

typedef struct
{
  char *path;
  GKeyFile *file;
  SoftKey *key;
  GByteArray *reply; /* to what was sent last */
  gboolean waits;    /* for a touch that does not come */
  gboolean cancelled;
  GMutex mutex;
  GCond cond;
} SoftDevice;

/* ---- what it keeps ---- */

static gboolean
behaves (const SoftDevice *self, const char *how)
{
  g_autofree char *behaviour = g_key_file_get_string (self->file, GROUP, "behaviour", NULL);
  return g_strcmp0 (behaviour, how) == 0;
}

static void
save (SoftDevice *self)
{
  gsize len;
  const guint8 *id = g_bytes_get_data (soft_key_credential (self->key), &len);
  g_autofree char *pem = soft_key_pem (self->key), *credential = g_base64_encode (id, len);

  g_key_file_set_string (self->file, GROUP, "pem", pem);
  g_key_file_set_string (self->file, GROUP, "credential", credential);
  g_assert_true (g_key_file_save_to_file (self->file, self->path, NULL));
}

static SoftKey *
load (SoftDevice *self)
{
  g_autofree char *pem = g_key_file_get_string (self->file, GROUP, "pem", NULL);
  g_autofree char *credential = g_key_file_get_string (self->file, GROUP, "credential", NULL);
  gsize len;

  if (pem == NULL)
    return soft_key_new ();
  g_autofree guchar *id = g_base64_decode (credential, &len);
  g_autoptr (GBytes) bytes = g_bytes_new (id, len);
  return soft_key_from_pem (pem, bytes);
}

static guint32
count (SoftDevice *self)
{
  gint next = g_key_file_get_integer (self->file, GROUP, "counter", NULL) + 1;

  g_key_file_set_integer (self->file, GROUP, "counter", next);
  return (guint32) next;
}

static void *
device_open (const char *path)
{
  SoftDevice *self = g_new0 (SoftDevice, 1);

  self->path = g_strdup (path);
  self->file = g_key_file_new ();
  g_key_file_load_from_file (self->file, path, G_KEY_FILE_NONE, NULL);
  self->key = load (self);
  self->reply = g_byte_array_new ();
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  return self;
}

static void
device_close (void *handle)
{
  SoftDevice *self = handle;

  save (self);
  soft_key_free (self->key);
  g_key_file_unref (self->file);
  g_byte_array_unref (self->reply);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self->path);
  g_free (self);
}

/* ---- CTAP 2 ---- */

static void
status (SoftDevice *self, guint8 code)
{
  g_byte_array_set_size (self->reply, 0);
  g_byte_array_append (self->reply, &code, 1);
}

/* TRUE when somebody touched it; else it waits, or has said no. */
static gboolean
touched (SoftDevice *self)
{
  self->waits = behaves (self, "untouched");
  if (behaves (self, "refuses"))
    status (self, FIDO_ERR_OPERATION_DENIED);
  return !self->waits && !behaves (self, "refuses");
}

static gboolean
lists_ours (const SoftDevice *self, SoftCbor list)
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
attested_data (SoftDevice *self, const char *rp_id)
{
  static const guint8 aaguid[16], head[] = { 0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21 };
  const SoftTouch touch = { rp_id, PRESENT | ATTESTED, count (self) };
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
make (SoftDevice *self, SoftCbor request)
{
  SoftCbor value, name;
  gboolean excluded = soft_cbor_find (request, 5, &value) && lists_ours (self, value);

  if (behaves (self, "pin") || behaves (self, "u2f"))
    {
      status (self, FIDO_ERR_PIN_REQUIRED);
      return;
    }
  if (!touched (self))
    return;
  status (self, excluded ? FIDO_ERR_CREDENTIAL_EXCLUDED : FIDO_OK);
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
answer_assert (SoftDevice *self, const char *rp_id, guint8 flags, const guint8 *hash)
{
  const SoftTouch touch = { rp_id, flags, count (self) };
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
assert_ours (SoftDevice *self, SoftCbor request)
{
  SoftCbor list, options, up;
  gboolean ours = soft_cbor_find (request, 3, &list) && lists_ours (self, list);
  gboolean silent = soft_cbor_find (request, 5, &options)
                    && soft_cbor_find_text (options, "up", &up) && !soft_cbor_is_true (up);

  status (self, ours ? FIDO_OK : FIDO_ERR_NO_CREDENTIALS);
  if (!ours || (!silent && !touched (self)))
    return;
  g_autoptr (GBytes) rp = find_string (request, 1), hash = find_string (request, 2);
  g_autofree char *rp_id = g_strndup (g_bytes_get_data (rp, NULL), g_bytes_get_size (rp));
  answer_assert (self, rp_id, silent ? 0 : PRESENT, g_bytes_get_data (hash, NULL));
}

static void
info (SoftDevice *self)
{
  static const guint8 aaguid[16];

  status (self, FIDO_OK);
  soft_cbor_head (self->reply, 5, 2);
  soft_cbor_head (self->reply, 0, 1);
  soft_cbor_head (self->reply, 4, 1);
  soft_cbor_text (self->reply, "FIDO_2_0");
  soft_cbor_head (self->reply, 0, 3);
  soft_cbor_bytes (self->reply, aaguid, sizeof aaguid);
}

static void
ctap2 (SoftDevice *self, const guint8 *message, gsize len)
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
      status (self, FIDO_ERR_INVALID_COMMAND);
      break;
    }
}

/* ---- U2F ---- */

/* A certificate of the key by itself. */
static void
append_certificate (SoftDevice *self)
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
static void
u2f_register (SoftDevice *self, const guint8 *hash, const guint8 *application)
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

/* ---- the transport ---- */

static void
init (SoftDevice *self, const guint8 *nonce)
{
  const guint8 rest[] = { 0,
                          0,
                          0,
                          1,
                          2,
                          0,
                          0,
                          0, /* channel, protocol, version */
                          FIDO_CAP_CBOR | (behaves (self, "pin") ? FIDO_CAP_NMSG : 0) };

  g_byte_array_set_size (self->reply, 0);
  g_byte_array_append (self->reply, nonce, NONCE_LEN);
  g_byte_array_append (self->reply, rest, sizeof rest);
}

static void
cancel (SoftDevice *self)
{
  g_mutex_lock (&self->mutex);
  self->cancelled = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
}

static int
device_tx (fido_dev_t *dev, uint8_t command, const unsigned char *message, size_t len)
{
  SoftDevice *self = fido_dev_io_handle (dev);

  switch (command)
    {
    case CTAP_CMD_INIT:
      init (self, message);
      break;
    case CTAP_CMD_CBOR:
      ctap2 (self, message, len);
      break;
    case CTAP_CMD_MSG:
      g_assert_cmpint (message[1], ==, U2F_REGISTER);
      u2f_register (self, message + U2F_DATA_AT, message + U2F_DATA_AT + 32);
      break;
    case CTAP_CMD_CANCEL:
      cancel (self);
      break;
    default:
      return -1;
    }
  return 0;
}

static int
device_rx (fido_dev_t *dev, uint8_t command, unsigned char *out, size_t len, int ms)
{
  SoftDevice *self = fido_dev_io_handle (dev);

  g_mutex_lock (&self->mutex);
  while (self->waits && !self->cancelled)
    g_cond_wait (&self->cond, &self->mutex);
  if (self->waits)
    status (self, FIDO_ERR_KEEPALIVE_CANCEL);
  self->waits = self->cancelled = FALSE;
  g_mutex_unlock (&self->mutex);
  g_assert_cmpuint (self->reply->len, <=, len);
  memcpy (out, self->reply->data, self->reply->len);
  return (int) self->reply->len;
}

/* The frames that these would carry are never made. */
static int
no_read (void *handle, unsigned char *out, size_t len, int ms)
{
  return -1;
}

static int
no_write (void *handle, const unsigned char *message, size_t len)
{
  return -1;
}

/* ---- in place of approve-ui/key-device-io.c ---- */

static void
plugged_free (gpointer data)
{
  KeyPlugged *plugged = data;

  g_free (plugged->path);
  g_free (plugged->product);
  g_free (plugged);
}

static gint
by_path (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(KeyPlugged *const *) a)->path, (*(KeyPlugged *const *) b)->path);
}

static char *
find_folder (void)
{
  const char *folder = soft_keys_folder != NULL ? soft_keys_folder : g_getenv ("SOFT_KEYS");
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *beside = program != NULL ? g_path_get_dirname (program) : g_strdup (".");

  return folder != NULL ? g_strdup (folder) : g_build_filename (beside, "soft-keys", NULL);
}

GPtrArray *
key_io_list (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (plugged_free);
  g_autofree char *folder = find_folder ();
  const char *name;
  GDir *dir = g_dir_open (folder, 0, NULL);

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      KeyPlugged *plugged = g_new0 (KeyPlugged, 1);
      plugged->path = g_build_filename (folder, name, NULL);
      plugged->product = g_strconcat ("Soft Key ", name, NULL);
      g_ptr_array_add (list, plugged);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_ptr_array_sort (list, by_path);
  return list;
}

fido_dev_t *
key_io_open (const char *path, int *result)
{
  static const fido_dev_io_t io = { device_open, device_close, no_read, no_write };
  static const fido_dev_transport_t transport = { device_rx, device_tx };
  fido_dev_t *dev = fido_dev_new ();

  g_assert_cmpint (fido_dev_set_io_functions (dev, &io), ==, FIDO_OK);
  g_assert_cmpint (fido_dev_set_transport_functions (dev, &transport), ==, FIDO_OK);
  *result = fido_dev_open (dev, path);
  if (*result != FIDO_OK)
    fido_dev_free (&dev);
  return dev;
}
