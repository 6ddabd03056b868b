/* SPDX-License-Identifier: MIT */
#include "broker/ssh/ssh-wire.h"

#include <string.h>

#include "broker/ssh/ssh.h"

G_DEFINE_QUARK (countersign_ssh_error, ssh_error)

void
ssh_put_u32 (GByteArray *to, guint32 value)
{
  guint32 wire = GUINT32_TO_BE (value);

  g_byte_array_append (to, (const guint8 *) &wire, sizeof wire);
}

void
ssh_put_u64 (GByteArray *to, guint64 value)
{
  guint64 wire = GUINT64_TO_BE (value);

  g_byte_array_append (to, (const guint8 *) &wire, sizeof wire);
}

void
ssh_put_bytes (GByteArray *to, const void *data, gsize len)
{
  ssh_put_u32 (to, len);
  if (len > 0)
    g_byte_array_append (to, data, len);
}

void
ssh_put_text (GByteArray *to, const char *text)
{
  ssh_put_bytes (to, text, strlen (text));
}

gboolean
ssh_get_bytes (SshBytes *from, SshBytes *value)
{
  guint32 wire;

  if (from->len < sizeof wire)
    return FALSE;
  memcpy (&wire, from->at, sizeof wire);
  gsize len = GUINT32_FROM_BE (wire);
  if (len > from->len - sizeof wire)
    return FALSE;
  *value = (SshBytes){ from->at + sizeof wire, len };
  from->at += sizeof wire + len;
  from->len -= sizeof wire + len;
  return TRUE;
}

gboolean
ssh_get_mpint (SshBytes *from, SshBytes *value)
{
  if (!ssh_get_bytes (from, value) || value->len == 0 || (value->at[0] & 0x80) != 0)
    return FALSE;
  if (value->at[0] != 0)
    return TRUE;
  value->at++;
  value->len--;
  return value->len > 0 && (value->at[0] & 0x80) != 0; /* else the zero was one too many */
}

gboolean
ssh_bytes_are (const SshBytes *bytes, const char *text)
{
  return bytes->len == strlen (text) && memcmp (bytes->at, text, bytes->len) == 0;
}
