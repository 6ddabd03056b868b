/* SPDX-License-Identifier: MIT
 *
 * Is this a touch of that key? Pure: no store, no clock, no device. WebAuthn Level 2, section 7.2,
 * as far as it is about a key and not about a browser.
 *
 * MUST
 *  - read authenticator data whole: what is cut, longer or of another kind is refused
 *  - believe nothing in it before the signature is checked
 */
#pragma once

#include <openssl/evp.h>

#include "broker/base/key-assertion.h"
#include "broker/base/key-hash.h"

#define KEY_POINT_LEN 65 /* SEC 1, section 2.3.3: 0x04, x, y */
#define KEY_AUTHENTICATOR_DATA_LEN 37

#define KEY_ERROR (key_error_quark ())
typedef enum
{
  KEY_ERROR_POINT,     /* no point of P-256 */
  KEY_ERROR_DATA,      /* not 37 bytes, or it says that there is more in it */
  KEY_ERROR_RP,        /* made for somebody else */
  KEY_ERROR_TOUCH,     /* nobody touched it */
  KEY_ERROR_SIGNATURE, /* not by this key, or not over this */
  KEY_ERROR_COUNTER,   /* not above the last one: there are two of this key */
  KEY_ERROR_UNKNOWN,   /* not enrolled */
  KEY_ERROR_CHALLENGE  /* none was given here, it was used, or it is too old */
} KeyError;
GQuark key_error_quark (void);

typedef struct
{
  guint8 rp_id_hash[KEY_HASH_LEN];
  gboolean touched; /* the user-presence flag */
  guint32 counter;  /* of signatures; 0: this key does not count */
} KeyData;

/* Authenticator data (WebAuthn Level 2, section 6.1) of an assertion: without extensions, of which
 * none were asked for, and without attested credential data, which an assertion has not. */
gboolean key_data_read (GBytes *bytes, KeyData *data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
/* The public key at @point, KEY_POINT_LEN bytes, which must lie on P-256. EVP_PKEY_free(). */
EVP_PKEY *key_point_read (GBytes *point, GError **error);

/* @counter is the last one of this key, and gets that of @assertion. */
gboolean key_verify (EVP_PKEY *key, const KeyAssertion *assertion,
                     const guint8 client_data_hash[KEY_HASH_LEN], guint32 *counter, GError **error);
