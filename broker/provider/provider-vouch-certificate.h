/* SPDX-License-Identifier: MIT
 *
 * An SSH user certificate that somebody else signed (OpenSSH's PROTOCOL.certkeys).
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef struct
{
  char *line; /* type and base64: without the comment, which is its sender's text */
  guint64 serial;
  json_t *principals;  /* an array of texts */
  gint64 valid_before; /* seconds since 1970 */
} VouchCertificate;

/* FALSE when @line is no user certificate of @key, a public key's line, that ends and names one
 * principal or more. */
gboolean vouch_certificate_read (const char *line, const char *key, VouchCertificate *certificate);
void vouch_certificate_clear (VouchCertificate *certificate);
