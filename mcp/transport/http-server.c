/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-server.h"

#include "mcp/transport/http-intake.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#define CONNECTIONS_MOST 256
#define BACKLOG 128
#define SWEEP_MS 1000
#define SWEEP_MS_ENDING 50
#define IDLE_WAIT 30 /* seconds, in each phase of a connection */
#define READING_WAIT 10
#define ANSWERING_WAIT 30
#define LEAVING_WAIT 2
#define ENDING_WAIT 10

struct _HttpServer
{
  HttpTake take;
  gpointer user;
  GSocketService *service;
  SoupServer *soup;
  GTlsCertificate *certificate; /* or NULL */
  GSocketAddress *bound;
  GPtrArray *intakes;    /* of HttpIntake, borrowed: oldest first */
  GHashTable *by_remote; /* GSocketAddress, each connection's own → HttpIntake */
  GMainLoop *loop;
  guint sweep;
  gint64 end_by; /* monotonic, µs; 0: it goes on */
};

/* --- Connections --- */

static gint64
patience (HttpIntakePhase phase)
{
  switch (phase)
    {
    case HTTP_INTAKE_IDLE:
      return IDLE_WAIT * G_USEC_PER_SEC;
    case HTTP_INTAKE_READING:
      return READING_WAIT * G_USEC_PER_SEC;
    case HTTP_INTAKE_ANSWERING:
      return ANSWERING_WAIT * G_USEC_PER_SEC;
    case HTTP_INTAKE_LEAVING:
    case HTTP_INTAKE_CLOSED:
    default:
      return LEAVING_WAIT * G_USEC_PER_SEC;
    }
}

static gboolean
is_over (const HttpServer *server, const HttpIntake *intake, gint64 now)
{
  HttpIntakePhase phase = http_intake_phase (intake);

  return now - http_intake_since (intake) >= patience (phase)
         || (server->end_by != 0 && (phase != HTTP_INTAKE_ANSWERING || now >= server->end_by));
}

static gboolean
on_sweep (gpointer user)
{
  HttpServer *server = user;
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < server->intakes->len; i++)
    if (is_over (server, server->intakes->pdata[i], now))
      http_intake_end (server->intakes->pdata[i]);
  if (server->end_by != 0 && (server->intakes->len == 0 || now >= server->end_by))
    g_main_loop_quit (server->loop);
  if (server->intakes->len > 0 || server->end_by != 0)
    return G_SOURCE_CONTINUE;
  server->sweep = 0;
  return G_SOURCE_REMOVE;
}

typedef struct
{
  HttpServer *server;
  HttpIntake *intake;
  GSocketAddress *remote;
} Accepting;

static gboolean
accept_now (gpointer data)
{
  g_autofree Accepting *accepting = data;
  HttpServer *server = accepting->server;

  soup_server_accept_iostream (server->soup, G_IO_STREAM (accepting->intake), server->bound,
                               accepting->remote, NULL);
  g_object_unref (accepting->intake);
  g_object_unref (accepting->remote);
  return G_SOURCE_REMOVE;
}

/* Takes @intake. Not at once: libsoup may be in the middle of letting go of the one before. */
static void
accept_soon (HttpServer *server, HttpIntake *intake, GSocketAddress *remote)
{
  Accepting *accepting = g_new (Accepting, 1);

  *accepting = (Accepting){ server, intake, g_object_ref (remote) };
  g_ptr_array_add (server->intakes, intake);
  g_hash_table_insert (server->by_remote, g_object_ref (remote), intake);
  g_idle_add_full (G_PRIORITY_DEFAULT, accept_now, accepting, NULL);
}

static GSocketAddress *
find_remote (HttpServer *server, const HttpIntake *intake)
{
  GHashTableIter iter;
  gpointer remote, value;

  g_hash_table_iter_init (&iter, server->by_remote);
  while (g_hash_table_iter_next (&iter, &remote, &value))
    if (value == intake)
      return g_object_ref (remote);
  return NULL;
}

static void
on_closed (gpointer user, HttpIntake *intake)
{
  HttpServer *server = user;
  g_autoptr (GSocketAddress) remote = find_remote (server, intake);
  HttpIntake *next = http_intake_next (intake, on_closed, server);

  g_ptr_array_remove (server->intakes, intake);
  g_hash_table_remove (server->by_remote, remote);
  if (next != NULL)
    accept_soon (server, next, remote);
}

/* FALSE: all are being answered. */
static gboolean
make_room (HttpServer *server)
{
  HttpIntake *longest = NULL;

  if (server->intakes->len < CONNECTIONS_MOST)
    return TRUE;
  for (guint i = 0; i < server->intakes->len; i++)
    {
      HttpIntake *intake = server->intakes->pdata[i];
      if (http_intake_phase (intake) != HTTP_INTAKE_ANSWERING
          && (longest == NULL || http_intake_since (intake) < http_intake_since (longest)))
        longest = intake;
    }
  if (longest == NULL)
    return FALSE;
  http_intake_end (longest); /* it is counted until libsoup has seen it */
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

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer user)
{
  HttpServer *server = user;
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);
  g_autoptr (GIOStream) stream = NULL;

  if (remote == NULL || !make_room (server)
      || (stream = stream_of (server, connection, NULL)) == NULL)
    return TRUE;
  /* An answer is written in two pieces: the second would wait until the first was acknowledged. */
  g_socket_set_option (g_socket_connection_get_socket (connection), IPPROTO_TCP, TCP_NODELAY, 1,
                       NULL);
  accept_soon (server, http_intake_new (connection, stream, on_closed, server), remote);
  if (server->sweep == 0)
    server->sweep = g_timeout_add (SWEEP_MS, on_sweep, server);
  return TRUE;
}

static void
on_answered (SoupServer *soup, SoupServerMessage *message, gpointer user)
{
  HttpServer *server = user;
  GSocketAddress *remote = soup_server_message_get_remote_address (message);
  HttpIntake *intake = g_hash_table_lookup (server->by_remote, remote);

  if (intake != NULL)
    http_intake_set_answered (intake);
}

/* libsoup tells which connection it is by the address that it was given with it. */
static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer user)
{
  HttpServer *server = user;
  GSocketAddress *remote = soup_server_message_get_remote_address (message);
  HttpIntake *intake = g_hash_table_lookup (server->by_remote, remote);
  HttpRequest *request = intake != NULL ? http_intake_take (intake) : NULL;

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

HttpServer *
http_server_new (const HttpListen *listen, HttpTake take, gpointer user, GError **error)
{
  g_autoptr (HttpServer) server = g_new0 (HttpServer, 1);

  server->take = take;
  server->user = user;
  server->intakes = g_ptr_array_new ();
  server->by_remote = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
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
  soup_server_disconnect (server->soup);
  g_object_unref (server->soup);
  g_hash_table_unref (server->by_remote);
  g_ptr_array_unref (server->intakes);
  g_clear_object (&server->certificate);
  g_clear_object (&server->bound);
  g_main_loop_unref (server->loop);
  g_free (server);
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
