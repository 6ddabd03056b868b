/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-head.h"
#include "broker/audit/audit.h"

#include <string.h>

/* seq 8 · segment 4 · offset 8 · hash 32 · key 32; numbers are big-endian */
#define HEAD_LEN (8 + 4 + 8 + AUDIT_HASH_LEN + AUDIT_HASH_LEN)

static char *
associated (const char *log_id)
{
  return g_strdup_printf ("countersign audit head %d %s", AUDIT_FORMAT, log_id);
}

GBytes *
audit_head_seal (const Secret *head_key, const char *log_id, const AuditChain *chain,
                 GError **error)
{
  g_autofree char *aad = associated (log_id);
  g_autoptr (Secret) plain = secret_new (HEAD_LEN, error);
  guint64 seq = GUINT64_TO_BE (chain->seq), offset = GUINT64_TO_BE (chain->offset);
  guint32 segment = GUINT32_TO_BE (chain->segment);

  if (plain == NULL)
    return NULL;
  guint8 *at = secret_data (plain);
  memcpy (at, &seq, 8);
  memcpy (at + 8, &segment, 4);
  memcpy (at + 12, &offset, 8);
  audit_unhex (chain->last, at + 20);
  memcpy (at + 52, chain->key, AUDIT_HASH_LEN);
  return crypt_seal (head_key, aad, strlen (aad), at, HEAD_LEN, error);
}

gboolean
audit_head_open (const Secret *head_key, const char *log_id, GBytes *head, AuditChain *chain,
                 GError **error)
{
  g_autofree char *aad = associated (log_id);
  gsize len;
  const void *sealed = g_bytes_get_data (head, &len);
  g_autoptr (GError) fault = NULL;
  g_autoptr (Secret) plain = crypt_open (head_key, aad, strlen (aad), sealed, len, &fault);

  if (plain == NULL && fault->domain != CRYPT_ERROR)
    {
      g_propagate_error (error, g_steal_pointer (&fault));
      return FALSE;
    }
  if (plain == NULL || secret_len (plain) != HEAD_LEN)
    {
      g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED,
                   "the head of the audit trail in the store does not open: it is not this log's, "
                   "or was changed");
      return FALSE;
    }
  const guint8 *at = secret_peek (plain);
  memcpy (&chain->seq, at, 8);
  memcpy (&chain->segment, at + 8, 4);
  memcpy (&chain->offset, at + 12, 8);
  chain->seq = GUINT64_FROM_BE (chain->seq);
  chain->segment = GUINT32_FROM_BE (chain->segment);
  chain->offset = GUINT64_FROM_BE (chain->offset);
  audit_hex (at + 20, chain->last);
  memcpy (chain->key, at + 52, AUDIT_HASH_LEN);
  return TRUE;
}
