/* SPDX-License-Identifier: MIT */
#include "broker/client/client.h"

#include "broker/client/client-connect.h"
#include "broker/client/client-stream.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROTOCOL_VERSION 1
#define HELLO_WAIT_MS 10000

G_DEFINE_QUARK (countersign_client_error, client_error)
G_DEFINE_QUARK (countersign_client_answer_error, client_answer_error)

/* A message that came while client_call() waited for another. */
typedef struct
{
  json_t *message;
  int fd;
} Kept;

struct _Client
{
  ClientStream *stream;
  gint64 last_id, hello_id;
  json_t *hello, *error_data;
  GQueue kept; /* of Kept */
  gboolean gathers;
};

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  json_decref (kept->message);
  if (kept->fd >= 0)
    close (kept->fd);
  g_free (kept);
}

Client *
client_open_fd (int fd, GError **error)
{
  Client *client = g_new0 (Client, 1);

  client->stream = client_stream_new (fd);
  g_queue_init (&client->kept);
  return client;
}

void
client_free (Client *client)
{
  if (client == NULL)
    return;
  client_stream_free (client->stream);
  g_queue_clear_full (&client->kept, kept_free);
  json_decref (client->hello);
  json_decref (client->error_data);
  g_free (client);
}

const json_t *
client_hello (const Client *client)
{
  return client->hello;
}

int
client_fd (const Client *client)
{
  return client_stream_fd (client->stream);
}

const json_t *
client_error_data (const Client *client)
{
  return client->error_data;
}

/* --- Sending --- */

void
client_gather (Client *client)
{
  client->gathers = TRUE;
}

gsize
client_backlog (const Client *client)
{
  return client_stream_backlog (client->stream);
}

gboolean
client_flush (Client *client, GError **error)
{
  return client_stream_flush (client->stream, error);
}

/* Until @fd is ready or @timeout_ms (-1: never) has passed; the caller finds out which. */
static void
wait_for (int fd, short events, int timeout_ms)
{
  struct pollfd slot = { .fd = fd, .events = events };

  while (poll (&slot, 1, timeout_ms) < 0 && errno == EINTR)
    ;
}

static gboolean
send_out (Client *client, GError **error)
{
  if (client->gathers)
    return TRUE;
  while (client_flush (client, error))
    {
      if (client_backlog (client) == 0)
        return TRUE;
      wait_for (client_fd (client), POLLOUT, -1);
    }
  return FALSE;
}

gint64
client_send_fds (Client *client, const char *method, const json_t *params, const int *fds,
                 gsize n_fds, GError **error)
{
  gint64 id = ++client->last_id;

  if (!client_stream_add (client->stream, id, method, params, fds, n_fds, error)
      || !send_out (client, error))
    return 0;
  return id;
}

gint64
client_send (Client *client, const char *method, const json_t *params, int fd, GError **error)
{
  return client_send_fds (client, method, params, &fd, 1, error);
}

/* Nobody waits for a notification: that the broker is gone is met by the next receive. */
void
client_notify (Client *client, const char *method, const json_t *params)
{
  if (client_stream_add (client->stream, 0, method, params, NULL, 0, NULL))
    send_out (client, NULL);
}

/* --- Receiving --- */

static gboolean
answers (const json_t *message, gint64 id)
{
  const json_t *given = json_object_get (message, "id");
  return id != 0 && json_is_integer (given) && json_integer_value (given) == id
         && json_object_get (message, "method") == NULL;
}

/* "result" of an answer, or its error. */
static json_t *
open_answer (Client *client, const json_t *message, GError **error)
{
  json_t *result = json_object_get (message, "result");
  const json_t *fault = json_object_get (message, "error");
  const char *words = wire_string (fault, "message");

  g_clear_pointer (&client->error_data, json_decref);
  if (result != NULL)
    return json_incref (result);
  client->error_data = json_incref (json_object_get (fault, "data"));
  if (words == NULL)
    g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL,
                         "the broker's answer has neither result nor error");
  else
    g_set_error_literal (error, CLIENT_ANSWER_ERROR, (int) wire_integer (fault, "code", 0), words);
  return NULL;
}

/* TRUE when @message was the answer to hello; @error is set when it was a refusal. */
static gboolean
take_hello (Client *client, const json_t *message, GError **error)
{
  if (!answers (message, client->hello_id))
    return FALSE;
  client->hello_id = 0;
  client->hello = open_answer (client, message, error);
  return TRUE;
}

json_t *
client_receive (Client *client, gboolean wait, int *fd, GError **error)
{
  g_autofree Kept *kept = g_queue_pop_head (&client->kept);
  int passed = kept != NULL ? kept->fd : -1;
  g_autoptr (json_t) message = kept != NULL ? kept->message : NULL;
  g_autoptr (GError) local = NULL;

  while (message == NULL)
    {
      message = client_stream_next (client->stream, &passed, &local);
      if (message != NULL && take_hello (client, message, &local))
        g_clear_pointer (&message, json_decref);
      else if (message == NULL && local == NULL && !wait)
        return NULL;
      else if (message == NULL && local == NULL)
        wait_for (client_fd (client), POLLIN, -1);
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  if (fd != NULL)
    *fd = passed;
  else if (passed >= 0)
    close (passed);
  return g_steal_pointer (&message);
}

static void
keep (Client *client, json_t *message, int fd)
{
  Kept *kept = g_new (Kept, 1);
  *kept = (Kept){ message, fd };
  g_queue_push_tail (&client->kept, kept);
}

/* The answer to @id, straight from the stream: what was kept earlier cannot be it. */
static json_t *
await_answer (Client *client, gint64 id, int *fd, GError **error)
{
  g_autoptr (GError) local = NULL;

  for (;;)
    {
      g_autoptr (json_t) message = client_stream_next (client->stream, fd, &local);
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (message == NULL)
        wait_for (client_fd (client), POLLIN, -1);
      else if (answers (message, id))
        return g_steal_pointer (&message);
      else
        keep (client, g_steal_pointer (&message), *fd);
    }
}

json_t *
client_call (Client *client, const char *method, const json_t *params, int fd, int *got_fd,
             GError **error)
{
  int passed = -1;
  gint64 id = client_send (client, method, params, fd, error);

  if (id == 0)
    return NULL;
  g_autoptr (json_t) message = await_answer (client, id, &passed, error);
  if (message == NULL)
    return NULL;
  if (got_fd != NULL)
    *got_fd = passed;
  else if (passed >= 0)
    close (passed);
  return open_answer (client, message, error);
}

/* --- Opening --- */

char *
client_default_socket (ClientRole role)
{
  return client_socket_path (role == CLIENT_HUMAN ? "human.sock" : "agent.sock");
}

static gboolean
say_hello (Client *client, ClientRole role, const json_t *claim, GError **error)
{
  g_autoptr (json_t) params = json_pack ("{s:i, s:s}", "version", PROTOCOL_VERSION, "role",
                                         role == CLIENT_HUMAN ? "human" : "agent");

  if (claim != NULL)
    json_object_set (params, "client", (json_t *) claim);
  client->hello_id = client_send (client, "hello", params, -1, error);
  return client->hello_id != 0;
}

Client *
client_begin (ClientRole role, const char *socket, const json_t *claim, GError **error)
{
  g_autofree char *path = socket != NULL ? g_strdup (socket) : client_default_socket (role);
  int fd = client_connect (path, error);

  if (fd < 0)
    return NULL;
  g_autoptr (Client) client = client_open_fd (fd, error);
  return say_hello (client, role, claim, error) ? g_steal_pointer (&client) : NULL;
}

Client *
client_adopt (int fd, ClientRole role, GError **error)
{
  g_autoptr (Client) client = client_open_fd (fd, error);

  return say_hello (client, role, NULL, error) ? g_steal_pointer (&client) : NULL;
}

Client *
client_open (ClientRole role, const char *socket, const json_t *claim, GError **error)
{
  g_autoptr (Client) client = client_begin (role, socket, claim, error);
  gint64 deadline = g_get_monotonic_time () + HELLO_WAIT_MS * 1000;
  g_autoptr (GError) local = NULL;

  while (client != NULL && client->hello == NULL)
    {
      g_autoptr (json_t) early = client_receive (client, FALSE, NULL, &local);
      gint64 left_ms = (deadline - g_get_monotonic_time ()) / 1000;
      if (local == NULL && early == NULL && client->hello == NULL && left_ms <= 0)
        g_set_error_literal (&local, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE,
                             "the broker does not answer");
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (client->hello == NULL)
        wait_for (client_fd (client), POLLIN, (int) left_ms);
    }
  return g_steal_pointer (&client);
}
