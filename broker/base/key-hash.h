/* SPDX-License-Identifier: MIT
 *
 * What a security key signs for a decision: the same on both ends.
 */
#pragma once

#include <glib.h>

#define KEY_RP_ID "countersign"
#define KEY_HASH_LEN 32
#define KEY_CHALLENGE_LEN 32

/* @out gets the clientDataHash (WebAuthn Level 2, section 5.8.1) of our own kind of client data:
 * SHA-256 ("countersign decision 1" NUL @challenge, the bytes of @digest). A browser's client data
 * is JSON and begins with "{", so no site's ceremony can be passed off as a decision. FALSE when
 * @digest is not 64 hexadecimal digits. */
gboolean key_hash_decision (const guint8 challenge[KEY_CHALLENGE_LEN], const char *digest,
                            guint8 out[KEY_HASH_LEN]);
