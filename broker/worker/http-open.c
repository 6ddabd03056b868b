/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "broker/worker/http-relay.h"
#include "broker/worker/http-worker-private.h"

static void
look_up_clear (HttpLookUp *self)
{
  g_clear_pointer (&self->peer, http_peer_free);
  if (self->listener >= 0)
    close (self->listener);
  if (self->program >= 0)
    close (self->program);
  self->listener = self->program = -1;
}

/* --- open --- */

/* NULL without an error: there is none. */
static HttpCredential *
take_credential (HttpWorker *self, const json_t *params, GError **error)
{
  int fd = worker_link_take (self->link, "credential", NULL);
  const char *name = wire_string (params, "credential");
  gboolean wanted = self->session.service->place.kind != HTTP_PLACE_NONE;

  if (wanted != (fd >= 0) || wanted != (name != NULL))
    {
      if (fd >= 0)
        close (fd);
      g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD,
                           wanted ? "credential: must be named, and attached"
                                  : "credential: this service takes none");
      return NULL;
    }
  if (!wanted)
    return NULL;
  Secret *value = secret_read_memfd (fd, HTTP_CREDENTIAL_MAX, error);
  close (fd);
  return value != NULL ? http_credential_new (&self->session.service->place, name, value, error)
                       : NULL;
}

static void
begin_look_up (HttpWorker *self, gint64 id, HttpPeer *peer, int listener, int program)
{
  self->look_up = (HttpLookUp){ peer, id, listener, program };
}

void
http_open_service (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  HttpWorker *self = user;
  g_autoptr (GError) error = NULL;

  if (self->session.service != NULL || self->look_up.peer != NULL || http_errand_is_begun (self))
    {
      worker_link_refuse (link, id, "protocol", "is open already, or still looking a host up");
      return;
    }
  if (!http_worker_seal (self, id, HTTP_CONFINE_CARRIES))
    return;
  self->session.service = http_service_new (json_object_get (params, "service"), &error);
  if (self->session.service != NULL)
    self->session.credential = take_credential (self, params, &error);
  if (error != NULL)
    {
      g_clear_pointer (&self->session.service, http_service_free);
      http_worker_refuse (self, id, "protocol", error);
      return;
    }
  begin_look_up (self, id,
                 http_peer_new (self->session.service->host, self->session.service->port,
                                self->session.service->network),
                 -1, -1);
}

static json_t *
describe_confinement (const HttpWorker *self)
{
  return json_pack ("{s:{s:b}}", "confinement", "landlock", self->landlock);
}

void
http_open_end (HttpWorker *self)
{
  HttpPeer *peer = g_steal_pointer (&self->look_up.peer);
  g_autoptr (GError) error = NULL;
  gboolean opens = self->look_up.listener < 0 && self->look_up.program < 0;

  if (!http_peer_finish (peer, &error))
    {
      http_worker_refuse (self, self->look_up.id,
                          error->code == HTTP_PEER_ERROR_DNS ? "dns" : "refused_address", error);
      http_peer_free (peer);
      if (opens)
        {
          g_clear_pointer (&self->session.service, http_service_free);
          g_clear_pointer (&self->session.credential, http_credential_free);
        }
    }
  else if (opens)
    {
      self->session.peer = peer;
      worker_link_answer (self->link, self->look_up.id, describe_confinement (self));
    }
  else
    {
      g_ptr_array_add (self->relays,
                       http_relay_new (self->look_up.listener, self->look_up.program, peer));
      self->look_up.listener = self->look_up.program = -1;
      worker_link_answer (self->link, self->look_up.id, json_object ());
    }
  look_up_clear (&self->look_up);
}

/* --- relay --- */

void
http_open_relay (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  HttpWorker *self = user;

  if (!http_worker_seal (self, id, HTTP_CONFINE_CARRIES))
    return;
  int listener = worker_link_take (link, "listener", NULL);
  int program = worker_link_take (link, "program", NULL);
  HttpNetwork network = http_network_from_word (wire_string (params, "network"));

  if ((listener >= 0) == (program >= 0) || network == HTTP_NETWORK_NONE
      || self->look_up.peer != NULL || http_errand_is_begun (self))
    {
      worker_link_refuse (link, id, "protocol",
                          "needs a listener or a program that is attached, a network, and no "
                          "look-up under way");
      if (listener >= 0)
        close (listener);
      if (program >= 0)
        close (program);
      return;
    }
  begin_look_up (self, id,
                 http_peer_new (wire_string (params, "host"),
                                (guint16) wire_integer (params, "port", 0), network),
                 listener, program);
}

void
http_open_clear (HttpWorker *self)
{
  look_up_clear (&self->look_up);
}
