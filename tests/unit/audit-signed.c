/* SPDX-License-Identifier: MIT */
#include "tests/unit/audit-signed.h"

#include "broker/audit/audit-file.h"
#include "broker/audit/audit-private.h"
#include "broker/audit/audit-sign.h"
#include "broker/base/wire.h"

#include <string.h>

static json_t *
parse (const char *line)
{
  g_autoptr (GError) error = NULL;
  json_t *record = audit_parse_line (line, strlen (line), &error);

  g_assert_no_error (error);
  return record;
}

static const char *
text_of (const json_t *record, const char *member)
{
  return json_string_value (json_object_get (record, member));
}

static guint64
number_of (const json_t *record, const char *member)
{
  return (guint64) json_integer_value (json_object_get (record, member));
}

static void
hash_line (const char *line, char hex[AUDIT_HEX_LEN + 1])
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, line, -1);

  g_strlcpy (hex, sum, AUDIT_HEX_LEN + 1);
}

/* The file is closed as @key allows, with one record; returns the key of the next. */
static char *
assert_closed (const AuditLog *log, guint segment, const char *key)
{
  g_auto (GStrv) lines = audit_log_lines (log, segment);
  guint n = g_strv_length (lines);
  g_autoptr (json_t) first = parse (lines[0]), last = parse (lines[n - 1]);
  char head[AUDIT_HEX_LEN + 1];

  g_assert_cmpstr (text_of (first, "key"), ==, key);
  g_assert_cmpuint (number_of (first, "format"), ==, 2);
  g_assert_cmpstr (text_of (last, "event"), ==, "closed");
  g_assert_cmpuint (number_of (last, "segment"), ==, segment);
  g_assert_cmpuint (number_of (last, "records"), ==, n - 1);
  hash_line (lines[n - 2], head);
  g_assert_cmpstr (text_of (last, "head"), ==, head);
  AuditClosing closing = { log->setup.log_id,     segment, number_of (first, "seq"), n - 1, head,
                           text_of (last, "next") };
  g_assert_true (audit_sign_fits (key, &closing, text_of (last, "signature")));
  return g_strdup (text_of (last, "next"));
}

guint
audit_signed_last (const AuditLog *log)
{
  g_autoptr (GArray) list = audit_file_list (log->dir, NULL);
  guint i = list->len;

  while (i > 0 && audit_log_size (log, g_array_index (list, guint, i - 1)) == 0)
    i--;
  return i > 0 ? g_array_index (list, guint, i - 1) : 0;
}

static char *
key_of_file (const AuditLog *log, guint segment)
{
  g_auto (GStrv) lines = audit_log_lines (log, segment);
  g_autoptr (json_t) first = parse (lines[0]);

  return g_strdup (text_of (first, "key"));
}

void
audit_signed_assert (const AuditLog *log, guint first)
{
  guint n = audit_signed_last (log);
  g_autofree char *key = key_of_file (log, first);
  const AuditChain *chain = log->audit->committed;
  char own[AUDIT_HEX_LEN + 1] = "";

  for (guint i = first; i < n || (i == n && chain->closed); i++)
    {
      g_autofree char *next = assert_closed (log, i, key);
      g_free (key);
      key = g_steal_pointer (&next);
    }
  g_assert_true (audit_sign_public (log->audit->hasher, chain->seed, own, NULL));
  g_assert_cmpstr (own, ==, key);
  g_assert_cmpuint (n, ==, audit_segment_number (log->audit));
}
