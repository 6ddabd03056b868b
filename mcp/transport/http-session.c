/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-session.h"

#include "mcp/transport/http-talk.h"

#include <string.h>
#include <sys/random.h>

#define ID_BYTES 32

struct _HttpSession
{
  const HttpMcpOptions *options;
  char *id;
  McpSession *mcp;
  gpointer owner;
  gint64 used; /* monotonic, µs */
  GQueue talks;
  guint number;
};

struct _HttpSessions
{
  const HttpMcpOptions *options;
  GHashTable *by_id;
};

static void
session_free (gpointer data)
{
  HttpSession *session = data;
  g_autoptr (GQueue) talks = g_queue_copy (&session->talks);

  /* The calls first: nobody writes to an talk that is gone. */
  mcp_session_free (session->mcp);
  for (GList *item = talks->head; item != NULL; item = item->next)
    http_talk_abandon (item->data);
  if (session->options->owner_unref != NULL)
    session->options->owner_unref (session->owner);
  g_free (session->id);
  g_free (session);
}

HttpSessions *
http_sessions_new (const HttpMcpOptions *options)
{
  HttpSessions *sessions = g_new0 (HttpSessions, 1);

  sessions->options = options;
  sessions->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, session_free);
  return sessions;
}

void
http_sessions_free (HttpSessions *sessions)
{
  if (sessions == NULL)
    return;
  g_hash_table_unref (sessions->by_id);
  g_free (sessions);
}

static char *
make_id (void)
{
  guint8 bytes[ID_BYTES];
  GString *id = g_string_sized_new (2 * ID_BYTES);

  /* Does not fail for so few, once the machine is up. */
  if (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
    g_error ("the machine gives no random bytes");
  for (gsize i = 0; i < sizeof bytes; i++)
    g_string_append_printf (id, "%02x", bytes[i]);
  return g_string_free (id, FALSE);
}

static gboolean
is_unused (const HttpSession *session)
{
  return session->talks.length == 0;
}

static void
make_room (HttpSessions *sessions, gpointer owner)
{
  HttpSession *oldest = NULL;
  guint count = 0;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, sessions->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      HttpSession *session = value;
      if (session->owner != owner)
        continue;
      count++;
      if (oldest == NULL || is_unused (session) > is_unused (oldest)
          || (is_unused (session) == is_unused (oldest) && session->used < oldest->used))
        oldest = session;
    }
  if (count >= sessions->options->sessions_most)
    http_sessions_end (sessions, oldest);
}

HttpSession *
http_sessions_add (HttpSessions *sessions, McpSession *mcp)
{
  HttpSession *session = g_new0 (HttpSession, 1);

  make_room (sessions, mcp_session_get_owner (mcp));
  session->options = sessions->options;
  session->id = make_id ();
  session->mcp = mcp;
  session->owner = mcp_session_get_owner (mcp);
  if (session->options->owner_ref != NULL)
    session->options->owner_ref (session->owner);
  g_queue_init (&session->talks);
  http_session_touch (session);
  g_hash_table_insert (sessions->by_id, session->id, session);
  return session;
}

HttpSession *
http_sessions_find (HttpSessions *sessions, const char *id, gpointer owner)
{
  HttpSession *session = g_hash_table_lookup (sessions->by_id, id);

  return session != NULL && session->owner == owner ? session : NULL;
}

void
http_sessions_end (HttpSessions *sessions, HttpSession *session)
{
  g_hash_table_remove (sessions->by_id, session->id);
}

void
http_sessions_end_all (HttpSessions *sessions, gpointer owner, gint64 now)
{
  gint64 idle = (gint64) sessions->options->session_idle_s * G_USEC_PER_SEC;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, sessions->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const HttpSession *session = value;
      if (owner != NULL ? session->owner == owner
                        : is_unused (session) && now - session->used >= idle)
        g_hash_table_iter_remove (&iter);
    }
}

guint
http_sessions_count (const HttpSessions *sessions)
{
  return g_hash_table_size (sessions->by_id);
}

const char *
http_session_id (const HttpSession *session)
{
  return session->id;
}

McpSession *
http_session_mcp (const HttpSession *session)
{
  return session->mcp;
}

void
http_session_touch (HttpSession *session)
{
  session->used = g_get_monotonic_time ();
}

GQueue *
http_session_talks (HttpSession *session)
{
  return &session->talks;
}

guint
http_session_next_number (HttpSession *session)
{
  return ++session->number;
}
