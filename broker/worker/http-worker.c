/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-worker.h"

#include "broker/worker/http-confine.h"
#include "broker/worker/http-relay.h"
#include "broker/worker/http-worker-private.h"

#define CONNECTIONS_MAX 16
#define IDLE_MS 60000

void
http_worker_refuse (HttpWorker *self, gint64 id, const char *reason, const GError *error)
{
  gboolean full = g_error_matches (error, SECRET_ERROR, SECRET_ERROR_FULL);

  worker_link_refuse (self->link, id, full ? "busy" : reason, error->message);
}

gboolean
http_worker_seal (HttpWorker *self, gint64 id, HttpConfinePart part)
{
  g_autoptr (GError) error = NULL;

  self->sealed = self->sealed || http_confine_part (part, &error);
  if (!self->sealed)
    worker_link_refuse (self->link, id, "system", error->message);
  return self->sealed;
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
      http_worker_refuse (self, id, "protocol", error);
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

  if (http_errand_take_end (self, transfer, code))
    return;
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
  { "open", open_fields, G_N_ELEMENTS (open_fields), http_open_service, FALSE },
  { "request", http_request_fields, HTTP_REQUEST_N_FIELDS, request, FALSE },
  { "relay", relay_fields, G_N_ELEMENTS (relay_fields), http_open_relay, FALSE },
  { "exchange", http_exchange_fields, HTTP_EXCHANGE_N_FIELDS, http_errand_exchange, FALSE },
  { "listen", http_callback_fields, HTTP_CALLBACK_N_FIELDS, http_errand_listen, FALSE },
  { "callback", http_errand_callback_fields, G_N_ELEMENTS (http_errand_callback_fields),
    http_errand_callback, FALSE },
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
  self->live = TRUE;
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
  http_errand_clear (self);
  g_hash_table_iter_init (&iter, self->transfers);
  while (g_hash_table_iter_next (&iter, NULL, &transfer))
    curl_multi_remove_handle (self->multi, http_transfer_handle (transfer));
  g_hash_table_unref (self->transfers);
  curl_multi_cleanup (self->multi);
  g_ptr_array_unref (self->relays);
  http_open_clear (self);
  g_clear_pointer (&self->session.peer, http_peer_free);
  http_credential_free (self->session.credential);
  http_service_free (self->session.service);
  worker_link_free (self->link);
  g_free (self);
}

/* The broker's socket, the look-up, then each relay's, then the errand's. Returns where the last
 * begin. */
static guint
watch (HttpWorker *self, GArray *polled)
{
  struct pollfd link
      = { self->live ? worker_link_fd (self->link) : -1, worker_link_events (self->link), 0 };
  struct pollfd look_up
      = { self->look_up.peer != NULL ? http_peer_fd (self->look_up.peer) : -1, POLLIN, 0 };

  g_array_set_size (polled, 0);
  g_array_append_val (polled, link);
  g_array_append_val (polled, look_up);
  for (guint i = 0; i < self->relays->len; i++)
    http_relay_watch (g_ptr_array_index (self->relays, i), polled);
  guint errand = polled->len;
  http_errand_watch (self, polled);
  return errand;
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
  curl_multi_poll (self->multi, extra, polled->len, http_errand_due (self, IDLE_MS), NULL);
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

  while (self->live || http_errand_must_finish (self))
    {
      guint errand = watch (self, polled);
      wait_for (self, polled);
      const struct pollfd *all = (const struct pollfd *) (gpointer) polled->data;
      gboolean live = turn_relays (self, all + 2);
      if (all[1].revents != 0)
        http_open_end (self);
      http_errand_turn (self, all + errand, polled->len - errand);
      live = worker_link_turn (self->link, all[0].revents) && live;
      turn_transfers (self);
      self->live = self->live && live && worker_link_flush (self->link);
    }
}
