/* SPDX-License-Identifier: MIT */
#include "tests/unit/audit-case.h"

#include "broker/audit/audit-chain.h"
#include "broker/audit/audit-checkpoint.h"

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

AuditLog *
audit_case_other_log (const char *log_id)
{
  AuditLog *other = audit_log_new (AUDIT_CASE_SIZE);

  audit_log_close (other);
  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *path = audit_log_path (other, i);
      g_remove (path);
    }
  memset (secret_data (other->k0), 'x', CRYPT_KEY_LEN);
  other->setup.log_id = log_id;
  other->audit = audit_create (&other->setup, other->writer, other->k0, NULL);
  g_assert_nonnull (other->audit);
  audit_log_fill (other, 23);
  return other;
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

/* ---- forging ---- */

typedef struct
{
  AuditHasher *hasher;
  Secret *chain; /* NULL: without the key */
  guint64 seq;
  char last[AUDIT_HEX_LEN + 1];
} Forger;

static void
put_hex (char *line, const char *member, const char *hex)
{
  memcpy (strstr (line, member) + strlen (member), hex, AUDIT_HEX_LEN);
}

static void
put_number (char **line, guint64 seq)
{
  g_autofree char *old = *line;

  *line = g_strdup_printf ("{\"seq\":%" G_GUINT64_FORMAT "%s", seq, strchr (old, ','));
}

static void
forge_mac (Forger *forger, char *line)
{
  AuditChain *chain = audit_chains (forger->chain);
  gsize len = (gsize) (strstr (line, AUDIT_MAC) - line);
  guint8 mac[AUDIT_HASH_LEN];
  char hex[AUDIT_HEX_LEN];

  audit_hmac (forger->hasher, chain->key, line, len, mac);
  audit_next_key (forger->hasher, chain->key);
  audit_hex (mac, hex);
  put_hex (line, AUDIT_MAC, hex);
}

static void
forge_line (Forger *forger, char **line)
{
  guint8 hash[AUDIT_HASH_LEN];

  forger->seq++;
  if (forger->chain != NULL)
    put_number (line, forger->seq);
  if (*forger->last != '\0')
    put_hex (*line, AUDIT_PREV, forger->last);
  if (forger->chain != NULL)
    forge_mac (forger, *line);
  audit_hash (forger->hasher, *line, strlen (*line), hash);
  audit_hex (hash, forger->last);
}

static void
forge (const AuditLog *log, Forger *forger, guint first)
{
  for (guint segment = first; audit_log_size (log, segment) > 0; segment++)
    {
      g_auto (GStrv) lines = audit_log_lines (log, segment);
      for (guint i = 0; lines[i] != NULL; i++)
        forge_line (forger, &lines[i]);
      audit_log_put_lines (log, segment, lines, NULL);
    }
}

void
audit_case_link (const AuditLog *log, guint first)
{
  g_autoptr (AuditHasher) hasher = audit_hasher_new (NULL);
  Forger forger = { .hasher = hasher };

  forge (log, &forger, first);
}

void
audit_case_forge (const AuditLog *log)
{
  g_autoptr (AuditHasher) hasher = audit_hasher_new (NULL);
  g_autoptr (Secret) chain = audit_chain_new (1, NULL);
  Forger forger = { .hasher = hasher, .chain = chain };

  g_assert_true (audit_chain_start (audit_chains (chain), hasher, log->k0, NULL));
  forge (log, &forger, 1);
}

/* ---- looking ---- */

void
audit_case_assert (const AuditLog *log, gboolean key, gboolean head, AuditDamage damage)
{
  AuditReport report = audit_log_verify (log, key, head);

  g_assert_cmpstr (audit_damage_name (report.damage), ==, audit_damage_name (damage));
  g_assert_true ((report.message == NULL) == (damage == NONE));
  g_assert_true (report.macs_checked == key);
  audit_report_clear (&report);
}

static AuditReport
look (const AuditLog *log, AuditWith with, const AuditCheckpoint *checkpoint)
{
  AuditExpect expect = { 0 };
  g_autoptr (GError) error = NULL;
  AuditReport report;

  if (with == AUDIT_WITH_KEY)
    expect.k0 = log->k0;
  if (with == AUDIT_WITH_PUBLIC_KEY)
    expect.public_key = checkpoint->first_key;
  if (with == AUDIT_WITH_CHECKPOINT)
    audit_checkpoint_expect (checkpoint, &expect);
  audit_verify_dir (log->dir, &expect, &report, &error);
  g_assert_no_error (error);
  return report;
}

/* By signatures: to who has none of the keys nothing is, and never what was not sound. */
static void
assert_proven (const AuditReport *report, AuditWith with)
{
  if (with == AUDIT_WITH_NOTHING || with == AUDIT_WITH_KEY)
    g_assert_cmpuint (report->proven_seq, ==, 0);
  g_assert_cmpuint (report->proven_seq, <=, report->last_seq);
  if (with == AUDIT_WITH_PUBLIC_KEY && report->damage == NONE && report->last_seq == 30)
    g_assert_cmpuint (report->proven_seq, ==, 24);
}

static void
test_case (gconstpointer data)
{
  static const char *const names[]
      = { "with nothing", "with the public key", "with the key", "with a checkpoint" };
  const AuditCase *this = data;
  g_autoptr (AuditLog) log = audit_case_log ();
  g_autofree char *path = this->segment > 0 ? audit_log_path (log, this->segment) : NULL;
  AuditWith where
      = this->seen[AUDIT_WITH_KEY].damage != NONE ? AUDIT_WITH_KEY : AUDIT_WITH_CHECKPOINT;
  AuditCheckpoint checkpoint;
  AuditReport before = look (log, AUDIT_WITH_KEY, NULL);

  g_assert_true (audit_checkpoint_take (&checkpoint, &before, "2026-11-21T09:30:00.000Z"));
  audit_report_clear (&before);
  this->tamper (log);
  for (AuditWith with = 0; with < AUDIT_WITH_N; with++)
    {
      AuditReport report = look (log, with, &checkpoint);
      const AuditSeen *seen = &this->seen[with];

      g_test_message ("%s: %s at %" G_GUINT64_FORMAT ": %s", names[with],
                      audit_damage_name (report.damage), report.seq,
                      report.message != NULL ? report.message : "-");
      g_assert_cmpstr (audit_damage_name (report.damage), ==, audit_damage_name (seen->damage));
      g_assert_cmpuint (report.seq, ==, seen->seq);
      g_assert_true ((report.message == NULL) == (seen->damage == NONE));
      g_assert_true (report.macs_checked == (with == AUDIT_WITH_KEY));
      assert_proven (&report, with);
      if (with == where)
        {
          g_assert_cmpuint (report.line, ==, this->line);
          g_assert_cmpstr (report.file, ==, path);
        }
      audit_report_clear (&report);
    }
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
