/* SPDX-License-Identifier: MIT
 *
 * Making all indexes that a log lacks, on all cores: once for each file, but of a long trail that
 * nobody has read yet it is gigabytes.
 */
#include "broker/audit/audit-file.h"
#include "broker/audit/audit-index-private.h"

#include <unistd.h>

typedef struct
{
  const AuditCache *cache;
  const char *dir;
  GAsyncQueue *done;
} Work;

static gboolean
is_there (const AuditCache *cache, guint number)
{
  g_autofree char *path = audit_index_path (cache, number);

  return access (path, F_OK) == 0;
}

/* On a thread of its own, with a hasher of its own. What does not work out here is read as it is
 * later, or said then. */
static void
make_one (gpointer number, gpointer user)
{
  const Work *work = user;
  g_autoptr (AuditCache) cache = audit_cache_new (work->cache->dir, work->cache->key, NULL);
  g_autofree char *path = audit_file_path (work->dir, GPOINTER_TO_UINT (number));
  struct stat st;
  int fd = cache != NULL ? audit_file_open (path, &st, NULL) : -1;

  if (fd >= 0)
    {
      audit_index_free (audit_index_open (cache, GPOINTER_TO_UINT (number), fd, &st));
      close (fd);
    }
  g_async_queue_push (work->done, number);
}

/* Those that are finished: another file follows. */
static GArray *
missing (const AuditCache *cache, const char *dir)
{
  g_autoptr (GArray) list = audit_file_list (dir, NULL);
  GArray *lacking = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; list != NULL && i + 1 < list->len; i++)
    if (!is_there (cache, g_array_index (list, guint, i)))
      g_array_append_val (lacking, g_array_index (list, guint, i));
  return lacking;
}

void
audit_cache_make_all (AuditCache *cache, const char *dir, AuditCacheProgress progress,
                      gpointer user)
{
  g_autoptr (GArray) lacking = missing (cache, dir);
  g_autoptr (GAsyncQueue) done = g_async_queue_new ();
  Work work = { cache, dir, done };
  GThreadPool *pool
      = lacking->len > 1
            ? g_thread_pool_new (make_one, &work, (gint) g_get_num_processors (), TRUE, NULL)
            : NULL;

  if (pool == NULL)
    return; /* one is made when it is needed */
  for (guint i = 0; i < lacking->len; i++)
    g_thread_pool_push (pool, GUINT_TO_POINTER (g_array_index (lacking, guint, i)), NULL);
  for (guint i = 1; i <= lacking->len; i++)
    {
      g_async_queue_pop (done);
      if (progress != NULL)
        progress (i, lacking->len, user);
    }
  g_thread_pool_free (pool, FALSE, TRUE);
}
