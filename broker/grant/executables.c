/* SPDX-License-Identifier: MIT */
#include "broker/grant/executables.h"

#include <unistd.h>

#include "broker/base/writer.h"
#include "broker/grant/executable-read.h"
#include "policy/policy.h"

#define NEEDS (POLICY_NEEDS_SHA256 | POLICY_NEEDS_PACKAGE)
#define MOST 1024                    /* files that are remembered */
#define LATE (10 * G_USEC_PER_SEC)   /* nobody waits longer */
#define STEADY (2 * G_USEC_PER_SEC)  /* two changes within the clock's step look like one */
#define OWNED (600 * G_USEC_PER_SEC) /* a package is listed soon after its files are there */

typedef struct
{
  ProcessFile file; /* its key */
  Executables *owner;
  guint known;  /* bits: what has been looked for */
  guint asked;  /* bits: what is being looked for */
  char *sha256; /* NULL: could not be found */
  char *package;
  gboolean late;  /* it took too long already: nobody waits for this reading any more */
  GQueue waits;   /* of ExecutableWait */
  Deadline begin; /* when the file has lain still for long enough */
  Deadline end;
  int dir; /* to read by; -1 while nothing is to be begun */
  char *path;
  gint64 looked_at;
} Entry;

struct _Executables
{
  Loop *loop;
  Writer *reader;    /* NULL: none was needed yet */
  GHashTable *files; /* ProcessFile → Entry */
  gint stop;
};

typedef struct
{
  Executables *owner;
  ExecutableRead *read;
} Reading;

static guint
file_hash (gconstpointer key)
{
  const ProcessFile *file = key;
  return (guint) file->inode ^ (guint) file->device ^ (guint) file->changed;
}

static gboolean
file_equal (gconstpointer a, gconstpointer b)
{
  return process_file_equal (a, b);
}

static void
tell_all (Entry *entry)
{
  ExecutableWait *wait;

  loop_deadline_clear (entry->owner->loop, &entry->end);
  while ((wait = g_queue_pop_head (&entry->waits)) != NULL)
    {
      wait->in = NULL;
      wait->found (wait->data); /* may be the end of it, and ask for others */
    }
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  ExecutableWait *wait;

  while ((wait = g_queue_pop_head (&entry->waits)) != NULL)
    wait->in = NULL;
  loop_deadline_clear (entry->owner->loop, &entry->begin);
  loop_deadline_clear (entry->owner->loop, &entry->end);
  if (entry->dir >= 0)
    close (entry->dir);
  g_free (entry->path);
  g_free (entry->sha256);
  g_free (entry->package);
  g_free (entry);
}

Executables *
executables_new (Loop *loop)
{
  Executables *self = g_new0 (Executables, 1);

  self->loop = loop;
  self->files = g_hash_table_new_full (file_hash, file_equal, NULL, entry_free);
  return self;
}

void
executables_free (Executables *self)
{
  if (self == NULL)
    return;
  g_atomic_int_set (&self->stop, 1);
  if (self->reader != NULL)
    {
      writer_drain (self->reader);
      writer_free (self->reader);
    }
  g_hash_table_unref (self->files);
  g_free (self);
}

/* ---- reading ---- */

/* A file that has just been put there may be of a package whose list is not written yet. */
static gboolean
is_final (const ExecutableRead *read)
{
  gint64 age = g_get_real_time () - read->file.changed / 1000;

  return read->steady && (read->package == NULL || *read->package != '\0' || age > OWNED);
}

/* Takes @value; NULL leaves what was found before. */
static void
take (char **place, char *value)
{
  if (value == NULL)
    return;
  g_free (*place);
  *place = value;
}

static gboolean
run (gpointer data, GError **error)
{
  executable_read (((Reading *) data)->read);
  return TRUE;
}

static void
on_read (gpointer data, const GError *error)
{
  g_autofree Reading *reading = data;
  ExecutableRead *read = reading->read;
  Entry *entry = g_hash_table_lookup (reading->owner->files, &read->file);

  if (entry != NULL)
    {
      take (&entry->sha256, read->sha256[0] != '\0' ? g_strdup (read->sha256) : NULL);
      take (&entry->package, g_steal_pointer (&read->package));
      entry->known |= is_final (read) ? read->needs : 0;
      entry->asked = 0;
      entry->late = FALSE;
      tell_all (entry);
    }
  executable_read_free (read);
}

static void
on_begin (gpointer data)
{
  Entry *entry = data;
  Executables *self = entry->owner;
  ExecutableRead *read = g_new0 (ExecutableRead, 1);
  Reading *reading = g_new0 (Reading, 1);

  read->dir = entry->dir;
  read->file = entry->file;
  read->path = g_steal_pointer (&entry->path);
  read->needs = entry->asked;
  read->stop = &self->stop;
  entry->dir = -1;
  *reading = (Reading){ self, read };
  if (self->reader == NULL)
    self->reader = writer_new (NULL);
  writer_push (self->reader, NULL, run, on_read, reading);
}

static void
on_late (gpointer data)
{
  Entry *entry = data;

  entry->late = TRUE;
  tell_all (entry);
}

/* ---- asking ---- */

static gboolean
is_at_rest (gpointer key, gpointer value, gpointer unused)
{
  const Entry *entry = value;
  return entry->asked == 0 && entry->waits.length == 0;
}

static Entry *
find_entry (Executables *self, const ProcessFile *file)
{
  Entry *entry = g_hash_table_lookup (self->files, file);

  if (entry != NULL)
    return entry;
  if (g_hash_table_size (self->files) >= MOST)
    g_hash_table_foreach_remove (self->files, is_at_rest, NULL);
  entry = g_new0 (Entry, 1);
  entry->file = *file;
  entry->owner = self;
  entry->dir = -1;
  entry->begin = (Deadline){ .due = on_begin, .data = entry };
  entry->end = (Deadline){ .due = on_late, .data = entry };
  g_hash_table_insert (self->files, &entry->file, entry);
  return entry;
}

/* FALSE: the process has ended, or no descriptor is free. */
static gboolean
begin (Entry *entry, const Process *process, guint needs)
{
  gint64 age = g_get_real_time () - entry->file.changed / 1000;

  entry->dir = process_dup_dir (process);
  if (entry->dir < 0)
    return FALSE;
  entry->path = g_strdup (process_exe (process));
  entry->asked = needs;
  entry->late = FALSE;
  if (age > STEADY)
    on_begin (entry);
  else
    loop_deadline_set (entry->owner->loop, &entry->begin, loop_now () + STEADY - age);
  loop_deadline_set (entry->owner->loop, &entry->end, loop_now () + LATE);
  return TRUE;
}

void
executables_look (Executables *self, const Process *process, guint needs, const char **sha256,
                  const char **package)
{
  ProcessFile file;
  const Entry *entry = (needs & NEEDS) != 0 && process_file (process, &file)
                           ? g_hash_table_lookup (self->files, &file)
                           : NULL;

  *sha256 = entry != NULL ? entry->sha256 : NULL;
  *package = entry != NULL ? entry->package : NULL;
}

gboolean
executables_wait (Executables *self, const Process *process, guint needs, ExecutableWait *wait)
{
  ProcessFile file;

  if ((needs & NEEDS) == 0 || !process_file (process, &file))
    return FALSE;
  Entry *entry = find_entry (self, &file);
  guint missing = needs & NEEDS & ~entry->known;
  if (missing == 0 || entry->late)
    return FALSE;
  if (entry->asked == 0 && !begin (entry, process, missing))
    return FALSE;
  wait->in = &entry->waits;
  g_queue_push_tail (&entry->waits, wait);
  return TRUE;
}

void
executables_forget (ExecutableWait *wait)
{
  if (wait->in != NULL)
    g_queue_remove (wait->in, wait);
  wait->in = NULL;
}
