/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-callback-client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE (10 * G_USEC_PER_SEC) /* for a request to come, and again for a page to go */
#define LINGER (2 * G_USEC_PER_SEC)    /* for the other side to close, once it has the page */
#define ROOM (HTTP_CALLBACK_REQUEST_MAX + 1)

struct _HttpCallbackClient
{
  int fd;
  char in[ROOM];
  gsize len;
  char *out; /* NULL: the request has not come */
  gsize out_len, done;
  gboolean closed; /* our side: the page has gone */
  gint64 deadline;
};

HttpCallbackClient *
http_callback_client_new (int fd)
{
  HttpCallbackClient *self = g_new0 (HttpCallbackClient, 1);

  self->fd = fd;
  self->deadline = g_get_monotonic_time () + PATIENCE;
  return self;
}

void
http_callback_client_free (HttpCallbackClient *self)
{
  if (self == NULL)
    return;
  close (self->fd);
  explicit_bzero (self->in, sizeof self->in);
  g_free (self->out);
  g_free (self);
}

struct pollfd
http_callback_client_watch (const HttpCallbackClient *self)
{
  gboolean writes = self->out != NULL && !self->closed;

  return (struct pollfd){ self->fd, writes ? POLLOUT : POLLIN, 0 };
}

static HttpCallbackClientState
read_more (HttpCallbackClient *self)
{
  gssize n = recv (self->fd, self->in + self->len, ROOM - self->len, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return HTTP_CALLBACK_CLIENT_GOES_ON;
  if (n <= 0)
    return HTTP_CALLBACK_CLIENT_OVER;
  self->len += (gsize) n;
  return http_callback_request_is_whole (self->in, self->len) ? HTTP_CALLBACK_CLIENT_ASKS
                                                              : HTTP_CALLBACK_CLIENT_GOES_ON;
}

static HttpCallbackClientState
write_more (HttpCallbackClient *self, gint64 now)
{
  gssize n = send (self->fd, self->out + self->done, self->out_len - self->done,
                   MSG_DONTWAIT | MSG_NOSIGNAL);

  if (n < 0)
    return errno == EAGAIN || errno == EINTR ? HTTP_CALLBACK_CLIENT_GOES_ON
                                             : HTTP_CALLBACK_CLIENT_OVER;
  self->done += (gsize) n;
  if (self->done == self->out_len)
    {
      /* Closed with bytes unread, the other side would be told to forget the page. */
      shutdown (self->fd, SHUT_WR);
      self->closed = TRUE;
      self->deadline = now + LINGER;
    }
  return HTTP_CALLBACK_CLIENT_GOES_ON;
}

/* What still comes is nobody's. */
static HttpCallbackClientState
drain (HttpCallbackClient *self)
{
  gssize n = recv (self->fd, self->in, ROOM, MSG_DONTWAIT);

  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)) ? HTTP_CALLBACK_CLIENT_GOES_ON
                                                                 : HTTP_CALLBACK_CLIENT_OVER;
}

HttpCallbackClientState
http_callback_client_turn (HttpCallbackClient *self, short revents, gint64 now)
{
  if (now >= self->deadline)
    return HTTP_CALLBACK_CLIENT_OVER;
  if (revents == 0)
    return HTTP_CALLBACK_CLIENT_GOES_ON;
  if (self->out == NULL)
    return read_more (self);
  return self->closed ? drain (self) : write_more (self, now);
}

const char *
http_callback_client_request (const HttpCallbackClient *self, gsize *len)
{
  *len = self->len;
  return self->in;
}

void
http_callback_client_answer (HttpCallbackClient *self, char *page, gint64 now)
{
  explicit_bzero (self->in, sizeof self->in);
  self->out = page;
  self->out_len = strlen (page);
  self->deadline = now + PATIENCE;
}

gint64
http_callback_client_deadline (const HttpCallbackClient *self)
{
  return self->deadline;
}

gboolean
http_callback_client_is_answered (const HttpCallbackClient *self)
{
  return self->closed;
}
