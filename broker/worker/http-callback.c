/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-callback.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/worker/http-callback-client.h"
#include "broker/worker/http-callback-page.h"
#include "broker/worker/http-callback-socket.h"

#define CLIENTS_MAX 64
#define TAKEN_MAX 32 /* connections in one turn */
#define TIMEOUT_MAX (3600 * 1000)

G_DEFINE_QUARK (countersign_http_callback_error, http_callback_error)

const WireField http_callback_fields[HTTP_CALLBACK_N_FIELDS] = {
  { "port", WIRE_INTEGER, TRUE, 0, 65535, "where to listen; 0: anywhere" },
  { "path", WIRE_STRING, TRUE, 1, 256, "of the callback" },
  { "state", WIRE_STRING, TRUE, 16, 256, "of this flow" },
  { "issuer", WIRE_STRING, FALSE, 1, 2048, "who is to answer" },
  { "issuer_required", WIRE_BOOLEAN, FALSE, 0, 0, "it announces that it names itself" },
  { "title", WIRE_STRING, TRUE, 1, 256, "the provider, for people" },
};

struct _HttpCallback
{
  HttpCallbackSockets sockets;
  json_t *params; /* what @expected points into */
  HttpCallbackExpected expected;
  GPtrArray *clients;       /* of HttpCallbackClient, oldest first */
  HttpCallbackClient *last; /* who brought the outcome; gone: NULL */
  HttpCallbackKind outcome; /* CODE or ERROR, or none yet */
  const char *error;
  Secret *code;
  WorkerLink *link; /* NULL: nobody waits, or it has been told */
  gint64 id, deadline;
};

static void
client_free (gpointer client)
{
  http_callback_client_free (client);
}

HttpCallback *
http_callback_new (const json_t *params, GError **error)
{
  HttpCallbackSockets sockets;

  if (!http_callback_sockets_open (&sockets, (guint16) wire_integer (params, "port", 0), error))
    return NULL;
  HttpCallback *self = g_new0 (HttpCallback, 1);
  self->sockets = sockets;
  self->params = json_deep_copy (params);
  self->expected = (HttpCallbackExpected){ .port = sockets.port,
                                           .path = wire_string (self->params, "path"),
                                           .state = wire_string (self->params, "state"),
                                           .issuer = wire_string (self->params, "issuer"),
                                           .issuer_required = json_is_true (
                                               json_object_get (self->params, "issuer_required")) };
  self->clients = g_ptr_array_new_with_free_func (client_free);
  return self;
}

void
http_callback_free (HttpCallback *self)
{
  if (self == NULL)
    return;
  http_callback_sockets_close (&self->sockets);
  g_ptr_array_unref (self->clients);
  secret_free (self->code);
  json_decref (self->params);
  g_free (self);
}

guint16
http_callback_port (const HttpCallback *self)
{
  return self->expected.port;
}

/* ---- telling ---- */

static void
tell_code (HttpCallback *self)
{
  guint32 length = GUINT32_TO_BE ((guint32) secret_len (self->code));
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) value = secret_new (sizeof length + secret_len (self->code), &error);
  int fd = -1;

  if (value != NULL)
    {
      memcpy (secret_data (value), &length, sizeof length);
      memcpy (secret_data (value) + sizeof length, secret_peek (self->code),
              secret_len (self->code));
      fd = secret_to_memfd (value, &error);
    }
  if (fd < 0)
    {
      worker_link_refuse (self->link, self->id, "busy", error->message);
      return;
    }
  worker_link_answer_with (
      self->link, self->id,
      json_pack ("{s:s, s:[s], s:b}", "outcome", "code", "values", "code", "values_fd", TRUE), fd);
  close (fd);
}

/* Once the page has gone, for the worker may be ended then. */
static void
tell (HttpCallback *self)
{
  gboolean shown = self->last == NULL || http_callback_client_is_answered (self->last);

  if (self->link == NULL || self->outcome == HTTP_CALLBACK_BAD || !shown)
    return;
  if (self->outcome == HTTP_CALLBACK_CODE)
    tell_code (self);
  else
    worker_link_answer (self->link, self->id,
                        json_pack ("{s:s, s:s}", "outcome", "error", "code", self->error));
  self->link = NULL;
}

gboolean
http_callback_wait (HttpCallback *self, WorkerLink *link, gint64 id, gint64 timeout_ms)
{
  if (self->link != NULL)
    return FALSE;
  self->link = link;
  self->id = id;
  self->deadline = g_get_monotonic_time () + timeout_ms * 1000;
  tell (self);
  return TRUE;
}

static void
expire (HttpCallback *self, gint64 now)
{
  if (self->link == NULL || now < self->deadline)
    return;
  worker_link_refuse (self->link, self->id, "timeout",
                      "nobody has come back from the provider within the time limit");
  self->link = NULL;
  http_callback_sockets_close (&self->sockets);
}

/* ---- those who come ---- */

/* The first right answer: it ends the listening. */
static void
settle (HttpCallback *self, HttpCallbackClient *client, HttpCallbackKind kind, const char *error,
        Secret *code)
{
  self->outcome = kind;
  self->error = error;
  self->code = code;
  self->last = client;
}

static void
answer (HttpCallback *self, HttpCallbackClient *client, gint64 now)
{
  const char *error;
  Secret *code;
  gsize len;
  const char *request = http_callback_client_request (client, &len);
  HttpCallbackKind kind = http_callback_request_read (&self->expected, request, len, &error, &code);
  gboolean right = kind == HTTP_CALLBACK_CODE || kind == HTTP_CALLBACK_ERROR;

  if (right && self->outcome == HTTP_CALLBACK_BAD)
    settle (self, client, kind, error, code);
  else if (right) /* it came again before the first was told */
    {
      secret_free (code);
      kind = HTTP_CALLBACK_FOREIGN;
    }
  http_callback_client_answer (
      client, http_callback_page (kind, error, wire_string (self->params, "title")), now);
}

static void
turn_client (HttpCallback *self, guint i, short revents, gint64 now)
{
  HttpCallbackClient *client = g_ptr_array_index (self->clients, i);

  switch (http_callback_client_turn (client, revents, now))
    {
    case HTTP_CALLBACK_CLIENT_ASKS:
      answer (self, client, now);
      return;
    case HTTP_CALLBACK_CLIENT_GOES_ON:
      return;
    case HTTP_CALLBACK_CLIENT_OVER:
      if (client == self->last)
        self->last = NULL;
      g_ptr_array_remove_index (self->clients, i);
      return;
    }
}

/* Who has waited longest gives way: connections that say nothing must not keep a browser out. */
static void
make_room (HttpCallback *self)
{
  if (self->clients->len == CLIENTS_MAX)
    g_ptr_array_remove_index (self->clients,
                              g_ptr_array_index (self->clients, 0) == self->last ? 1 : 0);
}

static void
take (HttpCallback *self, int listener)
{
  int fd;

  for (guint i = 0; i < TAKEN_MAX; i++)
    {
      fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd < 0)
        return;
      make_room (self);
      g_ptr_array_add (self->clients, http_callback_client_new (fd));
    }
}

/* ---- the loop ---- */

void
http_callback_watch (const HttpCallback *self, GArray *polled)
{
  for (guint i = 0; i < HTTP_CALLBACK_SOCKETS; i++)
    {
      struct pollfd listener = { self->sockets.fds[i], POLLIN, 0 };
      g_array_append_val (polled, listener);
    }
  for (guint i = 0; i < self->clients->len; i++)
    {
      struct pollfd client = http_callback_client_watch (g_ptr_array_index (self->clients, i));
      g_array_append_val (polled, client);
    }
}

guint
http_callback_turn (HttpCallback *self, const struct pollfd *polled)
{
  gint64 now = g_get_monotonic_time ();
  guint n = self->clients->len;

  for (guint i = n; i-- > 0;)
    turn_client (self, i, polled[HTTP_CALLBACK_SOCKETS + i].revents, now);
  for (guint i = 0; i < HTTP_CALLBACK_SOCKETS; i++)
    if (self->sockets.fds[i] >= 0 && (polled[i].revents != 0 || self->outcome != HTTP_CALLBACK_BAD))
      take (self, self->sockets.fds[i]);
  if (self->outcome != HTTP_CALLBACK_BAD) /* who had connected by then is told, and nobody after */
    http_callback_sockets_close (&self->sockets);
  tell (self);
  expire (self, now);
  return HTTP_CALLBACK_SOCKETS + n;
}

int
http_callback_due (const HttpCallback *self)
{
  gint64 due = self->link != NULL ? self->deadline : G_MAXINT64;

  for (guint i = 0; i < self->clients->len; i++)
    due = MIN (due, http_callback_client_deadline (g_ptr_array_index (self->clients, i)));
  if (due == G_MAXINT64)
    return -1;
  return (int) MIN (MAX (due - g_get_monotonic_time (), 0) / 1000 + 1, TIMEOUT_MAX);
}
