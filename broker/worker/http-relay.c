/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-relay.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "broker/worker/http-listener.h"

#define CONNECTIONS_MAX 64
#define ROOM (32 * 1024)

/* One direction. */
typedef struct
{
  guint8 data[ROOM];
  gsize start, end;
  gboolean ended; /* nothing more comes */
  gboolean told;  /* and the other side knows */
} Half;

typedef struct
{
  int client, server;
  guint tried; /* addresses */
  gboolean connecting, over;
  Half up, down;
} Pair;

struct _HttpRelay
{
  int listener; /* -1: not sent yet */
  int program;  /* -1: the listener was there from the beginning */
  gboolean over;
  HttpPeer *peer;
  GPtrArray *pairs;
};

static void
pair_free (gpointer data)
{
  Pair *self = data;

  close (self->client);
  if (self->server >= 0)
    close (self->server);
  explicit_bzero (self, sizeof *self);
  g_free (self);
}

HttpRelay *
http_relay_new (int listener, int program, HttpPeer *peer)
{
  HttpRelay *self = g_new0 (HttpRelay, 1);

  self->listener = listener;
  self->program = program;
  self->peer = peer;
  self->pairs = g_ptr_array_new_with_free_func (pair_free);
  return self;
}

void
http_relay_free (HttpRelay *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->pairs);
  http_peer_free (self->peer);
  if (self->listener >= 0)
    close (self->listener);
  if (self->program >= 0)
    close (self->program);
  g_free (self);
}

/* Begins to connect to the next address; the pair is over when there is none. */
static void
connect_next (HttpRelay *self, Pair *pair)
{
  const int at_once = 1;

  while (!pair->connecting && pair->tried < http_peer_n_addresses (self->peer))
    {
      socklen_t len;
      const struct sockaddr *address = http_peer_address (self->peer, pair->tried++, &len);

      if (!http_peer_may_connect (self->peer, address))
        continue;
      if (pair->server >= 0)
        close (pair->server);
      pair->server = socket (address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      if (pair->server < 0)
        continue;
      setsockopt (pair->server, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
      pair->connecting
          = connect (pair->server, address, len) == 0 || errno == EINPROGRESS || errno == EINTR;
    }
  pair->over = !pair->connecting;
}

static void
take_client (HttpRelay *self)
{
  int client = http_listener_accept (self->listener);

  if (client < 0)
    return;
  Pair *pair = g_new0 (Pair, 1);
  pair->client = client;
  pair->server = -1;
  g_ptr_array_add (self->pairs, pair);
  connect_next (self, pair);
}

static gboolean
may_read (const Half *half)
{
  return !half->ended && half->end < ROOM;
}

static gboolean
may_write (const Half *half)
{
  return half->start < half->end;
}

static void
watch_one (GArray *polled, int fd, short events)
{
  /* One that nothing is awaited of would still report its end, again and again. */
  struct pollfd one = { events != 0 ? fd : -1, events, 0 };

  g_array_append_val (polled, one);
}

void
http_relay_watch (HttpRelay *self, GArray *polled)
{
  watch_one (polled, self->program, POLLIN);
  watch_one (polled, self->listener, self->pairs->len < CONNECTIONS_MAX ? POLLIN : 0);
  for (guint i = 0; i < self->pairs->len; i++)
    {
      const Pair *pair = g_ptr_array_index (self->pairs, i);
      gboolean up = may_write (&pair->up), down = may_write (&pair->down);

      watch_one (polled, pair->client,
                 (short) ((may_read (&pair->up) ? POLLIN : 0) | (down ? POLLOUT : 0)));
      watch_one (polled, pair->server,
                 pair->connecting
                     ? POLLOUT
                     : (short) ((may_read (&pair->down) ? POLLIN : 0) | (up ? POLLOUT : 0)));
    }
}

/* FALSE: the connection broke. */
static gboolean
fill (Half *half, int from)
{
  gssize n = recv (from, half->data + half->end, ROOM - half->end, MSG_DONTWAIT);

  if (n < 0)
    return errno == EAGAIN || errno == EINTR;
  half->ended = n == 0;
  half->end += (gsize) n;
  return TRUE;
}

static gboolean
drain (Half *half, int to)
{
  if (may_write (half))
    {
      gssize n = send (to, half->data + half->start, half->end - half->start,
                       MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0 && errno != EAGAIN && errno != EINTR)
        return FALSE;
      half->start += (gsize) MAX (n, 0);
    }
  if (half->start == half->end)
    half->start = half->end = 0;
  if (half->ended && !half->told && half->end == 0)
    {
      shutdown (to, SHUT_WR);
      half->told = TRUE;
    }
  return TRUE;
}

static void
finish_connect (HttpRelay *self, Pair *pair)
{
  int failed = 0;
  socklen_t len = sizeof failed;

  pair->connecting = FALSE;
  if (getsockopt (pair->server, SOL_SOCKET, SO_ERROR, &failed, &len) != 0 || failed != 0)
    connect_next (self, pair);
}

static void
turn_pair (HttpRelay *self, Pair *pair, short client, short server)
{
  const short come = POLLIN | POLLHUP | POLLERR;

  if (pair->connecting && server != 0)
    finish_connect (self, pair);
  if (pair->over)
    return;
  if ((client & come) != 0 && may_read (&pair->up) && !fill (&pair->up, pair->client))
    pair->over = TRUE;
  if (pair->connecting)
    return;
  if ((server & come) != 0 && may_read (&pair->down) && !fill (&pair->down, pair->server))
    pair->over = TRUE;
  if (!drain (&pair->up, pair->server) || !drain (&pair->down, pair->client)
      || (pair->up.told && pair->down.told))
    pair->over = TRUE;
}

/* One socket is sent, and then nothing but the end. */
static void
hear_program (HttpRelay *self)
{
  g_autoptr (GError) error = NULL;

  if (self->listener < 0)
    self->listener = http_listener_receive (self->program, &error);
  else
    self->over = TRUE;
  if (error == NULL)
    return;
  self->over = TRUE;
  if (error->code == HTTP_LISTENER_ERROR_PLACE)
    g_printerr ("countersign-worker-http: %s\n", error->message);
}

gboolean
http_relay_is_over (const HttpRelay *relay)
{
  return relay->over;
}

gsize
http_relay_turn (HttpRelay *self, const struct pollfd *polled)
{
  guint n = self->pairs->len;

  for (guint i = 0; i < n; i++)
    turn_pair (self, g_ptr_array_index (self->pairs, i), polled[2 + 2 * i].revents,
               polled[3 + 2 * i].revents);
  if ((polled[1].revents & POLLIN) != 0)
    take_client (self);
  if (polled[0].revents != 0)
    hear_program (self);
  for (guint i = self->pairs->len; i > 0; i--)
    if (((Pair *) g_ptr_array_index (self->pairs, i - 1))->over)
      g_ptr_array_remove_index (self->pairs, i - 1);
  return 2 + 2 * (gsize) n;
}
