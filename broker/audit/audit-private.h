/* SPDX-License-Identifier: MIT
 *
 * What the files of the audit trail share; nobody else includes this.
 */
#pragma once

#include "broker/audit/audit-chain.h"
#include "broker/audit/audit.h"

#include <sys/stat.h>

/* One file that is being written. Reference-counted: a sync that is under way holds it too. */
typedef struct
{
  int fd;
  char *path;
  dev_t dev;
  ino_t ino;
  gboolean unnamed; /* its directory entry is not synced yet; the writer thread's alone */
} AuditSegment;

struct _AuditRecord
{
  Audit *audit;
  GString *members;              /* rendered: ,"key":value… */
  GString *text;                 /* rendered, not sealed yet; NULL: none. Wiped when freed */
  guint first_file;              /* says that those before it go; 0: says no such thing */
  char first_key[AUDIT_HEX_LEN]; /* and what signs that one; begins with NUL: does not say */
};

struct _AuditTemplate
{
  char *members;
  gsize len;
};

/* Who waits for one record of the batch. */
typedef struct
{
  guint64 seq;
  AuditLevel level;
  WriterDone done;
  gpointer data;
  gboolean closes; /* waits for the closing of the file, and for no record of its own */
  GError *refused; /* it did not even get into the batch */
} AuditWaiter;

struct _Audit
{
  char *dir, *log_id;
  Secret *head_key, *text_key, *token_key;
  AuditSaveHead save_head;
  void (*forget_heads) (gpointer user);
  gpointer user;
  guint64 segment_size;
  Writer *writer;
  AuditHasher *hasher;

  Secret *chains;        /* both below */
  AuditChain *committed; /* after what is in the file */
  AuditChain *tip;       /* after what is queued */
  AuditSegment *segment; /* NULL before the first flush of a new log */
  GString *queue;        /* lines */
  GArray *waiters;       /* AuditWaiter */
  GQueue owed;           /* AuditRecord */
  char last_hash[AUDIT_HEX_LEN + 1];
  gint64 time_ms; /* that time_text says */
  char time_text[AUDIT_TIME_LEN + 1];

  gboolean closing; /* somebody wants the file closed */

  gboolean retaining;                /* old files are looked for, or on their way out */
  guint may_go;                      /* files before this one: that they go is on disk */
  char *retain_trouble;              /* why one stayed the last time; NULL: none did */
  char first_key[AUDIT_HEX_LEN + 1]; /* room for audit_first_key() */

  gboolean broken;   /* the file may differ from the chain: mend before anything is appended */
  gboolean rewrite;  /* a sync failed: what is in the file may not be on the disk */
  gboolean doubtful; /* and none has succeeded since: nobody is answered for a write alone */
  char *trouble;

  GBytes *synced;    /* head of what is known to be on disk; audit_head_open() */
  guint syncing;     /* jobs under way */
  gboolean unsynced; /* something was written after the last job was pushed */
  gboolean renewed;  /* the next job is the first after the mending */
  WriterGroup group;

  /* The writer thread's alone. */
  struct
  {
    AuditSegment *segment;
    GBytes *head;
    gboolean closed; /* a file was, since heads were forgotten last */
    GError
        *failed; /* sticks until mended: after a failed sync the kernel reports the next as good */
  } sync;
};

/* --- audit-record.c --- */
/* Puts @record at the end of @out as the record after self->tip, and moves the tip. @record is left
 * as it is, so that what failed can be tried again. */
gboolean audit_record_finish (AuditRecord *record, Audit *self, GString *out, GError **error);
void audit_record_free (AuditRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuditRecord, audit_record_free)
/* Drops the text, and says so in the record. */
void audit_record_lose_text (AuditRecord *record);
/* A keyed token of @name: 32 hex characters. */
void audit_token (AuditHasher *hasher, const Secret *token_key, const char *name, char token[33]);
char *audit_text_associated (const char *log_id, guint64 seq);

/* --- audit-segment.c --- */
AuditSegment *audit_segment_open (const char *dir, guint number, gboolean create, GError **error);
AuditSegment *audit_segment_ref (AuditSegment *segment);
void audit_segment_unref (AuditSegment *segment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuditSegment, audit_segment_unref)
/* The open file is still the one at its path, and as long as @offset says. */
gboolean audit_segment_check (const AuditSegment *segment, guint64 offset, GError **error);
/* All or an error; what has been written of it is then still there. */
gboolean audit_segment_write (const AuditSegment *segment, const char *data, gsize len,
                              GError **error);
/* On the writer thread. */
gboolean audit_segment_sync (AuditSegment *segment, GError **error);

/* --- audit-tail.c --- */
/* Follows the log in @dir from @chain to its end, or to the record @until when that is not 0: each
 * must follow the one before and bear its MAC, else AUDIT_ERROR_TAMPERED. Bytes that are no record
 * end it. */
gboolean audit_tail_follow (const char *dir, AuditHasher *hasher, AuditChain *chain, guint64 until,
                            GError **error);
/* The line that ends at @chain is the one that it speaks of. */
gboolean audit_tail_check_last (const char *dir, AuditHasher *hasher, const AuditChain *chain,
                                GError **error);
/* Removes all that comes after @chain. */
gboolean audit_tail_cut (const char *dir, const AuditChain *chain, gsize *bytes, GError **error);
/* Writes what lies between the two once more, in its place. */
gboolean audit_tail_rewrite (const char *dir, const AuditChain *from, const AuditChain *to,
                             GError **error);

/* --- audit-sync.c --- */
/* Hands to the writer: sync up to self->committed, save the head, then call @waiters (taken; may be
 * NULL). */
void audit_sync_push (Audit *self, GArray *waiters);
/* Sees to it that what was written is synced, behind the sync that is under way. */
void audit_sync_soon (Audit *self);
WriterGroup audit_sync_group (Audit *self);

/* --- audit-close.c --- */
/* Queues the first record of a new file, when there is no file yet or the last one is closed. */
gboolean audit_begin_segment (Audit *self, GError **error);
/* Queues the last record of the file, behind the batch, when it is full, a day old, or somebody
 * wants it closed. */
void audit_close_due (Audit *self);
/* The first seed, and with it the first public key, of the file that comes next: in a new log, and
 * behind the last file of format 1, which takes no more records. */
gboolean audit_begin_seeds (AuditHasher *hasher, AuditChain *chain, GError **error);

/* --- audit-ends.c: of file @number in @dir; FALSE or NULL with an error --- */
/* The record that it ends with, or begins with; @line is what @scanned points into. */
gboolean audit_last_of_file (const char *dir, guint number, GString *line, AuditLine *scanned,
                             GError **error);
gboolean audit_first_of_file (const char *dir, guint number, GString *line, AuditLine *scanned,
                              GError **error);
/* The public key that its first record names; NULL without an error when it is of format 1. */
char *audit_key_of_file (const char *dir, guint number, GError **error);

/* --- audit-follow.c --- */
/* @line, the record after @chain, bears its MAC. When it begins or closes a file, or says which
 * were removed, @chain is moved along (audit_chain_step() follows); FALSE with
 * AUDIT_ERROR_TAMPERED when nobody who holds the seed writes such a record there. */
gboolean audit_follow (AuditHasher *hasher, AuditChain *chain, const AuditLine *scanned,
                       const char *line, gsize len, GError **error);

/* --- audit-sinks.c --- */
/* The first file that a sink still needs: that of the last record it sent; G_MAXUINT when there is
 * none. @slowest: the cursor that says so, to be freed. FALSE with an error when one cannot be
 * read. */
gboolean audit_sinks_reach (const char *dir, guint *file, char **slowest, GError **error);

/* --- audit-queue.c --- */
void audit_waiters_call (GArray *waiters /* taken */, const GError *error);
void audit_set_trouble (Audit *self, const char *message);

/* --- audit-clock.c --- */
gint64 audit_now (void); /* µs since 1970 */
