/* SPDX-License-Identifier: MIT
 *
 * The audit trail as the broker writes it: one JSON record a line, each bound to the one before by
 * SHA-256 and authenticated by HMAC under a key that moves forward one way and is then erased.
 *
 * MUST
 *  - release nothing that widens before its record is written (AUDIT_WRITTEN) or on disk
 * (AUDIT_SYNCED)
 *  - leave chain and key where they were when a write fails
 *  - carry no name and no free text in the clear: names are keyed tokens, text is sealed
 */
#pragma once

#include "broker/base/crypt.h"
#include "broker/base/writer.h"

#define AUDIT_FORMAT 2 /* that is written; format 1 is read, and gone on from */
#define AUDIT_ERROR (audit_error_quark ())
typedef enum
{
  AUDIT_ERROR_IO,       /* cannot be written: errno's words and the path */
  AUDIT_ERROR_TAMPERED, /* the log does not bear out the head: what and where */
  AUDIT_ERROR_UNSAFE,   /* wrong owner, mode or kind of file */
  AUDIT_ERROR_STOPPED   /* whoever asked for it wants no more */
} AuditError;
GQuark audit_error_quark (void);

typedef struct _Audit Audit;

/* Called on the writer thread after each sync; persists the head (store_put_raw). */
typedef gboolean (*AuditSaveHead) (gpointer user, GBytes *head, GError **error);

typedef struct
{
  const char *dir;         /* made 0700 */
  const char *log_id;      /* the store's id: names the log in its first record */
  const Secret *head_key;  /* seals the head and the chain key in it; kept while locked */
  const Secret *text_key;  /* seals free text; audit_lock() wipes it */
  const Secret *token_key; /* names → tokens; audit_lock() wipes it */
  AuditSaveHead save_head;
  gpointer user;
  guint64 segment_size; /* bytes after which a new file begins; 0: 64 MiB */
  /* On the writer thread, once a file is closed and the head saved: no head from before may stay
   * anywhere, because the seed that signed the file is in it. NULL: none does. */
  void (*forget_heads) (gpointer user);
} AuditSetup;

/* What was found and mended at opening, for status and for the first record. */
typedef struct
{
  gsize torn_bytes;   /* removed from the end: a record cut by a crash */
  guint64 after_head; /* whole records after the saved head, accepted because their MACs hold */
} AuditRepair;

/* A new log with chain key @k0 (random; the caller has it wrapped by the passphrase). Secrets are
 * copied. */
Audit *audit_create (const AuditSetup *setup, Writer *writer, const Secret *k0, GError **error);
/* Goes on with the log that @head (from the store) speaks of. AUDIT_ERROR_TAMPERED when the log
 * ends before the head or disagrees with it. Blocks: start-up only. */
Audit *audit_open (const AuditSetup *setup, Writer *writer, GBytes *head, AuditRepair *repair,
                   GError **error);
/* Syncs what is written and saves the head. */
void audit_free (Audit *audit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Audit, audit_free)
/* Wipes what opens text and names; records go on, without them. */
void audit_lock (Audit *audit);

const char *audit_dir (const Audit *audit);
guint64 audit_seq (const Audit *audit); /* of the last record */
/* SHA-256 of the last line, hex: with seq, the checkpoint. */
const char *audit_last_hash (const Audit *audit);
const char *audit_log_id (const Audit *audit);
/* Public key (64 hex) that signs what comes next: of the file, or of the next when it is closed;
 * NULL while there is none (format 1). g_free(). */
char *audit_signing_key (const Audit *audit);

/* Building one record: members in the order given, after "seq" and "time". */
typedef struct _AuditRecord AuditRecord;
AuditRecord *audit_record_new (Audit *audit, const char *event);
void audit_record_string (AuditRecord *record, const char *key,
                          const char *value); /* NULL: left out; our own words only */
void audit_record_integer (AuditRecord *record, const char *key, gint64 value);
void audit_record_strings (AuditRecord *record, const char *key, const char *const *values);
/* A keyed token of @name under @key, and the name itself into the sealed part. */
void audit_record_name (AuditRecord *record, const char *key, const char *name);
/* Into the sealed part only: purpose, argv, cwd, paths, claims. While locked, nothing is. */
void audit_record_text (AuditRecord *record, const char *key, const char *value);
/* Pre-rendered: the members of @record so far as a template, for a record that is written many
 * times ("use" under one grant). audit_record_from() begins a new record with them. What is sealed
 * is not repeated: each sealed text is bound to its own record, and a template would keep names in
 * memory over audit_lock(). */
typedef struct _AuditTemplate AuditTemplate;
AuditTemplate *audit_template_new (AuditRecord *record /* taken */);
AuditRecord *audit_record_from (Audit *audit, const AuditTemplate *template);
void audit_template_free (AuditTemplate *template);

/* Closes the file that is being written, with the next flush: the last record in it is then signed,
 * and nothing follows it. What is appended afterwards begins a new file. @done as with
 * audit_append(), after the sync; a file that is closed already is left as it is. Returns its
 * number. */
guint audit_close_segment (Audit *audit, WriterDone done, gpointer data);
guint audit_segment_number (const Audit *audit); /* of the last file */
/* Public key (64 hex) of the first file that is there and signed, as it was made and not as the file
 * says by now; NULL: there is none yet, or a version that did not keep it began the trail. */
const char *audit_first_key (Audit *audit);

/* Removes the files whose records are all older than @age (µs), the oldest first: never the last
 * file, nor one that a sink (DIR/sink-NAME.json) has not handed on. What goes is recorded and
 * synced before it goes. Takes its time behind the main loop; while it does, another call does
 * nothing. */
void audit_retain (Audit *audit, gint64 age);
#define AUDIT_RETAIN_MAX 36500 /* days that a person can choose; the least is one */
/* Why a file that is old enough was kept the last time, or NULL. */
const char *audit_retain_trouble (const Audit *audit);

typedef enum
{
  AUDIT_WRITTEN, /* done after write(2); synced soon after, with others */
  AUDIT_SYNCED   /* done after fdatasync(2) */
} AuditLevel;

/* Takes @record. Queued until audit_flush(); @done (may be NULL) runs on the main loop, exactly
 * once, with the error when the record is not in the log. */
void audit_append (Audit *audit, AuditRecord *record, AuditLevel level, WriterDone done,
                   gpointer data);
/* Writes all that is queued by one write(2), runs the dones of AUDIT_WRITTEN, hands the rest to the
 * writer. Called once per turn of the main loop. */
void audit_flush (Audit *audit);
/* Narrowing comes first and is recorded after: kept in memory and tried again with each flush until
 * it is written. */
void audit_append_owed (Audit *audit, AuditRecord *record);
gsize audit_owed (const Audit *audit);
/* The last failure to write, or NULL when the last write went well: for status. */
const char *audit_trouble (const Audit *audit);

/* What a name is in records: 32 hex characters into @token, and NUL. FALSE while locked. */
#define AUDIT_TOKEN_LEN 32
gboolean audit_name_token (const Audit *audit, const char *name, char token[AUDIT_TOKEN_LEN + 1]);
/* The key of who reads this log's indexes (audit-index.h); NULL with an error while locked. */
Secret *audit_index_key (const Audit *audit, GError **error);

/* Opens one sealed part (base64, from a record) into a JSON object text; NULL when locked or not
 * ours. */
char *audit_open_text (Audit *audit, const char *sealed, guint64 seq, GError **error);
