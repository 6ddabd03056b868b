/* SPDX-License-Identifier: MIT
 *
 * A security key in software: signs without being touched. A fake, linked into tests alone.
 */
#pragma once

#include "broker/human/key-verify.h"

typedef struct _SoftKey SoftKey;
SoftKey *soft_key_new (void);
/* The one that soft_key_pem() described. */
SoftKey *soft_key_from_pem (const char *pem, GBytes *credential);
void soft_key_free (SoftKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoftKey, soft_key_free)

GBytes *soft_key_credential (const SoftKey *self); /* 32 bytes; borrowed */
char *soft_key_pem (const SoftKey *self);          /* g_free() */
EVP_PKEY *soft_key_pair (const SoftKey *self);     /* borrowed */
GBytes *soft_key_point (const SoftKey *self);      /* KEY_POINT_LEN; g_bytes_unref() */
/* DER, over SHA-256 of @data and @hash. */
GBytes *soft_key_sign (const SoftKey *self, GBytes *data, const guint8 hash[KEY_HASH_LEN]);

typedef struct
{
  const char *rp_id;
  guint8 flags;
  guint32 counter;
} SoftTouch;
GBytes *soft_key_data (const SoftTouch *touch); /* authenticator data */
KeyAssertion *soft_key_touch (const SoftKey *self, const SoftTouch *touch,
                              const guint8 hash[KEY_HASH_LEN]);
