/* SPDX-License-Identifier: MIT
 *
 * What a security key answers when it is touched (WebAuthn Level 2, section 6.3.3), as it travels
 * from the approver to the broker: the same on both ends.
 */
#pragma once

#include "broker/base/wire.h"

#define KEY_CREDENTIAL_MAX 1023 /* bytes of a credential's id: WebAuthn Level 2, section 4 */
#define KEY_AUTHENTICATOR_DATA_MAX 512
#define KEY_SIGNATURE_MAX 72 /* ECDSA over P-256, in DER */

typedef struct
{
  GBytes *credential_id, *authenticator_data, *signature;
} KeyAssertion;
void key_assertion_free (KeyAssertion *assertion);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KeyAssertion, key_assertion_free)

/* {"credential_id","authenticator_data","signature"}, base64. */
json_t *key_assertion_json (const KeyAssertion *assertion);
/* WIRE_ERROR_FIELD, the message begins with "key.": a field is missing, unknown, no base64, or too
 * long. What is in them is not looked at. */
KeyAssertion *key_assertion_read (const json_t *object, GError **error);

/* Strict: the one spelling that g_base64_encode() has for these bytes (RFC 4648, section 4), from
 * 1 to @max of them. WIRE_ERROR_FIELD, the message begins with @field. */
GBytes *key_bytes_read (const char *field, const char *base64, gsize max, GError **error);
json_t *key_bytes_json (GBytes *bytes);
