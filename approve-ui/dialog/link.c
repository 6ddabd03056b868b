/* SPDX-License-Identifier: MIT */
#include "approve-ui/dialog/link.h"

#include <glib-unix.h>
#include <string.h>

typedef struct
{
  LinkAnswer answer;
  gpointer user;
} Waiting;

struct _Link
{
  Client *client;
  const LinkEvents *events;
  gpointer user;
  GHashTable *waiting; /* id of the call → Waiting */
  guint source, failing;
  GError *failure; /* told from the main loop, not from within a call */
  gboolean ended;
};

static void
end (Link *self, const GError *error)
{
  if (self->ended)
    return;
  self->ended = TRUE;
  g_clear_handle_id (&self->source, g_source_remove);
  g_hash_table_remove_all (self->waiting);
  self->events->gone (self->user, error);
}

static gboolean
on_failure (gpointer user)
{
  Link *self = user;

  self->failing = 0;
  end (self, self->failure);
  return G_SOURCE_REMOVE;
}

static void
on_held (Link *self, const json_t *params)
{
  const json_t *text = json_object_get (params, "card");
  g_autoptr (GError) error = NULL;
  Card *card;

  if (!json_is_string (text))
    return;
  card = card_parse (json_string_value (text), json_string_length (text), &error);
  if (card != NULL)
    self->events->held (self->user, card);
  else
    self->events->unreadable (self->user, wire_string (params, "request_id"), error);
}

static void
on_closed (Link *self, const json_t *params)
{
  const char *id = wire_string (params, "request_id"), *status = wire_string (params, "status");

  if (id != NULL && status != NULL)
    self->events->closed (self->user, id, status, wire_string (params, "by"));
}

static void
on_news (Link *self, const char *method, const json_t *params)
{
  if (strcmp (method, "held") == 0)
    on_held (self, params);
  else if (strcmp (method, "closed") == 0)
    on_closed (self, params);
  else if (strcmp (method, "waiting") == 0)
    self->events->waiting (self->user, wire_integer (params, "held", 0));
  else if (strcmp (method, "state") == 0 && wire_string (params, "state") != NULL)
    self->events->state (self->user, wire_string (params, "state"));
  else if (strcmp (method, "raise") == 0)
    self->events->raise (self->user);
  else if (strcmp (method, "browse") == 0)
    self->events->browse (self->user, params);
  else if (strcmp (method, "browse_over") == 0)
    self->events->browse_over (self->user, params);
  else if (strcmp (method, "told") == 0)
    self->events->told (self->user, params);
}

static GError *
answer_error (const json_t *error)
{
  const char *message = wire_string (error, "message");

  return g_error_new_literal (CLIENT_ANSWER_ERROR, wire_integer (error, "code", 0),
                              message != NULL ? message : "the broker refused");
}

static void
on_answer (Link *self, const json_t *message)
{
  gint64 id = wire_integer (message, "id", 0);
  g_autofree Waiting *waiting = NULL;
  const json_t *refused = json_object_get (message, "error");
  g_autoptr (GError) error = refused != NULL ? answer_error (refused) : NULL;

  if (!g_hash_table_steal_extended (self->waiting, &id, NULL, (gpointer *) &waiting))
    return;
  if (waiting->answer != NULL)
    waiting->answer (waiting->user, refused == NULL ? json_object_get (message, "result") : NULL,
                     error, wire_string (json_object_get (refused, "data"), "reason"));
}

static gboolean
on_ready (gint fd, GIOCondition condition, gpointer user)
{
  Link *self = user;
  g_autoptr (GError) error = NULL;
  json_t *message;

  while (!self->ended && (message = client_receive (self->client, FALSE, NULL, &error)) != NULL)
    {
      const char *method = wire_string (message, "method");
      if (method != NULL)
        on_news (self, method, json_object_get (message, "params"));
      else
        on_answer (self, message);
      json_decref (message);
    }
  if (error != NULL)
    end (self, error);
  return self->ended ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

Link *
link_new (Client *client, const LinkEvents *events, gpointer user)
{
  Link *self = g_new0 (Link, 1);

  self->client = client;
  self->events = events;
  self->user = user;
  self->waiting = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->source = g_unix_fd_add (client_fd (client), G_IO_IN | G_IO_HUP, on_ready, self);
  return self;
}

void
link_free (Link *self)
{
  if (self == NULL)
    return;
  self->ended = TRUE;
  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_handle_id (&self->failing, g_source_remove);
  g_clear_error (&self->failure);
  g_hash_table_unref (self->waiting);
  client_free (self->client);
  g_free (self);
}

void
link_call (Link *self, const char *method, json_t *params, const Secret *pin, LinkAnswer answer,
           gpointer user)
{
  g_autoptr (json_t) owned = params != NULL ? params : json_object ();
  Waiting *waiting;
  gint64 id;

  if (self->ended || self->failure != NULL)
    return;
  if (pin != NULL)
    json_object_set_new (owned, "pin",
                         json_stringn ((const char *) secret_peek (pin), secret_len (pin)));
  id = client_send (self->client, method, owned, -1, &self->failure);
  if (id == 0)
    {
      self->failing = g_idle_add (on_failure, self);
      return;
    }
  waiting = g_new0 (Waiting, 1);
  waiting->answer = answer;
  waiting->user = user;
  g_hash_table_insert (self->waiting, g_memdup2 (&id, sizeof id), waiting);
}
