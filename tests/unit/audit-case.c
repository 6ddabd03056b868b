/* SPDX-License-Identifier: MIT */
#include "tests/unit/audit-case.h"

#include <glib/gstdio.h>
#include <string.h>

AuditLog *
audit_case_log (void)
{
  AuditLog *log = audit_log_new (AUDIT_CASE_SIZE);

  audit_log_fill (log, 23);
  g_assert_cmpuint (audit_seq (log->audit), ==, 30);

  return log;
}

void
audit_case_replace (char **line, const char *what, const char *by)
{
  g_autofree char *before = *line;
  char *at = strstr (before, what);

  g_assert_nonnull (at);
  *at = '\0';
  *line = g_strconcat (before, by, at + strlen (what), NULL);
}

void
audit_case_remove (const AuditLog *log, guint segment)
{
  g_autofree char *path = audit_log_path (log, segment);

  g_assert_cmpint (g_remove (path), ==, 0);
}

void
audit_case_assert (const AuditLog *log, gboolean key, gboolean head, AuditDamage damage)
{
  AuditReport report = audit_log_verify (log, key, head);

  g_assert_cmpstr (audit_damage_name (report.damage), ==, audit_damage_name (damage));
  g_assert_true ((report.message == NULL) == (damage == NONE));
  g_assert_true (report.macs_checked == key);
  audit_report_clear (&report);
}

static void
test_case (gconstpointer data)
{
  const AuditCase *this = data;
  g_autoptr (AuditLog) log = audit_case_log ();
  g_autofree char *path = this->segment > 0 ? audit_log_path (log, this->segment) : NULL;

  this->tamper (log);
  audit_case_assert (log, FALSE, FALSE, this->bare);
  audit_case_assert (log, TRUE, FALSE, this->keyed);
  audit_case_assert (log, TRUE, TRUE, this->headed);
  AuditReport report = audit_log_verify (log, TRUE, TRUE);
  g_assert_cmpuint (report.seq, ==, this->seq);
  g_assert_cmpuint (report.line, ==, this->line);
  g_assert_cmpstr (report.file, ==, path);
  audit_report_clear (&report);
}

void
audit_case_add (const char *path, const AuditCase *cases, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *name = g_strconcat (path, cases[i].name, NULL);
      g_test_add_data_func (name, &cases[i], test_case);
    }
}
