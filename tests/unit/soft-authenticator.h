/* SPDX-License-Identifier: MIT
 *
 * What a security key in software answers: CTAP 2.1 (authenticatorGetInfo, MakeCredential,
 * GetAssertion) and U2F's registration.
 */
#pragma once

#include "tests/unit/soft-key.h"

typedef struct
{
  SoftKey *key;
  char *behaviour; /* as in soft-device.h; may be NULL */
  guint32 counter;
  GByteArray *reply; /* to what was asked last */
  gboolean waits;    /* for a touch that does not come */
} SoftAuthenticator;

gboolean soft_authenticator_is (const SoftAuthenticator *self, const char *how);
/* The reply is this status and no more. */
void soft_authenticator_status (SoftAuthenticator *self, guint8 code);
void soft_authenticator_ctap2 (SoftAuthenticator *self, const guint8 *message, gsize len);
/* @hash and @application: 32 bytes each. */
void soft_authenticator_register (SoftAuthenticator *self, const guint8 *hash,
                                  const guint8 *application);
