/* SPDX-License-Identifier: MIT
 *
 * A log whose first files are gone: by its own word, by a checkpoint's, or by nobody's.
 */
#include "tests/unit/audit-case.h"

#include "broker/audit/audit-checkpoint.h"
#include "broker/base/wire.h"

#include <string.h>

#define LAST 2 /* the file that is removed last */

/* What is said of the files that are gone; 0 and NULL: the truth. */
typedef struct
{
  gint64 first, last, last_seq;
  const char *head, *next;
} Word;

static char *
member (const AuditLog *log, guint segment, const char *name)
{
  g_auto (GStrv) lines = audit_log_lines (log, segment);
  g_autoptr (json_t) record = audit_parse_line (lines[0], strlen (lines[0]), NULL);

  return g_strdup (wire_string (record, name));
}

static void
say (AuditLog *log, const Word *word)
{
  g_autofree char *prev = member (log, LAST + 1, "prev"), *key = member (log, LAST + 1, "key");
  AuditRecord *record = audit_record_new (log->audit, "segments_removed");

  audit_record_integer (record, "first", word->first != 0 ? word->first : 1);
  audit_record_integer (record, "last", word->last != 0 ? word->last : LAST);
  audit_record_integer (record, "last_seq", word->last_seq != 0 ? word->last_seq : 16);
  audit_record_string (record, "head", word->head != NULL ? word->head : prev);
  audit_record_string (record, "next", word->next != NULL ? word->next : key);
  audit_append (log->audit, record, AUDIT_SYNCED, NULL, NULL);
  audit_log_settle (log);
}

static AuditReport
look (const AuditLog *log, const AuditExpect *expect)
{
  g_autoptr (GError) error = NULL;
  AuditReport report;

  audit_verify_dir (log->dir, expect, &report, &error);
  g_assert_no_error (error);
  return report;
}

static void
assert_damage (const AuditLog *log, const AuditExpect *expect, AuditDamage damage)
{
  AuditReport report = look (log, expect);

  g_test_message ("%s: %s", audit_damage_name (report.damage),
                  report.message != NULL ? report.message : "-");
  g_assert_cmpstr (audit_damage_name (report.damage), ==, audit_damage_name (damage));
  audit_report_clear (&report);
}

/* ---- what the log says ---- */

#define HEX "00000000000000000000000000000000000000000000000000000000000000ff"

static const struct
{
  const char *sentence;
  gboolean said;
  Word word;
  guint gone; /* so many files from the first on */
  AuditDamage damage;
} words[] = {
  { "files that the log says were removed are gone", TRUE, { 0 }, 2, NONE },
  { "of them one is still there", TRUE, { 0 }, 1, NONE },
  { "of them all are still there", TRUE, { 0 }, 0, NONE },
  { "one more is gone than the log says", TRUE, { 0 }, 3, REMOVED },
  { "files are gone of which the log says nothing", FALSE, { 0 }, 2, REMOVED },
  { "what is said is of later files alone", TRUE, { .first = 2 }, 1, REMOVED },
  { "what is said to be behind them has another number", TRUE, { .last_seq = 15 }, 2, REPLACED },
  { "what is said to be behind them follows another", TRUE, { .head = HEX }, 2, REPLACED },
  { "what is said to be behind them has another key", TRUE, { .next = HEX }, 2, REPLACED },
  { "what is said of files that are there is not so", TRUE, { .next = HEX }, 0, REPLACED },
  { "more is said than there are files", TRUE, { .last = 4 }, 0, MALFORMED },
  { "the first comes behind the last", TRUE, { .first = 3 }, 0, MALFORMED },
  { "what is no hash is said", TRUE, { .head = "x" }, 0, MALFORMED },
};

static void
test_word (gconstpointer data)
{
  const typeof (words[0]) *this = data;
  g_autoptr (AuditLog) log = audit_case_log ();
  const AuditExpect keyed = { .k0 = log->k0 };

  if (this->said)
    say (log, &this->word);
  for (guint i = 1; i <= this->gone; i++)
    audit_case_remove (log, i);
  assert_damage (log, NULL, this->damage);
  assert_damage (log, &keyed, this->damage);
}

/* ---- what is kept elsewhere ---- */

static AuditLog *
removed_log (AuditCheckpoint *before, AuditCheckpoint *after)
{
  static const Word truth;
  AuditLog *log = audit_case_log ();
  AuditReport report = look (log, NULL);

  g_assert_true (audit_checkpoint_take (before, &report, "2026-11-21T09:30:00.000Z"));
  audit_report_clear (&report);
  say (log, &truth);
  audit_case_remove (log, 1);
  audit_case_remove (log, 2);
  report = look (log, NULL);
  g_assert_true (audit_checkpoint_take (after, &report, "2026-11-21T09:31:00.000Z"));
  audit_report_clear (&report);
  return log;
}

static void
test_public_key (void)
{
  AuditCheckpoint before, after;
  g_autoptr (AuditLog) log = removed_log (&before, &after);
  const AuditExpect gone = { .public_key = before.first_key };
  const AuditExpect there = { .public_key = after.first_key };
  AuditReport report = look (log, &there);

  g_assert_cmpint (report.damage, ==, NONE);
  g_assert_cmpuint (report.first_seq, ==, 17);
  g_assert_cmpuint (report.proven_seq, ==, report.last_seq);
  audit_report_clear (&report);
  assert_damage (log, &gone, REPLACED);
}

/* The key in it is of the file that was open then, and is there. */
static void
test_checkpoint (void)
{
  AuditCheckpoint before, after;
  g_autoptr (AuditLog) log = removed_log (&before, &after);
  const AuditCheckpoint *const both[] = { &before, &after };

  g_assert_cmpuint (before.begins.segment, ==, 0);
  g_assert_cmpuint (after.begins.segment, ==, 3);
  for (guint i = 0; i < 2; i++)
    {
      AuditExpect expect = { 0 };
      audit_checkpoint_expect (both[i], &expect);
      AuditReport report = look (log, &expect);
      g_assert_cmpint (report.damage, ==, NONE);
      g_assert_true (report.head_checked);
      audit_report_clear (&report);
    }
}

/* A record that is gone cannot be compared: that is sound for who can prove the rest, and for
 * nobody else. */
static void
test_record_gone (void)
{
  AuditCheckpoint before, after;
  g_autoptr (AuditLog) log = removed_log (&before, &after);
  AuditExpect expect = { .head_seq = 9, .head_hash = before.hash };
  AuditReport report;

  assert_damage (log, &expect, REPLACED);
  expect.k0 = log->k0;
  report = look (log, &expect);
  g_assert_cmpint (report.damage, ==, NONE);
  g_assert_false (report.head_checked);
  audit_report_clear (&report);
}

static void
test_last_gone (void)
{
  AuditCheckpoint before, after;
  g_autoptr (AuditLog) log = removed_log (&before, &after);
  g_autofree char *prev = member (log, 3, "prev");
  AuditExpect expect = { .head_seq = 16, .head_hash = prev };
  AuditReport report = look (log, &expect);

  g_assert_cmpint (report.damage, ==, NONE);
  g_assert_true (report.head_checked);
  audit_report_clear (&report);
  expect.head_hash = HEX;
  assert_damage (log, &expect, REPLACED);
}

/* An export begins later without the log's word for it. */
static void
test_begins (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  g_autofree char *prev = member (log, 3, "prev"), *key = member (log, 3, "key");
  AuditExpect expect = { .begins = { .segment = 3, .seq = 17, .prev = prev, .key = key } };

  assert_damage (log, &expect, NONE);
  audit_case_remove (log, 1);
  assert_damage (log, &expect, REMOVED);
  audit_case_remove (log, 2);
  assert_damage (log, &expect, NONE);
  expect.begins.seq = 18;
  assert_damage (log, &expect, REPLACED);
  expect.begins.seq = 17;
  expect.begins.prev = HEX;
  assert_damage (log, &expect, REPLACED);
  expect.begins.prev = prev;
  expect.begins.key = NULL;
  assert_damage (log, &expect, REPLACED);
}

/* A key for it would take longer to reckon than anybody waits. */
static void
test_impossible_number (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  audit_case_remove (log, 1);
  audit_case_replace (&lines[0], "\"seq\":9", "\"seq\":9000000000000000000");
  audit_log_put_lines (log, 2, lines, NULL);
  audit_case_assert (log, TRUE, TRUE, REPLACED);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *path = g_strconcat ("/audit-verify-removed/", words[i].sentence, NULL);
      g_test_add_data_func (path, &words[i], test_word);
    }
  g_test_add_func ("/audit-verify-removed/the public key of a file that is gone proves nothing",
                   test_public_key);
  g_test_add_func ("/audit-verify-removed/a number that no file can begin with",
                   test_impossible_number);
  g_test_add_func ("/audit-verify-removed/a checkpoint from before and one from after hold",
                   test_checkpoint);
  g_test_add_func ("/audit-verify-removed/the record of the checkpoint is gone", test_record_gone);
  g_test_add_func ("/audit-verify-removed/the record of the checkpoint was the last that is gone",
                   test_last_gone);
  g_test_add_func ("/audit-verify-removed/an export begins where its checkpoint says", test_begins);
  return g_test_run ();
}
