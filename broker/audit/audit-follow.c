/* SPDX-License-Identifier: MIT
 *
 * What the trail's own records say, when a log is followed from its head: where a crash came
 * between the log and the saving of the head, the seed is stepped once more.
 */
#include "broker/audit/audit-private.h"
#include "broker/audit/audit-sign.h"

#include "broker/base/wire.h"

#include <string.h>

static gboolean
refuse (GError **error, const AuditChain *chain, const char *why)
{
  g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED, "record %" G_GUINT64_FORMAT " %s",
               chain->seq + 1, why);
  return FALSE;
}

static gboolean
key_is (AuditHasher *hasher, const guint8 *seed, const char *key, GError **error)
{
  char own[AUDIT_HEX_LEN + 1] = "";

  if (!audit_sign_public (hasher, seed, own, error))
    return FALSE;
  if (g_strcmp0 (own, key) == 0)
    return TRUE;
  g_set_error_literal (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED,
                       "a file's public key is not the one that its seed gives");
  return FALSE;
}

static gint64
time_of (const AuditLine *scanned)
{
  g_autofree char *text = g_strndup (scanned->time, AUDIT_TIME_LEN);
  g_autoptr (GDateTime) date = g_date_time_new_from_iso8601 (text, NULL);

  return date != NULL ? g_date_time_to_unix (date) * G_USEC_PER_SEC : 0;
}

static gboolean
follow_first (AuditHasher *hasher, AuditChain *chain, const AuditLine *scanned,
              const json_t *record, GError **error)
{
  json_int_t format = json_integer_value (json_object_get (record, "format"));
  const char *key = json_string_value (json_object_get (record, "key"));

  if (!audit_line_is_event (scanned, "segment")
      || json_integer_value (json_object_get (record, "segment")) != (json_int_t) chain->segment)
    return refuse (error, chain, "does not begin its file");
  if (chain->format1 && format == 1)
    return TRUE;
  if (!chain->closed || format != AUDIT_FORMAT)
    return refuse (error, chain, "begins a file that nobody began");
  if (!key_is (hasher, chain->seed, key, error))
    return FALSE;
  chain->closed = FALSE;
  chain->first_seq = scanned->seq;
  chain->began = time_of (scanned);
  return TRUE;
}

static gboolean
follow_last (AuditHasher *hasher, AuditChain *chain, const json_t *record, GError **error)
{
  if (chain->format1)
    return refuse (error, chain, "closes a file of format 1");
  audit_next_seed (hasher, chain->seed);
  chain->closed = TRUE;
  return key_is (hasher, chain->seed, json_string_value (json_object_get (record, "next")), error);
}

gboolean
audit_follow (AuditHasher *hasher, AuditChain *chain, const AuditLine *scanned, const char *line,
              gsize len, GError **error)
{
  gboolean first = chain->offset == 0, last = audit_line_is_event (scanned, "closed");

  if (!first && chain->closed)
    return refuse (error, chain, "stands behind the one that closes the file");
  if (!first && !last && !audit_line_is_event (scanned, "segments_removed"))
    return TRUE;
  g_autoptr (json_t) record = audit_parse_line (line, len, error);
  if (record == NULL)
    return FALSE;
  if (first)
    return follow_first (hasher, chain, scanned, record, error);
  if (last)
    return follow_last (hasher, chain, record, error);
  const json_t *next = json_object_get (record, "next");
  chain->first_file = (guint32) json_integer_value (json_object_get (record, "last")) + 1;
  if (json_string_length (next) == AUDIT_HEX_LEN)
    memcpy (chain->first_key, json_string_value (next), AUDIT_HEX_LEN);
  return TRUE;
}
