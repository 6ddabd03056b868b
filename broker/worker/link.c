/* SPDX-License-Identifier: MIT */
#include "broker/worker/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/base/outbox.h"

#define PIECE (64 * 1024)
#define RESULT_MAX (48 * 1024)    /* a larger one goes by memfd */
#define OUT_PAUSE (1024 * 1024)   /* a peer that leaves this much unread is produced nothing for */
#define OUT_MAX (8 * 1024 * 1024) /* and this much ends it */
#define FDS_MAX 4                 /* waiting for their message */
#define ATTACHED_MAX 72           /* 64 secrets, and what else a call takes */

/* JSON-RPC's codes, and one of ours: what was tried and failed. */
enum
{
  WORKER_METHOD = -32601,
  WORKER_PARAMS = -32602,
  WORKER_FAILED = 6
};

typedef struct
{
  char *as, *name;
  int fd;
} Attached;

struct _WorkerLink
{
  int fd;
  const WorkerMethod *methods;
  gsize n_methods;
  gpointer user;
  WireReader *reader;
  Outbox *out;
  GArray *fds;      /* of int: came, their message has not been read */
  GArray *attached; /* of Attached */
  gboolean over;
};

static const WireField attach_fields[] = {
  { "as", WIRE_STRING, TRUE, 1, 32, "what it is" },
  { "name", WIRE_STRING, FALSE, 1, 256, "the secret's name" },
};

static void
close_fd (gpointer fd)
{
  close (*(int *) fd);
}

static void
attached_clear (gpointer data)
{
  Attached *attached = data;

  g_free (attached->as);
  g_free (attached->name);
  if (attached->fd >= 0)
    close (attached->fd);
}

WorkerLink *
worker_link_new (int fd, const WorkerMethod *methods, gsize n_methods, gpointer user)
{
  WorkerLink *self = g_new0 (WorkerLink, 1);

  self->fd = fd;
  self->methods = methods;
  self->n_methods = n_methods;
  self->user = user;
  self->reader = wire_reader_new (WIRE_MAX_LINE);
  self->out = outbox_new ();
  self->fds = g_array_new (FALSE, FALSE, sizeof (int));
  g_array_set_clear_func (self->fds, close_fd);
  self->attached = g_array_new (FALSE, FALSE, sizeof (Attached));
  g_array_set_clear_func (self->attached, attached_clear);
  return self;
}

void
worker_link_free (WorkerLink *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->attached);
  g_array_unref (self->fds);
  outbox_free (self->out);
  wire_reader_free (self->reader);
  close (self->fd);
  g_free (self);
}

int
worker_link_fd (const WorkerLink *self)
{
  return self->fd;
}

short
worker_link_events (const WorkerLink *self)
{
  return POLLIN | (outbox_size (self->out) > 0 ? POLLOUT : 0);
}

gboolean
worker_link_is_full (const WorkerLink *self)
{
  return outbox_size (self->out) > OUT_PAUSE;
}

gboolean
worker_link_flush (WorkerLink *self)
{
  if (!self->over)
    self->over = outbox_size (self->out) > OUT_MAX || !outbox_flush (self->out, self->fd, NULL);
  return !self->over;
}

/* What was added and not ended becomes a message. */
static void
end_message (WorkerLink *self, int fd)
{
  if (!outbox_end (self->out, fd, NULL))
    self->over = TRUE;
}

/* A sealed memfd with @text, or -1. */
static int
to_memfd (const char *text, gsize len)
{
  int fd = memfd_create ("countersign", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  for (gsize done = 0; fd >= 0 && done < len;)
    {
      gssize n = write (fd, text + done, len - done);
      if (n < 0 && errno != EINTR)
        {
          close (fd);
          return -1;
        }
      done += (gsize) MAX (n, 0);
    }
  if (fd >= 0)
    fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  return fd;
}

static void
answer_text (WorkerLink *self, gint64 id, const char *result, gsize len, int fd)
{
  g_autofree char *head
      = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%" G_GINT64_FORMAT ",\"result\":", id);

  outbox_add_text (self->out, head);
  outbox_add (self->out, result, len);
  outbox_add_text (self->out, "}");
  end_message (self, fd);
}

void
worker_link_answer (WorkerLink *self, gint64 id, json_t *result)
{
  static const char elsewhere[] = "{\"result_fd\":true}";
  gsize len;
  char *text = wire_dump (result, &len);

  json_decref (result);
  g_assert (text != NULL);
  if (id == 0 || self->over)
    ; /* nobody waits for it */
  else if (len <= RESULT_MAX)
    answer_text (self, id, text, len - 1, -1);
  else
    {
      int fd = to_memfd (text, len);
      if (fd >= 0)
        answer_text (self, id, elsewhere, strlen (elsewhere), fd);
      else
        worker_link_refuse (self, id, "protocol", "there is no memory for the answer");
      if (fd >= 0)
        close (fd);
    }
  wire_text_free (text, len);
}

void
worker_link_answer_with (WorkerLink *self, gint64 id, json_t *result, int fd)
{
  gsize len;
  char *text = wire_dump (result, &len);

  json_decref (result);
  g_assert (text != NULL);
  if (len > RESULT_MAX)
    worker_link_refuse (self, id, "protocol", "the answer is too long to be told");
  else if (id != 0 && !self->over)
    answer_text (self, id, text, len - 1, fd);
  wire_text_free (text, len);
}

static void
refuse (WorkerLink *self, gint64 id, int code, const char *reason, const char *message)
{
  g_autoptr (json_t) answer
      = json_pack ("{s:s, s:I, s:{s:i, s:s, s:{s:s}}}", "jsonrpc", "2.0", "id", (json_int_t) id,
                   "error", "code", code, "message", message, "data", "reason", reason);

  if (id == 0 || self->over)
    return;
  outbox_add_json (self->out, answer);
  end_message (self, -1);
}

void
worker_link_refuse (WorkerLink *self, gint64 id, const char *reason, const char *message)
{
  refuse (self, id, WORKER_FAILED, reason, message);
}

void
worker_link_notify (WorkerLink *self, const char *method, json_t *params, int fd)
{
  g_autoptr (json_t) message
      = json_pack ("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params);

  if (self->over)
    return;
  outbox_add_json (self->out, message);
  end_message (self, fd);
}

int
worker_link_take (WorkerLink *self, const char *as, char **name)
{
  for (guint i = 0; i < self->attached->len; i++)
    {
      Attached *attached = &g_array_index (self->attached, Attached, i);
      if (strcmp (attached->as, as) != 0)
        continue;
      int fd = attached->fd;
      attached->fd = -1;
      if (name != NULL)
        *name = g_steal_pointer (&attached->name);
      g_array_remove_index (self->attached, i);
      return fd;
    }
  return -1;
}

/* FALSE: without a descriptor, or one too many. */
static gboolean
attach (WorkerLink *self, const json_t *params)
{
  if (self->fds->len == 0 || self->attached->len == ATTACHED_MAX
      || !wire_check (attach_fields, G_N_ELEMENTS (attach_fields), params, NULL))
    return FALSE;
  Attached attached = { .as = g_strdup (wire_string (params, "as")),
                        .name = g_strdup (wire_string (params, "name")),
                        .fd = g_array_index (self->fds, int, 0) };
  g_array_set_clear_func (self->fds, NULL); /* it moves */
  g_array_remove_index (self->fds, 0);
  g_array_set_clear_func (self->fds, close_fd);
  g_array_append_val (self->attached, attached);
  return TRUE;
}

static void
call_method (WorkerLink *self, const WorkerMethod *method, gint64 id, const json_t *params)
{
  g_autoptr (GError) error = NULL;

  if (wire_check (method->fields, method->n_fields, params, &error))
    method->call (self, id, params, self->user);
  else
    refuse (self, id, WORKER_PARAMS, "params", error->message);
  if (!method->leaves_attached)
    g_array_set_size (self->attached, 0);
}

/* FALSE: no call of the broker's. */
static gboolean
take_message (WorkerLink *self, const json_t *message)
{
  const char *name = wire_string (message, "method");
  gint64 id = wire_integer (message, "id", 0);
  const json_t *params = json_object_get (message, "params");

  if (name == NULL || g_strcmp0 (wire_string (message, "jsonrpc"), "2.0") != 0)
    return FALSE;
  if (strcmp (name, "attach") == 0)
    return attach (self, params);
  if (strcmp (name, "hello") == 0)
    {
      worker_link_answer (self, id, json_object ());
      return TRUE;
    }
  for (gsize i = 0; i < self->n_methods; i++)
    if (strcmp (self->methods[i].name, name) == 0)
      {
        call_method (self, &self->methods[i], id, params);
        return TRUE;
      }
  refuse (self, id, WORKER_METHOD, "method", "there is no such method");
  return TRUE;
}

static gboolean
take_lines (WorkerLink *self)
{
  char *line;
  gsize len;

  while (!self->over && (line = wire_reader_next (self->reader, &len)) != NULL)
    {
      g_autoptr (json_t) message = wire_parse (line, len, FALSE, NULL);
      if (message == NULL || !take_message (self, message))
        return FALSE;
    }
  return TRUE;
}

/* FALSE: more than can wait. */
static gboolean
keep_descriptors (WorkerLink *self, struct msghdr *msg)
{
  for (struct cmsghdr *c = CMSG_FIRSTHDR (msg); c != NULL; c = CMSG_NXTHDR (msg, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
      g_array_append_vals (self->fds, CMSG_DATA (c), (c->cmsg_len - CMSG_LEN (0)) / sizeof (int));
  return (msg->msg_flags & MSG_CTRUNC) == 0 && self->fds->len <= FDS_MAX;
}

/* FALSE when the connection is over. */
static gboolean
take_piece (WorkerLink *self)
{
  union
  {
    struct cmsghdr header;
    char room[CMSG_SPACE (FDS_MAX * sizeof (int))];
  } control;
  char piece[PIECE];
  struct iovec iov = { piece, sizeof piece };
  struct msghdr msg = { .msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = control.room,
                        .msg_controllen = sizeof control.room };

  gssize got = recvmsg (self->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0)
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  gboolean good = keep_descriptors (self, &msg) && got > 0
                  && wire_reader_push (self->reader, piece, (gsize) got, NULL);
  gboolean whole = got > 0 && piece[got - 1] == '\n';
  explicit_bzero (piece, sizeof piece);
  /* A descriptor that no message announced would be taken for the next one's. */
  return good && take_lines (self) && (!whole || self->fds->len == 0);
}

gboolean
worker_link_turn (WorkerLink *self, short revents)
{
  if ((revents & POLLIN) != 0)
    self->over = self->over || !take_piece (self);
  else if ((revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
    self->over = TRUE;
  return worker_link_flush (self);
}
