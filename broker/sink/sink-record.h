/* SPDX-License-Identifier: MIT
 *
 * One record, as sinks are told of it: what stands in the open, as names and texts, and one line
 * for people.
 *
 * MUST
 *  - hold no text that can end a line or act on a screen: each is text_escape()d, so that a
 *    backslash in a record is two here
 *  - hold nothing of the sealed part unless that was asked for, and then as it is sealed
 */
#pragma once

#include "broker/audit/audit-chain.h"

#define SINK_NAME_MAX 32 /* of a member: what RFC 5424 allows */

typedef struct
{
  char *name, *value;
} SinkMember;

typedef struct
{
  guint64 seq;
  char time[AUDIT_TIME_LEN + 1]; /* RFC 3339, UTC, milliseconds */
  char *event;
  char hash[AUDIT_HEX_LEN + 1]; /* SHA-256 of its line: with seq, a checkpoint */
  int priority;                 /* 0 emergency … 7 debugging, as syslog counts */
  GArray *members;              /* SinkMember; one that is a list comes several times */
  char *message;
} SinkRecord;

/* From @line, which @scanned describes and @hash is of. @sealed: its sealed part as well. NULL with
 * an error when it is no record after all. */
SinkRecord *sink_record_new (const char *line, gsize len, const AuditLine *scanned,
                             const char hash[AUDIT_HEX_LEN], gboolean sealed, GError **error);
/* Not from the trail, but about it: that it does not go on from the record @seq, which has been
 * sent. @why: in words. */
SinkRecord *sink_record_differs (guint64 seq, const char *hash, const char *why);
void sink_record_add (SinkRecord *record, const char *name, const char *value);
void sink_record_free (SinkRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SinkRecord, sink_record_free)
