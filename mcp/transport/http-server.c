/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-server.h"

#include "mcp/transport/http-connection.h"

#include <glib/gstdio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#define CONNECTIONS_MOST 2048
#define FILES_WANTED 4096
#define BACKLOG 1024
#define EVENTS_AT_ONCE 64
#define READING_MOST (64 * 1024 * 1024) /* bytes of large bodies on their way in */
#define WRITING_MOST (64 * 1024 * 1024) /* bytes that wait for clients to take them */
#define UNACKNOWLEDGED_MS (60 * 1000)
#define SWEEP_MS 1000
#define SWEEP_MS_ENDING 50
#define ENDING_WAIT 10 /* seconds */

/* One descriptor for all connections: to look at a thousand takes GLib longer than to answer. */
typedef struct
{
  GSource source; /* first */
  HttpServer *server;
  gpointer tag; /* of poll */
} ServerSource;

struct _HttpServer
{
  HttpConnections all;
  HttpTake take;
  gpointer user;
  GSocketService *service;
  SoupServer *soup;
  GTlsCertificate *certificate; /* or NULL */
  GSocketAddress *bound;
  GHashTable *connections; /* of HttpConnection */
  guint most;
  GHashTable *ready; /* those of them that want to be worked on */
  int poll;
  ServerSource *source;
  GMainLoop *loop;
  guint sweep;
  gint64 end_by; /* monotonic, µs; 0: it goes on */
};

/* --- Connections --- */

static gboolean
is_over (const HttpServer *server, const HttpConnection *connection, gint64 now)
{
  return http_connection_is_late (connection, now)
         || (server->end_by != 0
             && (http_connection_phase (connection) != HTTP_CONNECTION_ANSWERING
                 || http_connection_is_silent (connection) || now >= server->end_by));
}

static gboolean
on_sweep (gpointer user)
{
  HttpServer *server = user;
  gint64 now = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, server->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    if (is_over (server, connection, now))
      http_connection_end (connection);
  guint left = g_hash_table_size (server->connections);
  if (server->end_by != 0 && (left == 0 || now >= server->end_by))
    g_main_loop_quit (server->loop);
  if (left > 0 || server->end_by != 0)
    return G_SOURCE_CONTINUE;
  server->sweep = 0;
  return G_SOURCE_REMOVE;
}

/* FALSE: all are being answered. */
static gboolean
make_room (HttpServer *server)
{
  HttpConnection *longest = NULL;
  GHashTableIter iter;
  gpointer connection;

  if (g_hash_table_size (server->connections) < server->most)
    return TRUE;
  g_hash_table_iter_init (&iter, server->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    if (http_connection_phase (connection) != HTTP_CONNECTION_ANSWERING
        && (longest == NULL
            || http_connection_since (connection) < http_connection_since (longest)))
      longest = connection;
  if (longest == NULL)
    return FALSE;
  http_connection_end (longest);
  return TRUE;
}

static GIOStream *
stream_of (HttpServer *server, GSocketConnection *connection, GError **error)
{
  if (server->certificate == NULL)
    return g_object_ref (G_IO_STREAM (connection));
  return G_IO_STREAM (
      g_tls_server_connection_new (G_IO_STREAM (connection), server->certificate, error));
}

static void
set_options (GSocket *socket)
{
  /* libsoup writes an answer in two pieces: the second would wait until the first was acknowledged.
   */
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  /* A machine that is gone says no goodbye; what it does not acknowledge ends the connection. */
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS, NULL);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *socket, GObject *source, gpointer user)
{
  HttpServer *server = user;
  g_autoptr (GIOStream) stream = NULL;

  if (!make_room (server) || (stream = stream_of (server, socket, NULL)) == NULL)
    return TRUE;
  set_options (g_socket_connection_get_socket (socket));
  HttpConnection *connection = http_connection_new (&server->all, socket, stream);
  struct epoll_event wanted = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = connection };
  g_hash_table_add (server->connections, connection);
  if (epoll_ctl (server->poll, EPOLL_CTL_ADD, http_connection_fd (connection), &wanted) != 0)
    http_connection_end (connection);
  g_hash_table_add (server->ready, connection);
  if (server->sweep == 0)
    server->sweep = g_timeout_add (SWEEP_MS, on_sweep, server);
  return TRUE;
}

/* --- The loop --- */

static void
on_ready (gpointer user, HttpConnection *connection)
{
  HttpServer *server = user;

  g_hash_table_add (server->ready, connection);
}

/* Only here is a connection freed: nothing of libsoup's or of whoever answers is under way. */
static void
work_on (HttpServer *server, HttpConnection *connection)
{
  if (http_connection_work (connection))
    return;
  g_hash_table_remove (server->ready, connection);
  g_hash_table_remove (server->connections, connection);
}

static void
look (HttpServer *server)
{
  struct epoll_event events[EVENTS_AT_ONCE];
  int n = epoll_wait (server->poll, events, EVENTS_AT_ONCE, 0);

  for (int i = 0; i < n; i++)
    {
      if (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        http_connection_set_hung_up (events[i].data.ptr);
      g_hash_table_add (server->ready, events[i].data.ptr);
    }
}

static gboolean
prepare (GSource *source, int *timeout)
{
  *timeout = -1;
  return g_hash_table_size (((ServerSource *) source)->server->ready) > 0;
}

static gboolean
check (GSource *source)
{
  ServerSource *self = (ServerSource *) source;

  return prepare (source, &(int){ 0 }) || g_source_query_unix_fd (source, self->tag) != 0;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user)
{
  HttpServer *server = ((ServerSource *) source)->server;
  guint n;

  look (server);
  g_autofree gpointer *now = g_hash_table_get_keys_as_array (server->ready, &n);
  g_hash_table_remove_all (server->ready);
  for (guint i = 0; i < n; i++)
    work_on (server, now[i]);
  return G_SOURCE_CONTINUE;
}

static void
begin_loop (HttpServer *server)
{
  static GSourceFuncs functions = { .prepare = prepare, .check = check, .dispatch = dispatch };

  server->source = (ServerSource *) g_source_new (&functions, sizeof (ServerSource));
  server->source->server = server;
  server->source->tag = g_source_add_unix_fd (&server->source->source, server->poll, G_IO_IN);
  g_source_attach (&server->source->source, NULL);
}

/* --- Requests --- */

static void
on_request_read (gpointer user, HttpConnection *connection)
{
  HttpServer *server = user;

  http_connection_begin (connection, server->soup, server->bound);
}

static void
on_answered (SoupServer *soup, SoupServerMessage *message, gpointer user)
{
  HttpConnection *connection = http_connection_of (message);

  if (connection != NULL)
    http_connection_set_answered (connection);
}

static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer user)
{
  HttpServer *server = user;
  HttpConnection *connection = http_connection_of (message);
  HttpRequest *request = connection != NULL ? http_connection_take (connection) : NULL;

  if (request != NULL)
    server->take (server->user, message, request);
  else
    soup_server_message_set_status (message, SOUP_STATUS_INTERNAL_SERVER_ERROR, NULL);
}

/* --- The server --- */

static gboolean
listen_on (HttpServer *server, GSocketAddress *address, GError **error)
{
  GSocketListener *listener = G_SOCKET_LISTENER (server->service);

  g_socket_listener_set_backlog (listener, BACKLOG);
  if (!g_socket_listener_add_address (listener, address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_TCP, NULL, &server->bound, error))
    {
      g_prefix_error (error, "--http: ");
      return FALSE;
    }
  return TRUE;
}

static gboolean
load_certificate (HttpServer *server, const HttpListen *listen, GError **error)
{
  if (listen->certificate == NULL)
    return TRUE;
  server->certificate = g_tls_certificate_new_from_files (listen->certificate, listen->key, error);
  g_prefix_error (error, "--tls-certificate, --tls-key: ");
  return server->certificate != NULL;
}

/* More connections than there may be files would be accepted over and over. */
static guint
connections_most (void)
{
  struct rlimit files = { 0 };

  getrlimit (RLIMIT_NOFILE, &files);
  if (files.rlim_cur < FILES_WANTED)
    {
      files.rlim_cur = MIN (FILES_WANTED, files.rlim_max);
      setrlimit (RLIMIT_NOFILE, &files);
    }
  return CLAMP (files.rlim_cur / 2, 1, CONNECTIONS_MOST);
}

HttpServer *
http_server_new (const HttpListen *listen, HttpTake take, gpointer user, GError **error)
{
  g_autoptr (HttpServer) server = g_new0 (HttpServer, 1);

  server->all = (HttpConnections){ .reading = { .user = user, .budget = { 0, READING_MOST } },
                                   .backlog = { 0, WRITING_MOST },
                                   .request = on_request_read,
                                   .ready = on_ready,
                                   .user = server };
  server->take = take;
  server->user = user;
  server->most = connections_most ();
  server->connections
      = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) http_connection_free, NULL);
  server->ready = g_hash_table_new (NULL, NULL);
  server->poll = epoll_create1 (EPOLL_CLOEXEC);
  begin_loop (server);
  server->loop = g_main_loop_new (NULL, FALSE);
  server->service = g_socket_service_new ();
  server->soup = soup_server_new (NULL, NULL);
  soup_server_add_handler (server->soup, NULL, on_request, server, NULL);
  g_signal_connect (server->soup, "request-finished", G_CALLBACK (on_answered), server);
  g_signal_connect (server->service, "incoming", G_CALLBACK (on_incoming), server);
  if (!load_certificate (server, listen, error) || !listen_on (server, listen->address, error))
    return NULL;
  return g_steal_pointer (&server);
}

void
http_server_free (HttpServer *server)
{
  if (server == NULL)
    return;
  if (server->sweep != 0)
    g_source_remove (server->sweep);
  g_socket_service_stop (server->service);
  g_socket_listener_close (G_SOCKET_LISTENER (server->service));
  g_object_unref (server->service);
  g_hash_table_unref (server->connections);
  g_hash_table_unref (server->ready);
  g_source_destroy (&server->source->source);
  g_source_unref (&server->source->source);
  g_close (server->poll, NULL);
  soup_server_disconnect (server->soup);
  g_object_unref (server->soup);
  g_clear_object (&server->certificate);
  g_clear_object (&server->bound);
  g_main_loop_unref (server->loop);
  g_free (server);
}

void
http_server_set_body_most (HttpServer *server,
                           gsize (*body_most) (gpointer user, const HttpHead *head))
{
  server->all.reading.body_most = body_most;
}

char *
http_server_url (const HttpServer *server)
{
  g_autofree char *address = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (server->bound));

  return g_strconcat (server->certificate != NULL ? "https://" : "http://", address, NULL);
}

void
http_server_run (HttpServer *server)
{
  g_socket_service_start (server->service);
  g_main_loop_run (server->loop);
}

void
http_server_stop (HttpServer *server)
{
  if (server->end_by != 0)
    return;
  g_socket_service_stop (server->service);
  g_socket_listener_close (G_SOCKET_LISTENER (server->service));
  server->end_by = g_get_monotonic_time () + ENDING_WAIT * G_USEC_PER_SEC;
  if (server->sweep != 0)
    g_source_remove (server->sweep);
  server->sweep = g_timeout_add (SWEEP_MS_ENDING, on_sweep, server);
}
