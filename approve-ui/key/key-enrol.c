/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/random.h>

#include "approve-ui/card/i18n.h"
#include "approve-ui/key/key-device-private.h"

#define POINT_LEN 65

void
key_credential_free (KeyCredential *credential)
{
  g_clear_pointer (&credential->credential_id, g_bytes_unref);
  g_clear_pointer (&credential->public_key, g_bytes_unref);
  g_free (credential->product);
  g_free (credential);
}

static gboolean
fill_random (guint8 *out, gsize len)
{
  return getrandom (out, len, 0) == (gssize) len;
}

/* What is to be made. NULL: out of memory. */
static fido_cred_t *
credential_wanted (const char *name, GPtrArray *enrolled)
{
  fido_cred_t *cred = fido_cred_new ();
  guint8 hash[KEY_HASH_LEN], user[KEY_HASH_LEN];
  gboolean made = cred != NULL && fill_random (hash, sizeof hash) && fill_random (user, sizeof user)
                  && fido_cred_set_type (cred, COSE_ES256) == FIDO_OK
                  && fido_cred_set_rp (cred, KEY_RP_ID, "Countersign") == FIDO_OK
                  && fido_cred_set_user (cred, user, sizeof user, name, name, NULL) == FIDO_OK
                  && fido_cred_set_clientdata_hash (cred, hash, sizeof hash) == FIDO_OK;

  for (guint i = 0; made && i < enrolled->len; i++)
    {
      gsize len;
      const guint8 *id = g_bytes_get_data (g_ptr_array_index (enrolled, i), &len);
      made = fido_cred_exclude (cred, id, len) == FIDO_OK;
    }
  if (!made)
    fido_cred_free (&cred);
  return cred;
}

/* Many keys make a credential of CTAP 2.0 only with their own PIN, once one is set, and one of U2F
 * without; it signs the same (CTAP 2.1, section 10.3). */
static int
call_make (fido_dev_t *dev, gpointer data)
{
  int result = fido_dev_make_cred (dev, data, NULL);

  if (result != FIDO_ERR_PIN_REQUIRED || (fido_dev_flags (dev) & FIDO_CAP_NMSG) != 0)
    return result;
  fido_dev_force_u2f (dev);
  return fido_dev_make_cred (dev, data, NULL);
}

/* The key signed what it made for this very call. That it is a good make is not asked: there is no
 * list of good makes here. A key without attestation signs nothing now, and shows at its first
 * assertion that it has the private key. */
static int
check_made (const fido_cred_t *cred)
{
  const char *format = fido_cred_fmt (cred);

  if (fido_cred_x5c_ptr (cred) != NULL)
    return fido_cred_verify (cred);
  return g_strcmp0 (format, "none") == 0 ? FIDO_OK : fido_cred_verify_self (cred);
}

static KeyCredential *
credential_made (const fido_cred_t *cred, const char *product)
{
  guint8 point[POINT_LEN] = { 0x04 };
  KeyCredential *made;

  if (fido_cred_type (cred) != COSE_ES256 || fido_cred_pubkey_len (cred) != POINT_LEN - 1
      || fido_cred_id_len (cred) == 0)
    return NULL;
  memcpy (point + 1, fido_cred_pubkey_ptr (cred), POINT_LEN - 1);
  made = g_new0 (KeyCredential, 1);
  made->credential_id = g_bytes_new (fido_cred_id_ptr (cred), fido_cred_id_len (cred));
  made->public_key = g_bytes_new (point, sizeof point);
  made->product = g_strdup (product);
  return made;
}

static KeyCredential *
enrol_on (KeyTouch *touch, const KeyPlugged *plugged, fido_cred_t *cred, GError **error)
{
  fido_dev_t *dev = key_device_open (plugged, error);
  KeyCredential *made = NULL;

  if (dev == NULL)
    return NULL;
  int result = key_device_wait (touch, dev, call_make, cred);
  if (result == FIDO_OK)
    result = check_made (cred);
  key_device_close (dev);
  if (result == FIDO_OK && !key_touch_is_cancelled (touch))
    made = credential_made (cred, plugged->product);
  if (made == NULL)
    key_device_failure (error, touch, result == FIDO_OK ? FIDO_ERR_UNSUPPORTED_ALGORITHM : result);
  return made;
}

KeyCredential *
key_device_enrol (KeyTouch *touch, const char *name, GPtrArray *enrolled, GError **error)
{
  g_autoptr (GPtrArray) plugged = NULL;

  fido_init (0);
  plugged = key_io_list ();
  if (plugged->len == 0)
    {
      key_device_absent (error, _ ("no security key is plugged in"));
      return NULL;
    }
  if (plugged->len > 1)
    {
      g_set_error_literal (
          error, KEY_DEVICE_ERROR, KEY_DEVICE_ERROR_SEVERAL,
          _ ("several security keys are plugged in; leave only the one to be added"));
      return NULL;
    }
  fido_cred_t *cred = credential_wanted (name, enrolled);
  if (cred == NULL)
    {
      key_device_failure (error, touch, FIDO_ERR_INVALID_ARGUMENT);
      return NULL;
    }
  KeyCredential *made = enrol_on (touch, g_ptr_array_index (plugged, 0), cred, error);
  fido_cred_free (&cred);
  return made;
}
