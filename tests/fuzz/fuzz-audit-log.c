/* SPDX-License-Identifier: MIT
 *
 * The bytes say what is done to a sound log of four files: bytes and lines are changed, moved,
 * taken away, put in from another log, links are made to fit, and also MACs, as who has the first
 * key can. Whatever it is: what verifying then calls proven is what was written, from the first
 * record on.
 */
#include "broker/audit/audit-checkpoint.h"
#include "broker/base/wire.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/audit-case.h"

#include <glib/gstdio.h>
#include <string.h>

#define FILES 4
#define OPS_MAX 16

typedef struct
{
  AuditLog *log;
  char *files[FILES], *foreign[FILES];
  GString *whole; /* all of them */
  AuditCheckpoint checkpoint;
} Original;

/* What is made of it. */
typedef struct
{
  GString *files[FILES]; /* NULL: removed */
  gboolean forged;       /* with the first key */
} Mutant;

typedef struct
{
  const uint8_t *at, *end;
} Input;

static guint
take (Input *input, guint below)
{
  guint value = 0;

  for (guint i = 0; i < 2 && input->at < input->end; i++)
    value = value << 8 | *input->at++;
  return value % below;
}

static char *
read_file (const AuditLog *log, guint segment)
{
  g_autofree char *path = audit_log_path (log, segment);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static Original *
original_new (void)
{
  Original *self = g_new0 (Original, 1);
  g_autoptr (AuditLog) other = NULL;
  AuditExpect expect = { 0 };
  AuditReport report;

  wire_init ();
  self->log = audit_case_log ();
  other = audit_case_other_log (AUDIT_CASE_OTHER);
  self->whole = g_string_new (NULL);
  for (guint i = 0; i < FILES; i++)
    {
      self->files[i] = read_file (self->log, i + 1);
      self->foreign[i] = read_file (other, i + 1);
      g_string_append (self->whole, self->files[i]);
    }
  expect.k0 = self->log->k0;
  g_assert_true (audit_verify_dir (self->log->dir, &expect, &report, NULL));
  g_assert_cmpint (report.damage, ==, NONE);
  g_assert_true (audit_checkpoint_take (&self->checkpoint, &report, "2026-11-21T09:30:00.000Z"));
  audit_report_clear (&report);
  return self;
}

/* ---- what can be done ---- */

/* Line @n of @text, counted round, with its end. */
static void
find_line (const char *text, guint n, gsize *at, gsize *len)
{
  guint lines = 0;
  const char *start = text, *end;

  for (const char *c = text; *c != '\0'; c++)
    lines += *c == '\n';
  for (n %= MAX (lines, 1); n > 0; n--)
    start = strchr (start, '\n') + 1;
  end = strchr (start, '\n');
  *at = (gsize) (start - text);
  *len = end != NULL ? (gsize) (end + 1 - start) : strlen (start);
}

static void
swap_lines (GString *file, guint a, guint b)
{
  gsize at, len;
  find_line (file->str, a, &at, &len);
  g_autofree char *line = g_strndup (file->str + at, len);

  g_string_erase (file, (gssize) at, (gssize) len);
  find_line (file->str, b, &at, &len);
  g_string_insert (file, (gssize) at, line);
}

static void
copy_line (const char *from, guint a, GString *to, guint b, gboolean in_place)
{
  gsize at, len, there, there_len;
  find_line (from, a, &at, &len);
  g_autofree char *line = g_strndup (from + at, len);

  find_line (to->str, b, &there, &there_len);
  if (in_place)
    g_string_erase (to, (gssize) there, (gssize) there_len);
  g_string_insert (to, (gssize) there, line);
}

static void
write_all (const Original *original, const Mutant *mutant)
{
  for (guint i = 0; i < FILES; i++)
    {
      g_autofree char *path = audit_log_path (original->log, i + 1);
      g_remove (path);
      if (mutant->files[i] != NULL)
        g_assert_true (g_file_set_contents (path, mutant->files[i]->str, -1, NULL));
    }
}

/* The forger of the tests takes whole records only, in files without a gap. */
static gboolean
can_be_forged (const Mutant *mutant)
{
  AuditLine scanned;

  for (guint i = 0; i < FILES; i++)
    {
      if (mutant->files[i] == NULL || mutant->files[i]->len == 0
          || !g_str_has_suffix (mutant->files[i]->str, "\n"))
        return FALSE;
      g_auto (GStrv) lines = g_strsplit (mutant->files[i]->str, "\n", -1);
      for (guint l = 0; lines[l + 1] != NULL; l++)
        if (!audit_line_scan (lines[l], strlen (lines[l]), &scanned))
          return FALSE;
    }
  return TRUE;
}

static void
forge (const Original *original, Mutant *mutant, gboolean with_key)
{
  if (!can_be_forged (mutant))
    return;
  write_all (original, mutant);
  if (with_key)
    audit_case_forge (original->log);
  else
    audit_case_link (original->log, 1);
  mutant->forged = mutant->forged || with_key;
  for (guint i = 0; i < FILES; i++)
    {
      g_autofree char *text = read_file (original->log, i + 1);
      g_string_assign (mutant->files[i], text);
    }
}

static void
change (const Original *original, Mutant *mutant, Input *input)
{
  guint what = take (input, 13), n = take (input, FILES), m = take (input, FILES);
  guint a = take (input, 65536), b = take (input, 65536);
  GString *file = mutant->files[n];

  if (what == 0)
    forge (original, mutant, FALSE);
  else if (what == 1)
    forge (original, mutant, TRUE);
  else if (what == 2)
    {
      mutant->files[n] = mutant->files[m];
      mutant->files[m] = file;
    }
  else if (file == NULL || file->len == 0)
    return;
  else if (what == 3)
    {
      g_string_free (file, TRUE);
      mutant->files[n] = NULL;
    }
  else if (what == 4)
    g_string_truncate (file, a % file->len);
  else if (what == 5)
    file->str[a % file->len] = (char) (' ' + b % 95);
  else if (what == 6)
    g_string_insert_c (file, a % (gssize) file->len, "\n\"0{,"[b % 5]);
  else if (what == 7)
    swap_lines (file, a, b);
  else if (what == 8)
    copy_line (original->foreign[m], a, file, b, TRUE);
  else if (what == 9)
    copy_line (original->foreign[m], a, file, a, TRUE);
  else if (what == 10)
    copy_line (original->files[m], a, file, b, (a ^ b) & 1);
  else if (what == 11)
    g_string_assign (file, original->foreign[m]);
  else
    {
      gsize at, len;
      find_line (file->str, a, &at, &len);
      g_string_erase (file, (gssize) at, (gssize) len);
    }
}

/* ---- what must then hold ---- */

static void
assert_as_written (const Original *original, const Mutant *mutant, guint64 records)
{
  g_autoptr (GString) now = g_string_new (NULL);
  const char *end = original->whole->str;

  for (guint i = 0; i < FILES; i++)
    if (mutant->files[i] != NULL)
      g_string_append (now, mutant->files[i]->str);
  for (guint64 i = 0; i < records; i++)
    {
      g_assert_true (*end != '\0');
      end = strchr (end, '\n') + 1;
    }
  g_assert_true (strncmp (now->str, original->whole->str, (gsize) (end - original->whole->str))
                 == 0);
}

typedef enum
{
  WITH_NOTHING,
  WITH_KEY,
  WITH_PUBLIC_KEY,
  WITH_CHECKPOINT,
  WITH_KEY_AND_CHECKPOINT,
  WITH_N
} With;

static guint64
proven (const Original *original, const AuditReport *report, With with)
{
  switch (with)
    {
    case WITH_KEY:
      return report->records;
    case WITH_PUBLIC_KEY:
      return report->proven_seq;
    case WITH_CHECKPOINT:
    case WITH_KEY_AND_CHECKPOINT:
      g_assert_true (report->head_checked);
      return original->checkpoint.seq;
    case WITH_NOTHING:
    case WITH_N:
      break;
    }
  return 0;
}

static void
look (const Original *original, const Mutant *mutant, With with)
{
  gboolean key = with == WITH_KEY || with == WITH_KEY_AND_CHECKPOINT;
  AuditExpect expect = { .k0 = key ? original->log->k0 : NULL };
  g_autoptr (GError) error = NULL;
  AuditReport report;

  if (with == WITH_PUBLIC_KEY)
    expect.public_key = original->checkpoint.first_key;
  if (with == WITH_CHECKPOINT || with == WITH_KEY_AND_CHECKPOINT)
    audit_checkpoint_expect (&original->checkpoint, &expect);
  audit_verify_dir (original->log->dir, &expect, &report, &error);
  g_assert_no_error (error);
  g_assert_true ((report.damage == NONE) == (report.message == NULL));
  if (audit_damage_is_harmless (report.damage) && !(with == WITH_KEY && mutant->forged))
    assert_as_written (original, mutant, proven (original, &report, with));
  audit_report_clear (&report);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static Original *original;
  Input input = { data, data + size };
  Mutant mutant = { 0 };

  if (original == NULL)
    original = original_new ();
  for (guint i = 0; i < FILES; i++)
    mutant.files[i] = g_string_new (original->files[i]);
  for (guint i = 0; i < OPS_MAX && input.at < input.end; i++)
    change (original, &mutant, &input);
  write_all (original, &mutant);
  for (With with = 0; with < WITH_N; with++)
    look (original, &mutant, with);
  for (guint i = 0; i < FILES; i++)
    if (mutant.files[i] != NULL)
      g_string_free (mutant.files[i], TRUE);
  return 0;
}
