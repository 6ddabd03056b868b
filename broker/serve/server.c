/* SPDX-License-Identifier: MIT */
#include "broker/serve/server.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/base/acl.h"
#include "broker/record.h"

#define PROTOCOL_VERSION 1
#define ACCEPT_PAUSE (G_USEC_PER_SEC / 10)
#define STRANGERS_EVERY (60 * G_USEC_PER_SEC) /* so often they are recorded, the others counted */

typedef struct
{
  Server *server;
  int fd;
  char *path;
  LoopWatch watch;
  Deadline pause; /* out of descriptors: try again then */
  ServerAccept accept;
  gpointer user;
} Listener;

struct _Server
{
  Vault *vault;
  Listener agent, human, control;
  gint64 strangers_at; /* µs of boot time: when some were recorded last */
  gint64 strangers;    /* since then */
};

static gboolean
fail (GError **error, const char *what, const char *path)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s %s: %s", what, path,
               g_strerror (errno));
  return FALSE;
}

/* Bound under another name and renamed over the old one: at no moment is there none, and none that
 * does not listen. */
static gboolean
listen_at (const Vault *vault, const char *path, int *out, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *aside = g_strdup_printf ("%s.new", path);
  int on = 1;

  if (strlen (aside) >= sizeof address.sun_path)
    {
      errno = ENAMETOOLONG;
      return fail (error, "socket", path);
    }
  strcpy (address.sun_path, aside);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  unlink (aside);
  if (fd < 0 || setsockopt (fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0
      || bind (fd, (struct sockaddr *) &address, sizeof address) != 0 || chmod (aside, 0600) != 0
      || (vault->system && !acl_give (aside, vault->uid, 06, error)) || listen (fd, SOMAXCONN) != 0
      || rename (aside, path) != 0)
    {
      if (error == NULL || *error == NULL)
        fail (error, "socket", path);
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  *out = fd;
  return TRUE;
}

static void
on_pause_over (gpointer data)
{
  Listener *self = data;
  loop_rewatch (self->server->vault->loop, self->fd, EPOLLIN, &self->watch);
}

/* @peer is another user, so nobody whom the broker is for: root, where it is not that one's own. */
static void
record_stranger (Listener *self, const Process *peer)
{
  Server *server = self->server;
  gint64 now = loop_now ();
  AuditRecord *record = NULL;

  server->strangers++;
  if (server->strangers_at == 0 || now - server->strangers_at >= STRANGERS_EVERY)
    record = record_human (server->vault, "peer_refused", peer);
  if (record == NULL)
    return;
  g_autofree char *name = g_path_get_basename (self->path);
  audit_record_string (record, "socket", name);
  audit_record_integer (record, "uid", process_uid (peer));
  audit_record_integer (record, "count", server->strangers);
  record_owe (server->vault, record);
  server->strangers = 0;
  server->strangers_at = now;
}

/* FALSE: nothing more to accept now. */
static gboolean
accept_one (Listener *self)
{
  Vault *vault = self->server->vault;
  int fd = accept4 (self->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  g_autoptr (GError) error = NULL;

  if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS))
    {
      loop_rewatch (vault->loop, self->fd, 0, &self->watch);
      loop_deadline_set (vault->loop, &self->pause, loop_now () + ACCEPT_PAUSE);
      return FALSE;
    }
  if (fd < 0)
    return errno == EINTR || errno == ECONNABORTED;
  Process *peer = process_open_peer (fd, &error);
  if (peer == NULL || process_uid (peer) != vault->uid)
    {
      if (peer != NULL)
        record_stranger (self, peer);
      g_clear_pointer (&peer, process_unref);
      close (fd);
      return TRUE;
    }
  self->accept (self->user, fd, peer);
  return TRUE;
}

static void
on_connect (gpointer data, guint32 events)
{
  /* A bounded number each turn: those who are connected are served in between. */
  for (int i = 0; i < 64 && accept_one (data); i++)
    ;
}

static gboolean
listener_open (Listener *self, Server *server, const char *dir, const char *name,
               ServerAccept accept, gpointer user, GError **error)
{
  self->server = server;
  self->path = g_build_filename (dir, name, NULL);
  self->accept = accept;
  self->user = user;
  self->watch = (LoopWatch){ on_connect, self };
  self->pause = (Deadline){ .due = on_pause_over, .data = self };
  return listen_at (server->vault, self->path, &self->fd, error)
         && loop_watch (server->vault->loop, self->fd, EPOLLIN, &self->watch, error);
}

static void
listener_close (Listener *self)
{
  struct stat there;

  loop_deadline_clear (self->server->vault->loop, &self->pause);
  if (self->fd >= 0)
    {
      loop_unwatch (self->server->vault->loop, self->fd, &self->watch);
      close (self->fd);
      if (stat (self->path, &there) == 0 && S_ISSOCK (there.st_mode))
        unlink (self->path);
    }
  g_free (self->path);
}

static void
on_agent (gpointer vault, int fd, Process *peer)
{
  agent_accept (vault, fd, peer);
}

static void
on_human (gpointer vault, int fd, Process *peer)
{
  human_accept (vault, fd, peer);
}

Server *
server_new (Vault *vault, const char *dir, GError **error)
{
  g_autoptr (Server) self = g_new0 (Server, 1);

  self->vault = vault;
  self->agent = (Listener){ .server = self, .fd = -1 };
  self->human = (Listener){ .server = self, .fd = -1 };
  self->control = (Listener){ .server = self, .fd = -1 };
  if (!listener_open (&self->agent, self, dir, "agent.sock", on_agent, vault, error)
      || !listener_open (&self->human, self, dir, "human.sock", on_human, vault, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
server_add_control (Server *self, const char *dir, ServerAccept accept, gpointer user,
                    GError **error)
{
  return listener_open (&self->control, self, dir, "control.sock", accept, user, error);
}

void
server_free (Server *self)
{
  if (self == NULL)
    return;
  listener_close (&self->agent);
  listener_close (&self->human);
  listener_close (&self->control);
  g_free (self);
}

gboolean
server_hello (Vault *vault, Conn *conn, const RpcCall *call, const char *role)
{
  static const WireField fields[] = {
    { "version", WIRE_INTEGER, TRUE, 0, G_MAXINT32, NULL },
    { "role", WIRE_STRING, TRUE, 1, 16, NULL },
    { "client", WIRE_OBJECT, FALSE, 0, 0, NULL },
  };
  static const WireField client_fields[] = {
    { "name", WIRE_STRING, TRUE, 1, 256, NULL },
    { "version", WIRE_STRING, FALSE, 0, 256, NULL },
  };
  json_t *client = json_object_get (call->params, "client");
  g_autoptr (GError) error = NULL;

  if (strcmp (call->method, "hello") != 0)
    rpc_refuse (conn, call->id, RPC_REQUEST, "method: hello comes first", NULL);
  else if (!wire_check (fields, G_N_ELEMENTS (fields), call->params, &error)
           || (client != NULL
               && !wire_check (client_fields, G_N_ELEMENTS (client_fields), client, &error)))
    rpc_refuse_error (conn, call->id, error);
  else if (wire_integer (call->params, "version", 0) != PROTOCOL_VERSION)
    rpc_refuse (conn, call->id, RPC_PARAMS, "version: this broker speaks version 1",
                json_pack ("{s:s, s:i}", "field", "version", "supported", PROTOCOL_VERSION));
  else if (strcmp (wire_string (call->params, "role"), role) != 0)
    rpc_refuse (conn, call->id, RPC_PARAMS, "role: is not this socket's",
                json_pack ("{s:s}", "field", "role"));
  else
    {
      rpc_answer (conn, call->id,
                  json_pack ("{s:i, s:s, s:s, s:s, s:s}", "version", PROTOCOL_VERSION, "broker",
                             COUNTERSIGN_VERSION, "state", vault_state_name (vault->state), "mode",
                             vault->system ? "system" : "user", "instance", vault->instance),
                  -1);
      return TRUE;
    }
  return FALSE;
}
