/* SPDX-License-Identifier: MIT */
#include "broker/provider/provider-vouch-certificate.h"

#include <string.h>

#include "broker/ssh/ssh-certificate.h"
#include "broker/ssh/ssh-key.h"
#include "broker/ssh/ssh-wire.h"

#define USER_CERTIFICATE 1
#define MAX_TIME (G_GINT64_CONSTANT (1) << 40) /* seconds: what is later is "for ever" */

static gboolean
get_u32 (SshBytes *from, guint32 *value)
{
  if (from->len < 4)
    return FALSE;
  *value = (guint32) from->at[0] << 24 | (guint32) from->at[1] << 16 | (guint32) from->at[2] << 8
           | from->at[3];
  from->at += 4;
  from->len -= 4;
  return TRUE;
}

static gboolean
get_u64 (SshBytes *from, guint64 *value)
{
  guint32 high, low;

  if (!get_u32 (from, &high) || !get_u32 (from, &low))
    return FALSE;
  *value = (guint64) high << 32 | low;
  return TRUE;
}

/* The fields of @key stand between nonce and serial. */
static gboolean
skip_key (SshBytes *from, const SshKey *key)
{
  gsize len;
  const guint8 *fields = ssh_key_fields (key, &len);
  SshBytes type, nonce;

  if (!ssh_get_bytes (from, &type) || !ssh_bytes_are (&type, ssh_key_certificate_type (key))
      || !ssh_get_bytes (from, &nonce) || from->len < len || memcmp (from->at, fields, len) != 0)
    return FALSE;
  from->at += len;
  from->len -= len;
  return TRUE;
}

static gboolean
read_principals (SshBytes *from, json_t *principals)
{
  SshBytes list, one;

  if (!ssh_get_bytes (from, &list))
    return FALSE;
  while (list.len > 0)
    {
      if (!ssh_get_bytes (&list, &one) || json_array_size (principals) >= SSH_PRINCIPALS_MAX)
        return FALSE;
      g_autofree char *text = g_strndup ((const char *) one.at, one.len);
      if (strlen (text) != one.len || !ssh_principal_check (text, NULL))
        return FALSE;
      json_array_append_new (principals, json_string (text));
    }
  return json_array_size (principals) > 0;
}

/* Serial, type, key id, principals, from when, until when; what follows is between ssh and sshd. */
static gboolean
read_rest (SshBytes *from, VouchCertificate *certificate)
{
  guint32 type;
  guint64 after, before;
  SshBytes key_id;

  if (!get_u64 (from, &certificate->serial) || !get_u32 (from, &type) || type != USER_CERTIFICATE
      || !ssh_get_bytes (from, &key_id) || !read_principals (from, certificate->principals)
      || !get_u64 (from, &after) || !get_u64 (from, &before) || before > MAX_TIME
      || after >= before)
    return FALSE;
  certificate->valid_before = (gint64) before;
  return TRUE;
}

static GBytes *
decode (const char *line)
{
  const char *blank = strchr (line, ' ');
  gsize n = blank != NULL ? strcspn (blank + 1, " \r\n") : 0, len;
  g_autofree char *text = n > 0 ? g_strndup (blank + 1, n) : NULL;

  if (text == NULL || n % 4 != 0
      || text[strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")]
             != '\0')
    return NULL;
  g_base64_decode_inplace (text, &len);
  return g_bytes_new (text, len);
}

gboolean
vouch_certificate_read (const char *line, const char *key, VouchCertificate *certificate)
{
  g_autoptr (SshKey) own = ssh_key_read (key, NULL);
  g_autoptr (GBytes) blob = own != NULL ? decode (line) : NULL;
  SshBytes from = { NULL, 0 };

  if (blob == NULL)
    return FALSE;
  *certificate = (VouchCertificate){ .principals = json_array () };
  from.at = g_bytes_get_data (blob, &from.len);
  if (!skip_key (&from, own) || !read_rest (&from, certificate))
    {
      vouch_certificate_clear (certificate);
      return FALSE;
    }
  g_autofree char *text = g_base64_encode (g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));
  certificate->line = g_strconcat (ssh_key_certificate_type (own), " ", text, NULL);
  return TRUE;
}

void
vouch_certificate_clear (VouchCertificate *certificate)
{
  g_free (certificate->line);
  json_decref (certificate->principals);
  *certificate = (VouchCertificate){ 0 };
}
