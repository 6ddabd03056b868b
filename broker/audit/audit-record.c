/* SPDX-License-Identifier: MIT
 *
 * Building one record, as JSON text from the start: a hundred thousand a second are written.
 */
#include "broker/audit/audit-json.h"
#include "broker/audit/audit-private.h"

#include <openssl/crypto.h>
#include <string.h>

#define TOKEN_BYTES 16

static AuditRecord *
record_new (Audit *self)
{
  AuditRecord *record = g_new0 (AuditRecord, 1);

  record->audit = self;
  record->members = g_string_sized_new (240);
  return record;
}

AuditRecord *
audit_record_new (Audit *self, const char *event)
{
  AuditRecord *record = record_new (self);

  audit_json_key (record->members, "event");
  audit_json_text (record->members, event);
  return record;
}

static void
drop_text (AuditRecord *record)
{
  if (record->text == NULL)
    return;
  OPENSSL_cleanse (record->text->str, record->text->allocated_len);
  g_string_free (g_steal_pointer (&record->text), TRUE);
}

void
audit_record_free (AuditRecord *record)
{
  if (record == NULL)
    return;
  drop_text (record);
  g_string_free (record->members, TRUE);
  g_free (record);
}

void
audit_record_string (AuditRecord *record, const char *key, const char *value)
{
  if (value == NULL)
    return;
  audit_json_key (record->members, key);
  audit_json_text (record->members, value);
}

void
audit_record_integer (AuditRecord *record, const char *key, gint64 value)
{
  audit_json_key (record->members, key);
  audit_json_integer (record->members, value);
}

void
audit_record_strings (AuditRecord *record, const char *key, const char *const *values)
{
  if (values == NULL)
    return;
  audit_json_key (record->members, key);
  g_string_append_c (record->members, '[');
  for (gsize i = 0; values[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (record->members, ',');
      audit_json_text (record->members, values[i]);
    }
  g_string_append_c (record->members, ']');
}

void
audit_token (AuditHasher *hasher, const Secret *token_key, const char *name, char token[33])
{
  guint8 mac[AUDIT_HASH_LEN];
  char hex[AUDIT_HEX_LEN];

  audit_hmac (hasher, secret_peek (token_key), name, strlen (name), mac);
  audit_hex (mac, hex);
  memcpy (token, hex, 2 * TOKEN_BYTES);
  token[2 * TOKEN_BYTES] = '\0';
}

gboolean
audit_name_token (const Audit *audit, const char *name, char token[AUDIT_TOKEN_LEN + 1])
{
  if (audit->token_key == NULL)
    return FALSE;
  audit_token (audit->hasher, audit->token_key, name, token);
  return TRUE;
}

/* Of the text key, which is wiped with it: who may open texts may vouch for where they are. */
Secret *
audit_index_key (const Audit *audit, GError **error)
{
  g_autofree char *label = g_strconcat ("countersign audit index 1 ", audit->log_id, NULL);

  if (audit->text_key != NULL)
    return crypt_derive (audit->text_key, label, error);
  g_set_error_literal (error, CRYPT_ERROR, CRYPT_ERROR_OPEN, "the broker is locked");
  return NULL;
}

void
audit_record_name (AuditRecord *record, const char *key, const char *name)
{
  char token[2 * TOKEN_BYTES + 1];

  if (name == NULL || record->audit->token_key == NULL)
    return;
  audit_token (record->audit->hasher, record->audit->token_key, name, token);
  audit_record_string (record, key, token);
  audit_record_text (record, key, name);
}

void
audit_record_text (AuditRecord *record, const char *key, const char *value)
{
  if (value == NULL || record->audit->text_key == NULL)
    return;
  if (record->text == NULL)
    record->text = g_string_sized_new (strlen (value) + 64);
  audit_json_key (record->text, key);
  audit_json_text (record->text, value);
}

void
audit_record_lose_text (AuditRecord *record)
{
  if (record->text == NULL)
    return;
  drop_text (record);
  audit_record_string (record, "text", "lost");
}

AuditTemplate *
audit_template_new (AuditRecord *record)
{
  AuditTemplate *template = g_new0 (AuditTemplate, 1);

  template->len = record->members->len;
  template->members = g_string_free (g_steal_pointer (&record->members), FALSE);
  record->members = g_string_new (NULL);
  audit_record_free (record);
  return template;
}

AuditRecord *
audit_record_from (Audit *self, const AuditTemplate *template)
{
  AuditRecord *record = record_new (self);

  g_string_append_len (record->members, template->members, (gssize) template->len);
  return record;
}

void
audit_template_free (AuditTemplate *template)
{
  if (template == NULL)
    return;
  g_free (template->members);
  g_free (template);
}
