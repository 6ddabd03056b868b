/* SPDX-License-Identifier: MIT
 *
 * Keys and sealing, each over OpenSSL or libargon2; keys are Secrets.
 *
 * MUST
 *  - leave what it opens, derives or draws in locked memory only (crypt_open_bytes() says what it
 * is for)
 *  - say the same of a wrong key and of changed bytes, and give out nothing that did not verify
 *  - refuse parameters that would cost without bound: what carries them is a foreign file
 */
#pragma once

#include "broker/base/secret.h"

#define CRYPT_KEY_LEN 32
#define CRYPT_SALT_LEN 16
#define CRYPT_MAC_LEN 32
#define CRYPT_ERROR (crypt_error_quark ())
typedef enum
{
  CRYPT_ERROR_OPEN,   /* wrong key, or changed bytes */
  CRYPT_ERROR_FORMAT, /* not made by us, cut, of a newer version, or out of bounds */
  CRYPT_ERROR_SYSTEM
} CryptError;
GQuark crypt_error_quark (void);

/* Argon2id (RFC 9106): parameters travel with what they protect. */
typedef struct
{
  guint32 passes, memory_kib, lanes;
  guint8 salt[CRYPT_SALT_LEN];
} CryptKdf;
#define CRYPT_PASSES_MAX 16
#define CRYPT_MEMORY_KIB_MIN (8 * 1024)
#define CRYPT_MEMORY_KIB_MAX (1024 * 1024)
#define CRYPT_LANES_MAX 16

/* Today's parameters (t=3, m=64 MiB, p=4: RFC 9106, section 4, second choice) and a fresh salt. */
gboolean crypt_kdf_fresh (CryptKdf *kdf, GError **error);
/* Blocks for tens of milliseconds and allocates kdf->memory_kib: never on the main loop. Refuses
 * parameters out of bounds (1–16 passes, 8 MiB–1 GiB, 1–16 lanes) with CRYPT_ERROR_FORMAT. */
Secret *crypt_kdf (const CryptKdf *kdf, const Secret *passphrase, GError **error);

/* From the kernel. */
gboolean crypt_random (void *out, gsize len, GError **error);
Secret *crypt_random_key (GError **error);
/* HKDF-SHA256 (RFC 5869) without salt, with @label as info; CRYPT_KEY_LEN bytes. */
Secret *crypt_derive (const Secret *key, const char *label, GError **error);
/* HMAC-SHA256 (RFC 2104) under a key of at most 64 bytes. @out may be the bytes of @key itself: a
 * key that moves forward. */
gboolean crypt_mac (const Secret *key, const void *data, gsize len, guint8 out[CRYPT_MAC_LEN],
                    GError **error);

/* AES-256-GCM (SP 800-38D): version byte (1), nonce (12), ciphertext, tag (16). @aad binds what the
 * bytes are for. Nonces are random: under one key at most 2^32 of them. */
GBytes *crypt_seal (const Secret *key, const void *aad, gsize aad_len, const void *data, gsize len,
                    GError **error);
Secret *crypt_open (const Secret *key, const void *aad, gsize aad_len, const void *sealed,
                    gsize len, GError **error);

/* The same into ordinary memory, which is wiped when the last reference goes: for what is sealed
 * and yet no secret (a list of names, a policy). */
GBytes *crypt_open_bytes (const Secret *key, const void *aad, gsize aad_len, const void *sealed,
                          gsize len, GError **error);

/* --- A key that only a passphrase opens --- */
/* @kek is what crypt_kdf() gave. @label says what the key is for: it is both the label under which
 * the wrapping key is derived and, with " 1" behind it, the associated data. */
GBytes *crypt_wrap (const Secret *kek, const char *label, const Secret *key, GError **error);
Secret *crypt_unwrap (const Secret *kek, const char *label, const void *wrapped, gsize len,
                      GError **error);

/* A file with such a key, to be opened without the store:
 * {"v":1,"kdf":{"passes","memory_kib","lanes","salt":hex},"wrapped":base64} and a newline. */
#define CRYPT_LABEL_AUDIT "countersign audit key"
char *crypt_key_file_text (const CryptKdf *kdf, GBytes *wrapped);
/* Blocks as crypt_kdf() does. Wrong passphrase: CRYPT_ERROR_OPEN. */
Secret *crypt_key_file_open (const char *text, gsize len, const char *label,
                             const Secret *passphrase, GError **error);
