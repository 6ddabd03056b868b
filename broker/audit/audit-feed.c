/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-feed.h"
#include "broker/audit/audit-file.h"
#include "broker/audit/audit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_SIZE (1024 * 1024)
#define STEPS 100000 /* of the key, before it is asked whether to go on */
/* More records than a file has: it is closed behind the batch that makes it 64 MiB long, and none
 * of them is shorter than AUDIT_LINE_MIN. */
#define FILE_RECORDS (1024 * 1024)

/* The file that is being read. */
typedef struct
{
  int fd;
  const char *path;
  guint number, line;
  gboolean last, ended, opened, stopped;
  GByteArray *carry; /* the beginning of a line */
} Input;

/* Numbers the block's lines and lays out their keys. @n_keys ends at a line too short for a record:
 * a hostile file of line ends must not ask for keys without bound. */
static guint64
count_lines (const AuditBlock *block, guint64 *n_keys)
{
  const char *line = block->data, *end = line + block->len, *newline;
  gboolean sound = TRUE;
  guint64 n = 0;

  *n_keys = 0;
  for (; line < end && (newline = memchr (line, '\n', (gsize) (end - line))) != NULL; n++)
    {
      sound = sound && newline - line >= AUDIT_LINE_MIN;
      *n_keys += sound ? 1 : 0;
      line = newline + 1;
    }
  return n;
}

static gboolean
lay_out_keys (AuditFeed *feed, AuditBlock *block, guint64 n, GError **error)
{
  if (feed->chain == NULL || n == 0)
    return TRUE;
  AuditChain *chain = audit_chains (feed->chain);
  block->keys = secret_new (n * AUDIT_HASH_LEN, error);
  if (block->keys == NULL)
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    {
      memcpy (secret_data (block->keys) + i * AUDIT_HASH_LEN, chain->key, AUDIT_HASH_LEN);
      audit_next_key (feed->hasher, chain->key);
    }
  return TRUE;
}

/* A log of which files are missing at the front says itself which number it begins with; whether it
 * may is found later. */
static gboolean
find_begin (AuditFeed *feed, const Input *input, const char *data, gsize len)
{
  const char *end = memchr (data, '\n', len);
  AuditLine scanned;

  feed->next_seq = 1;
  if (input->number == 1 || end == NULL || !audit_line_scan (data, (gsize) (end - data), &scanned))
    return TRUE;
  feed->next_seq = scanned.seq;
  /* No such number can stand there, and stepping the key to it might take years: the key that there
   * is fits no record of it. */
  if (scanned.seq / FILE_RECORDS >= input->number)
    return TRUE;
  for (guint64 i = 1; feed->chain != NULL && i < scanned.seq; i++)
    {
      audit_next_key (feed->hasher, audit_chains (feed->chain)->key);
      if (i % STEPS == 0 && !feed->go_on (feed->user))
        return FALSE;
    }
  return TRUE;
}

static gboolean
launch (AuditFeed *feed, Input *input, char *data, gsize len, GError **error)
{
  AuditBlock *block = g_new0 (AuditBlock, 1);
  guint64 n, n_keys;

  block->begins = feed->next_seq == 0;
  if (block->begins && !find_begin (feed, input, data, len))
    {
      input->stopped = TRUE;
      g_free (data);
      audit_block_free (block);
      return TRUE;
    }
  feed->bytes += len;
  block->data = data;
  block->len = len;
  block->path = g_strdup (input->path);
  block->segment = input->number;
  block->first_line = input->line;
  block->first_seq = feed->next_seq;
  block->opens = !input->opened;
  block->ends = input->last && input->ended;
  block->head_seq = feed->expect->head_hash != NULL ? feed->expect->head_seq : 0;
  block->head_hash = feed->expect->head_hash;
  n = count_lines (block, &n_keys);
  if ((block->hasher = audit_hasher_new (error)) == NULL
      || !lay_out_keys (feed, block, n_keys, error))
    {
      audit_block_free (block);
      return FALSE;
    }
  input->opened = TRUE;
  input->line += (guint) n;
  feed->next_seq += n;
  input->stopped = !feed->take (block, feed->user);
  return TRUE;
}

/* Up to BLOCK_SIZE more bytes behind the carried ones. */
static gboolean
fill (Input *input, char *data, gsize *len, GError **error)
{
  gsize end = *len + BLOCK_SIZE;

  while (!input->ended && *len < end)
    {
      gssize n = read (input->fd, data + *len, end - *len);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO, "%s: %s", input->path,
                       g_strerror (errno));
          return FALSE;
        }
      input->ended = n == 0;
      *len += (gsize) n;
    }
  return TRUE;
}

/* The next whole lines; at the end of the file, all that is left. */
static gboolean
read_block (AuditFeed *feed, Input *input, GError **error)
{
  gsize len = input->carry->len, keep = 0;
  g_autofree char *data = g_malloc (len + BLOCK_SIZE);
  const char *newline;

  if (len > 0)
    memcpy (data, input->carry->data, len);
  g_byte_array_set_size (input->carry, 0);
  if (!fill (input, data, &len, error))
    return FALSE;
  newline = len > 0 ? memrchr (data, '\n', len) : NULL;
  if (!input->ended)
    keep = newline != NULL ? len - (gsize) (newline + 1 - data) : len;
  /* Longer than any record: checked as it is, which ends the walk. */
  if (keep > AUDIT_LINE_MAX)
    keep = 0;
  g_byte_array_append (input->carry, (const guint8 *) data + len - keep, (guint) keep);
  return len == keep || launch (feed, input, g_steal_pointer (&data), len - keep, error);
}

gboolean
audit_feed_file (AuditFeed *feed, const char *dir, guint number, gboolean last, gboolean *empty,
                 GError **error)
{
  g_autofree char *path = audit_file_path (dir, number);
  g_autoptr (GByteArray) carry = g_byte_array_new ();
  Input input = { .path = path, .number = number, .line = 1, .last = last, .carry = carry };
  struct stat st;
  gboolean fine = TRUE;

  input.fd = audit_file_open (path, &st, error);
  if (input.fd < 0)
    return FALSE;
  while (fine && !input.stopped && !input.ended)
    fine = read_block (feed, &input, error);
  close (input.fd);
  *empty = !input.opened;
  return fine;
}
