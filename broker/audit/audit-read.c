/* SPDX-License-Identifier: MIT
 *
 * Records one after the other, and the key that goes with them.
 */
#include "broker/audit/audit-file.h"
#include "broker/audit/audit-verify.h"
#include "broker/audit/audit.h"

#include "broker/base/wire.h"

#include <string.h>
#include <unistd.h>

#define KEY_FILE_MAX 4096

/* @more: @each wants more. */
static gboolean
each_line (AuditReader *reader, const char *path, AuditEach each, gpointer user, gboolean *more,
           GError **error)
{
  guint number = 0;
  const char *line;
  AuditLine scanned;
  AuditRead got;
  gsize len;

  while (*more && (got = audit_reader_next (reader, &line, &len, error)) == AUDIT_READ_LINE)
    {
      number++;
      if (!audit_line_scan (line, len, &scanned))
        {
          g_set_error (error, WIRE_ERROR, WIRE_ERROR_PARSE,
                       "%s:%u: not a record: column %" G_GSIZE_FORMAT, path, number,
                       scanned.fault + 1);
          return FALSE;
        }
      *more = each (&scanned, line, len, user);
    }
  return !*more || got != AUDIT_READ_FAILED;
}

gboolean
audit_each (const char *dir, AuditEach each, gpointer user, GError **error)
{
  g_autoptr (GArray) list = audit_file_list (dir, error);
  gboolean more = TRUE;

  for (guint i = 0; list != NULL && more && i < list->len; i++)
    {
      g_autofree char *path = audit_file_path (dir, g_array_index (list, guint, i));
      struct stat st;
      int fd = audit_file_open (path, &st, error);
      if (fd < 0)
        return FALSE;
      g_autoptr (AuditReader) reader = audit_reader_new (fd, 0);
      if (!each_line (reader, path, each, user, &more, error))
        return FALSE;
    }
  return list != NULL;
}

Secret *
audit_key_from_passphrase (const char *dir, const Secret *passphrase, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "key", NULL);
  char text[KEY_FILE_MAX];
  struct stat st;
  int fd = audit_file_open (path, &st, error);
  gssize len;

  if (fd < 0)
    return NULL;
  len = read (fd, text, sizeof text);
  close (fd);
  if (len <= 0)
    {
      g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO, "%s: cannot be read", path);
      return NULL;
    }
  return crypt_key_file_open (text, (gsize) len, CRYPT_LABEL_AUDIT, passphrase, error);
}
