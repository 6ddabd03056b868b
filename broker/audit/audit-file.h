/* SPDX-License-Identifier: MIT
 *
 * The files of an audit trail: DIR/000001.jsonl, 000002.jsonl, …
 *
 * MUST
 *  - follow no symbolic link, wait on no pipe, write to nothing that is not ours alone
 */
#pragma once

#include "broker/audit/audit-line.h"

#include <sys/stat.h>

char *audit_file_path (const char *dir, guint number);
/* Numbers of the segments in @dir, ascending (guint). Other files are none of ours and are passed
 * over. */
GArray *audit_file_list (const char *dir, GError **error);

/* From now on the file @name in @dir is @fd (taken, for good), for who may read a trail and cannot
 * open it: @dir has those files that were given, and no other. */
void audit_file_give (const char *dir, const char *name, int fd);

/* For reading: any regular file, whoever owns it (a copy kept elsewhere is read too). -1 with an
 * error. */
int audit_file_open (const char *path, struct stat *st, GError **error);
/* For appending: ours, 0600, with one name. @create: there must be none yet. */
int audit_file_append (const char *path, gboolean create, struct stat *st, GError **error);

/* Lines of one file, from @offset on. */
typedef struct _AuditReader AuditReader;
AuditReader *audit_reader_new (int fd /* taken */, guint64 offset);
void audit_reader_free (AuditReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuditReader, audit_reader_free)

typedef enum
{
  AUDIT_READ_LINE, /* without its end; valid until the next call */
  AUDIT_READ_REST, /* bytes that no line's end follows, or more of them than a record has */
  AUDIT_READ_END,
  AUDIT_READ_FAILED /* with an error */
} AuditRead;
AuditRead audit_reader_next (AuditReader *reader, const char **line, gsize *len, GError **error);
