/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-head.h"
#include "broker/audit/audit.h"

#include <string.h>

/* seq 8 · segment 4 · offset 8 · hash 32 · key 32; numbers are big-endian */
#define OLD_LEN (8 + 4 + 8 + AUDIT_HASH_LEN + AUDIT_HASH_LEN)
/* … seed 32 · closed 1 · first file 4 · first seq 8 · began 8 */
#define KEYLESS_LEN (OLD_LEN + AUDIT_HASH_LEN + 1 + 4 + 8 + 8)
/* … first key 32, zeros when it is not known */
#define HEAD_LEN (KEYLESS_LEN + AUDIT_HASH_LEN)

static char *
associated (guint format, const char *log_id)
{
  return g_strdup_printf ("countersign audit head %u %s", format, log_id);
}

/* @n bytes, the most significant first. */
static guint8 *
put_number (guint8 *at, guint64 number, guint n)
{
  for (guint i = 0; i < n; i++)
    at[i] = (guint8) (number >> 8 * (n - 1 - i));
  return at + n;
}

static guint64
take_number (const guint8 **at, guint n)
{
  guint64 number = 0;

  for (guint i = 0; i < n; i++)
    number = number << 8 | (*at)[i];
  *at += n;
  return number;
}

static guint8 *
put_bytes (guint8 *at, const guint8 bytes[AUDIT_HASH_LEN])
{
  memcpy (at, bytes, AUDIT_HASH_LEN);
  return at + AUDIT_HASH_LEN;
}

static void
take_bytes (const guint8 **at, guint8 bytes[AUDIT_HASH_LEN])
{
  memcpy (bytes, *at, AUDIT_HASH_LEN);
  *at += AUDIT_HASH_LEN;
}

GBytes *
audit_head_seal (const Secret *head_key, const char *log_id, const AuditChain *chain,
                 GError **error)
{
  g_autofree char *aad = associated (AUDIT_FORMAT, log_id);
  g_autoptr (Secret) plain = secret_new (HEAD_LEN, error);
  guint8 last[AUDIT_HASH_LEN], first_key[AUDIT_HASH_LEN] = { 0 };

  if (plain == NULL)
    return NULL;
  guint8 *at = secret_data (plain);
  at = put_number (at, chain->seq, 8);
  at = put_number (at, chain->segment, 4);
  at = put_number (at, chain->offset, 8);
  audit_unhex (chain->last, last);
  at = put_bytes (at, last);
  at = put_bytes (at, chain->key);
  at = put_bytes (at, chain->seed);
  at = put_number (at, chain->closed ? 1 : 0, 1);
  at = put_number (at, chain->first_file, 4);
  at = put_number (at, chain->first_seq, 8);
  at = put_number (at, (guint64) chain->began, 8);
  if (chain->first_key[0] != '\0')
    audit_unhex (chain->first_key, first_key);
  put_bytes (at, first_key);
  return crypt_seal (head_key, aad, strlen (aad), secret_peek (plain), HEAD_LEN, error);
}

static void
read_first_key (const guint8 **at, AuditChain *chain)
{
  static const guint8 unknown[AUDIT_HASH_LEN];
  guint8 first_key[AUDIT_HASH_LEN];

  take_bytes (at, first_key);
  if (memcmp (first_key, unknown, sizeof unknown) != 0)
    audit_hex (first_key, chain->first_key);
}

static void
read_chain (const Secret *plain, AuditChain *chain)
{
  const guint8 *at = secret_peek (plain);
  guint8 last[AUDIT_HASH_LEN];

  chain->seq = take_number (&at, 8);
  chain->segment = (guint32) take_number (&at, 4);
  chain->offset = take_number (&at, 8);
  take_bytes (&at, last);
  audit_hex (last, chain->last);
  take_bytes (&at, chain->key);
  chain->format1 = secret_len (plain) == OLD_LEN;
  chain->first_file = 1;
  memset (chain->first_key, 0, sizeof chain->first_key);
  if (chain->format1)
    return;
  take_bytes (&at, chain->seed);
  chain->closed = take_number (&at, 1) != 0;
  chain->first_file = (guint32) take_number (&at, 4);
  chain->first_seq = take_number (&at, 8);
  chain->began = (gint64) take_number (&at, 8);
  if (secret_len (plain) == HEAD_LEN)
    read_first_key (&at, chain);
}

/* NULL with an error: of CRYPT_ERROR when it is none of that format. */
static Secret *
open_as (const Secret *head_key, guint format, const char *log_id, GBytes *head, GError **error)
{
  g_autofree char *aad = associated (format, log_id);
  gsize len;
  const void *sealed = g_bytes_get_data (head, &len);

  return crypt_open (head_key, aad, strlen (aad), sealed, len, error);
}

static gboolean
is_of_length (gsize len, gboolean old)
{
  return old ? len == OLD_LEN : len == HEAD_LEN || len == KEYLESS_LEN;
}

gboolean
audit_head_open (const Secret *head_key, const char *log_id, GBytes *head, AuditChain *chain,
                 GError **error)
{
  g_autoptr (GError) fault = NULL;
  gboolean old = FALSE;
  g_autoptr (Secret) plain = open_as (head_key, AUDIT_FORMAT, log_id, head, &fault);

  if (plain == NULL && fault->domain == CRYPT_ERROR)
    {
      g_clear_error (&fault);
      old = TRUE;
      plain = open_as (head_key, 1, log_id, head, &fault);
    }
  if (plain == NULL && fault->domain != CRYPT_ERROR)
    {
      g_propagate_error (error, g_steal_pointer (&fault));
      return FALSE;
    }
  if (plain == NULL || !is_of_length (secret_len (plain), old))
    {
      g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED,
                   "the head of the audit trail in the store does not open: it is not this log's, "
                   "or was changed");
      return FALSE;
    }
  read_chain (plain, chain);
  return TRUE;
}
