/* SPDX-License-Identifier: MIT
 *
 * The credential of a service: checked once, and made into what is sent.
 *
 * MUST
 *  - keep it, and all that is made of it, in locked memory until libcurl takes its copy
 *  - never put a part of it into an error
 */
#pragma once

#include "broker/base/secret.h"
#include "broker/worker/http-service.h"
#include "broker/worker/redact.h"

#define HTTP_CREDENTIAL_MAX (64 * 1024)

#define HTTP_CREDENTIAL_ERROR (http_credential_error_quark ())
typedef enum
{
  HTTP_CREDENTIAL_ERROR_VALUE
} HttpCredentialError;
GQuark http_credential_error_quark (void);

typedef struct _HttpCredential HttpCredential;

/* Takes @value. The error names @name and says what is wrong with it for this place. */
HttpCredential *http_credential_new (const HttpPlace *place, const char *name, Secret *value,
                                     GError **error);
void http_credential_free (HttpCredential *credential);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpCredential, http_credential_free)

const Secret *http_credential_value (const HttpCredential *credential);
/* What follows the colons of "KEYID:SECRET[:SESSIONTOKEN]", each with a final NUL; the token or
 * NULL. */
const char *http_credential_aws_id (const HttpCredential *credential);
const char *http_credential_aws_key (const HttpCredential *credential);
const char *http_credential_aws_token (const HttpCredential *credential);

/* For all in which it could come back, and @signature, what it signed. Both may be NULL. */
Redactor *http_credential_redactor (const HttpCredential *credential, const Secret *signature,
                                    GError **error);

/* Base64 of user:value, or of value, with a final NUL. */
Secret *http_credential_basic (const HttpCredential *credential, const char *user, GError **error);
/* RFC 3986: all but unreserved characters as %XX, and with @path those that a segment may hold. No
 * final NUL. */
Secret *http_credential_percent (const HttpCredential *credential, gboolean path, GError **error);
/* @before and the pieces one after the other, with a final NUL. */
Secret *http_secret_concat (const char *before, const guint8 *middle, gsize len, const char *after,
                            GError **error);
