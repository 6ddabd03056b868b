/* SPDX-License-Identifier: MIT
 *
 * What a file of the trail begins and ends with, as it stands there.
 */
#include "broker/audit/audit-file.h"
#include "broker/audit/audit-private.h"

#include "broker/base/wire.h"

#include <string.h>
#include <unistd.h>

/* The last line of @fd, which has @size bytes, into @out; FALSE when it does not end with one. */
static gboolean
read_last (int fd, gsize size, GString *out)
{
  gsize window = MIN (size, AUDIT_LINE_MAX + 2);

  g_string_set_size (out, window);
  if (window < 2 || pread (fd, out->str, window, (off_t) (size - window)) != (gssize) window
      || out->str[window - 1] != '\n')
    return FALSE;
  const char *before = memrchr (out->str, '\n', window - 1);
  g_string_truncate (out, window - 1);
  if (before != NULL)
    g_string_erase (out, 0, before + 1 - out->str);
  return before != NULL || window == size;
}

gboolean
audit_last_of_file (const char *dir, guint number, GString *line, AuditLine *scanned,
                    GError **error)
{
  g_autofree char *path = audit_file_path (dir, number);
  struct stat st;
  int fd = audit_file_open (path, &st, error);
  gboolean whole;

  if (fd < 0)
    return FALSE;
  whole
      = read_last (fd, (gsize) st.st_size, line) && audit_line_scan (line->str, line->len, scanned);
  close (fd);
  if (!whole)
    g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED, "%s: does not end with a record", path);
  return whole;
}

gboolean
audit_first_of_file (const char *dir, guint number, GString *out, AuditLine *scanned,
                     GError **error)
{
  g_autofree char *path = audit_file_path (dir, number);
  struct stat st;
  int fd = audit_file_open (path, &st, error);
  const char *line;
  gsize len;

  if (fd < 0)
    return FALSE;
  g_autoptr (AuditReader) reader = audit_reader_new (fd, 0);
  AuditRead got = audit_reader_next (reader, &line, &len, error);
  if (got == AUDIT_READ_FAILED)
    return FALSE;
  g_string_truncate (out, 0);
  g_string_append_len (out, line, (gssize) len);
  if (got == AUDIT_READ_LINE && audit_line_scan (out->str, out->len, scanned))
    return TRUE;
  g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED, "%s: has no first record", path);
  return FALSE;
}

char *
audit_key_of_file (const char *dir, guint number, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  AuditLine scanned;

  if (!audit_first_of_file (dir, number, line, &scanned, error))
    return NULL;
  g_autoptr (json_t) record = audit_parse_line (line->str, line->len, error);
  return g_strdup (json_string_value (json_object_get (record, "key")));
}
