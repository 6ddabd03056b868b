/* SPDX-License-Identifier: MIT */
#include "broker/dispatch/relays.h"

#include <unistd.h>

#include "broker/grant/grant.h"

typedef struct
{
  Relays *owner;
  char *grant_id, *request_id;
  char *service; /* its name */
  json_t *place;
  Worker *worker;
  RelayBegun begun; /* NULL: told already */
} Relay;

struct _Relays
{
  Vault *vault;
  GHashTable *all; /* of Relay */
};

/* Whoever waits to hear that it has begun is not told. */
static void
relay_drop (Relay *self)
{
  g_hash_table_remove (self->owner->all, self);
  worker_end (self->worker);
  json_decref (self->place);
  g_free (self->grant_id);
  g_free (self->request_id);
  g_free (self->service);
  g_free (self);
}

static void
relay_end (Relay *self)
{
  Grants *grants = self->owner->vault->grants;
  g_autofree char *grant_id = g_strdup (self->grant_id);

  relay_drop (self);
  grant_stop (grants, grant_id);
}

static void
tell (Vault *vault, const char *request_id, RelayBegun begun, const char *fault)
{
  Request *request = requests_find (vault->requests, request_id, NULL);

  if (begun != NULL && request != NULL && request->state == REQUEST_EXECUTING)
    begun (request, fault);
}

static void
on_answer (gpointer data, json_t *result, const char *reason, const char *message)
{
  Relay *self = data;
  Vault *vault = self->owner->vault;
  g_autofree char *request_id = g_strdup (self->request_id);
  RelayBegun begun = g_steal_pointer (&self->begun);

  if (result == NULL)
    relay_end (self);
  tell (vault, request_id, begun, result == NULL ? message : NULL);
}

/* The program has ended, or sent what is no socket of its own. */
static void
on_gone (gpointer user)
{
  relay_end (user);
}

static const WorkerEvents events = { NULL, on_gone };

json_t *
relay_place (const Service *service)
{
  g_autoptr (json_t) about = service_worker_json (service);

  return json_pack ("{s:O, s:O, s:O}", "host", json_object_get (about, "host"), "port",
                    json_object_get (about, "port"), "network", json_object_get (about, "network"));
}

static Relay *
relay_new (Relays *owner, const Request *request, const Service *service, GError **error)
{
  Relay *self = g_new0 (Relay, 1);

  self->worker = worker_new (owner->vault, WORKER_HTTP, &events, self, error);
  if (self->worker == NULL)
    {
      g_free (self);
      return NULL;
    }
  self->owner = owner;
  self->grant_id = g_strdup (request->grant_id);
  self->request_id = g_strdup (request->id);
  self->service = g_strdup (service_name (service));
  self->place = relay_place (service);
  g_hash_table_add (owner->all, self);
  return self;
}

void
relays_begin (Relays *self, const Request *request, const Service *service, int fd,
              RelayBegun begun)
{
  Grant *grant = grants_find (self->vault->grants, request->grant_id);
  g_autoptr (GError) error = NULL;
  Relay *relay = grant != NULL ? relay_new (self, request, service, &error) : NULL;

  if (relay == NULL)
    {
      close (fd);
      tell (self->vault, request->id, begun,
            error != NULL ? error->message : "the grant ended before it could be used; ask again");
      return;
    }
  relay->begun = begun;
  grant_keep (grant);
  worker_attach (relay->worker, "program", NULL, fd);
  worker_call (relay->worker, "relay", json_incref (relay->place), on_answer, relay);
}

/* ---- all of them ---- */

Relays *
relays_new (Vault *vault)
{
  Relays *self = g_new0 (Relays, 1);

  self->vault = vault;
  self->all = g_hash_table_new (NULL, NULL);
  return self;
}

/* One that ends may end its grant, and with that others: each is looked for again. */
static void
end_where (Relays *self, gboolean (*match) (const Relay *, gconstpointer), gconstpointer data,
           void (*end) (Relay *))
{
  g_autofree gpointer *all = g_hash_table_get_keys_as_array (self->all, NULL);

  for (gpointer *relay = all; *relay != NULL; relay++)
    if (g_hash_table_contains (self->all, *relay) && match (*relay, data))
      end (*relay);
}

static gboolean
is_under (const Relay *relay, gconstpointer grant_id)
{
  return g_str_equal (relay->grant_id, grant_id);
}

static gboolean
is_changed (const Relay *relay, gconstpointer unused)
{
  const Service *service = services_find (relay->owner->vault->services, relay->service);
  g_autoptr (json_t) place = service != NULL ? relay_place (service) : NULL;

  return place == NULL || !json_equal (place, relay->place);
}

static gboolean
any (const Relay *relay, gconstpointer unused)
{
  return TRUE;
}

void
relays_end_under (Relays *self, const char *grant_id)
{
  end_where (self, is_under, grant_id, relay_drop);
}

void
relays_end_changed (Relays *self)
{
  end_where (self, is_changed, NULL, relay_end);
}

void
relays_end_all (Relays *self)
{
  end_where (self, any, NULL, relay_end);
}

void
relays_free (Relays *self)
{
  if (self == NULL)
    return;
  end_where (self, any, NULL, relay_drop);
  g_hash_table_unref (self->all);
  g_free (self);
}
