/* SPDX-License-Identifier: MIT */
#include "mcp/mcp-broker.h"

#include "broker/base/arguments.h"
#include "mcp/mcp-link.h"
#include "mcp/mcp-memory.h"
#include "mcp/mcp-result.h"
#include "mcp/mcp-tools.h"
#include "mcp/mcp-waiting.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

/* How often one call is asked: what makes the broker go away each time is not asked for ever. */
#define ASKED_MOST 5
/* Asked, and neither answered nor held: with more, the client waits; our memory does not grow. */
#define OPEN_MOST 256
#define BACKLOG_MOST (4 * 1024 * 1024) /* bytes that the broker has not taken */

struct _McpBroker
{
  McpLink *link;
  const McpServer *server;
  McpWaitingList *list;
  McpMemory *memory;
  gint64 hold_seconds;
  gboolean verbose;
};

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

static void
fail_waiting (McpBroker *broker, McpWaiting *waiting, const char *code, const char *message)
{
  mcp_result_send_failure (waiting->call, code, message);
  mcp_waiting_end (broker->list, waiting);
}

/* --- Asking --- */

static void
ask (McpBroker *broker, McpWaiting *waiting)
{
  Client *client = mcp_link_client (broker->link);
  g_autoptr (GError) error = NULL;
  gint64 id = 0;
  int fd;

  if (waiting->n_asked++ >= ASKED_MOST)
    {
      fail_waiting (broker, waiting, "closed", "The broker went away each time it was asked this.");
      return;
    }
  g_autoptr (json_t) params = mcp_waiting_params (waiting, g_get_monotonic_time (), &fd, &error);
  if (params != NULL)
    id = client_send (client, waiting->method, params, fd, &error);
  if (fd >= 0)
    close (fd);
  if (id != 0)
    mcp_waiting_set_asked (broker->list, waiting, id);
  else
    fail_waiting (broker, waiting, "failed", error->message);
}

static void
on_up (gpointer user, const json_t *hello)
{
  McpBroker *broker = user;
  const char *state = wire_string (hello, "state");

  tell (broker, "connected to a broker that is %s", state != NULL ? state : "there");
  for (GList *item = mcp_waiting_all (broker->list)->head, *next; item != NULL; item = next)
    {
      next = item->next;
      ask (broker, item->data);
    }
}

static gboolean
on_lost (gpointer user)
{
  McpBroker *broker = user;
  const GQueue *all = mcp_waiting_all (broker->list);

  tell (broker, "the broker went away; %u calls wait", all->length);
  for (GList *item = all->head; item != NULL; item = item->next)
    mcp_waiting_set_asked (broker->list, item->data, 0);
  return all->length > 0;
}

static void
on_failed (gpointer user, const GError *why)
{
  McpBroker *broker = user;
  const GQueue *all = mcp_waiting_all (broker->list);
  gboolean impostor = g_error_matches (why, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR);

  tell (broker, "no broker: %s", why->message);
  while (all->head != NULL)
    fail_waiting (broker, all->head->data, impostor ? "impostor" : "unreachable", why->message);
}

/* --- Being answered --- */

static void
remember (McpBroker *broker, const McpWaiting *waiting, const json_t *answer)
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
ask_original (McpBroker *broker, McpWaiting *waiting, const json_t *fault)
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
  waiting->method = what.method;
  json_decref (waiting->params);
  waiting->params = json_incref ((json_t *) what.params);
  ask (broker, waiting);
  return TRUE;
}

static void
take_answer (McpBroker *broker, McpWaiting *waiting, json_t *message, int fd)
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
  mcp_waiting_end (broker->list, waiting);
}

static void
take_held (McpBroker *broker, McpWaiting *waiting, const char *notice)
{
  tell (broker, "%s is held", waiting->method);
  mcp_waiting_set_held (broker->list, waiting,
                        notice != NULL ? notice : "waiting for a person: `countersign approve`",
                        g_get_monotonic_time ());
}

static void
on_message (gpointer user, json_t *owned, int fd)
{
  g_autoptr (json_t) message = owned;
  McpBroker *broker = user;
  gboolean held = g_strcmp0 (wire_string (message, "method"), "held") == 0;
  const json_t *named = held ? json_object_get (message, "params") : message;
  McpWaiting *waiting = mcp_waiting_find (broker->list, wire_integer (named, "id", 0));

  if (waiting != NULL && held)
    take_held (broker, waiting, wire_string (named, "message"));
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

/* approval_wait names its own time; it holds as well when another call is asked in its stead. */
static gint64
hold_of (const McpBroker *broker, const json_t *params)
{
  return MIN (broker->hold_seconds, wire_integer (params, "timeout_seconds", broker->hold_seconds))
         * G_USEC_PER_SEC;
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
  McpWaiting *waiting = mcp_waiting_new (broker->list, call, table->call, arguments,
                                         hold_of (broker, arguments), g_get_monotonic_time ());
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
  McpWaiting *waiting = mcp_call_get_data (call);
  Client *client = mcp_link_client (broker->link);

  if (client != NULL && waiting->id != 0)
    {
      g_autoptr (json_t) params = json_pack ("{s:I}", "id", (json_int_t) waiting->id);
      client_notify (client, "cancel", params);
    }
  mcp_waiting_end (broker->list, waiting);
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
  broker->list = mcp_waiting_list_new ();
  broker->memory = mcp_memory_new ();
  broker->hold_seconds = options->hold_seconds;
  broker->verbose = options->verbose;
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
  mcp_waiting_list_free (broker->list);
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
         || mcp_waiting_n_open (broker->list) > OPEN_MOST;
}

gint64
mcp_broker_due (const McpBroker *broker)
{
  return MIN (mcp_link_due (broker->link), mcp_waiting_due (broker->list));
}

void
mcp_broker_read (McpBroker *broker)
{
  mcp_link_read (broker->link);
}

void
mcp_broker_tick (McpBroker *broker)
{
  mcp_link_tick (broker->link);
  mcp_waiting_tick (broker->list, g_get_monotonic_time ());
}

void
mcp_broker_flush (McpBroker *broker)
{
  mcp_link_flush (broker->link);
}
