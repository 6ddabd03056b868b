/* SPDX-License-Identifier: MIT
 *
 * Security keys: finding the one that is meant, and a touch of it (CTAP 2.1, through libfido2).
 *
 * MUST
 *  - ask for a touch of a key only when it is known to be enrolled, so that a blinking key
 *    always means that something waits for it
 *  - never ask for the device's own PIN or print: who needs one is told so
 *
 * The calls block for as long as a person takes: they are made on a thread, one key_touch each, and
 * any other thread may cancel it. What a key says is not believed here but by the broker.
 */
#pragma once

#include "broker/base/key-assertion.h"
#include "broker/base/key-hash.h"

#define KEY_DEVICE_ERROR (key_device_error_quark ())
typedef enum
{
  KEY_DEVICE_ERROR_ABSENT, /* none is plugged in, or none that is enrolled */
  KEY_DEVICE_ERROR_TIMEOUT,
  KEY_DEVICE_ERROR_CANCELLED,
  KEY_DEVICE_ERROR_SEVERAL,  /* enrolling: which one is meant? */
  KEY_DEVICE_ERROR_ENROLLED, /* enrolling: it is already */
  KEY_DEVICE_ERROR_UNFIT,    /* it wants its own PIN, or cannot do ES256 */
  KEY_DEVICE_ERROR_FAILED
} KeyDeviceError;
GQuark key_device_error_quark (void);

/* One attempt. Counted references: one for who waits, one for the thread. */
typedef struct _KeyTouch KeyTouch;
/* @prompt (may be NULL) is called once, on the blocking thread, when a key begins to wait for its
 * touch: "touch your key". */
KeyTouch *key_touch_new (void (*prompt) (gpointer user), gpointer user);
KeyTouch *key_touch_ref (KeyTouch *touch);
void key_touch_unref (KeyTouch *touch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KeyTouch, key_touch_unref)
/* From any thread, at any time: the call ends with CANCELLED, now or when it begins. */
void key_touch_cancel (KeyTouch *touch);

typedef struct
{
  GBytes *credential_id;
  GBytes *public_key; /* uncompressed point of P-256: 65 bytes */
  char *product;      /* what the device calls itself, unescaped; "" when it does not say */
} KeyCredential;
void key_credential_free (KeyCredential *credential);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KeyCredential, key_credential_free)

/* A new credential on the one key that is plugged in, which must not hold one of @enrolled (of
 * GBytes). authenticatorMakeCredential: ES256, not resident, user presence; on a key that would
 * want its own PIN for that, the older U2F_REGISTER, which does without. */
KeyCredential *key_device_enrol (KeyTouch *touch, const char *name, GPtrArray *enrolled,
                                 GError **error);

/* A touch of the plugged-in key that holds one of @enrolled. authenticatorGetAssertion. */
KeyAssertion *key_device_assert (KeyTouch *touch, const guint8 client_data_hash[KEY_HASH_LEN],
                                 GPtrArray *enrolled, GError **error);
