/* SPDX-License-Identifier: MIT
 *
 * A long trail, as the broker writes it: requests that are held, granted, used and ended, spread
 * over days to come by a clock of its own.
 *
 * bench-trail STORE AUDIT-DIR RECORDS DAYS: a store whose broker has ended; its passphrase comes on
 * standard input. Says the id of a request in the middle.
 */
#include "broker/audit/audit-private.h"
#include "broker/audit/audit.h"
#include "broker/base/wire.h"
#include "broker/start/trail.h"
#include "broker/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LIFE 20 /* records of one request */
#define BATCH 64

static gint64 now;

gint64
audit_now (void)
{
  return now;
}

typedef struct
{
  Audit *audit;
  char *request, *grant, *name;
} Trail;

static void
ended (gpointer data, const GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static AuditRecord *
begin (const Trail *trail, const char *event, gboolean granted)
{
  AuditRecord *record = audit_record_new (trail->audit, event);

  audit_record_string (record, "request_id", trail->request);
  if (granted)
    audit_record_string (record, "grant_id", trail->grant);
  audit_record_string (record, "operation", "get_secret");
  audit_record_name (record, "resource", trail->name);
  audit_record_integer (record, "pid", 4711);
  return record;
}

static void
say_asked (AuditRecord *record)
{
  audit_record_text (record, "exe", "/usr/bin/claude");
  audit_record_text (record, "purpose", "deploy the new version to production");
  audit_record_text (record, "rule", "ask get_secret prod/* max 1h");
}

static void
append (const Trail *trail, AuditRecord *record, guint n)
{
  audit_append (trail->audit, record, AUDIT_WRITTEN, ended, NULL);
  if (n % BATCH != BATCH - 1)
    return;
  audit_flush (trail->audit);
  g_main_context_iteration (NULL, FALSE);
}

static void
start_life (Trail *trail, guint n)
{
  g_free (trail->request);
  g_free (trail->grant);
  g_free (trail->name);
  trail->request = g_strdup_printf ("r%09u", n);
  trail->grant = g_strdup_printf ("g%09u", n);
  trail->name = g_strdup_printf ("prod/app%u/TOKEN", n % 200);
}

/* Uses are written from a template, and so carry no name of their own. */
static AuditRecord *
one_record (Trail *trail, guint step, AuditTemplate **uses)
{
  AuditRecord *record;

  if (step == 0)
    {
      record = begin (trail, "request_held", FALSE);
      say_asked (record);
      return record;
    }
  if (step == 1)
    {
      record = begin (trail, "grant_made", TRUE);
      audit_record_integer (record, "duration", 900);
      audit_record_integer (record, "waited", 9000);
      say_asked (record);
      g_clear_pointer (uses, audit_template_free);
      *uses = audit_template_new (begin (trail, "grant_used", TRUE));
      return record;
    }
  if (step < LIFE - 1)
    return audit_record_from (trail->audit, *uses);
  record = begin (trail, "grant_ended", TRUE);
  audit_record_string (record, "why", "expired");
  return record;
}

static void
write_all (Trail *trail, guint records, guint days)
{
  gint64 step = (gint64) days * 86400 * G_USEC_PER_SEC / records;
  AuditTemplate *uses = NULL;

  for (guint n = 0; n < records; n++)
    {
      if (n % LIFE == 0)
        start_life (trail, n / LIFE);
      append (trail, one_record (trail, n % LIFE, &uses), n);
      now += step;
    }
  audit_flush (trail->audit);
  audit_template_free (uses);
}

static Store *
open_store (const char *path, Writer *writer, GError **error)
{
  g_autoptr (Secret) passphrase = secret_read_fd (STDIN_FILENO, 1024, error);
  g_autoptr (Store) store = passphrase != NULL ? store_open (path, writer, error) : NULL;

  if (store != NULL && store_claim (store, error) && store_unlock (store, passphrase, error)
      && store_load (store, error))
    return g_steal_pointer (&store);
  return NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  wire_init ();
  if (argc != 5 || !secret_init (&error))
    g_error ("usage: bench-trail STORE AUDIT-DIR RECORDS DAYS");
  guint records = (guint) strtoul (argv[3], NULL, 10), days = (guint) strtoul (argv[4], NULL, 10);
  Places places = { .store_path = argv[1], .audit_dir = argv[2] };
  Vault *vault = g_new0 (Vault, 1);
  vault->writer = writer_new (NULL);
  Store *store = open_store (argv[1], vault->writer, &error);
  Trail trail = { store != NULL ? trail_continue (vault, store, &places, &error) : NULL };
  if (trail.audit == NULL)
    g_error ("%s", error->message);
  now = g_get_real_time ();
  write_all (&trail, records, days);
  printf ("r%09u\n", records / LIFE / 2);
  audit_free (trail.audit);
  store_free (store);
  writer_free (vault->writer);
  return 0;
}
