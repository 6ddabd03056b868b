/* SPDX-License-Identifier: MIT
 *
 * What the CA knows of its certificates, as the store has it:
 * {"v":1,"public_key":base64,"krl_version","issued":[…]}.
 */
#include "broker/issue/ssh-ca-private.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/ssh/ssh-key.h"

#define FORMAT 1

void
ssh_issued_free (SshIssued *issued)
{
  if (issued == NULL)
    return;
  g_free (issued->key_id);
  g_free (issued->fingerprint);
  g_free (issued->provider);
  g_free (issued->request_id);
  g_free (issued->grant_id);
  g_strfreev (issued->principals);
  g_free (issued->why);
  g_free (issued);
}

/* ---- written ---- */

/* A serial number is text: it has 64 bits, and numbers in JSON have 53 that all agree on. */
static json_t *
row_of (const SshIssued *issued)
{
  g_autofree char *serial = g_strdup_printf ("%" G_GUINT64_FORMAT, issued->serial);

  return json_pack ("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:s*}", "serial", serial,
                    "key_id", issued->key_id, "fingerprint", issued->fingerprint, "provider",
                    issued->provider, "request_id", issued->request_id, "grant_id",
                    issued->grant_id, "principals", wire_texts_json (issued->principals),
                    "valid_after", (json_int_t) issued->valid_after, "valid_before",
                    (json_int_t) issued->valid_before, "revoked_at",
                    (json_int_t) issued->revoked_at, "why", issued->why);
}

GBytes *
ssh_ca_to_bytes (const SshCa *self)
{
  g_autofree char *key = g_base64_encode (self->public_key, sizeof self->public_key);
  json_t *rows = json_array ();

  for (guint i = 0; i < self->issued->len; i++)
    json_array_append_new (rows, row_of (self->issued->pdata[i]));
  g_autoptr (json_t) all
      = json_pack ("{s:i, s:s, s:I, s:o}", "v", FORMAT, "public_key", key, "krl_version",
                   (json_int_t) self->krl_version, "issued", rows);
  return store_table_bytes (all);
}

/* ---- read ---- */

static char **
strings_of (const json_t *array)
{
  GPtrArray *list = g_ptr_array_new ();
  gsize i;
  json_t *item;

  json_array_foreach (array, i, item) g_ptr_array_add (list, g_strdup (json_string_value (item)));
  g_ptr_array_add (list, NULL);
  return (char **) g_ptr_array_free (list, FALSE);
}

static SshIssued *
read_row (const json_t *row, GError **error)
{
  static const WireField fields[] = {
    { "serial", WIRE_STRING, TRUE, 1, 20, NULL },
    { "key_id", WIRE_STRING, TRUE, 1, SSH_KEY_ID_MAX, NULL },
    { "fingerprint", WIRE_STRING, TRUE, 1, 64, NULL },
    { "provider", WIRE_STRING, TRUE, 1, 64, NULL },
    { "request_id", WIRE_STRING, TRUE, 1, 64, NULL },
    { "grant_id", WIRE_STRING, TRUE, 1, 64, NULL },
    { "principals", WIRE_STRINGS, TRUE, 1, SSH_PRINCIPALS_MAX, NULL },
    { "valid_after", WIRE_INTEGER, TRUE, 0, G_MAXINT64, NULL },
    { "valid_before", WIRE_INTEGER, TRUE, 0, G_MAXINT64, NULL },
    { "revoked_at", WIRE_INTEGER, TRUE, 0, G_MAXINT64, NULL },
    { "why", WIRE_STRING, FALSE, 1, 64, NULL },
  };

  if (!wire_check (fields, G_N_ELEMENTS (fields), row, error))
    return NULL;
  SshIssued *issued = g_new0 (SshIssued, 1);
  issued->serial = g_ascii_strtoull (wire_string (row, "serial"), NULL, 10);
  issued->key_id = g_strdup (wire_string (row, "key_id"));
  issued->fingerprint = g_strdup (wire_string (row, "fingerprint"));
  issued->provider = g_strdup (wire_string (row, "provider"));
  issued->request_id = g_strdup (wire_string (row, "request_id"));
  issued->grant_id = g_strdup (wire_string (row, "grant_id"));
  issued->principals = strings_of (json_object_get (row, "principals"));
  issued->valid_after = wire_integer (row, "valid_after", 0);
  issued->valid_before = wire_integer (row, "valid_before", 0);
  issued->revoked_at = wire_integer (row, "revoked_at", 0);
  issued->why = g_strdup (wire_string (row, "why"));
  ssh_issued_time (issued);
  return issued;
}

static gboolean
read_key (SshCa *self, const char *base64, GError **error)
{
  gsize len;
  g_autofree guint8 *bytes = g_base64_decode (base64, &len);

  if (len != sizeof self->public_key)
    {
      g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD, "public_key: must be 32 bytes");
      return FALSE;
    }
  memcpy (self->public_key, bytes, len);
  return TRUE;
}

static gboolean
read_all (SshCa *self, const json_t *all, GError **error)
{
  static const WireField fields[] = {
    { "v", WIRE_INTEGER, TRUE, FORMAT, FORMAT, NULL },
    { "public_key", WIRE_STRING, TRUE, 1, 64, NULL },
    { "krl_version", WIRE_INTEGER, TRUE, 0, G_MAXINT64, NULL },
    { "issued", WIRE_ARRAY, TRUE, 0, SSH_CA_MOST, NULL },
  };
  const json_t *rows = json_object_get (all, "issued");
  gsize i;
  json_t *row;

  if (!wire_check (fields, G_N_ELEMENTS (fields), all, error)
      || !read_key (self, wire_string (all, "public_key"), error))
    return FALSE;
  json_array_foreach (rows, i, row)
  {
    SshIssued *issued = read_row (row, error);
    if (issued == NULL)
      return FALSE;
    g_ptr_array_add (self->issued, issued);
  }
  self->krl_version = wire_integer (all, "krl_version", 0);
  return TRUE;
}

gboolean
ssh_ca_from_bytes (SshCa *self, GBytes *bytes, GError **error)
{
  gsize len;
  const char *text = g_bytes_get_data (bytes, &len);
  g_autoptr (json_t) all = wire_parse (text, len, FALSE, error);

  if (all == NULL || !read_all (self, all, error))
    {
      g_prefix_error (error, "what the store has of the SSH CA: ");
      return FALSE;
    }
  return TRUE;
}

/* ---- for people ---- */

json_t *
ssh_issued_json (const SshIssued *issued)
{
  json_t *row = row_of (issued);
  g_autofree char *after = text_format_time (issued->valid_after * G_USEC_PER_SEC);
  g_autofree char *before = text_format_time (issued->valid_before * G_USEC_PER_SEC);
  g_autofree char *revoked = text_format_time (issued->revoked_at * G_USEC_PER_SEC);

  json_object_set_new (row, "valid_after", json_string (after));
  json_object_set_new (row, "valid_before", json_string (before));
  if (issued->revoked_at != 0)
    json_object_set_new (row, "revoked_at", json_string (revoked));
  else
    json_object_del (row, "revoked_at");
  return row;
}
