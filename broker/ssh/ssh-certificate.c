/* SPDX-License-Identifier: MIT */
#include "broker/ssh/ssh-certificate.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/ssh/ssh-wire.h"

#define TYPE_USER 1

const char *const ssh_extensions[] = { "no-touch-required",
                                       "permit-X11-forwarding",
                                       "permit-agent-forwarding",
                                       "permit-port-forwarding",
                                       "permit-pty",
                                       "permit-user-rc",
                                       NULL };

gboolean
ssh_principal_check (const char *text, GError **error)
{
  gsize len = strlen (text);

  for (gsize i = 0; i < len; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("._@+:/=-", text[i]) == NULL)
      {
        g_set_error (error, SSH_ERROR, SSH_ERROR_PRINCIPAL,
                     "must be letters, digits and . _ @ + : / = - only (character %" G_GSIZE_FORMAT
                     ")",
                     i + 1);
        return FALSE;
      }
  if (len >= 1 && len <= SSH_PRINCIPAL_MAX && text[0] != '-')
    return TRUE;
  g_set_error (error, SSH_ERROR, SSH_ERROR_PRINCIPAL,
               "must be 1 to %d characters and not begin with \"-\"", SSH_PRINCIPAL_MAX);
  return FALSE;
}

gboolean
ssh_command_check (const char *text, GError **error)
{
  gsize len = strlen (text);
  g_autofree char *doubled = NULL;

  if (len < 1 || len > SSH_COMMAND_MAX || text_is_blank (text))
    {
      g_set_error (error, SSH_ERROR, SSH_ERROR_COMMAND, "must have 1 to %d bytes that show",
                   SSH_COMMAND_MAX);
      return FALSE;
    }
  /* text_escape() doubles backslashes and changes nothing else of what shows. */
  g_auto (GStrv) parts = g_strsplit (text, "\\", -1);
  doubled = g_strjoinv ("\\\\", parts);
  g_autofree char *shown = text_escape (text);
  if (strcmp (doubled, shown) == 0)
    return TRUE;
  g_set_error_literal (error, SSH_ERROR, SSH_ERROR_COMMAND,
                       "must be one line, without characters that do not show");
  return FALSE;
}

/* ---- the bytes ---- */

/* An option's value is a string that holds a string. */
static void
put_option (GByteArray *to, const char *name, const char *value)
{
  g_autoptr (GByteArray) inner = g_byte_array_new ();

  if (value == NULL)
    return;
  ssh_put_text (inner, value);
  ssh_put_text (to, name);
  ssh_put_bytes (to, inner->data, inner->len);
}

static void
put_principals (GByteArray *to, const char *const *principals)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();

  for (; *principals != NULL; principals++)
    ssh_put_text (all, *principals);
  ssh_put_bytes (to, all->data, all->len);
}

static void
put_options (GByteArray *to, const SshCertificate *certificate)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();

  put_option (all, "force-command", certificate->force_command);
  put_option (all, "source-address", certificate->source_address);
  ssh_put_bytes (to, all->data, all->len);
}

static void
put_extensions (GByteArray *to, const char *const *extensions)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();

  for (const char *const *name = ssh_extensions; extensions != NULL && *name != NULL; name++)
    if (g_strv_contains (extensions, *name))
      {
        ssh_put_text (all, *name);
        ssh_put_text (all, "");
      }
  ssh_put_bytes (to, all->data, all->len);
}

static void
put_ca (GByteArray *to, const guint8 *ca)
{
  g_autoptr (GBytes) blob = ssh_ed25519_blob (ca);

  ssh_put_bytes (to, g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));
}

GByteArray *
ssh_certificate_body (const SshCertificate *certificate)
{
  GByteArray *body = g_byte_array_new ();
  gsize len;
  const guint8 *fields = ssh_key_fields (certificate->key, &len);

  if (certificate->serial == 0 || certificate->principals[0] == NULL
      || certificate->valid_before <= certificate->valid_after)
    {
      g_byte_array_unref (body);
      return NULL;
    }
  ssh_put_text (body, ssh_key_certificate_type (certificate->key));
  ssh_put_bytes (body, certificate->nonce, SSH_NONCE_BYTES);
  g_byte_array_append (body, fields, len);
  ssh_put_u64 (body, certificate->serial);
  ssh_put_u32 (body, TYPE_USER);
  ssh_put_text (body, certificate->key_id);
  put_principals (body, certificate->principals);
  ssh_put_u64 (body, certificate->valid_after);
  ssh_put_u64 (body, certificate->valid_before);
  put_options (body, certificate);
  put_extensions (body, certificate->extensions);
  ssh_put_text (body, ""); /* reserved */
  put_ca (body, certificate->ca);
  return body;
}

char *
ssh_certificate_line (const SshCertificate *certificate, const GByteArray *body,
                      const guint8 signature[SSH_SIGNATURE_BYTES])
{
  g_autoptr (GByteArray) whole = g_byte_array_new (), inner = g_byte_array_new ();

  ssh_put_text (inner, "ssh-ed25519");
  ssh_put_bytes (inner, signature, SSH_SIGNATURE_BYTES);
  g_byte_array_append (whole, body->data, body->len);
  ssh_put_bytes (whole, inner->data, inner->len);
  g_autofree char *base64 = g_base64_encode (whole->data, whole->len);
  return g_strjoin (" ", ssh_key_certificate_type (certificate->key), base64, certificate->key_id,
                    NULL);
}
