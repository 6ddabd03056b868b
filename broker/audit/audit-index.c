/* SPDX-License-Identifier: MIT
 *
 * Every byte comes from a file that anybody of that user may have written: nothing of it is
 * believed before its MAC held, and nothing is mapped, since it could be cut meanwhile.
 */
#include "broker/audit/audit-index-private.h"

#include "broker/base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

#define LAST_BYTES 4096

struct _AuditIndex
{
  const AuditCache *cache;
  char *path;
  int fd;
  guint8 binding[AUDIT_HASH_LEN];
  guint64 file_size; /* of the trail's file */
  guint64 n_blocks;
  guint first[INDEX_BUCKETS + 1];
  AuditIndexBlock *blocks;
};

AuditCache *
audit_cache_new (const char *dir, const Secret *key, GError **error)
{
  g_autoptr (AuditCache) self = g_new0 (AuditCache, 1);

  self->dir = g_strdup (dir);
  if (paths_make_private (dir, error) && (self->key = secret_copy (key, error)) != NULL
      && (self->hasher = audit_hasher_new (error)) != NULL)
    return g_steal_pointer (&self);
  return NULL;
}

void
audit_cache_free (AuditCache *self)
{
  if (self == NULL)
    return;
  secret_free (self->key);
  audit_hasher_free (self->hasher);
  g_free (self->dir);
  g_free (self);
}

guint
audit_cache_made (const AuditCache *cache)
{
  return cache->made;
}

void
audit_cache_sweep (const AuditCache *cache, guint first)
{
  g_autoptr (GDir) dir = g_dir_open (cache->dir, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      guint64 number = g_ascii_strtoull (name, NULL, 10);
      g_autofree char *path
          = number > 0 && number < first ? audit_index_path (cache, (guint) number) : NULL;
      if (path != NULL)
        unlink (path);
    }
}

char *
audit_index_path (const AuditCache *cache, guint number)
{
  return g_strdup_printf ("%s/%06u.index", cache->dir, number);
}

/* ---- what both sides reckon ---- */

/* FNV-1a. Two ids with the same hash only make a block be read for nothing. */
guint64
audit_index_hash (const char *text, gsize len)
{
  guint64 hash = G_GUINT64_CONSTANT (0xcbf29ce484222325);

  for (gsize i = 0; i < len; i++)
    hash = (hash ^ (guint8) text[i]) * G_GUINT64_CONSTANT (0x100000001b3);
  return hash;
}

guint64
audit_index_event (const char *event, gsize len)
{
  return G_GUINT64_CONSTANT (1) << (audit_index_hash (event, len) >> 58);
}

guint64
audit_index_time (const char *text)
{
  guint64 digits = 0;

  for (gsize i = 0; i < AUDIT_TIME_LEN; i++)
    if (g_ascii_isdigit (text[i]))
      digits = digits * 10 + (guint64) (text[i] - '0');
  return digits;
}

gsize
audit_index_place (guint64 blocks, guint first, guint i)
{
  return INDEX_HEADER_LEN + AUDIT_HASH_LEN + blocks * INDEX_BLOCK_LEN + AUDIT_HASH_LEN
         + (gsize) first * INDEX_ENTRY_LEN + (gsize) i * AUDIT_HASH_LEN;
}

void
audit_index_mac (const AuditCache *cache, const guint8 binding[AUDIT_HASH_LEN], guint part,
                 guint8 *bytes, gsize len, guint8 mac[AUDIT_HASH_LEN])
{
  guint32 number = GUINT32_TO_BE (part);

  memcpy (bytes, binding, AUDIT_HASH_LEN);
  memcpy (bytes + AUDIT_HASH_LEN, &number, sizeof number);
  audit_hmac (cache->hasher, secret_peek (cache->key), bytes, INDEX_PREFIX_LEN + len, mac);
}

static gboolean
read_at (int fd, void *to, gsize len, guint64 offset)
{
  gssize n;

  for (gsize done = 0; done < len; done += (gsize) n)
    {
      do
        n = pread (fd, (guint8 *) to + done, len - done, (off_t) (offset + done));
      while (n < 0 && errno == EINTR);
      if (n <= 0)
        return FALSE;
    }
  return TRUE;
}

gboolean
audit_index_binding (const AuditCache *cache, guint number, int fd, const struct stat *st,
                     guint8 binding[AUDIT_HASH_LEN])
{
  guint8 last[LAST_BYTES];
  gsize len = MIN ((gsize) st->st_size, sizeof last);
  struct
  {
    guint64 number, inode, size, changed, changed_ns, modified, modified_ns;
    guint8 last[AUDIT_HASH_LEN];
  } about = { number,
              st->st_ino,
              (guint64) st->st_size,
              (guint64) st->st_ctim.tv_sec,
              (guint64) st->st_ctim.tv_nsec,
              (guint64) st->st_mtim.tv_sec,
              (guint64) st->st_mtim.tv_nsec,
              { 0 } };

  if (len == 0 || !read_at (fd, last, len, (guint64) st->st_size - len) || last[len - 1] != '\n')
    return FALSE;
  audit_hash (cache->hasher, last, len, about.last);
  audit_hash (cache->hasher, &about, sizeof about, binding);
  return TRUE;
}

/* ---- reading ---- */

static guint32
get32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_BE (value);
}

static guint64
get64 (const guint8 *at)
{
  guint64 value;

  memcpy (&value, at, sizeof value);
  return GUINT64_FROM_BE (value);
}

/* The bytes of a part at @offset, behind room for what is authenticated with them; NULL when they
 * are not there or are not ours. g_free(). */
static guint8 *
read_part (const AuditIndex *self, guint part, guint64 offset, gsize len)
{
  g_autofree guint8 *bytes = g_malloc (INDEX_PREFIX_LEN + len + AUDIT_HASH_LEN);
  guint8 mac[AUDIT_HASH_LEN];

  if (!read_at (self->fd, bytes + INDEX_PREFIX_LEN, len + AUDIT_HASH_LEN, offset))
    return NULL;
  audit_index_mac (self->cache, self->binding, part, bytes, len, mac);
  if (CRYPTO_memcmp (mac, bytes + INDEX_PREFIX_LEN + len, sizeof mac) != 0)
    return NULL;
  return g_steal_pointer (&bytes);
}

static gboolean
read_header (AuditIndex *self)
{
  g_autofree guint8 *bytes = read_part (self, INDEX_PART_HEADER, 0, INDEX_HEADER_LEN);
  const guint8 *at = bytes != NULL ? bytes + INDEX_PREFIX_LEN : NULL;
  struct stat st;

  if (at == NULL || memcmp (at, INDEX_MAGIC, 8) != 0
      || memcmp (at + 8, self->binding, AUDIT_HASH_LEN) != 0)
    return FALSE;
  self->n_blocks = get64 (at + 8 + AUDIT_HASH_LEN);
  for (guint i = 0; i <= INDEX_BUCKETS; i++)
    self->first[i] = get32 (at + 16 + AUDIT_HASH_LEN + 4 * i);
  for (guint i = 0; i < INDEX_BUCKETS; i++)
    if (self->first[i] > self->first[i + 1])
      return FALSE;
  return self->n_blocks <= INDEX_BLOCKS_MAX && fstat (self->fd, &st) == 0
         && (guint64) st.st_size
                == audit_index_place (self->n_blocks, self->first[INDEX_BUCKETS], INDEX_BUCKETS);
}

static gboolean
read_blocks (AuditIndex *self)
{
  gsize len = self->n_blocks * INDEX_BLOCK_LEN;
  g_autofree guint8 *bytes
      = read_part (self, INDEX_PART_BLOCKS, INDEX_HEADER_LEN + AUDIT_HASH_LEN, len);

  if (bytes == NULL)
    return FALSE;
  self->blocks = g_new (AuditIndexBlock, self->n_blocks);
  for (guint64 i = 0; i < self->n_blocks; i++)
    {
      const guint8 *at = bytes + INDEX_PREFIX_LEN + i * INDEX_BLOCK_LEN;
      self->blocks[i] = (AuditIndexBlock){ get64 (at),      get64 (at + 8),  get64 (at + 16),
                                           get64 (at + 24), get64 (at + 32), get64 (at + 40) };
    }
  return TRUE;
}

static AuditIndex *
open_made (AuditCache *cache, guint number, guint64 size, const guint8 binding[AUDIT_HASH_LEN])
{
  g_autoptr (AuditIndex) self = g_new0 (AuditIndex, 1);

  self->cache = cache;
  self->path = audit_index_path (cache, number);
  self->file_size = size;
  memcpy (self->binding, binding, AUDIT_HASH_LEN);
  self->fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (self->fd >= 0 && read_header (self) && read_blocks (self))
    return g_steal_pointer (&self);
  return NULL;
}

void
audit_index_free (AuditIndex *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self->blocks);
  g_free (self);
}

AuditIndex *
audit_index_open (AuditCache *cache, guint number, int fd, const struct stat *st)
{
  guint8 binding[AUDIT_HASH_LEN];

  if (!audit_index_binding (cache, number, fd, st, binding))
    return NULL;
  AuditIndex *index = open_made (cache, number, (guint64) st->st_size, binding);
  if (index == NULL && audit_index_make (cache, number, fd, st, binding))
    index = open_made (cache, number, (guint64) st->st_size, binding);
  return index;
}

/* ---- asking ---- */

/* Adds one to each block in @found that has @id. */
static gboolean
count_id (const AuditIndex *self, const char *id, guint8 *found)
{
  guint64 hash = audit_index_hash (id, strlen (id));
  guint bucket = (guint) (hash >> 56), n = self->first[bucket + 1] - self->first[bucket];
  g_autofree guint8 *bytes = read_part (
      self, INDEX_PART_BUCKET + bucket,
      audit_index_place (self->n_blocks, self->first[bucket], bucket), (gsize) n * INDEX_ENTRY_LEN);

  for (guint i = 0; bytes != NULL && i < n; i++)
    {
      const guint8 *at = bytes + INDEX_PREFIX_LEN + (gsize) i * INDEX_ENTRY_LEN;
      if (get64 (at + 4) == hash && get32 (at) < self->n_blocks)
        found[get32 (at)]++;
    }
  return bytes != NULL;
}

static gboolean
block_fits (const AuditIndexBlock *block, const AuditLookup *lookup)
{
  return (lookup->since == NULL || block->last_time >= audit_index_time (lookup->since))
         && (lookup->until == NULL || block->first_time <= audit_index_time (lookup->until))
         && (lookup->seq == 0
             || (block->first_seq <= lookup->seq && lookup->seq <= block->last_seq))
         && (lookup->event == NULL
             || block->events & audit_index_event (lookup->event, strlen (lookup->event)));
}

static void
add_block (GArray *spans, guint64 offset, guint64 end)
{
  AuditSpan *last = spans->len > 0 ? &g_array_index (spans, AuditSpan, spans->len - 1) : NULL;
  AuditSpan span = { offset, end - offset };

  if (last != NULL && last->offset + last->len == offset)
    last->len += span.len;
  else
    g_array_append_val (spans, span);
}

GArray *
audit_index_spans (AuditIndex *self, const AuditLookup *lookup)
{
  g_autofree guint8 *found = g_new0 (guint8, self->n_blocks);
  guint8 ids = 0;

  for (guint i = 0; i < G_N_ELEMENTS (lookup->ids); i++)
    if (lookup->ids[i] != NULL)
      {
        ids++;
        if (!count_id (self, lookup->ids[i], found))
          {
            unlink (self->path); /* it is made anew the next time */
            return NULL;
          }
      }
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (AuditSpan));
  for (guint64 i = 0; i < self->n_blocks; i++)
    if (found[i] >= ids && block_fits (&self->blocks[i], lookup))
      add_block (spans, self->blocks[i].offset,
                 i + 1 < self->n_blocks ? self->blocks[i + 1].offset : self->file_size);
  return spans;
}
