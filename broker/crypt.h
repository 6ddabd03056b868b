/* SPDX-License-Identifier: MIT
 *
 * Keys and sealing, each over OpenSSL or libargon2; keys are Secrets.
 */
#pragma once

#include "broker/base/secret.h"

#define CRYPT_KEY_LEN 32
#define CRYPT_SALT_LEN 16
#define CRYPT_MAC_LEN 32
#define CRYPT_ERROR (crypt_error_quark ())
typedef enum { CRYPT_ERROR_OPEN, CRYPT_ERROR_SYSTEM } CryptError; /* OPEN: wrong key, or changed bytes */
GQuark crypt_error_quark (void);

/* Argon2id (RFC 9106): parameters travel with what they protect. */
typedef struct { guint32 passes, memory_kib, lanes; guint8 salt[CRYPT_SALT_LEN]; } CryptKdf;
/* Today's parameters (t=3, m=64 MiB, p=4) and a fresh salt. */
gboolean crypt_kdf_fresh (CryptKdf *kdf, GError **error);
/* Blocks for tens of milliseconds and allocates kdf->memory_kib: never on the main loop. Refuses parameters out of
 * bounds (a store file is foreign bytes): 1–16 passes, 8 MiB–1 GiB, 1–16 lanes. */
Secret *crypt_kdf (const CryptKdf *kdf, const Secret *passphrase, GError **error);

gboolean crypt_random (void *out, gsize len, GError **error);
Secret *crypt_random_key (GError **error);
/* HKDF-SHA256 (RFC 5869) with @label as info. */
Secret *crypt_derive (const Secret *key, const char *label, GError **error);
/* HMAC-SHA256. */
gboolean crypt_mac (const Secret *key, const void *data, gsize len, guint8 out[CRYPT_MAC_LEN], GError **error);

/* AES-256-GCM: version byte (1), nonce (12), ciphertext, tag (16). @aad binds what the bytes are for. */
GBytes *crypt_seal (const Secret *key, const void *aad, gsize aad_len, const void *data, gsize len, GError **error);
Secret *crypt_open (const Secret *key, const void *aad, gsize aad_len, const void *sealed, gsize len, GError **error);
