/* SPDX-License-Identifier: MIT
 *
 * Files that are old enough are removed, oldest first.
 *
 * MUST
 *  - record what goes, and have that on disk, before anything goes
 *  - remove no file with a record in it that is younger than was asked, that has not been handed on
 *    by every sink, or that is the last
 *  - go by age alone: whoever fills the trail must push nothing out of it
 */
#include "broker/audit/audit-file.h"
#include "broker/audit/audit-private.h"
#include "broker/audit/audit-sign.h"
#include "broker/base/text.h"
#include "broker/base/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* --- Off the main loop --- */

typedef struct
{
  Audit *audit;
  char *dir;
  char before[AUDIT_TIME_LEN + 1]; /* records younger than this stay */
  guint first, end;                /* what may go: [first, end[ */
  guint until;                     /* what goes: [first, until[ */
  guint64 last_seq;                /* of the last record that goes */
  char head[AUDIT_HEX_LEN + 1];    /* and its line's hash */
  char key[AUDIT_HEX_LEN + 1]; /* of the first signed file from removal->until on; "": not known */
  char *next;                  /* key of the file that is then the first; NULL: it has none */
  guint may_go;                /* files before this one are recorded as gone */
} Removal;

static void
removal_free (Removal *removal)
{
  g_free (removal->next);
  g_free (removal->dir);
  g_free (removal);
}

static gboolean
hash_line (const GString *line, char *hex, GError **error)
{
  g_autoptr (AuditHasher) hasher = audit_hasher_new (error);
  guint8 hash[AUDIT_HASH_LEN];

  if (hasher == NULL)
    return FALSE;
  audit_hash (hasher, line->str, line->len, hash);
  audit_hex (hash, hex);
  return TRUE;
}

/* A last record that somebody wrote over the one that was there, to make its file old, is not the
 * one that the next file goes on from: what is removed, and by our own word, must be. */
static gboolean
leads_on (const Removal *removal, const AuditLine *last, const char *head, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  AuditLine next;

  if (!audit_first_of_file (removal->dir, removal->until + 1, line, &next, error))
    return FALSE;
  if (next.seq == last->seq + 1 && memcmp (next.prev, head, AUDIT_HEX_LEN) == 0)
    return TRUE;
  g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED,
               "%s: file %06u is kept: the next does not go on from its last record, so one of the "
               "two was changed; `countersign audit verify` says more",
               removal->dir, removal->until);
  return FALSE;
}

/* Both ends: a clock that was set back meanwhile makes the last look older than the first. */
static gboolean
is_old (const Removal *removal, const AuditLine *last, gboolean *old, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  AuditLine first;

  *old = memcmp (last->time, removal->before, AUDIT_TIME_LEN) < 0;
  if (!*old)
    return TRUE;
  if (!audit_first_of_file (removal->dir, removal->until, line, &first, error))
    return FALSE;
  *old = memcmp (first.time, removal->before, AUDIT_TIME_LEN) < 0;
  return TRUE;
}

/* NULL unless it has @len bytes. */
static const char *
text_of (const json_t *record, const char *key, gsize len)
{
  const json_t *text = json_object_get (record, key);

  return json_string_length (text) == len ? json_string_value (text) : NULL;
}

/* The key of the file behind the one that goes, by the signature of the latter alone: what stands
 * in files is what somebody may have written there. */
static gboolean
pass_key (Removal *removal, const GString *line, const AuditLine *last, GError **error)
{
  if (removal->key[0] == '\0' || !audit_line_is_event (last, "closed"))
    return TRUE;
  g_autoptr (json_t) record = audit_parse_line (line->str, line->len, NULL);
  json_int_t records = json_integer_value (json_object_get (record, "records"));
  const char *next = text_of (record, "next", AUDIT_HEX_LEN);
  const char *head = text_of (record, "head", AUDIT_HEX_LEN);
  const char *signature = text_of (record, "signature", AUDIT_SIGNATURE_HEX);
  AuditClosing closing = { removal->audit->log_id, removal->until, last->seq - (guint64) records,
                           (guint64) records,      head,           next };
  if (next != NULL && head != NULL && signature != NULL
      && audit_sign_fits (removal->key, &closing, signature))
    {
      g_strlcpy (removal->key, next, sizeof removal->key);
      return TRUE;
    }
  g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED,
               "%s: file %06u is kept: it is not signed by the key that it was begun with; "
               "`countersign audit verify` says more",
               removal->dir, removal->until);
  return FALSE;
}

/* Whether the file removal->until may go as well; from @reach on the sinks need them. */
static gboolean
take_file (Removal *removal, guint reach, const char *slowest, gboolean *more, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  char head[AUDIT_HEX_LEN + 1] = "";
  gboolean old;
  AuditLine last;

  *more = FALSE;
  if (!audit_last_of_file (removal->dir, removal->until, line, &last, error)
      || !is_old (removal, &last, &old, error))
    return FALSE;
  if (!old)
    return TRUE;
  if (removal->until >= reach)
    {
      g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO,
                   "%s: this sink has come to %06u.jsonl, so that one is kept; remove the cursor "
                   "when there is no such sink",
                   slowest, removal->until);
      return FALSE;
    }
  if (!hash_line (line, head, error) || !leads_on (removal, &last, head, error)
      || !pass_key (removal, line, &last, error))
    return FALSE;
  memcpy (removal->head, head, sizeof head);
  removal->last_seq = last.seq;
  removal->until++;
  *more = removal->until < removal->end;
  return TRUE;
}

/* An error does not undo what was found before it: that goes, and the error is told. */
static gboolean
find_old (Removal *removal, GError **error)
{
  g_autofree char *slowest = NULL;
  guint reach;
  gboolean more = removal->until < removal->end;

  if (more && !audit_sinks_reach (removal->dir, &reach, &slowest, error))
    return FALSE;
  while (more)
    if (!take_file (removal, reach, slowest, &more, error))
      return FALSE;
  return TRUE;
}

static gboolean
find (gpointer data, GError **error)
{
  Removal *removal = data;
  g_autoptr (GError) fault = NULL;
  gboolean fine = find_old (removal, error);

  if (removal->until > removal->first)
    removal->next = audit_key_of_file (removal->dir, removal->until, &fault);
  if (removal->next != NULL && removal->key[0] != '\0' && strcmp (removal->next, removal->key) != 0)
    g_set_error (
        &fault, AUDIT_ERROR, AUDIT_ERROR_TAMPERED,
        "%s: file %06u does not name the key that it was begun with, so nothing is removed "
        "in front of it; `countersign audit verify` says more",
        removal->dir, removal->until);
  if (fault == NULL)
    return fine;
  removal->until = removal->first;
  g_clear_error (error);
  g_propagate_error (error, g_steal_pointer (&fault));
  return FALSE;
}

static gboolean
sync_dir (const char *dir, GError **error)
{
  int fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO, "%s: cannot be synced: %s", dir,
                 g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return synced;
}

/* The oldest first: what a crash leaves has no gap. */
static gboolean
unlink_files (gpointer data, GError **error)
{
  Removal *removal = data;
  g_autoptr (GArray) list = audit_file_list (removal->dir, error);
  guint n = 0;

  if (list == NULL)
    return FALSE;
  for (; n < list->len && g_array_index (list, guint, n) < removal->may_go; n++)
    {
      g_autofree char *path = audit_file_path (removal->dir, g_array_index (list, guint, n));
      if (unlink (path) == 0)
        continue;
      g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO, "%s: cannot be removed: %s", path,
                   g_strerror (errno));
      return FALSE;
    }
  return n == 0 || sync_dir (removal->dir, error);
}

/* --- On the main loop --- */

static void
keep_trouble (Audit *self, const GError *error)
{
  if (error == NULL)
    return;
  g_free (self->retain_trouble);
  self->retain_trouble = g_strdup (error->message);
}

static void
end (gpointer data, const GError *error)
{
  Removal *removal = data;
  Audit *self = removal->audit;

  keep_trouble (self, error);
  self->retaining = FALSE;
  removal_free (removal);
}

/* Also those of a removal that a crash broke off. */
static void
remove_recorded (Removal *removal)
{
  removal->may_go = removal->audit->may_go;
  writer_push (removal->audit->writer, NULL, unlink_files, end, removal);
}

static void
on_recorded (gpointer data, const GError *error)
{
  Removal *removal = data;

  if (error != NULL)
    {
      end (removal, error);
      return;
    }
  removal->audit->may_go = removal->until;
  remove_recorded (removal);
}

static AuditRecord *
record_of (const Removal *removal)
{
  AuditRecord *record = audit_record_new (removal->audit, "segments_removed");

  record->first_file = removal->until;
  if (removal->next != NULL)
    memcpy (record->first_key, removal->next, AUDIT_HEX_LEN);
  audit_record_integer (record, "first", removal->first);
  audit_record_integer (record, "last", removal->until - 1);
  audit_record_integer (record, "last_seq", (gint64) removal->last_seq);
  audit_record_string (record, "head", removal->head);
  audit_record_string (record, "next", removal->next);
  return record;
}

static void
on_found (gpointer data, const GError *error)
{
  Removal *removal = data;

  keep_trouble (removal->audit, error);
  if (removal->until > removal->first)
    audit_append (removal->audit, record_of (removal), AUDIT_SYNCED, on_recorded, removal);
  else
    remove_recorded (removal);
}

void
audit_retain (Audit *self, gint64 age)
{
  if (self->retaining)
    return;
  Removal *removal = g_new0 (Removal, 1);
  g_autofree char *before = text_format_time (audit_now () - age);

  removal->audit = self;
  removal->dir = g_strdup (self->dir);
  g_strlcpy (removal->before, before, sizeof removal->before);
  removal->first = removal->until = self->committed->first_file;
  removal->end = self->committed->segment;
  memcpy (removal->key, self->committed->first_key, AUDIT_HEX_LEN);
  self->retaining = TRUE;
  g_clear_pointer (&self->retain_trouble, g_free);
  writer_push (self->writer, NULL, find, on_found, removal);
}

const char *
audit_retain_trouble (const Audit *self)
{
  return self->retain_trouble;
}

const char *
audit_first_key (Audit *self)
{
  memcpy (self->first_key, self->committed->first_key, AUDIT_HEX_LEN);
  return self->first_key[0] != '\0' ? self->first_key : NULL;
}
