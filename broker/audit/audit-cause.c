/* SPDX-License-Identifier: MIT
 *
 * A record does not fit where it stands. Three things tell why: whether it names the hash of a line
 * that is there (then it was written in this log), whether the next one names its hash (then it
 * stands where it was written), and whether its MAC fits. So:
 *
 *  - it follows its predecessor, and its number does not fit: its number was changed;
 *  - it follows its predecessor, and its number fits: it was changed, as its MAC shows;
 *  - it does not, and the next follows it: what is before it was changed, unless a signature, or
 * the key, says that all from it on is of another log;
 *  - neither: it is of another place when some line has the hash it names, else of another log.
 */
#include "broker/audit/audit-conclude.h"
#include "broker/audit/audit-file.h"
#include "broker/audit/audit-sign.h"

#include "broker/base/wire.h"

#include <string.h>

#define STEPS_MAX (G_GUINT64_CONSTANT (1) << 28) /* of the key: a minute */

typedef struct
{
  /* Given. */
  AuditHasher *hasher;
  guint64 place;  /* how many records are before it */
  guint64 wanted; /* number of the record that belongs there */

  guint64 n;  /* records read */
  char *line; /* the one that does not fit; NULL: it is no record */
  gsize len;
  AuditLine scanned; /* points into line */
  char hash[AUDIT_HEX_LEN];

  char before_hash[AUDIT_HEX_LEN]; /* of the line before it */
  char before_prev[AUDIT_HEX_LEN]; /* that this names */
  json_t *before_opening;          /* first record of its file */
  json_t *before_closing;          /* it itself, when it closes its file */
  guint before_line;               /* its number in its file */
  gboolean before_opens;           /* it is the first of its file */

  json_t *opening; /* first record of the file that is being read */
  guint64 opening_seq;
  json_t *closing; /* of the file that it is in */
  char closing_prev[AUDIT_HEX_LEN];
  guint64 closing_seq;

  gboolean followed, next_seen;
  gboolean elsewhere; /* what belongs there is in another place */
  gboolean known;     /* some line has the hash that it names */
} Cause;

static void
hash_line (AuditHasher *hasher, const char *line, gsize len, char *hex)
{
  guint8 hash[AUDIT_HASH_LEN];

  audit_hash (hasher, line, len, hash);
  audit_hex (hash, hex);
}

static void
take_opening (Cause *cause, const AuditLine *scanned, const char *line, gsize len)
{
  json_decref (cause->opening);
  cause->opening = audit_parse_line (line, len, NULL);
  cause->opening_seq = scanned->seq;
}

static void
take_it (Cause *cause, const char *line, gsize len)
{
  cause->line = g_strndup (line, len);
  cause->len = len;
  audit_line_scan (cause->line, len, &cause->scanned);
  hash_line (cause->hasher, line, len, cause->hash);
}

static void
take_before (Cause *cause, const AuditLine *scanned, const char *line, gsize len)
{
  cause->before_opens = audit_line_is_event (scanned, "segment");
  cause->before_opening = json_incref (cause->opening);
  if (audit_line_is_event (scanned, "closed"))
    cause->before_closing = audit_parse_line (line, len, NULL);
  memcpy (cause->before_prev, scanned->prev, AUDIT_HEX_LEN);
  hash_line (cause->hasher, line, len, cause->before_hash);
}

static void
take_closing (Cause *cause, const AuditLine *scanned, const char *line, gsize len)
{
  cause->closing = audit_parse_line (line, len, NULL);
  cause->closing_seq = scanned->seq;
  memcpy (cause->closing_prev, scanned->prev, AUDIT_HEX_LEN);
}

/* Its neighbours, and how its file begins and ends. */
static gboolean
look_around (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  Cause *cause = user;
  guint64 n = cause->n++;
  gboolean opens = audit_line_is_event (scanned, "segment");

  if (opens && n > cause->place + 1)
    return FALSE;
  if (opens)
    take_opening (cause, scanned, line, len);
  if (n < cause->place)
    cause->before_line = opens ? 1 : cause->before_line + 1;
  if (n + 1 == cause->place)
    take_before (cause, scanned, line, len);
  if (n == cause->place)
    take_it (cause, line, len);
  if (n == cause->place + 1)
    {
      cause->next_seen = TRUE;
      cause->followed = memcmp (scanned->prev, cause->hash, AUDIT_HEX_LEN) == 0;
    }
  if (n < cause->place || !audit_line_is_event (scanned, "closed"))
    return TRUE;
  take_closing (cause, scanned, line, len);
  return FALSE;
}

static gboolean
look_everywhere (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  Cause *cause = user;
  char hash[AUDIT_HEX_LEN];

  cause->elsewhere = cause->elsewhere || scanned->seq == cause->wanted;
  if (!cause->known)
    {
      hash_line (cause->hasher, line, len, hash);
      cause->known = memcmp (hash, cause->scanned.prev, AUDIT_HEX_LEN) == 0;
    }
  return !cause->known || !cause->elsewhere;
}

/* With the key of the number that it has, and, when @prev is not NULL, that in place of the hash
 * that it names. */
static gboolean
mac_fits (const Cause *cause, const Secret *k0, const char *prev)
{
  g_autoptr (Secret) chain = audit_chain_new (1, NULL);
  g_autofree char *line = g_strndup (cause->line, cause->len);
  guint8 mac[AUDIT_HASH_LEN];
  char hex[AUDIT_HEX_LEN];

  if (chain == NULL || cause->scanned.seq > STEPS_MAX
      || !audit_chain_start (audit_chains (chain), cause->hasher, k0, NULL))
    return FALSE;
  for (guint64 i = 1; i < cause->scanned.seq; i++)
    audit_next_key (cause->hasher, audit_chains (chain)->key);
  if (prev != NULL)
    memcpy (line + (cause->scanned.prev - cause->line), prev, AUDIT_HEX_LEN);
  audit_hmac (cause->hasher, audit_chains (chain)->key, line, cause->scanned.signed_len, mac);
  audit_hex (mac, hex);
  return memcmp (hex, cause->scanned.mac, AUDIT_HEX_LEN) == 0;
}

/* Its file was closed, and the signature vouches for all from it to the file's end. */
static gboolean
is_signed (const Cause *cause)
{
  const char *key = wire_string (cause->opening, "key");
  const char *log_id = wire_string (cause->opening, "log");
  const char *next = wire_string (cause->closing, "next");
  const char *signature = wire_string (cause->closing, "signature");

  if (key == NULL || strlen (key) != AUDIT_HEX_LEN || log_id == NULL || next == NULL
      || strlen (next) != AUDIT_HEX_LEN || signature == NULL
      || strlen (signature) != AUDIT_SIGNATURE_HEX)
    return FALSE;
  const AuditClosing closing = { .log_id = log_id,
                                 .segment = (guint) wire_integer (cause->opening, "segment", 0),
                                 .first_seq = cause->opening_seq,
                                 .records = cause->closing_seq - cause->opening_seq,
                                 .head = cause->closing_prev,
                                 .next_key = next };
  return audit_sign_fits (key, &closing, signature);
}

/* It begins a file, which the one before does not speak of: of another log, or with another key. */
static gboolean
begins_another (const Cause *cause)
{
  const char *key = wire_string (cause->opening, "key");
  const char *next = wire_string (cause->before_closing, "next");

  return audit_line_is_event (&cause->scanned, "segment")
         && (g_strcmp0 (wire_string (cause->opening, "log"),
                        wire_string (cause->before_opening, "log"))
                 != 0
             || (next != NULL && g_strcmp0 (key, next) != 0));
}

/* Whether what follows bears the record out, so that it is the one before that was changed. */
static gboolean
is_borne_out (const Cause *cause)
{
  return cause->followed && !begins_another (cause)
         && (cause->before_opens || cause->closing == NULL || is_signed (cause));
}

/* The record before the one that does not fit. */
static void
blame_predecessor (const Cause *cause, const char *dir, AuditReport *report)
{
  guint segment = (guint) wire_integer (cause->opening, "segment", 1);
  gboolean first = report->line == 1;
  g_autofree char *path = first ? audit_file_path (dir, segment - 1) : g_strdup (report->file);
  g_autofree char *message = g_strdup_printf (
      "record %" G_GUINT64_FORMAT " was changed: the one after it does not follow what it is now",
      report->seq - 1);

  audit_report_damage (report, AUDIT_DAMAGE_EDITED, report->seq - 1, path,
                       first ? cause->before_line : report->line - 1, message);
  report->records--;
  report->last_seq--;
  memcpy (report->last_hash, cause->before_prev, AUDIT_HEX_LEN);
}

static void
blame_another_log (const Cause *cause, AuditReport *report)
{
  g_autofree char *message
      = g_strdup_printf ("what stands in the place of record %" G_GUINT64_FORMAT
                         " was not written there: nothing that it follows is in this log",
                         cause->wanted);

  audit_report_damage (report, AUDIT_DAMAGE_FOREIGN, cause->wanted, report->file, report->line,
                       message);
}

/* Its number does not fit. */
static void
judge_number (Cause *cause, const char *dir, const Secret *k0, AuditReport *report)
{
  gboolean ours;

  if (memcmp (cause->scanned.prev, cause->before_hash, AUDIT_HEX_LEN) == 0)
    {
      g_autofree char *message = g_strdup_printf (
          "record %" G_GUINT64_FORMAT " was changed: it calls itself %" G_GUINT64_FORMAT,
          cause->wanted, cause->scanned.seq);
      audit_report_damage (report, AUDIT_DAMAGE_EDITED, cause->wanted, report->file, report->line,
                           message);
      return;
    }
  audit_each (dir, look_everywhere, cause, NULL);
  ours = k0 != NULL ? mac_fits (cause, k0, NULL) : cause->followed || cause->known;
  if (!ours)
    blame_another_log (cause, report);
  else if (report->damage == AUDIT_DAMAGE_REMOVED && cause->elsewhere)
    report->damage = AUDIT_DAMAGE_REORDERED;
}

/* Its MAC or its link does not fit. */
static void
judge_link (Cause *cause, const char *dir, const Secret *k0, AuditReport *report)
{
  gboolean follows = memcmp (cause->scanned.prev, cause->before_hash, AUDIT_HEX_LEN) == 0;

  if (follows)
    return;
  if (k0 != NULL)
    {
      if (!mac_fits (cause, k0, NULL) && !mac_fits (cause, k0, cause->before_hash))
        blame_another_log (cause, report);
      return;
    }
  if (is_borne_out (cause))
    {
      blame_predecessor (cause, dir, report);
      return;
    }
  audit_each (dir, look_everywhere, cause, NULL);
  if (!cause->known && cause->next_seen)
    blame_another_log (cause, report);
}

void
audit_cause_find (const char *dir, const AuditExpect *expect, AuditHasher *hasher,
                  AuditReport *report)
{
  Cause cause = { .hasher = hasher, .place = report->records };

  if (report->records == 0)
    return;
  if (report->damage != AUDIT_DAMAGE_EDITED && report->damage != AUDIT_DAMAGE_REMOVED
      && report->damage != AUDIT_DAMAGE_REORDERED)
    return;
  cause.wanted = report->last_seq + 1;
  audit_each (dir, look_around, &cause, NULL);
  if (cause.line != NULL && cause.scanned.seq != cause.wanted)
    judge_number (&cause, dir, expect->k0, report);
  else if (cause.line != NULL)
    judge_link (&cause, dir, expect->k0, report);
  g_free (cause.line);
  json_decref (cause.opening);
  json_decref (cause.closing);
  json_decref (cause.before_opening);
  json_decref (cause.before_closing);
}
