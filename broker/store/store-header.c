/* SPDX-License-Identifier: MIT
 *
 * The header: how the passphrase becomes a key, and the master key under it.
 *
 * MUST
 *  - tell a wrong passphrase from a damaged header: a person who is told the first tries again, one
 *    who is told the second looks for the backup
 */
#include "broker/store/store-private.h"

#include <string.h>

#define LABEL_MASTER "countersign master key"
#define SUM_LEN 32

void
store_header_clear (StoreHeader *header)
{
  g_clear_pointer (&header->master, g_bytes_unref);
}

/* Finds accidents only: it is keyed by nothing. */
static void
header_sum (const StoreHeader *header, guint8 sum[SUM_LEN])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint32 numbers[] = { GUINT32_TO_BE (header->kdf.passes), GUINT32_TO_BE (header->kdf.memory_kib),
                        GUINT32_TO_BE (header->kdf.lanes) };
  gsize len = SUM_LEN;

  g_checksum_update (checksum, header->id, sizeof header->id);
  g_checksum_update (checksum, (const guint8 *) numbers, sizeof numbers);
  g_checksum_update (checksum, header->kdf.salt, sizeof header->kdf.salt);
  g_checksum_update (checksum, g_bytes_get_data (header->master, NULL),
                     (gssize) g_bytes_get_size (header->master));
  g_checksum_get_digest (checksum, sum, &len);
}

static gboolean
take_fixed (sqlite3_stmt *stmt, int column, guint8 *out, int len)
{
  if (sqlite3_column_bytes (stmt, column) != len)
    return FALSE;
  memcpy (out, sqlite3_column_blob (stmt, column), (gsize) len);
  return TRUE;
}

static gboolean
take_number (sqlite3_stmt *stmt, int column, guint32 *out)
{
  gint64 value = sqlite3_column_int64 (stmt, column);

  *out = (guint32) value;
  return value >= 0 && value <= G_MAXUINT32;
}

static gboolean
take_header (sqlite3_stmt *stmt, StoreHeader *header)
{
  guint8 stored[SUM_LEN], computed[SUM_LEN];

  if (!take_fixed (stmt, 0, header->id, sizeof header->id)
      || !take_number (stmt, 1, &header->kdf.passes)
      || !take_number (stmt, 2, &header->kdf.memory_kib)
      || !take_number (stmt, 3, &header->kdf.lanes)
      || !take_fixed (stmt, 4, header->kdf.salt, sizeof header->kdf.salt)
      || !take_fixed (stmt, 6, stored, sizeof stored))
    return FALSE;
  header->master = store_sql_column (stmt, 5);
  header_sum (header, computed);
  return memcmp (stored, computed, SUM_LEN) == 0;
}

gboolean
store_header_read (sqlite3 *db, StoreHeader *header, GError **error)
{
  g_autoptr (sqlite3_stmt) stmt = store_sql_prepare (
      db, error, "SELECT id, passes, memory_kib, lanes, salt, master, sum FROM header", "");
  gboolean row;

  store_header_clear (header);
  if (stmt == NULL || !store_sql_step (stmt, &row, error))
    return FALSE;
  if (row && take_header (stmt, header))
    return TRUE;
  store_header_clear (header);
  store_damaged (error, "its header does not bear its own sum");
  return FALSE;
}

gboolean
store_header_equal (const StoreHeader *a, const StoreHeader *b)
{
  guint8 sum_a[SUM_LEN], sum_b[SUM_LEN];

  header_sum (a, sum_a);
  header_sum (b, sum_b);
  return memcmp (sum_a, sum_b, SUM_LEN) == 0;
}

gboolean
store_header_write (sqlite3 *db, const StoreHeader *header, GError **error)
{
  guint8 sum[SUM_LEN];

  header_sum (header, sum);
  return store_sql_run (
      store_sql_prepare (db, error,
                         "INSERT OR REPLACE INTO header (one, id, passes,"
                         " memory_kib, lanes, salt, master, sum)"
                         " VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
                         "biiibBb", header->id, sizeof header->id, (gint64) header->kdf.passes,
                         (gint64) header->kdf.memory_kib, (gint64) header->kdf.lanes,
                         header->kdf.salt, sizeof header->kdf.salt, header->master, sum,
                         sizeof sum),
      error);
}

gboolean
store_header_wrap (StoreHeader *header, const Secret *kek, const Secret *master, GError **error)
{
  header->master = crypt_wrap (kek, LABEL_MASTER, master, error);
  return header->master != NULL;
}

gboolean
store_header_make (StoreHeader *header, const Secret *passphrase, Secret **kek, Secret **master,
                   GError **error)
{
  return crypt_random (header->id, sizeof header->id, error)
         && crypt_random (header->kdf.salt, sizeof header->kdf.salt, error)
         && (*master = crypt_random_key (error)) != NULL
         && (*kek = crypt_kdf (&header->kdf, passphrase, error)) != NULL
         && store_header_wrap (header, *kek, *master, error);
}

/* The header bears its sum, so that what does not open was not damaged by accident. */
gboolean
store_header_open (const StoreHeader *header, const Secret *passphrase, Secret **kek,
                   Secret **master, GError **error)
{
  GError *cause = NULL;
  g_autoptr (Secret) derived = crypt_kdf (&header->kdf, passphrase, &cause);

  if (derived != NULL)
    *master = crypt_unwrap (derived, LABEL_MASTER, g_bytes_get_data (header->master, NULL),
                            g_bytes_get_size (header->master), &cause);
  if (derived != NULL && *master != NULL)
    {
      *kek = g_steal_pointer (&derived);
      return TRUE;
    }
  if (g_error_matches (cause, CRYPT_ERROR, CRYPT_ERROR_OPEN))
    g_set_error (error, STORE_ERROR, STORE_ERROR_PASSPHRASE, "the passphrase is wrong");
  else if (g_error_matches (cause, CRYPT_ERROR, CRYPT_ERROR_FORMAT))
    store_damaged (error, cause->message);
  else
    {
      g_propagate_error (error, cause);
      return FALSE;
    }
  g_error_free (cause);
  return FALSE;
}
