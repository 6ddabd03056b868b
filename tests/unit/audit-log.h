/* SPDX-License-Identifier: MIT
 *
 * A log of its own for a test, with the store's part (keeping the head) played in memory.
 */
#pragma once

#include "broker/audit/audit-verify.h"
#include "broker/audit/audit.h"

typedef struct
{
  char *dir; /* the log's, below a folder of its own */
  Writer *writer;
  AuditSetup setup;
  Secret *k0, *head_key, *text_key, *token_key;
  Audit *audit; /* NULL between close and open */

  GMutex lock; /* the head is saved on the writer thread */
  GBytes *head;
  guint heads;
  gboolean refuse_head;
  char *head_file; /* not NULL: kept there too, over the end of the process */

  GString *order; /* "1 2 !3 ": what audit_log_add() numbered, as it was answered */
} AuditLog;

/* Makes locked memory, keys and a fresh log. */
AuditLog *audit_log_new (guint64 segment_size);
/* The log below @top that another process left, with the head in its head_file; not opened yet. */
AuditLog *audit_log_attach (const char *top, guint64 segment_size);
void audit_log_free (AuditLog *log);   /* and removes its files */
void audit_log_detach (AuditLog *log); /* leaves them */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuditLog, audit_log_free)
void audit_log_close (AuditLog *log);
/* audit_open() with the head that was last saved; log->audit may then be NULL. */
AuditRepair audit_log_open (AuditLog *log, GError **error);

/* Appends a record "use" with "n"; its answer goes to log->order. */
void audit_log_add (AuditLog *log, guint n, AuditLevel level);
/* @n of them, flushed one by one, and synced. */
void audit_log_fill (AuditLog *log, guint n);
/* Flushes and waits for the writer. */
void audit_log_settle (AuditLog *log);

char *audit_log_path (const AuditLog *log, guint segment);
/* The lines of a file, without their ends. */
char **audit_log_lines (const AuditLog *log, guint segment);
/* Writes them back, each with its end; @rest behind them without one. */
void audit_log_put_lines (const AuditLog *log, guint segment, char **lines, const char *rest);
/* Members of all records named @event: "[{…},…]" as one text. */
char *audit_log_events (const AuditLog *log, const char *event, const char *member);
/* Holds the log against its key; the caller clears. */
AuditReport audit_log_verify (const AuditLog *log, gboolean with_key, gboolean with_head);
void audit_log_assert_sound (const AuditLog *log);
/* Bytes in a file, 0 when there is none. */
guint64 audit_log_size (const AuditLog *log, guint segment);
/* Records 1 and 3 to be written, 2 to be synced, and waits; log->order holds their answers alone.
 */
void audit_log_add_three (AuditLog *log);
/* The next batch is written, the log is sound, and goes on being so after it was opened again. */
void audit_log_assert_recovers (AuditLog *log);
