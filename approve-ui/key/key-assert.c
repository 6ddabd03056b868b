/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/i18n.h"
#include "approve-ui/key/key-device-private.h"

#define AUTH_DATA_LEN 37 /* without extensions, which are not asked for */

static fido_assert_t *
assertion_wanted (const guint8 *hash, GBytes *id, gboolean touched)
{
  fido_assert_t *assert = fido_assert_new ();
  gsize len;
  const guint8 *bytes = g_bytes_get_data (id, &len);

  if (assert != NULL && fido_assert_set_rp (assert, KEY_RP_ID) == FIDO_OK
      && fido_assert_set_clientdata_hash (assert, hash, KEY_HASH_LEN) == FIDO_OK
      && fido_assert_allow_cred (assert, bytes, len) == FIDO_OK
      && fido_assert_set_up (assert, touched ? FIDO_OPT_TRUE : FIDO_OPT_FALSE) == FIDO_OK)
    return assert;
  fido_assert_free (&assert);
  return NULL;
}

static int
call_assert (fido_dev_t *dev, gpointer data)
{
  return fido_dev_get_assert (dev, data, NULL);
}

/* Without a touch: is @id one of this key's? What is signed for that (nothing, with CTAP1) has no
 * user-presence flag and a hash that stands for no decision. */
static int
probe (fido_dev_t *dev, GBytes *id)
{
  static const guint8 nothing[KEY_HASH_LEN];
  fido_assert_t *assert = assertion_wanted (nothing, id, FALSE);
  int result = assert != NULL ? call_assert (dev, assert) : FIDO_ERR_INTERNAL;

  fido_assert_free (&assert);
  return result == FIDO_ERR_USER_PRESENCE_REQUIRED || result == FIDO_ERR_UP_REQUIRED ? FIDO_OK
                                                                                     : result;
}

/* The first of @enrolled that @dev holds, or NULL. @trouble keeps what else was wrong. */
static GBytes *
find_credential (KeyTouch *touch, fido_dev_t *dev, GPtrArray *enrolled, int *trouble)
{
  for (guint i = 0; i < enrolled->len && !key_touch_is_cancelled (touch); i++)
    {
      int result = probe (dev, g_ptr_array_index (enrolled, i));
      if (result == FIDO_OK)
        return g_ptr_array_index (enrolled, i);
      if (result != FIDO_ERR_NO_CREDENTIALS && result != FIDO_ERR_INVALID_CREDENTIAL)
        *trouble = result;
    }
  return NULL;
}

/* libfido2 hands authenticator data out as a CBOR byte string (RFC 8949, section 3.1). */
static GBytes *
unwrap_auth_data (const guint8 *data, gsize len)
{
  if (len != 2 + AUTH_DATA_LEN || data[0] != 0x58 || data[1] != AUTH_DATA_LEN)
    return NULL;
  return g_bytes_new (data + 2, AUTH_DATA_LEN);
}

static KeyAssertion *
assertion_made (const fido_assert_t *assert, GBytes *id)
{
  g_autoptr (GBytes) data = NULL;
  KeyAssertion *made;

  if (fido_assert_count (assert) != 1 || fido_assert_sig_len (assert, 0) == 0)
    return NULL;
  data = unwrap_auth_data (fido_assert_authdata_ptr (assert, 0),
                           fido_assert_authdata_len (assert, 0));
  if (data == NULL)
    return NULL;
  made = g_new0 (KeyAssertion, 1);
  made->credential_id = g_bytes_ref (id);
  made->authenticator_data = g_steal_pointer (&data);
  made->signature = g_bytes_new (fido_assert_sig_ptr (assert, 0), fido_assert_sig_len (assert, 0));
  return made;
}

static KeyAssertion *
assert_on (KeyTouch *touch, fido_dev_t *dev, const guint8 *hash, GBytes *id, GError **error)
{
  fido_assert_t *assert = assertion_wanted (hash, id, TRUE);
  KeyAssertion *made = NULL;
  int result
      = assert != NULL ? key_device_wait (touch, dev, call_assert, assert) : FIDO_ERR_INTERNAL;

  if (result == FIDO_OK && !key_touch_is_cancelled (touch))
    made = assertion_made (assert, id);
  if (made == NULL)
    key_device_failure (error, touch, result == FIDO_OK ? FIDO_ERR_RX_INVALID_CBOR : result);
  fido_assert_free (&assert);
  return made;
}

/* NULL without an error: none of @enrolled is on it. */
static KeyAssertion *
assert_if_held (KeyTouch *touch, const KeyPlugged *plugged, const guint8 *hash, GPtrArray *enrolled,
                GError **error)
{
  fido_dev_t *dev = key_device_open (plugged, error);
  KeyAssertion *made = NULL;
  int trouble = FIDO_OK;

  if (dev == NULL)
    return NULL;
  GBytes *id = find_credential (touch, dev, enrolled, &trouble);
  if (id != NULL)
    made = assert_on (touch, dev, hash, id, error);
  else if (trouble != FIDO_OK || key_touch_is_cancelled (touch))
    key_device_failure (error, touch, trouble);
  key_device_close (dev);
  return made;
}

KeyAssertion *
key_device_assert (KeyTouch *touch, const guint8 client_data_hash[KEY_HASH_LEN],
                   GPtrArray *enrolled, GError **error)
{
  g_autoptr (GPtrArray) plugged = NULL;
  g_autoptr (GError) trouble = NULL; /* the first; another key may still be the right one */

  fido_init (0);
  plugged = key_io_list ();
  for (guint i = 0; i < plugged->len; i++)
    {
      g_autoptr (GError) failed = NULL;
      KeyAssertion *made = assert_if_held (touch, g_ptr_array_index (plugged, i), client_data_hash,
                                           enrolled, &failed);
      if (made != NULL)
        return made;
      if (trouble == NULL)
        trouble = g_steal_pointer (&failed);
      if (trouble != NULL && trouble->code != KEY_DEVICE_ERROR_FAILED)
        break;
    }
  if (trouble != NULL)
    g_propagate_error (error, g_steal_pointer (&trouble));
  else
    key_device_absent (error, _ ("no enrolled key is plugged in"));
  return NULL;
}
