/* SPDX-License-Identifier: MIT
 *
 * The data types of SSH (RFC 4251, section 5), written and read.
 *
 * MUST
 *  - read nothing beyond what is there, and take no number in a longer form than it needs
 */
#pragma once

#include <glib.h>

void ssh_put_u32 (GByteArray *to, guint32 value);
void ssh_put_u64 (GByteArray *to, guint64 value);
void ssh_put_bytes (GByteArray *to, const void *data, gsize len); /* a string: length, bytes */
void ssh_put_text (GByteArray *to, const char *text);             /* the same, of a C string */

/* What is left of the bytes that are read: borrowed. */
typedef struct
{
  const guint8 *at;
  gsize len;
} SshBytes;

/* Takes a string off the front of @from. FALSE when it is not whole; @from is then of no use. */
gboolean ssh_get_bytes (SshBytes *from, SshBytes *value);
/* The same of an mpint that is positive and in its shortest form; @value is without a leading zero
 * byte. */
gboolean ssh_get_mpint (SshBytes *from, SshBytes *value);
gboolean ssh_bytes_are (const SshBytes *bytes, const char *text);
