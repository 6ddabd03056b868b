/* SPDX-License-Identifier: MIT
 *
 * Making the index of one file, by reading it once.
 */
#include "broker/audit/audit-index-private.h"

#include "broker/audit/audit-file.h"
#include "broker/audit/audit-member.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The clock that files' times come from moves in steps of at most this. */
#define TICK_USEC 20000

typedef struct
{
  guint64 hash;
  guint32 block;
} Entry;

typedef struct
{
  GArray *blocks;  /* AuditIndexBlock */
  GArray *entries; /* Entry */
  guint in_block;
  guint64 offset; /* of the next line */
} Making;

static void
add_id (Making *making, const AuditMember *member)
{
  if (member->at == NULL)
    return;
  Entry entry = { audit_index_hash (member->at, member->len), making->blocks->len - 1 };
  const Entry *end = &g_array_index (making->entries, Entry, making->entries->len);

  /* A record has three of them: mostly the same as the one before it. */
  for (guint i = 1; i <= MIN (making->entries->len, 6); i++)
    if (end[-(int) i].hash == entry.hash && end[-(int) i].block == entry.block)
      return;
  g_array_append_val (making->entries, entry);
}

static AuditIndexBlock *
block_for (Making *making, const AuditLine *scanned)
{
  if (making->blocks->len == 0 || making->in_block == INDEX_BLOCK_RECORDS)
    {
      guint64 time = audit_index_time (scanned->time);
      AuditIndexBlock block = { making->offset, scanned->seq, scanned->seq, time, time, 0 };
      g_array_append_val (making->blocks, block);
      making->in_block = 0;
    }
  return &g_array_index (making->blocks, AuditIndexBlock, making->blocks->len - 1);
}

static void
add_line (Making *making, const AuditLine *scanned, const char *line, gsize len)
{
  AuditMember members[]
      = { { .name = "request_id" }, { .name = "grant_id" }, { .name = "resource" } };
  guint64 time = audit_index_time (scanned->time);
  AuditIndexBlock *block = block_for (making, scanned);

  making->in_block++;
  making->offset += len + 1;
  block->first_seq = MIN (block->first_seq, scanned->seq);
  block->last_seq = MAX (block->last_seq, scanned->seq);
  block->first_time = MIN (block->first_time, time);
  block->last_time = MAX (block->last_time, time);
  block->events |= audit_index_event (scanned->event, scanned->event_len);
  audit_line_members (line, scanned, members, G_N_ELEMENTS (members));
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    add_id (making, &members[i]);
}

/* FALSE when a line is none: such a file is read as it is, so that the fault is found each time. */
static gboolean
read_all (Making *making, int fd)
{
  g_autoptr (AuditReader) reader = audit_reader_new (dup (fd), 0);
  AuditLine scanned;
  const char *line;
  AuditRead got;
  gsize len;

  while ((got = audit_reader_next (reader, &line, &len, NULL)) == AUDIT_READ_LINE)
    {
      if (!audit_line_scan (line, len, &scanned))
        return FALSE;
      add_line (making, &scanned, line, len);
    }
  return got == AUDIT_READ_END && making->blocks->len <= INDEX_BLOCKS_MAX;
}

/* ---- writing ---- */

static void
put32 (GByteArray *out, guint32 value)
{
  guint32 big = GUINT32_TO_BE (value);

  g_byte_array_append (out, (const guint8 *) &big, sizeof big);
}

static void
put64 (GByteArray *out, guint64 value)
{
  guint64 big = GUINT64_TO_BE (value);

  g_byte_array_append (out, (const guint8 *) &big, sizeof big);
}

/* @part, which begins with room for the prefix, without that and with its MAC behind it. */
static void
put_part (GByteArray *out, const AuditCache *cache, const guint8 *binding, guint number,
          GByteArray *part)
{
  guint8 mac[AUDIT_HASH_LEN];

  audit_index_mac (cache, binding, number, part->data, part->len - INDEX_PREFIX_LEN, mac);
  g_byte_array_append (out, part->data + INDEX_PREFIX_LEN, part->len - INDEX_PREFIX_LEN);
  g_byte_array_append (out, mac, sizeof mac);
  g_byte_array_set_size (part, INDEX_PREFIX_LEN);
}

static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  if (x->hash != y->hash)
    return x->hash < y->hash ? -1 : 1;
  return x->block < y->block ? -1 : x->block > y->block;
}

static guint
put_bucket (GByteArray *part, const GArray *entries, guint bucket, guint at)
{
  for (; at < entries->len; at++)
    {
      const Entry *entry = &g_array_index (entries, Entry, at);
      if (entry->hash >> 56 != bucket)
        break;
      put32 (part, entry->block);
      put64 (part, entry->hash);
    }
  return at;
}

static void
put_header (GByteArray *part, const Making *making, const guint8 *binding)
{
  guint at = 0;

  g_byte_array_append (part, (const guint8 *) INDEX_MAGIC, 8);
  g_byte_array_append (part, binding, AUDIT_HASH_LEN);
  put64 (part, making->blocks->len);
  put32 (part, 0);
  for (guint i = 0; i < INDEX_BUCKETS; i++)
    {
      while (at < making->entries->len
             && g_array_index (making->entries, Entry, at).hash >> 56 == i)
        at++;
      put32 (part, at);
    }
}

static GByteArray *
render (const AuditCache *cache, const Making *making, const guint8 *binding)
{
  g_autoptr (GByteArray) part = g_byte_array_new ();
  GByteArray *out = g_byte_array_new ();
  guint at = 0;

  g_byte_array_set_size (part, INDEX_PREFIX_LEN);
  put_header (part, making, binding);
  put_part (out, cache, binding, INDEX_PART_HEADER, part);
  for (guint i = 0; i < making->blocks->len; i++)
    {
      const AuditIndexBlock *block = &g_array_index (making->blocks, AuditIndexBlock, i);
      const guint64 numbers[] = { block->offset,     block->first_seq, block->last_seq,
                                  block->first_time, block->last_time, block->events };
      for (gsize n = 0; n < G_N_ELEMENTS (numbers); n++)
        put64 (part, numbers[n]);
    }
  put_part (out, cache, binding, INDEX_PART_BLOCKS, part);
  for (guint i = 0; i < INDEX_BUCKETS; i++)
    {
      at = put_bucket (part, making->entries, i, at);
      put_part (out, cache, binding, INDEX_PART_BUCKET + i, part);
    }
  return out;
}

/* In one step, so that nobody reads half of it; what is lost in a crash is made again. */
static gboolean
save (const AuditCache *cache, guint number, const GByteArray *bytes)
{
  g_autofree char *path = audit_index_path (cache, number);
  g_autofree char *fresh = g_strdup_printf ("%s.%d", path, (int) getpid ());
  unlink (fresh); /* of one that did not get to its end */
  int fd = open (fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  gsize done = 0;

  if (fd < 0)
    return FALSE;
  while (done < bytes->len)
    {
      gssize n = write (fd, bytes->data + done, bytes->len - done);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      done += (gsize) n;
    }
  gboolean saved = close (fd) == 0 && done == bytes->len && rename (fresh, path) == 0;
  if (!saved)
    unlink (fresh);
  return saved;
}

/* A change within the same step of the clock as the last would leave no trace in the file's times:
 * waits until it would. FALSE when the clock went back before the file. */
static gboolean
let_settle (const struct stat *st)
{
  gint64 changed = st->st_ctim.tv_sec * G_USEC_PER_SEC + st->st_ctim.tv_nsec / 1000;
  gint64 age = g_get_real_time () - changed;

  if (age >= 0 && age < TICK_USEC)
    g_usleep ((gulong) (TICK_USEC - age));
  return age >= 0;
}

gboolean
audit_index_make (AuditCache *cache, guint number, int fd, const struct stat *st,
                  const guint8 binding[AUDIT_HASH_LEN])
{
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (AuditIndexBlock));
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  Making making = { blocks, entries, 0, 0 };
  guint8 after[AUDIT_HASH_LEN];
  struct stat now;

  if (!let_settle (st) || !read_all (&making, fd))
    return FALSE;
  /* It was meanwhile what the index will say it was. */
  if (fstat (fd, &now) != 0 || !audit_index_binding (cache, number, fd, &now, after)
      || memcmp (after, binding, AUDIT_HASH_LEN) != 0)
    return FALSE;
  g_array_sort (entries, compare_entries);
  g_autoptr (GByteArray) bytes = render (cache, &making, binding);
  if (!save (cache, number, bytes))
    return FALSE;
  cache->made++;
  return TRUE;
}
