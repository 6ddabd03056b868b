/* SPDX-License-Identifier: MIT
 *
 * The audit trail alone: how many records a second are appended (a repeat use under a grant: from a
 * template, and a request: with sealed names and text; and synced: alone, and as many as one turn
 * of the main loop brings), and verified.
 *
 * bench-audit DIR [RECORDS]: DIR must not be there yet.
 */
#include "broker/audit/audit-verify.h"
#include "broker/audit/audit.h"

#include "broker/base/wire.h"
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCH 64 /* as many as one turn of a busy main loop brings */

static gboolean
keep_head (gpointer user, GBytes *head, GError **error)
{
  return TRUE;
}

static void
ended (gpointer data, const GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
  ++*(guint *) data;
}

typedef struct
{
  gint64 wall, cpu; /* ns */
} Since;

static gint64
cpu_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

static Since
start (void)
{
  return (Since){ bench_now (), cpu_now () };
}

/* The time of all threads together says what a record costs, also on a machine that does other
 * things. */
static void
say_rate (const char *name, guint records, Since since)
{
  printf ("%s_per_second %.0f\n", name, records * 1e9 / (double) (bench_now () - since.wall));
  printf ("%s_cpu_ns %.0f\n", name, (double) (cpu_now () - since.cpu) / records);
}

static void
append_uses (Audit *audit, guint records, guint *answered)
{
  AuditRecord *model = audit_record_new (audit, "use");

  audit_record_string (model, "request_id", "7h3k9mq2v5x8");
  audit_record_string (model, "grant_id", "c4w6y0z1n8p3");
  audit_record_string (model, "operation", "get_secret");
  audit_record_name (model, "resource", "app/production/TOKEN");
  AuditTemplate *template = audit_template_new (model);
  for (guint i = 0; i < records; i++)
    {
      AuditRecord *record = audit_record_from (audit, template);
      audit_record_integer (record, "uses", i);
      audit_append (audit, record, AUDIT_WRITTEN, ended, answered);
      if (i % BATCH == BATCH - 1)
        {
          audit_flush (audit);
          g_main_context_iteration (NULL, FALSE);
        }
    }
  audit_flush (audit);
  audit_template_free (template);
}

static void
append_requests (Audit *audit, guint records, guint *answered)
{
  for (guint i = 0; i < records; i++)
    {
      AuditRecord *record = audit_record_new (audit, "received");
      audit_record_string (record, "request_id", "7h3k9mq2v5x8");
      audit_record_string (record, "operation", "get_secret");
      audit_record_name (record, "resource", "app/production/TOKEN");
      audit_record_text (record, "purpose", "deploy the new version to production");
      audit_record_text (record, "cwd", "/home/someone/projects/deploy");
      audit_append (audit, record, AUDIT_WRITTEN, ended, answered);
      if (i % BATCH == BATCH - 1)
        audit_flush (audit);
    }
  audit_flush (audit);
}

/* @batch of them wait for each sync. */
static void
append_synced (Audit *audit, guint records, guint batch, guint *answered)
{
  for (guint i = 0; i < records; i += batch)
    {
      guint wanted = *answered + batch;
      for (guint b = 0; b < batch; b++)
        {
          AuditRecord *record = audit_record_new (audit, "use");
          audit_record_string (record, "request_id", "7h3k9mq2v5x8");
          audit_append (audit, record, AUDIT_SYNCED, ended, answered);
        }
      audit_flush (audit);
      while (*answered < wanted)
        g_main_context_iteration (NULL, TRUE);
    }
}

static void
verify (const char *dir, const char *name, const Secret *k0)
{
  AuditExpect expect = { .k0 = k0 };
  g_autoptr (GError) error = NULL;
  Since since = start ();
  AuditReport report;

  if (!audit_verify_dir (dir, &expect, &report, &error))
    g_error ("%s", error->message);
  if (!audit_damage_is_harmless (report.damage))
    g_error ("%s", report.message);
  say_rate (name, (guint) report.records, since);
  audit_report_clear (&report);
}

int
main (int argc, char **argv)
{
  guint records = argc > 2 ? (guint) strtoul (argv[2], NULL, 10) : 1000000, answered = 0;
  guint synced = records / 1000 / BATCH * BATCH;
  g_autoptr (GError) error = NULL;

  wire_init ();
  if (argc < 2 || !secret_init (&error))
    g_error ("usage: bench-audit DIR [RECORDS] %s", error != NULL ? error->message : "");
  g_autoptr (Secret) key = crypt_random_key (&error);
  g_autoptr (Writer) writer = writer_new (NULL);
  AuditSetup setup = { argv[1], "00112233445566778899aabbccddeeff", key, key, key, keep_head };
  g_autoptr (Audit) audit = key != NULL ? audit_create (&setup, writer, key, &error) : NULL;
  if (audit == NULL)
    g_error ("%s", error->message);

  Since since = start ();
  append_uses (audit, records, &answered);
  say_rate ("append_uses", records, since);
  since = start ();
  append_requests (audit, records / 10, &answered);
  say_rate ("append_requests", records / 10, since);
  since = start ();
  append_synced (audit, synced, 1, &answered);
  say_rate ("append_synced_alone", synced, since);
  since = start ();
  append_synced (audit, synced * 10, BATCH, &answered);
  say_rate ("append_synced_together", synced * 10, since);
  if (answered != records + records / 10 + synced * 11)
    g_error ("%u were answered", answered);
  audit_free (g_steal_pointer (&audit));
  verify (argv[1], "verify_chain", NULL);
  verify (argv[1], "verify_macs", key);
  return 0;
}
