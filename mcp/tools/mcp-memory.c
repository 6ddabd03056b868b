/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-memory.h"

#define KEPT_FOR (10 * 60 * G_USEC_PER_SEC)
#define KEPT_MOST 256
#define KEPT_BYTES (4 * 1024 * 1024)

typedef struct
{
  char *request_id, *instance, *current;
  McpQuestion *question;
  gsize bytes;
  gint64 until;
  GList link;
} Entry;

struct _McpMemory
{
  GHashTable *by_id; /* request_id → Entry */
  GQueue by_age;     /* of Entry, oldest first */
  gsize bytes;
};

McpMemory *
mcp_memory_new (void)
{
  McpMemory *memory = g_new0 (McpMemory, 1);

  memory->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  g_queue_init (&memory->by_age);
  return memory;
}

static void
drop (McpMemory *memory, Entry *entry)
{
  g_hash_table_remove (memory->by_id, entry->request_id);
  g_queue_unlink (&memory->by_age, &entry->link);
  memory->bytes -= entry->bytes;
  mcp_question_unref (entry->question);
  g_free (entry->request_id);
  g_free (entry->instance);
  g_free (entry->current);
  g_free (entry);
}

void
mcp_memory_free (McpMemory *memory)
{
  if (memory == NULL)
    return;
  while (memory->by_age.head != NULL)
    drop (memory, memory->by_age.head->data);
  g_hash_table_unref (memory->by_id);
  g_free (memory);
}

static void
drop_old (McpMemory *memory, gint64 now)
{
  while (memory->by_age.head != NULL)
    {
      Entry *oldest = memory->by_age.head->data;
      if (oldest->until > now && memory->by_age.length <= KEPT_MOST && memory->bytes <= KEPT_BYTES)
        return;
      drop (memory, oldest);
    }
}

void
mcp_memory_keep (McpMemory *memory, const char *request_id, const McpRemembered *what, gint64 now)
{
  Entry *entry = g_new0 (Entry, 1);

  *entry = (Entry){ .request_id = g_strdup (request_id),
                    .instance = g_strdup (what->instance),
                    .current = g_strdup (what->current),
                    .question = mcp_question_ref (what->question),
                    .bytes = mcp_question_size (what->question),
                    .until = now + KEPT_FOR };
  entry->link.data = entry;
  mcp_memory_forget (memory, entry->request_id);
  g_hash_table_insert (memory->by_id, entry->request_id, entry);
  g_queue_push_tail_link (&memory->by_age, &entry->link);
  memory->bytes += entry->bytes;
  drop_old (memory, now);
}

gboolean
mcp_memory_find (McpMemory *memory, const char *request_id, gint64 now, McpRemembered *what)
{
  drop_old (memory, now);
  const Entry *entry = g_hash_table_lookup (memory->by_id, request_id);
  if (entry == NULL)
    return FALSE;
  *what = (McpRemembered){ entry->question, entry->instance, entry->current };
  return TRUE;
}

void
mcp_memory_forget (McpMemory *memory, const char *request_id)
{
  Entry *entry = g_hash_table_lookup (memory->by_id, request_id);

  if (entry != NULL)
    drop (memory, entry);
}

const char *
mcp_memory_find_same (McpMemory *memory, const McpQuestion *question, gint64 now)
{
  drop_old (memory, now);
  for (const GList *item = memory->by_age.tail; item != NULL; item = item->prev)
    {
      const Entry *entry = item->data;
      if (mcp_question_same (entry->question, question))
        return entry->request_id;
    }
  return NULL;
}
