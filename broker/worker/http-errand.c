/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-confine.h"
#include "broker/worker/http-worker-private.h"

const WireField http_errand_callback_fields[1] = {
  { "timeout_ms", WIRE_INTEGER, TRUE, 1, 3600 * 1000, "milliseconds until somebody has come" },
};

gboolean
http_errand_is_begun (const HttpWorker *self)
{
  return self->exchange != NULL || self->callback != NULL;
}

/* FALSE: it has been answered. */
static gboolean
is_new (HttpWorker *self, gint64 id)
{
  gboolean is = self->session.service == NULL && self->look_up.peer == NULL
                && self->relays->len == 0 && !http_errand_is_begun (self);

  if (!is)
    worker_link_refuse (self->link, id, "protocol", "is for a worker that has done nothing else");
  return is;
}

/* ---- an exchange ---- */

void
http_errand_exchange (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  HttpWorker *self = user;
  g_autoptr (GError) error = NULL;

  if (!is_new (self, id) || !http_worker_seal (self, id, HTTP_CONFINE_CARRIES))
    return;
  self->exchange = http_exchange_new (link, id, params, &error);
  if (self->exchange == NULL)
    http_worker_refuse (self, id, "protocol", error);
}

static void
begin_transfer (HttpWorker *self)
{
  HttpTransfer *transfer = http_exchange_turn (self->exchange);

  if (transfer != NULL)
    curl_multi_add_handle (self->multi, http_transfer_handle (transfer));
}

static void
expire (HttpWorker *self)
{
  HttpTransfer *transfer = http_exchange_expire (self->exchange);

  if (transfer == NULL)
    return;
  curl_multi_remove_handle (self->multi, http_transfer_handle (transfer));
  http_transfer_free (transfer);
}

gboolean
http_errand_take_end (HttpWorker *self, HttpTransfer *transfer, CURLcode code)
{
  if (self->exchange == NULL)
    return FALSE;
  curl_multi_remove_handle (self->multi, http_transfer_handle (transfer));
  http_exchange_end (self->exchange, code);
  return TRUE;
}

gboolean
http_errand_must_finish (const HttpWorker *self)
{
  return self->exchange != NULL && http_exchange_must_finish (self->exchange);
}

/* ---- a callback ---- */

void
http_errand_listen (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  HttpWorker *self = user;
  g_autoptr (GError) error = NULL;

  if (!is_new (self, id))
    return;
  self->callback = http_callback_new (params, &error);
  if (self->callback == NULL)
    {
      gboolean port
          = g_error_matches (error, HTTP_CALLBACK_ERROR_DOMAIN, HTTP_CALLBACK_PROBLEM_PORT);
      http_worker_refuse (self, id, port ? "port" : "system", error);
    }
  else if (http_worker_seal (self, id, HTTP_CONFINE_LISTENS))
    worker_link_answer (link, id, json_pack ("{s:i}", "port", http_callback_port (self->callback)));
}

void
http_errand_callback (WorkerLink *link, gint64 id, const json_t *params, gpointer user)
{
  HttpWorker *self = user;

  if (self->callback == NULL
      || !http_callback_wait (self->callback, link, id, wire_integer (params, "timeout_ms", 0)))
    worker_link_refuse (link, id, "protocol", "does not listen, or is waited for already");
}

/* ---- the loop ---- */

void
http_errand_watch (const HttpWorker *self, GArray *polled)
{
  struct pollfd look_up
      = { self->exchange != NULL ? http_exchange_fd (self->exchange) : -1, POLLIN, 0 };

  g_array_append_val (polled, look_up);
  if (self->callback != NULL)
    http_callback_watch (self->callback, polled);
}

void
http_errand_turn (HttpWorker *self, const struct pollfd *polled, guint n)
{
  if (self->exchange != NULL && polled[0].revents != 0)
    begin_transfer (self);
  if (self->exchange != NULL)
    expire (self);
  if (self->callback != NULL && n > 1)
    http_callback_turn (self->callback, polled + 1);
}

static int
sooner (int one, int other)
{
  return one < 0 ? other : MIN (one, other);
}

int
http_errand_due (const HttpWorker *self, int otherwise)
{
  int due = otherwise;

  if (self->exchange != NULL)
    due = sooner (http_exchange_due (self->exchange), due);
  if (self->callback != NULL)
    due = sooner (http_callback_due (self->callback), due);
  return due;
}

void
http_errand_clear (HttpWorker *self)
{
  HttpTransfer *transfer = self->exchange != NULL ? http_exchange_transfer (self->exchange) : NULL;

  if (transfer != NULL)
    curl_multi_remove_handle (self->multi, http_transfer_handle (transfer));
  g_clear_pointer (&self->exchange, http_exchange_free);
  g_clear_pointer (&self->callback, http_callback_free);
}
