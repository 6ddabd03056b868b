/* SPDX-License-Identifier: MIT */
#include "broker/serve/lifetime.h"

#include <sys/epoll.h>

typedef struct
{
  Lifetimes *owner;
  Process *process;
  LoopWatch watch;
  GQueue waiting; /* of Lifetime.link */
} Entry;

struct _Lifetimes
{
  Loop *loop;
  GHashTable *entries; /* Process → Entry, by pid and start time */
};

static guint
process_hash (gconstpointer process)
{
  return (guint) process_pid (process) ^ (guint) process_start (process);
}

static gboolean
process_same (gconstpointer a, gconstpointer b)
{
  return process_equal (a, b);
}

static void
entry_free (Entry *entry)
{
  loop_unwatch (entry->owner->loop, process_pidfd (entry->process), &entry->watch);
  process_unref (entry->process);
  g_free (entry);
}

static void
on_gone (gpointer data, guint32 events)
{
  Entry *entry = data;
  GList *link;

  /* The last one's clear frees the entry, so it is stolen from the table first. */
  g_hash_table_steal (entry->owner->entries, entry->process);
  while ((link = g_queue_pop_head_link (&entry->waiting)) != NULL)
    {
      Lifetime *lifetime = link->data;
      lifetime->entry = NULL;
      lifetime->gone (lifetime->data);
    }
  entry_free (entry);
}

Lifetimes *
lifetimes_new (Loop *loop)
{
  Lifetimes *self = g_new0 (Lifetimes, 1);

  self->loop = loop;
  self->entries
      = g_hash_table_new_full (process_hash, process_same, NULL, (GDestroyNotify) entry_free);
  return self;
}

void
lifetimes_free (Lifetimes *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->entries);
  g_free (self);
}

gboolean
lifetime_set (Lifetimes *self, Lifetime *lifetime, Process *process, GError **error)
{
  Entry *entry = g_hash_table_lookup (self->entries, process);

  g_assert (lifetime->entry == NULL);
  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      entry->owner = self;
      entry->process = process_ref (process);
      entry->watch = (LoopWatch){ on_gone, entry };
      if (!loop_watch (self->loop, process_pidfd (process), EPOLLIN, &entry->watch, error))
        {
          entry_free (entry);
          return FALSE;
        }
      g_hash_table_insert (self->entries, entry->process, entry);
    }
  lifetime->entry = entry;
  lifetime->link = (GList){ .data = lifetime };
  g_queue_push_tail_link (&entry->waiting, &lifetime->link);
  return TRUE;
}

void
lifetime_clear (Lifetimes *self, Lifetime *lifetime)
{
  Entry *entry = lifetime->entry;

  if (entry == NULL)
    return;
  lifetime->entry = NULL;
  g_queue_unlink (&entry->waiting, &lifetime->link);
  /* While its own end is being told the entry is no longer in the table and is freed there. */
  if (g_queue_is_empty (&entry->waiting)
      && g_hash_table_lookup (self->entries, entry->process) == entry)
    g_hash_table_remove (self->entries, entry->process);
}
