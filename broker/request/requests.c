/* SPDX-License-Identifier: MIT
 *
 * All requests of a vault: finding them, and ending many at once.
 */
#include "broker/request/request-private.h"

Requests *
requests_new (Vault *vault)
{
  Requests *self = g_new0 (Requests, 1);

  self->vault = vault;
  self->by_id
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) request_free);
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_subject
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_queue_free);
  return self;
}

void
requests_free (Requests *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_subject);
  g_hash_table_unref (self->by_key);
  g_hash_table_unref (self->by_id);
  g_free (self);
}

guint
requests_count_held (const Requests *self)
{
  return self->held.length;
}

guint
requests_count_open (const Requests *self)
{
  return self->open;
}

GPtrArray *
requests_held (Requests *self)
{
  GPtrArray *list = g_ptr_array_sized_new (self->held.length);
  for (GList *l = self->held.head; l != NULL; l = l->next)
    g_ptr_array_add (list, l->data);
  return list;
}

Request *
requests_find (Requests *self, const char *id, const Requester *requester)
{
  Request *request = g_hash_table_lookup (self->by_id, id);

  if (request != NULL && requester != NULL && !requester_equal (request->requester, requester))
    return NULL;
  return request;
}

GPtrArray *
requests_of (Requests *self, const Requester *requester)
{
  GPtrArray *own = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      Request *request = requests_find (self, id, requester);
      if (request != NULL)
        g_ptr_array_add (own, request);
    }
  return own;
}

static gboolean
is_open (const Request *request, gconstpointer unused)
{
  return !request_is_final (request);
}

GPtrArray *
requests_find_all (Requests *self, RequestMatch match, gconstpointer data)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (match (value, data))
      g_ptr_array_add (ids, g_strdup (((Request *) value)->id));
  return ids;
}

typedef struct
{
  gboolean (*match) (const Subject *subject, gconstpointer data);
  gconstpointer data;
} SubjectMatch;

static gboolean
is_of_subject (const Request *request, gconstpointer data)
{
  const SubjectMatch *match = data;
  const Subject *subject = request->requester->subject;

  return subject != NULL && match->match (subject, match->data);
}

void
requests_end_subjects (Requests *self, gboolean (*match) (const Subject *, gconstpointer),
                       gconstpointer data)
{
  const SubjectMatch ended = { match, data };
  g_autoptr (GPtrArray) ids = requests_find_all (self, is_of_subject, &ended);

  for (guint i = 0; i < ids->len; i++)
    {
      Request *request = requests_find (self, g_ptr_array_index (ids, i), NULL);
      if (request != NULL && !request_is_final (request))
        request_refuse (request, "caller_removed",
                        "who asked is accepted over HTTP no longer, or on other terms", NULL);
      request = requests_find (self, g_ptr_array_index (ids, i), NULL);
      if (request != NULL) /* what is kept of it is nobody's any more */
        g_hash_table_remove (self->by_id, request->id);
    }
}

void
requests_deny_all (Requests *self, const char *code, const char *message)
{
  g_autoptr (GPtrArray) ids = requests_find_all (self, is_open, NULL);

  for (guint i = 0; i < ids->len; i++)
    {
      Request *request = requests_find (self, g_ptr_array_index (ids, i), NULL);
      if (request != NULL)
        request_refuse (request, code, message, NULL);
    }
}
