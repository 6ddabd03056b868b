/* SPDX-License-Identifier: MIT */
#include "tests/unit/index-place.h"

#include <glib/gstdio.h>
#include <string.h>

#define RECORDS 1200
#define FILE_SIZE 200000 /* two finished files of several blocks, and a third */

/* ---- a log that says something of several requests ---- */

static void
add (AuditLog *log, guint n)
{
  AuditRecord *record = audit_record_new (log->audit, n % 7 == 0 ? "request_held" : "grant_used");
  g_autofree char *request = g_strdup_printf ("req%u", n / 9);
  g_autofree char *grant = g_strdup_printf ("grant%u", n / 20);

  audit_record_string (record, "request_id", request);
  audit_record_string (record, "grant_id", grant);
  audit_record_name (record, "resource", n % 2 == 0 ? "prod/db" : "stage/db");
  /* What an agent says is none of the members that it names. */
  audit_record_string (record, "said", "\",\"request_id\":\"req3\",\"x\":\"");
  audit_append (log->audit, record, AUDIT_WRITTEN, NULL, NULL);
  if (n % 16 == 15)
    audit_flush (log->audit);
}

IndexPlace *
index_place_new (void)
{
  IndexPlace *place = g_new0 (IndexPlace, 1);

  place->log = audit_log_new (FILE_SIZE);
  for (guint i = 0; i < RECORDS; i++)
    add (place->log, i);
  audit_log_settle (place->log);
  place->dir = g_dir_make_tmp ("index-XXXXXX", NULL);
  place->key = crypt_random_key (NULL);
  g_assert_cmpuint (audit_log_size (place->log, 3), >, 0);
  return place;
}

void
index_place_free (IndexPlace *place)
{
  g_autoptr (GDir) dir = g_dir_open (place->dir, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (place->dir, name, NULL);
      g_unlink (path);
    }
  g_rmdir (place->dir);
  g_free (place->dir);
  secret_free (place->key);
  audit_log_free (place->log);
  g_free (place);
}

AuditCache *
index_place_cache (const IndexPlace *place)
{
  g_autoptr (GError) error = NULL;
  AuditCache *cache = audit_cache_new (place->dir, place->key, &error);

  g_assert_no_error (error);
  return cache;
}

char *
index_place_path (const IndexPlace *place, guint number)
{
  return g_strdup_printf ("%s/%06u.index", place->dir, number);
}

/* ---- what is found ---- */

static gboolean
on_line (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  g_string_append_printf (user, "%" G_GUINT64_FORMAT " ", scanned->seq);
  return TRUE;
}

char *
index_place_found (const IndexPlace *place, AuditCache *cache, const AuditWish *wish,
                   gboolean backward)
{
  GString *seqs = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (!audit_walk (place->log->dir, cache, wish, backward, on_line, seqs, &error))
    g_string_append (seqs, error->message);
  return g_string_free (seqs, FALSE);
}

/* Times between records, from the log itself. */
static char *
time_of (const IndexPlace *place, guint file, guint line)
{
  g_auto (GStrv) lines = audit_log_lines (place->log, file);
  AuditLine scanned;

  g_assert_true (audit_line_scan (lines[line], strlen (lines[line]), &scanned));
  return g_strndup (scanned.time, AUDIT_TIME_LEN);
}

void
index_place_assert_same (const IndexPlace *place, AuditCache *cache)
{
  g_autofree char *since = time_of (place, 2, 3), *until = time_of (place, 2, 90);
  char token[AUDIT_TOKEN_LEN + 1];
  g_assert_true (audit_name_token (place->log->audit, "prod/db", token));
  const AuditWish wishes[] = {
    { NULL },
    { .since = since },
    { .until = until },
    { .since = since, .until = until },
    { .since = "9999-12-31T00:00:00.000Z" },
    { .until = "1999-12-31T00:00:00.000Z" },
    { .event = "request_held" },
    { .event = "segment" },
    { .event = "no_such" },
    { .id = "req3" },
    { .id = "req40" },
    { .id = "grant7" },
    { .id = "nothing" },
    { .id = "" },
    { .resource = token },
    { .resource = token, .id = "req20", .event = "grant_used" },
    { .seq = 1 },
    { .seq = 150 },
    { .seq = 1000000 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wishes); i++)
    for (int backward = 0; backward < 2; backward++)
      {
        g_autofree char *with = index_place_found (place, cache, &wishes[i], backward),
                        *without = index_place_found (place, NULL, &wishes[i], backward);
        g_assert_cmpstr (with, ==, without);
      }
}
