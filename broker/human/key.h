/* SPDX-License-Identifier: MIT
 *
 * The security keys that a person enrolled, and the proof of a touch.
 *
 * MUST
 *  - be kept sealed in the store: whoever could write the list could touch for the person
 *  - count a key only once its record is in the trail
 *  - take each challenge once, from the connection it was given to, for the request it was given
 * for
 *  - move a key's counter forward with each touch that it accepts, and never back
 *
 * Whoever knows the PIN can enrol a key, as they can accept a policy that asks for none: a key
 * proves a touch, the PIN says whose.
 */
#pragma once

#include "broker/human/key-verify.h"
#include "broker/vault.h"

#define KEY_NAME_MAX 64 /* bytes */
#define KEYS_MAX 16     /* an approver asks each plugged-in key for all of them */
#define KEY_NONE_MESSAGE                                                                           \
  "this rule wants a touch of a security key, and none is enrolled: countersign key add"

Keys *keys_new (Vault *vault);
void keys_free (Keys *self);
/* Reads the keys from the store, which is unlocked. */
gboolean keys_load (Keys *self, GError **error);
void keys_lock (Keys *self);

guint keys_count (const Keys *self);
/* json_t {"id","name","added_at","credential_id"} of each, oldest first; g_ptr_array_unref(). */
GPtrArray *keys_list (const Keys *self);
/* Their credential ids, base64. */
json_t *keys_credentials (const Keys *self);

/* Parts of a new key; all borrowed. */
typedef struct
{
  const char *name;
  GBytes *credential_id, *public_key;
} KeyNew;
/* The id of the new key, which counts when @done runs without an error; g_free(). NULL: nothing
 * happens, @done does not run; KEY_ERROR_POINT, STORE_ERROR_EXISTS, or there are KEYS_MAX. */
char *keys_add (Keys *self, const KeyNew *parts, const Process *caller, WriterDone done,
                gpointer data, GError **error);
/* Takes effect, then records. FALSE: there is none with that id. */
gboolean keys_remove (Keys *self, const char *id, const Process *caller);

/* What a key is to sign, once. */
typedef struct _KeyChallenge KeyChallenge;
/* For a minute from now. NULL: no random bytes. */
KeyChallenge *key_challenge_new (const char *request_id, GError **error);
void key_challenge_free (KeyChallenge *challenge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KeyChallenge, key_challenge_free)
const guint8 *key_challenge_bytes (const KeyChallenge *challenge); /* KEY_CHALLENGE_LEN */

/* Whether @assertion is a touch of an enrolled key for the card @digest of @request_id, under
 * @challenge (may be NULL; is used up by the caller either way). Returns the key's id, g_free(), or
 * NULL with a KEY_ERROR. */
char *keys_prove (Keys *self, const KeyAssertion *assertion, const KeyChallenge *challenge,
                  const char *request_id, const char *digest, GError **error);
