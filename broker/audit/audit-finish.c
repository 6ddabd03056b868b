/* SPDX-License-Identifier: MIT
 *
 * A record becomes a line: number, time, members, sealed text, link and MAC.
 *
 * MUST
 *  - put nothing into the log that audit_line_scan() does not accept
 *  - erase the key that a record was authenticated with
 */
#include "broker/audit/audit-json.h"
#include "broker/audit/audit-private.h"

#include "broker/base/text.h"

#include <string.h>

char *
audit_text_associated (const char *log_id, guint64 seq)
{
  return g_strdup_printf ("countersign audit text 1 %s %" G_GUINT64_FORMAT, log_id, seq);
}

static const char *
time_text (Audit *self)
{
  gint64 now = audit_now ();

  if (now / 1000 != self->time_ms)
    {
      g_autofree char *text = text_format_time (now);
      g_strlcpy (self->time_text, text, sizeof self->time_text);
      self->time_ms = now / 1000;
    }
  return self->time_text;
}

/* Bound to log and sequence: a sealed text that was moved to another record does not open there. */
static gboolean
put_sealed (GString *out, Audit *self, GString *text, GError **error)
{
  g_autofree char *aad = audit_text_associated (self->log_id, self->tip->seq + 1);
  g_autoptr (GBytes) sealed = NULL;
  g_autofree char *base64 = NULL;

  /* The members begin with a comma: the object's brace takes its place, until the next try. */
  text->str[0] = '{';
  g_string_append_c (text, '}');
  sealed = crypt_seal (self->text_key, aad, strlen (aad), text->str, text->len, error);
  g_string_truncate (text, text->len - 1);
  if (sealed == NULL)
    return FALSE;
  base64 = g_base64_encode (g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed));
  audit_json_key (out, "sealed");
  audit_json_text (out, base64);
  return TRUE;
}

static gboolean
put_members (GString *out, Audit *self, AuditRecord *record, GError **error)
{
  g_string_append_len (out, "{\"seq\":", 7);
  audit_json_integer (out, (gint64) (self->tip->seq + 1));
  audit_json_key (out, "time");
  audit_json_text (out, time_text (self));
  g_string_append_len (out, record->members->str, (gssize) record->members->len);
  if (record->text == NULL)
    return TRUE;
  if (self->text_key != NULL)
    return put_sealed (out, self, record->text, error);
  audit_json_key (out, "text");
  audit_json_text (out, "lost");
  return TRUE;
}

static void
put_mac (GString *out, Audit *self, gsize first)
{
  guint8 mac[AUDIT_HASH_LEN];
  char hex[AUDIT_HEX_LEN];

  g_string_append_len (out, AUDIT_PREV, strlen (AUDIT_PREV));
  g_string_append_len (out, self->tip->last, AUDIT_HEX_LEN);
  g_string_append_c (out, '"');
  audit_hmac (self->hasher, self->tip->key, out->str + first, out->len - first, mac);
  audit_hex (mac, hex);
  g_string_append_len (out, AUDIT_MAC, strlen (AUDIT_MAC));
  g_string_append_len (out, hex, AUDIT_HEX_LEN);
  g_string_append_len (out, "\"}", 2);
}

gboolean
audit_record_finish (AuditRecord *record, Audit *self, GString *out, GError **error)
{
  gsize first = out->len;
  AuditLine scanned;

  if (!put_members (out, self, record, error))
    {
      g_string_truncate (out, first);
      return FALSE;
    }
  put_mac (out, self, first);
  /* A fault of the caller (a key used twice, a text without bound) must not become a log that reads
   * as damaged: such a record is refused, and with it what it would have released. */
  if (!audit_line_scan (out->str + first, out->len - first, &scanned))
    {
      g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO,
                   "the record is too large or not well-formed at byte %" G_GSIZE_FORMAT,
                   scanned.fault);
      g_string_truncate (out, first);
      return FALSE;
    }
  if (record->first_file > 0)
    self->tip->first_file = record->first_file;
  if (record->first_key[0] != '\0')
    memcpy (self->tip->first_key, record->first_key, AUDIT_HEX_LEN);
  audit_chain_step (self->tip, self->hasher, out->str + first, out->len - first);
  audit_next_key (self->hasher, self->tip->key);
  g_string_append_c (out, '\n');
  return TRUE;
}
