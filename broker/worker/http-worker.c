/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-worker.h"

#include <poll.h>
#include <unistd.h>

#include "broker/worker/http-relay.h"
#include "broker/worker/http-request.h"

#define CONNECTIONS_MAX 16

typedef struct
{
  HttpPeer *peer; /* being looked up */
  gint64 id;
  int listener, program; /* both -1: for open, else for a relay of one of them */
} LookUp;

struct _HttpWorker
{
  WorkerLink *link;
  gboolean landlock;
  CURLM *multi;
  HttpSession session;
  GHashTable *transfers;
  GPtrArray *relays;
  LookUp look_up;
};

static void
look_up_clear (LookUp *self)
{
  g_clear_pointer (&self->peer, http_peer_free);
  if (self->listener >= 0)
    close (self->listener);
  if (self->program >= 0)
    close (self->program);
  self->listener = self->program = -1;
}

static void
refuse_error (HttpWorker *self, gint64 id, const char *reason, const GError *error)
{
  gboolean full = g_error_matches (error, SECRET_ERROR, SECRET_ERROR_FULL);

  worker_link_refuse (self->link, id, full ? "busy" : reason, error->message);
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
  self->look_up = (LookUp){ peer, id, listener, program };
}

static void
open_service (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  HttpWorker *self = user;
  g_autoptr (GError) error = NULL;

  if (self->session.service != NULL || self->look_up.peer != NULL)
    {
      worker_link_refuse (link, id, "protocol", "is open already, or still looking a host up");
      return;
    }
  self->session.service = http_service_new (json_object_get (params, "service"), &error);
  if (self->session.service != NULL)
    self->session.credential = take_credential (self, params, &error);
  if (error != NULL)
    {
      g_clear_pointer (&self->session.service, http_service_free);
      refuse_error (self, id, "protocol", error);
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

static void
end_look_up (HttpWorker *self)
{
  HttpPeer *peer = g_steal_pointer (&self->look_up.peer);
  g_autoptr (GError) error = NULL;
  gboolean opens = self->look_up.listener < 0 && self->look_up.program < 0;

  if (!http_peer_finish (peer, &error))
    {
      refuse_error (self, self->look_up.id,
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

static void
relay (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  HttpWorker *self = user;
  int listener = worker_link_take (link, "listener", NULL);
  int program = worker_link_take (link, "program", NULL);
  HttpNetwork network = http_network_from_word (wire_string (params, "network"));

  if ((listener >= 0) == (program >= 0) || network == HTTP_NETWORK_NONE
      || self->look_up.peer != NULL)
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

/* --- request --- */

static void
request (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  HttpWorker *self = user;
  g_autoptr (GError) error = NULL;

  if (self->session.peer == NULL || id == 0 || g_hash_table_contains (self->transfers, &id))
    {
      worker_link_refuse (link, id, "protocol", "is not open, or has a request of this id");
      return;
    }
  HttpTransfer *transfer = http_request_new (&self->session, link, id, params, &error);
  if (transfer == NULL)
    {
      refuse_error (self, id, "protocol", error);
      return;
    }
  gint64 *key = g_new (gint64, 1);
  *key = id;
  g_hash_table_insert (self->transfers, key, transfer);
  curl_multi_add_handle (self->multi, http_transfer_handle (transfer));
}

static void
drop_transfer (HttpWorker *self, HttpTransfer *transfer)
{
  gint64 id = http_transfer_id (transfer);

  curl_multi_remove_handle (self->multi, http_transfer_handle (transfer));
  g_hash_table_remove (self->transfers, &id);
}

static void
cancel (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  HttpWorker *self = user;
  gint64 which = wire_integer (params, "id", 0);
  HttpTransfer *transfer = g_hash_table_lookup (self->transfers, &which);

  if (transfer != NULL)
    {
      http_transfer_abandon (transfer);
      drop_transfer (self, transfer);
      worker_link_refuse (link, which, "cancelled", "was cancelled");
    }
  worker_link_answer (link, id, json_object ());
}

static void
finish_transfer (HttpWorker *self, HttpTransfer *transfer, CURLcode code)
{
  const char *reason = NULL;
  g_autofree char *message = NULL;
  gint64 id = http_transfer_id (transfer);
  json_t *result = http_transfer_finish (transfer, code, &reason, &message);

  drop_transfer (self, transfer);
  if (result != NULL)
    worker_link_answer (self->link, id, result);
  else
    worker_link_refuse (self->link, id, reason, message);
}

/* --- the loop --- */

static const WireField open_fields[] = {
  { "service", WIRE_OBJECT, TRUE, 0, 0, "the service" },
  { "credential", WIRE_STRING, FALSE, 1, 256, "the credential's name" },
};
static const WireField relay_fields[] = {
  { "host", WIRE_STRING, TRUE, 1, 255, "a host or an address" },
  { "port", WIRE_INTEGER, TRUE, 1, 65535, "its port" },
  { "network", WIRE_STRING, TRUE, 1, 16, "public, private or loopback" },
};
static const WireField cancel_fields[] = {
  { "id", WIRE_INTEGER, TRUE, 1, G_MAXINT64, "of the request" },
};

static const WorkerMethod methods[] = {
  { "open", open_fields, G_N_ELEMENTS (open_fields), open_service, FALSE },
  { "request", http_request_fields, HTTP_REQUEST_N_FIELDS, request, FALSE },
  { "relay", relay_fields, G_N_ELEMENTS (relay_fields), relay, FALSE },
  { "cancel", cancel_fields, G_N_ELEMENTS (cancel_fields), cancel, TRUE },
};

static void
transfer_free (gpointer transfer)
{
  http_transfer_free (transfer);
}

static void
relay_free (gpointer data)
{
  http_relay_free (data);
}

HttpWorker *
http_worker_new (int fd, gboolean landlock)
{
  HttpWorker *self = g_new0 (HttpWorker, 1);

  self->link = worker_link_new (fd, methods, G_N_ELEMENTS (methods), self);
  self->landlock = landlock;
  self->multi = curl_multi_init ();
  curl_multi_setopt (self->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long) CONNECTIONS_MAX);
  self->transfers = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, transfer_free);
  self->relays = g_ptr_array_new_with_free_func (relay_free);
  self->look_up.listener = self->look_up.program = -1;
  return self;
}

void
http_worker_free (HttpWorker *self)
{
  GHashTableIter iter;
  gpointer transfer;

  if (self == NULL)
    return;
  g_hash_table_iter_init (&iter, self->transfers);
  while (g_hash_table_iter_next (&iter, NULL, &transfer))
    curl_multi_remove_handle (self->multi, http_transfer_handle (transfer));
  g_hash_table_unref (self->transfers);
  curl_multi_cleanup (self->multi);
  g_ptr_array_unref (self->relays);
  look_up_clear (&self->look_up);
  g_clear_pointer (&self->session.peer, http_peer_free);
  http_credential_free (self->session.credential);
  http_service_free (self->session.service);
  worker_link_free (self->link);
  g_free (self);
}

/* The broker's socket, the look-up, then each relay's. */
static void
watch (HttpWorker *self, GArray *polled)
{
  struct pollfd link = { worker_link_fd (self->link), worker_link_events (self->link), 0 };
  struct pollfd look_up
      = { self->look_up.peer != NULL ? http_peer_fd (self->look_up.peer) : -1, POLLIN, 0 };

  g_array_set_size (polled, 0);
  g_array_append_val (polled, link);
  g_array_append_val (polled, look_up);
  for (guint i = 0; i < self->relays->len; i++)
    http_relay_watch (g_ptr_array_index (self->relays, i), polled);
}

/* Until something happens on one of these, or on a connection of libcurl's, or it is time for
 * libcurl to look. Fills in revents: libcurl would leave out ends and errors. */
static void
wait_for (HttpWorker *self, GArray *polled)
{
  g_autofree struct curl_waitfd *extra = g_new0 (struct curl_waitfd, polled->len);

  for (guint i = 0; i < polled->len; i++)
    {
      const struct pollfd *one = &g_array_index (polled, struct pollfd, i);
      extra[i].fd = one->fd;
      extra[i].events = (short) (((one->events & POLLIN) != 0 ? CURL_WAIT_POLLIN : 0)
                                 | ((one->events & POLLOUT) != 0 ? CURL_WAIT_POLLOUT : 0));
    }
  curl_multi_poll (self->multi, extra, polled->len, 60 * 1000, NULL);
  if (poll ((struct pollfd *) (gpointer) polled->data, polled->len, 0) < 0)
    for (guint i = 0; i < polled->len; i++)
      g_array_index (polled, struct pollfd, i).revents = 0;
}

/* FALSE: the program that it was begun for is over, and with it the worker. */
static gboolean
turn_relays (HttpWorker *self, const struct pollfd *polled)
{
  guint n = self->relays->len; /* a relay that a call of this turn began was not polled */
  gboolean live = TRUE;

  for (guint i = 0; i < n; i++)
    {
      HttpRelay *one = g_ptr_array_index (self->relays, i);
      polled += http_relay_turn (one, polled);
      live = live && !http_relay_is_over (one);
    }
  return live;
}

static void
turn_transfers (HttpWorker *self)
{
  const CURLMsg *message;
  int left;

  curl_multi_perform (self->multi, &left);
  while ((message = curl_multi_info_read (self->multi, &left)) != NULL)
    if (message->msg == CURLMSG_DONE)
      finish_transfer (self, http_transfer_of (message->easy_handle), message->data.result);
}

void
http_worker_run (HttpWorker *self)
{
  g_autoptr (GArray) polled = g_array_new (FALSE, FALSE, sizeof (struct pollfd));
  gboolean live = TRUE;

  while (live)
    {
      watch (self, polled);
      wait_for (self, polled);
      const struct pollfd *all = (const struct pollfd *) (gpointer) polled->data;
      live = turn_relays (self, all + 2);
      if (all[1].revents != 0)
        end_look_up (self);
      live = worker_link_turn (self->link, all[0].revents) && live;
      turn_transfers (self);
      live = live && worker_link_flush (self->link);
    }
}
