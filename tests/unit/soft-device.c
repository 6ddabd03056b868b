/* SPDX-License-Identifier: MIT */
#include "tests/unit/soft-device.h"

#include <string.h>

#include "tests/unit/soft-authenticator.h"

#define GROUP "key"
#define NONCE_LEN 8
#define U2F_REGISTER 0x01
#define U2F_DATA_AT 7 /* of an APDU of extended length */

char *soft_keys_folder;

typedef struct
{
  char *path;
  GKeyFile *file;
  SoftAuthenticator inside;
  gboolean cancelled;
  GMutex mutex;
  GCond cond;
} SoftDevice;

/* ---- what it keeps ---- */

static void
save (SoftDevice *self)
{
  gsize len;
  const guint8 *id = g_bytes_get_data (soft_key_credential (self->inside.key), &len);
  g_autofree char *pem = soft_key_pem (self->inside.key), *credential = g_base64_encode (id, len);

  g_key_file_set_string (self->file, GROUP, "pem", pem);
  g_key_file_set_string (self->file, GROUP, "credential", credential);
  g_key_file_set_integer (self->file, GROUP, "counter", (gint) self->inside.counter);
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

static void *
device_open (const char *path)
{
  SoftDevice *self = g_new0 (SoftDevice, 1);

  self->path = g_strdup (path);
  self->file = g_key_file_new ();
  g_key_file_load_from_file (self->file, path, G_KEY_FILE_NONE, NULL);
  self->inside.key = load (self);
  self->inside.reply = g_byte_array_new ();
  self->inside.behaviour = g_key_file_get_string (self->file, GROUP, "behaviour", NULL);
  self->inside.counter = (guint32) g_key_file_get_integer (self->file, GROUP, "counter", NULL);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  return self;
}

static void
device_close (void *handle)
{
  SoftDevice *self = handle;

  save (self);
  soft_key_free (self->inside.key);
  g_free (self->inside.behaviour);
  g_key_file_unref (self->file);
  g_byte_array_unref (self->inside.reply);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self->path);
  g_free (self);
}

/* ---- the transport ---- */

static void
init (SoftDevice *self, const guint8 *nonce)
{
  const guint8 rest[]
      = { 0,
          0,
          0,
          1,
          2,
          0,
          0,
          0, /* channel, protocol, version */
          FIDO_CAP_CBOR | (soft_authenticator_is (&self->inside, "pin") ? FIDO_CAP_NMSG : 0) };

  g_byte_array_set_size (self->inside.reply, 0);
  g_byte_array_append (self->inside.reply, nonce, NONCE_LEN);
  g_byte_array_append (self->inside.reply, rest, sizeof rest);
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
      soft_authenticator_ctap2 (&self->inside, message, len);
      break;
    case CTAP_CMD_MSG:
      g_assert_cmpint (message[1], ==, U2F_REGISTER);
      soft_authenticator_register (&self->inside, message + U2F_DATA_AT,
                                   message + U2F_DATA_AT + 32);
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
  while (self->inside.waits && !self->cancelled)
    g_cond_wait (&self->cond, &self->mutex);
  if (self->inside.waits)
    soft_authenticator_status (&self->inside, FIDO_ERR_KEEPALIVE_CANCEL);
  self->inside.waits = self->cancelled = FALSE;
  g_mutex_unlock (&self->mutex);
  g_assert_cmpuint (self->inside.reply->len, <=, len);
  memcpy (out, self->inside.reply->data, self->inside.reply->len);
  return (int) self->inside.reply->len;
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

/* ---- in place of approve-ui/key/key-device-io.c ---- */

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
