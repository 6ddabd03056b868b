/* SPDX-License-Identifier: MIT */
#include "broker/dispatch/worker-start.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/base/paths.h"
#include "broker/serve/child.h"

#define PATIENCE (30 * G_USEC_PER_SEC) /* for the service manager to start it */

G_DEFINE_QUARK (countersign_worker_start_error, worker_start_error)

static const struct
{
  const char *name; /* of the program, and of its units */
  const char *socket;
} kinds[WORKER_KINDS] = {
  [WORKER_HTTP] = { "countersign-worker-http", "http.sock" },
  [WORKER_EXEC] = { "countersign-worker-exec", "exec.sock" },
};

/* ---- as a child ---- */

gboolean
worker_spawn (WorkerKind kind, int *fd, Process **process, GError **error)
{
  /* Nothing of our own: the person's, and whoever started them, may be in it. */
  static const char *const environment[] = { "PATH=/usr/bin:/bin", "LANG=C.UTF-8", NULL };
  g_autofree char *program = paths_program (kinds[kind].name, error);
  const char *arguments[] = { program, "--fd", G_STRINGIFY (CHILD_FD), NULL };
  int ends[2];

  if (program == NULL || !child_ends (ends, error))
    return FALSE;
  pid_t pid = child_spawn (arguments, (char **) environment, ends[1], error);
  close (ends[1]);
  *process = pid > 0 ? process_open (pid, -1, error) : NULL;
  *fd = ends[0];
  if (*process != NULL)
    return TRUE;
  close (ends[0]);
  if (pid > 0)
    {
      kill (pid, SIGKILL);
      waitpid (pid, NULL, 0);
    }
  return FALSE;
}

/* ---- over the service manager's socket ---- */

WorkerSockets *
worker_sockets_new (const char *person, uid_t uid)
{
  const struct passwd *http = getpwnam (PATHS_SYSTEM_HTTP_USER);
  WorkerSockets *self = g_new0 (WorkerSockets, 1);

  self->person = g_strdup (person);
  self->dir = g_build_filename (PATHS_SYSTEM_WORKERS, person, NULL);
  self->uids[WORKER_HTTP] = http != NULL ? http->pw_uid : (uid_t) -1;
  self->uids[WORKER_EXEC] = uid;
  return self;
}

void
worker_sockets_free (WorkerSockets *self)
{
  if (self == NULL)
    return;
  g_free (self->person);
  g_free (self->dir);
  g_free (self);
}

typedef struct
{
  json_t *message;
  int fd;
} Kept;

struct _WorkerKnock
{
  Loop *loop;
  GPtrArray *kept; /* of Kept */
  int fd;
  LoopWatch watch;
  Deadline late;
  char *unit; /* of the socket */
  uid_t uid;
  WorkerMet met;
  gpointer user;
};

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  if (kept->fd >= 0)
    close (kept->fd);
  json_decref (kept->message);
  g_free (kept);
}

static gboolean
refuse_place (const char *path, const char *why, GError **error)
{
  g_set_error (error, WORKER_START_ERROR, WORKER_START_ERROR_PLACE, "%s is not trusted: %s", path,
               why);
  return FALSE;
}

/* Not of the broker's own uid, which other people's brokers have too: only root's. */
static gboolean
check_place (const WorkerKnock *self, const char *path, GError **error)
{
  g_autofree char *dir = g_path_get_dirname (path);
  struct stat st;

  if (lstat (path, &st) != 0)
    {
      g_set_error (error, WORKER_START_ERROR, WORKER_START_ERROR_PLACE,
                   "%s cannot be reached (%s): as root: systemctl start %s", path,
                   g_strerror (errno), self->unit);
      return FALSE;
    }
  if (!S_ISSOCK (st.st_mode) || st.st_uid != geteuid () || (st.st_mode & 077) != 0)
    return refuse_place (path, "it must be a socket that only " PATHS_SYSTEM_USER " can open",
                         error);
  if (lstat (dir, &st) != 0 || !S_ISDIR (st.st_mode) || st.st_uid != 0 || (st.st_mode & 022) != 0)
    return refuse_place (dir, "it must belong to root, and be writable to root alone", error);
  return TRUE;
}

/* The worker's first word is asked for, so that it can be seen who says it. */
static gboolean
knock_at (WorkerKnock *self, const char *path, GError **error)
{
  static const char hello[] = "{\"jsonrpc\":\"2.0\",\"id\":" G_STRINGIFY (
      WORKER_HELLO_ID) ",\"method\":\"hello\",\"params\":{}}\n";
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const int on = 1;

  if (strlen (path) >= sizeof address.sun_path)
    return refuse_place (path, "its name is longer than a socket's may be", error);
  strcpy (address.sun_path, path);
  self->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (self->fd >= 0 && setsockopt (self->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0
      && connect (self->fd, (struct sockaddr *) &address, sizeof address) == 0
      && send (self->fd, hello, strlen (hello), MSG_NOSIGNAL) == (gssize) strlen (hello))
    return TRUE;
  g_set_error (error, WORKER_START_ERROR, WORKER_START_ERROR_PLACE,
               "%s does not answer (%s): as root: systemctl restart %s", path, g_strerror (errno),
               self->unit);
  return FALSE;
}

static void
meet (WorkerKnock *self, Process *peer, const GError *error)
{
  int fd = self->fd;

  loop_unwatch (self->loop, fd, &self->watch);
  loop_deadline_clear (self->loop, &self->late);
  self->fd = -1;
  if (peer == NULL)
    close (fd);
  self->met (self->user, peer != NULL ? fd : -1, peer, error);
}

static void
on_late (gpointer data)
{
  WorkerKnock *self = data;
  g_autoptr (GError) error = g_error_new (WORKER_START_ERROR, WORKER_START_ERROR_PEER,
                                          "the worker behind %s does not answer", self->unit);

  meet (self, NULL, error);
}

/* What the kernel says of who sent what waits there, which stays there. -1: nobody. */
static pid_t
peek_sender (int fd, uid_t *uid)
{
  union
  {
    struct cmsghdr header;
    char room[CMSG_SPACE (sizeof (struct ucred))];
  } control;
  char first;
  struct iovec iov = { &first, 1 };
  struct msghdr msg = { .msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = control.room,
                        .msg_controllen = sizeof control.room };
  struct ucred sender = { .pid = -1 };

  if (recvmsg (fd, &msg, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0)
    return -1;
  for (struct cmsghdr *c = CMSG_FIRSTHDR (&msg); c != NULL; c = CMSG_NXTHDR (&msg, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS)
      memcpy (&sender, CMSG_DATA (c), sizeof sender);
  *uid = sender.uid;
  return sender.pid;
}

static void
on_answer (gpointer data, guint32 events)
{
  WorkerKnock *self = data;
  g_autoptr (GError) error = NULL;
  uid_t uid = (uid_t) -1;
  pid_t pid = peek_sender (self->fd, &uid);
  Process *peer = NULL;

  if (pid <= 0)
    g_set_error (&error, WORKER_START_ERROR, WORKER_START_ERROR_PEER,
                 "the worker behind %s ended as it started; its unit's log says why", self->unit);
  else if (uid != self->uid)
    g_set_error (&error, WORKER_START_ERROR, WORKER_START_ERROR_PEER,
                 "the worker behind %s runs as user %u, not %u; nothing was given to it",
                 self->unit, uid, self->uid);
  else
    peer = process_open (pid, -1, &error);
  meet (self, peer, error);
}

WorkerKnock *
worker_knock (Loop *loop, const WorkerSockets *sockets, WorkerKind kind, WorkerMet met,
              gpointer user, GError **error)
{
  g_autofree char *path = g_build_filename (sockets->dir, kinds[kind].socket, NULL);
  WorkerKnock *self = g_new0 (WorkerKnock, 1);

  *self
      = (WorkerKnock){ .kept = g_ptr_array_new_with_free_func (kept_free),
                       .loop = loop,
                       .fd = -1,
                       .watch = { on_answer, self },
                       .late = { .due = on_late, .data = self },
                       .unit = g_strdup_printf ("%s@%s.socket", kinds[kind].name, sockets->person),
                       .uid = sockets->uids[kind],
                       .met = met,
                       .user = user };
  if (self->uid == (uid_t) -1)
    g_set_error (error, WORKER_START_ERROR, WORKER_START_ERROR_PEER,
                 "there is no user " PATHS_SYSTEM_HTTP_USER ": as root: systemd-sysusers, then "
                 "systemctl restart countersign@%s",
                 sockets->person);
  else if (check_place (self, path, error) && knock_at (self, path, error)
           && loop_watch (loop, self->fd, EPOLLIN | EPOLLRDHUP, &self->watch, error))
    {
      loop_deadline_set (loop, &self->late, loop_now () + PATIENCE);
      return self;
    }
  if (self->fd >= 0)
    close (g_steal_fd (&self->fd));
  worker_knock_free (self);
  return NULL;
}

void
worker_knock_free (WorkerKnock *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    {
      loop_unwatch (self->loop, self->fd, &self->watch);
      loop_deadline_clear (self->loop, &self->late);
      close (self->fd);
    }
  g_ptr_array_unref (self->kept);
  g_free (self->unit);
  g_free (self);
}

void
worker_knock_keep (WorkerKnock *self, const json_t *message, int fd)
{
  Kept *kept = g_new (Kept, 1);

  *kept = (Kept){ json_incref ((json_t *) message), fd };
  g_ptr_array_add (self->kept, kept);
}

void
worker_knock_tell (WorkerKnock *self, Conn *conn)
{
  for (guint i = 0; i < self->kept->len; i++)
    {
      Kept *kept = self->kept->pdata[i];
      conn_send (conn, kept->message, g_steal_fd (&kept->fd));
    }
  g_ptr_array_set_size (self->kept, 0);
}
