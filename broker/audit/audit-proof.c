/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-proof.h"
#include "broker/audit/audit-sign.h"

#include "broker/base/wire.h"

#include <string.h>

/* How a file begins. */
typedef struct
{
  guint segment;
  gint64 format;
  guint64 seq;
  char prev[AUDIT_HEX_LEN];
  char key[AUDIT_HEX_LEN + 1]; /* "" in format 1 */
} Opening;

/* What the log says of files that are no longer there. */
typedef struct
{
  guint segment; /* where it says so */
  guint64 seq;
  gint64 first, last, last_seq;
  char head[AUDIT_HEX_LEN + 1], next[AUDIT_HEX_LEN + 1]; /* "": of format 1 */
} Removal;

struct _AuditProof
{
  const AuditExpect *expect;
  char *log_id;
  GArray *openings, *removals;
  gboolean closed;                  /* the last file */
  char next_key[AUDIT_HEX_LEN + 1]; /* that its closing record names */
  gboolean anchored;                /* public_key is a file's */
  gboolean known;                   /* head_key is */
  guint64 signatures, proven_seq;
};

void
audit_mark_clear (AuditMark *mark)
{
  g_clear_pointer (&mark->record, json_decref);
}

gboolean
audit_mark_is (const AuditLine *scanned)
{
  return audit_line_is_event (scanned, "segment") || audit_line_is_event (scanned, "closed")
         || audit_line_is_event (scanned, "segments_removed");
}

AuditProof *
audit_proof_new (const AuditExpect *expect)
{
  AuditProof *self = g_new0 (AuditProof, 1);

  self->expect = expect;
  self->openings = g_array_new (FALSE, FALSE, sizeof (Opening));
  self->removals = g_array_new (FALSE, FALSE, sizeof (Removal));
  return self;
}

void
audit_proof_free (AuditProof *self)
{
  if (self == NULL)
    return;
  g_free (self->log_id);
  g_array_unref (self->openings);
  g_array_unref (self->removals);
  g_free (self);
}

gboolean
audit_proof_is_closed (const AuditProof *self)
{
  return self->closed;
}

/* Copies the member when it is @len lower-case hex digits; FALSE when it is not. */
static gboolean
take_hex (const json_t *record, const char *key, guint len, char *out)
{
  const char *text = wire_string (record, key);

  if (text == NULL || strlen (text) != len || strspn (text, "0123456789abcdef") != len)
    return FALSE;
  memcpy (out, text, len + 1);
  return TRUE;
}

static const Opening *
last_opening (const AuditProof *self)
{
  return self->openings->len > 0 ? &g_array_index (self->openings, Opening, self->openings->len - 1)
                                 : NULL;
}

static const Opening *
opening_at_front (const AuditProof *self)
{
  return self->openings->len > 0 ? &g_array_index (self->openings, Opening, 0) : NULL;
}

/* NULL when that file is not there. None is left out in between. */
static const Opening *
opening_of (const AuditProof *self, gint64 segment)
{
  const Opening *front = opening_at_front (self);

  if (front == NULL || segment < front->segment || segment - front->segment >= self->openings->len)
    return NULL;
  return front + (segment - front->segment);
}

G_GNUC_PRINTF (3, 4)
static AuditDamage
say (AuditDamage damage, char **message, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  *message = g_strdup_vprintf (format, args);
  va_end (args);
  return damage;
}

/* --- A file begins --- */

static AuditDamage
check_succession (const AuditProof *self, const Opening *opening, char **message)
{
  const Opening *before = last_opening (self);

  if (before == NULL || before->format == 1)
    return AUDIT_DAMAGE_NONE;
  if (!self->closed)
    return say (AUDIT_DAMAGE_REMOVED, message,
                "the record that closes and signs file %u is missing", before->segment);
  if (opening->format == 1)
    return say (AUDIT_DAMAGE_FORGED, message,
                "the file is of format 1, which has no signatures, behind one that has");
  if (strcmp (opening->key, self->next_key) != 0)
    return say (AUDIT_DAMAGE_FORGED, message,
                "the file is not signed by the key that file %u names", before->segment);
  return AUDIT_DAMAGE_NONE;
}

static AuditDamage
take_opening (AuditProof *self, guint segment, const AuditMark *mark, char **message)
{
  const char *log_id = wire_string (mark->record, "log");
  const char *expected = self->log_id != NULL ? self->log_id : self->expect->log_id;
  Opening opening = { .segment = segment, .seq = mark->seq };
  AuditDamage damage;

  opening.format = wire_integer (mark->record, "format", 0);
  memcpy (opening.prev, mark->prev, AUDIT_HEX_LEN);
  if (opening.format == 2 && !take_hex (mark->record, "key", AUDIT_HEX_LEN, opening.key))
    return say (AUDIT_DAMAGE_MALFORMED, message, "the file names no public key");
  if (expected != NULL && strcmp (log_id, expected) != 0)
    return say (AUDIT_DAMAGE_FOREIGN, message, "the file is of the log %s, not of %s", log_id,
                expected);
  damage = check_succession (self, &opening, message);
  if (damage != AUDIT_DAMAGE_NONE)
    return damage;
  if (self->log_id == NULL)
    self->log_id = g_strdup (log_id);
  if (g_strcmp0 (self->expect->public_key, opening.key) == 0)
    self->anchored = TRUE;
  if (g_strcmp0 (self->expect->head_key, opening.key) == 0)
    self->known = TRUE;
  self->closed = FALSE;
  g_array_append_val (self->openings, opening);
  return AUDIT_DAMAGE_NONE;
}

/* --- It ends --- */

static AuditDamage
take_closing (AuditProof *self, guint segment, const AuditMark *mark, char **message)
{
  const Opening *opening = last_opening (self);
  char head[AUDIT_HEX_LEN + 1], signature[AUDIT_SIGNATURE_HEX + 1];
  gint64 records = wire_integer (mark->record, "records", -1);

  if (opening->format == 1)
    return say (AUDIT_DAMAGE_FORGED, message, "a file of format 1 cannot be signed");
  if (wire_integer (mark->record, "segment", -1) != segment
      || !take_hex (mark->record, "head", AUDIT_HEX_LEN, head)
      || !take_hex (mark->record, "next", AUDIT_HEX_LEN, self->next_key)
      || !take_hex (mark->record, "signature", AUDIT_SIGNATURE_HEX, signature))
    return say (AUDIT_DAMAGE_FORGED, message, "the file is closed, but not as a file is");
  if (records != (gint64) (mark->seq - opening->seq) || memcmp (head, mark->prev, AUDIT_HEX_LEN))
    return say (AUDIT_DAMAGE_FORGED, message, "what was signed is not what is in the file");
  const AuditClosing closing = { .log_id = self->log_id,
                                 .segment = segment,
                                 .first_seq = opening->seq,
                                 .records = (guint64) records,
                                 .head = head,
                                 .next_key = self->next_key };
  if (!audit_sign_fits (opening->key, &closing, signature))
    return say (AUDIT_DAMAGE_FORGED, message, "the signature of the file does not fit");
  self->closed = TRUE;
  self->signatures++;
  if (self->anchored || self->known)
    self->proven_seq = mark->seq;
  return AUDIT_DAMAGE_NONE;
}

/* --- What is gone --- */

static AuditDamage
take_removal (AuditProof *self, guint segment, const AuditMark *mark, char **message)
{
  Removal removal = { .segment = segment, .seq = mark->seq };

  removal.first = wire_integer (mark->record, "first", 0);
  removal.last = wire_integer (mark->record, "last", 0);
  removal.last_seq = wire_integer (mark->record, "last_seq", 0);
  if (removal.first < 1 || removal.last < removal.first || removal.last >= segment
      || removal.last_seq < 1 || !take_hex (mark->record, "head", AUDIT_HEX_LEN, removal.head)
      || (wire_string (mark->record, "next") != NULL
          && !take_hex (mark->record, "next", AUDIT_HEX_LEN, removal.next)))
    return say (AUDIT_DAMAGE_MALFORMED, message, "files are removed, but not as files are");
  g_array_append_val (self->removals, removal);
  return AUDIT_DAMAGE_NONE;
}

AuditDamage
audit_proof_take (AuditProof *self, guint segment, const AuditMark *mark, char **message)
{
  const char *event = wire_string (mark->record, "event");

  if (g_str_equal (event, "segment"))
    return take_opening (self, segment, mark, message);
  if (g_str_equal (event, "closed"))
    return take_closing (self, segment, mark, message);
  return take_removal (self, segment, mark, message);
}

/* --- The log as a whole --- */

/* The file behind those that were removed must be the one that the record tells of, where it is
 * still there. */
static const Removal *
find_false_removal (const AuditProof *self)
{
  for (guint i = 0; i < self->removals->len; i++)
    {
      const Removal *removal = &g_array_index (self->removals, Removal, i);
      const Opening *opening = opening_of (self, removal->last + 1);
      if (opening != NULL
          && (opening->seq != (guint64) removal->last_seq + 1
              || memcmp (opening->prev, removal->head, AUDIT_HEX_LEN) != 0
              || strcmp (opening->key, removal->next) != 0))
        return removal;
    }
  return NULL;
}

/* The oldest go first, and the record is written before: after a crash between, some that it tells
 * of are still there. */
static gboolean
was_removed (const AuditProof *self, guint segment)
{
  for (guint i = 0; i < self->removals->len; i++)
    {
      const Removal *removal = &g_array_index (self->removals, Removal, i);
      if (removal->first <= segment && segment <= removal->last)
        return TRUE;
    }
  return FALSE;
}

static gboolean
begins_as_expected (const AuditProof *self)
{
  const AuditBegin *begins = &self->expect->begins;
  const Opening *opening = begins->segment > 0 ? opening_of (self, begins->segment) : NULL;

  return opening == NULL
         || (opening->seq == begins->seq && memcmp (opening->prev, begins->prev, AUDIT_HEX_LEN) == 0
             && g_str_equal (opening->key, begins->key != NULL ? begins->key : ""));
}

/* Whether files may be missing before @first. */
static gboolean
may_begin_with (const AuditProof *self, const Opening *first)
{
  const AuditExpect *expect = self->expect;

  return first->segment == 1 || (expect->begins.segment == first->segment)
         || (expect->public_key != NULL && g_str_equal (first->key, expect->public_key))
         || was_removed (self, first->segment - 1);
}

static AuditDamage
check_begin (const AuditProof *self, const Opening *first, guint *segment, guint64 *seq,
             char **message)
{
  if (!begins_as_expected (self))
    return say (AUDIT_DAMAGE_REPLACED, message,
                "file %u does not begin as the checkpoint remembers it",
                self->expect->begins.segment);
  if (may_begin_with (self, first))
    return AUDIT_DAMAGE_NONE;
  *segment = first->segment - 1;
  *seq = first->seq - 1;
  return say (AUDIT_DAMAGE_REMOVED, message,
              "what is before file %u is missing, and no record says that it was removed",
              first->segment);
}

static AuditDamage
check_removals (const AuditProof *self, guint *segment, guint64 *seq, char **message)
{
  const Removal *removal = find_false_removal (self);

  if (removal == NULL)
    return AUDIT_DAMAGE_NONE;
  *segment = removal->segment;
  *seq = removal->seq;
  return say (AUDIT_DAMAGE_REPLACED, message,
              "files up to %" G_GINT64_FORMAT
              " were removed, but what is behind them is not what was",
              removal->last);
}

AuditDamage
audit_proof_end (const AuditProof *self, guint *segment, guint64 *seq, char **message)
{
  const Opening *first = opening_at_front (self);
  AuditDamage damage;

  if (first == NULL)
    return AUDIT_DAMAGE_NONE;
  *segment = first->segment;
  *seq = first->seq;
  damage = check_begin (self, first, segment, seq, message);
  if (damage == AUDIT_DAMAGE_NONE)
    damage = check_removals (self, segment, seq, message);
  if (damage != AUDIT_DAMAGE_NONE || self->expect->public_key == NULL || self->anchored)
    return damage;
  return say (AUDIT_DAMAGE_REPLACED, message, "no file is signed by the public key given%s",
              first->segment > 1
                  ? "; it may be that of a file that was removed: use a later checkpoint"
                  : "");
}

void
audit_proof_report (const AuditProof *self, AuditReport *report)
{
  const Opening *last = last_opening (self);

  report->signatures = self->signatures;
  report->proven_seq = self->proven_seq;
  if (last == NULL)
    return;
  const Opening *first = opening_at_front (self);
  report->log_id = g_strdup (self->log_id);
  report->first_segment = first->segment;
  report->first_seq = first->seq;
  memcpy (report->first_prev, first->prev, AUDIT_HEX_LEN);
  memcpy (report->first_key, first->key, AUDIT_HEX_LEN);
  report->last_segment = last->segment;
  memcpy (report->next_key, self->closed ? self->next_key : last->key, AUDIT_HEX_LEN);
}
