/* SPDX-License-Identifier: MIT */
#include "mcp/mcp-broker.h"

#include "broker/base/arguments.h"
#include "mcp/mcp-link.h"
#include "mcp/mcp-memory.h"
#include "mcp/mcp-result.h"
#include "mcp/mcp-tools.h"
#include "mcp/mcp-value.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#define PROGRESS_EVERY (15 * G_USEC_PER_SEC)
/* How often one call is asked anew: what makes the broker go away each time is not asked for ever.
 */
#define ASKED_MOST 5
/* Asked, and neither answered nor held: with more, the client has to wait, not our memory to grow.
 */
#define OPEN_MOST 256
#define BACKLOG_MOST (4 * 1024 * 1024) /* bytes that the broker has not taken */

struct _McpBroker
{
  McpLink *link;
  const McpServer *server;
  GHashTable *asked; /* id on agent.sock → Waiting */
  GQueue waiting;    /* of Waiting, in the order they came */
  GQueue progress;   /* of Waiting that are told of, soonest first */
  guint n_held;      /* of asked */
  McpMemory *memory;
  gint64 hold_seconds;
  gboolean verbose;
};

/* A call that the broker has not answered. */
typedef struct
{
  McpCall *call;
  const char *method;
  json_t *params;    /* or NULL; as the agent gave them */
  gint64 hold_until; /* monotonic, µs */
  gint64 id;         /* 0: not asked of the broker that is connected */
  guint asked;       /* how often */
  char *notice;      /* what the person has to do; NULL: not held */
  gint64 progress_due;
  GList link, progress_link;
} Waiting;

G_GNUC_PRINTF (2, 3)
static void
tell (const McpBroker *broker, const char *format, ...)
{
  va_list args;

  if (!broker->verbose)
    return;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  fprintf (stderr, "countersign-mcp: %s\n", text);
}

/* approval_wait names its own time; it holds as well when another call is asked in its stead. */
static gint64
hold_of (const McpBroker *broker, const json_t *params)
{
  return MIN (broker->hold_seconds, wire_integer (params, "timeout_seconds", broker->hold_seconds));
}

static Waiting *
waiting_new (McpBroker *broker, McpCall *call, const char *method, json_t *params)
{
  Waiting *waiting = g_new0 (Waiting, 1);

  waiting->call = call;
  waiting->method = method;
  waiting->params = json_incref (params);
  waiting->hold_until = g_get_monotonic_time () + hold_of (broker, params) * G_USEC_PER_SEC;
  waiting->link.data = waiting->progress_link.data = waiting;
  g_queue_push_tail_link (&broker->waiting, &waiting->link);
  return waiting;
}

static void
no_longer_held (McpBroker *broker, Waiting *waiting)
{
  if (waiting->notice == NULL)
    return;
  if (waiting->progress_due != 0)
    g_queue_unlink (&broker->progress, &waiting->progress_link);
  waiting->progress_due = 0;
  g_clear_pointer (&waiting->notice, g_free);
  broker->n_held--;
}

/* The call itself is ended by its answer, or by the server that cancels it. */
static void
waiting_end (McpBroker *broker, Waiting *waiting)
{
  no_longer_held (broker, waiting);
  if (waiting->id != 0)
    g_hash_table_remove (broker->asked, &waiting->id);
  g_queue_unlink (&broker->waiting, &waiting->link);
  json_decref (waiting->params);
  g_free (waiting);
}

static void
fail_waiting (McpBroker *broker, Waiting *waiting, const char *code, const char *message)
{
  mcp_result_send_failure (waiting->call, code, message);
  waiting_end (broker, waiting);
}

/* --- Asking --- */

/* Seconds, rounded up: a call that has a moment left is still held. */
static gint64
hold_left (const Waiting *waiting)
{
  gint64 left = waiting->hold_until - g_get_monotonic_time ();
  return left > 0 ? (left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC : 0;
}

/* What agent.sock takes: the arguments, how long to hold, and a large value beside them. */
static json_t *
make_params (const Waiting *waiting, int *fd, GError **error)
{
  g_autoptr (json_t) params
      = waiting->params != NULL ? json_copy (waiting->params) : json_object ();
  const json_t *value = json_object_get (params, "value");

  *fd = -1;
  json_object_set_new (params, "hold_seconds", json_integer (hold_left (waiting)));
  if (json_string_length (value) > MCP_VALUE_INLINE)
    {
      if ((*fd = mcp_value_send (value, error)) < 0)
        return NULL;
      json_object_del (params, "value");
      json_object_set_new (params, "value_fd", json_true ());
    }
  return g_steal_pointer (&params);
}

static void
ask (McpBroker *broker, Waiting *waiting)
{
  Client *client = mcp_link_client (broker->link);
  g_autoptr (GError) error = NULL;
  int fd;

  if (waiting->asked++ >= ASKED_MOST)
    {
      fail_waiting (broker, waiting, "closed", "The broker went away each time it was asked this.");
      return;
    }
  g_autoptr (json_t) params = make_params (waiting, &fd, &error);
  if (params != NULL)
    waiting->id = client_send (client, waiting->method, params, fd, &error);
  if (fd >= 0)
    close (fd);
  if (waiting->id != 0)
    g_hash_table_insert (broker->asked, &waiting->id, waiting);
  else
    fail_waiting (broker, waiting, "failed", error->message);
}

static void
on_up (gpointer user, const json_t *hello)
{
  McpBroker *broker = user;
  const char *state = wire_string (hello, "state");

  tell (broker, "connected to a broker that is %s", state != NULL ? state : "there");
  for (GList *item = broker->waiting.head, *next; item != NULL; item = next)
    {
      next = item->next;
      ask (broker, item->data);
    }
}

static gboolean
on_lost (gpointer user)
{
  McpBroker *broker = user;

  tell (broker, "the broker went away; %u calls wait", broker->waiting.length);
  g_hash_table_remove_all (broker->asked);
  for (GList *item = broker->waiting.head; item != NULL; item = item->next)
    {
      Waiting *waiting = item->data;
      waiting->id = 0;
      no_longer_held (broker, waiting);
    }
  return broker->waiting.length > 0;
}

static void
on_failed (gpointer user, const GError *why)
{
  McpBroker *broker = user;

  tell (broker, "no broker: %s", why->message);
  while (broker->waiting.head != NULL)
    fail_waiting (broker, broker->waiting.head->data,
                  g_error_matches (why, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR) ? "impostor"
                                                                             : "unreachable",
                  why->message);
}

/* --- Being answered --- */

static void
remember (McpBroker *broker, const Waiting *waiting, const json_t *answer)
{
  const char *request_id = wire_string (answer, "request_id");
  const char *instance = mcp_link_instance (broker->link);
  McpRemembered what = { waiting->method, waiting->params, instance };

  if (request_id != NULL && instance != NULL && !g_str_equal (waiting->method, "approval_wait"))
    mcp_memory_keep (broker->memory, request_id, &what, g_get_monotonic_time ());
}

/* approval_wait for a request that another broker process held: the call itself is asked again.
 * TRUE when it was. */
static gboolean
ask_original (McpBroker *broker, Waiting *waiting, const json_t *fault)
{
  const char *request_id = wire_string (waiting->params, "request_id");
  const char *instance = mcp_link_instance (broker->link);
  McpRemembered what;

  if (wire_integer (fault, "code", 0) != 5 || !g_str_equal (waiting->method, "approval_wait")
      || request_id == NULL || instance == NULL
      || !mcp_memory_find (broker->memory, request_id, g_get_monotonic_time (), &what)
      || g_str_equal (what.instance, instance))
    return FALSE;
  tell (broker, "asking %s again of another broker", what.method);
  g_hash_table_remove (broker->asked, &waiting->id);
  no_longer_held (broker, waiting);
  waiting->id = 0;
  waiting->method = what.method;
  json_decref (waiting->params);
  waiting->params = json_incref ((json_t *) what.params);
  ask (broker, waiting);
  return TRUE;
}

static void
take_answer (McpBroker *broker, Waiting *waiting, json_t *message, int fd)
{
  json_t *answer = json_object_get (message, "result");
  const json_t *fault = json_object_get (message, "error");

  if (answer == NULL && ask_original (broker, waiting, fault))
    return;
  if (answer == NULL)
    mcp_result_send_error (waiting->call, fault);
  else
    {
      if (g_str_equal (mcp_result_status (answer), "pending"))
        remember (broker, waiting, answer);
      mcp_result_send (waiting->call, answer, fd);
    }
  waiting_end (broker, waiting);
}

static void
tell_progress (McpBroker *broker, Waiting *waiting, gint64 now)
{
  mcp_call_progress (waiting->call, waiting->notice);
  waiting->progress_due = now + PROGRESS_EVERY;
  g_queue_push_tail_link (&broker->progress, &waiting->progress_link);
}

static void
take_held (McpBroker *broker, const json_t *params)
{
  gint64 id = wire_integer (params, "id", 0);
  Waiting *waiting = g_hash_table_lookup (broker->asked, &id);
  const char *notice = wire_string (params, "message");

  if (waiting == NULL)
    return;
  tell (broker, "%s is held", waiting->method);
  no_longer_held (broker, waiting);
  waiting->notice
      = g_strdup (notice != NULL ? notice : "waiting for a person: `countersign approve`");
  broker->n_held++;
  if (mcp_call_wants_progress (waiting->call))
    tell_progress (broker, waiting, g_get_monotonic_time ());
}

static void
on_message (gpointer user, json_t *owned, int fd)
{
  g_autoptr (json_t) message = owned;
  McpBroker *broker = user;
  gint64 id = wire_integer (message, "id", 0);
  Waiting *waiting = g_hash_table_lookup (broker->asked, &id);

  if (g_strcmp0 (wire_string (message, "method"), "held") == 0)
    take_held (broker, json_object_get (message, "params"));
  else if (waiting != NULL)
    take_answer (broker, waiting, message, g_steal_fd (&fd));
  if (fd >= 0)
    close (fd); /* for a call that was cancelled meanwhile */
}

/* --- The toolset --- */

static json_t *
list_tools (gpointer user, McpVersion version)
{
  return mcp_tools_list (version);
}

static gboolean
begin_call (gpointer user, McpCall *call, const char *tool, json_t *arguments)
{
  McpBroker *broker = user;
  const Arguments *table = mcp_tools_has (tool) ? arguments_find (tool) : NULL;
  g_autoptr (GError) error = NULL;

  if (table == NULL)
    return FALSE;
  if (!arguments_check (table, arguments, &error))
    {
      mcp_result_send_failure (call, "invalid_arguments", error->message);
      return TRUE;
    }
  Waiting *waiting = waiting_new (broker, call, table->call, arguments);
  mcp_call_set_data (call, waiting);
  if (mcp_link_client (broker->link) != NULL)
    ask (broker, waiting);
  else
    mcp_link_want (broker->link, mcp_server_claim (broker->server));
  return TRUE;
}

static void
cancel_call (gpointer user, McpCall *call)
{
  McpBroker *broker = user;
  Waiting *waiting = mcp_call_get_data (call);
  Client *client = mcp_link_client (broker->link);

  if (client != NULL && waiting->id != 0)
    {
      g_autoptr (json_t) params = json_pack ("{s:I}", "id", (json_int_t) waiting->id);
      client_notify (client, "cancel", params);
    }
  waiting_end (broker, waiting);
}

const McpToolset mcp_broker_toolset = {
  .name = "countersign",
  .title = "Countersign",
  .instructions = mcp_tools_instructions,
  .list = list_tools,
  .call = begin_call,
  .cancelled = cancel_call,
};

/* --- The loop --- */

McpBroker *
mcp_broker_new (const McpBrokerOptions *options)
{
  static const McpLinkHandler handler = { on_up, on_message, on_lost, on_failed };
  McpBroker *broker = g_new0 (McpBroker, 1);

  broker->link = mcp_link_new (options->socket, &handler, broker);
  broker->asked = g_hash_table_new (g_int64_hash, g_int64_equal);
  broker->memory = mcp_memory_new ();
  broker->hold_seconds = options->hold_seconds;
  broker->verbose = options->verbose;
  g_queue_init (&broker->waiting);
  g_queue_init (&broker->progress);
  return broker;
}

void
mcp_broker_serve (McpBroker *broker, const McpServer *server)
{
  broker->server = server;
}

void
mcp_broker_free (McpBroker *broker)
{
  if (broker == NULL)
    return;
  while (broker->waiting.head != NULL)
    waiting_end (broker, broker->waiting.head->data);
  g_hash_table_unref (broker->asked);
  mcp_memory_free (broker->memory);
  mcp_link_free (broker->link);
  g_free (broker);
}

int
mcp_broker_fd (const McpBroker *broker)
{
  return mcp_link_fd (broker->link);
}

gboolean
mcp_broker_has_backlog (const McpBroker *broker)
{
  return mcp_link_backlog (broker->link) > 0;
}

gboolean
mcp_broker_is_busy (const McpBroker *broker)
{
  return mcp_link_backlog (broker->link) > BACKLOG_MOST
         || g_hash_table_size (broker->asked) - broker->n_held > OPEN_MOST;
}

gint64
mcp_broker_due (const McpBroker *broker)
{
  gint64 due = mcp_link_due (broker->link);

  if (broker->progress.head != NULL)
    due = MIN (due, ((Waiting *) broker->progress.head->data)->progress_due);
  return due;
}

void
mcp_broker_read (McpBroker *broker)
{
  mcp_link_read (broker->link);
}

void
mcp_broker_tick (McpBroker *broker)
{
  gint64 now = g_get_monotonic_time ();

  mcp_link_tick (broker->link);
  while (broker->progress.head != NULL)
    {
      Waiting *waiting = broker->progress.head->data;
      if (waiting->progress_due > now)
        return;
      g_queue_unlink (&broker->progress, &waiting->progress_link);
      tell_progress (broker, waiting, now);
    }
}

void
mcp_broker_flush (McpBroker *broker)
{
  mcp_link_flush (broker->link);
}
