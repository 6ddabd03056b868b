/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-broker-private.h"
#include "mcp/tools/mcp-result.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

/* How often one call is asked: what makes the broker go away each time is not asked for ever. */
#define ASKED_MOST 5
/* Asked, and neither answered nor held: with more, the client waits; our memory does not grow. */
#define OPEN_MOST 256
#define FAULT_NOT_FOUND 5              /* broker/PROTOCOL.md */
#define BACKLOG_MOST (4 * 1024 * 1024) /* bytes that the broker has not taken */

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

static void
fail_interrupted (McpBroker *broker, McpWaiting *waiting)
{
  fail_waiting (broker, waiting, "interrupted",
                "The broker went away while this was under way: it may have been done, or not. "
                "Find out which before you ask again.");
}

static const char *
method_of (const McpWaiting *waiting)
{
  return mcp_question_method (waiting->question);
}

static gboolean
is_wait (const McpWaiting *waiting)
{
  return g_str_equal (method_of (waiting), "approval_wait");
}

/* --- Asking --- */

void
mcp_broker_ask (McpBroker *broker, McpWaiting *waiting)
{
  Client *client = mcp_link_client (broker->link);
  g_autoptr (GError) error = NULL;
  gint64 id = 0, now = g_get_monotonic_time ();
  int fds[MCP_QUESTION_FDS];

  if (waiting->n_asked++ >= ASKED_MOST)
    {
      fail_waiting (broker, waiting, "closed", "The broker went away each time it was asked this.");
      return;
    }
  g_autoptr (json_t) params = mcp_waiting_message (waiting, now, fds, &error);
  if (params != NULL)
    id = client_send_fds (client, method_of (waiting), params, fds, MCP_QUESTION_FDS, &error);
  if (fds[0] >= 0)
    close (fds[0]);
  if (id != 0)
    mcp_waiting_set_asked (broker->list, waiting, id, now);
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
      mcp_broker_ask (broker, item->data);
    }
}

/* What waited for a person was not done, or will be asked of one again. Of what did not, nobody
 * knows here how far it came. */
static void
give_back (McpBroker *broker, McpWaiting *waiting)
{
  if (waiting->id != 0 && !waiting->held)
    mcp_question_begin (waiting->question);
  if (!mcp_question_may_repeat (waiting->question))
    fail_interrupted (broker, waiting);
  else
    mcp_waiting_set_asked (broker->list, waiting, 0, 0);
}

static gboolean
on_lost (gpointer user)
{
  McpBroker *broker = user;
  const GQueue *all = mcp_waiting_all (broker->list);

  tell (broker, "the broker went away; %u calls wait", all->length);
  for (GList *item = all->head, *next; item != NULL; item = next)
    {
      next = item->next;
      give_back (broker, item->data);
    }
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
  McpRemembered what = { waiting->question, instance };

  if (!waiting->held)
    mcp_question_begin (waiting->question);
  if (request_id != NULL && instance != NULL && !is_wait (waiting))
    mcp_memory_keep (broker->memory, request_id, &what, g_get_monotonic_time ());
}

/* The call that an approval_wait is for. */
static gboolean
find_original (McpBroker *broker, const McpWaiting *waiting, McpRemembered *what)
{
  const char *request_id = wire_string (mcp_question_params (waiting->question), "request_id");

  return is_wait (waiting) && request_id != NULL
         && mcp_memory_find (broker->memory, request_id, g_get_monotonic_time (), what);
}

/* What the call has made stays or goes, by how it ended. */
static void
settle (McpBroker *broker, McpWaiting *waiting, const char *status)
{
  McpRemembered original;
  gboolean done = g_str_equal (status, "completed");

  if (done)
    mcp_question_done (waiting->question);
  if (g_str_equal (status, "pending") || !find_original (broker, waiting, &original))
    return;
  if (done)
    mcp_question_done (original.question);
  mcp_memory_forget (broker->memory,
                     wire_string (mcp_question_params (waiting->question), "request_id"));
}

/* approval_wait for a request that another broker process held: the call itself is asked again.
 * TRUE when it was. */
static gboolean
ask_original (McpBroker *broker, McpWaiting *waiting, const json_t *fault)
{
  const char *instance = mcp_link_instance (broker->link);
  McpRemembered what;

  if (wire_integer (fault, "code", 0) != FAULT_NOT_FOUND || instance == NULL
      || !find_original (broker, waiting, &what) || g_str_equal (what.instance, instance))
    return FALSE;
  if (!mcp_question_may_repeat (what.question))
    {
      fail_interrupted (broker, waiting);
      return TRUE;
    }
  tell (broker, "asking %s again of another broker", mcp_question_method (what.question));
  mcp_waiting_set_question (waiting, mcp_question_ref (what.question));
  mcp_broker_ask (broker, waiting);
  return TRUE;
}

/* A tool of OpaqueVault's may take more than one question. */
static void
ask_next (McpBroker *broker, McpWaiting *waiting)
{
  g_autoptr (GError) error = NULL;
  McpQuestion *question = mcp_broker_question (mcp_vault_call (waiting->vault),
                                               mcp_vault_params (waiting->vault), &error);

  if (question == NULL)
    {
      fail_waiting (broker, waiting, "invalid_arguments", error->message);
      return;
    }
  mcp_waiting_set_question (waiting, mcp_broker_go_on (broker, question));
  mcp_broker_ask (broker, waiting);
}

static void
take_answer (McpBroker *broker, McpWaiting *waiting, json_t *message, int fd)
{
  json_t *answer = json_object_get (message, "result");
  const json_t *fault = json_object_get (message, "error");

  if (answer == NULL && ask_original (broker, waiting, fault))
    return;
  settle (broker, waiting, answer != NULL ? mcp_result_status (answer) : "failed");
  if (answer != NULL && waiting->vault != NULL && mcp_vault_take (waiting->vault, answer))
    {
      ask_next (broker, waiting);
      return;
    }
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

/* The call, or the one that an approval_wait is for, is under way. */
static void
set_running (McpBroker *broker, McpWaiting *waiting, const char *text)
{
  McpRemembered original;

  mcp_question_begin (waiting->question);
  if (find_original (broker, waiting, &original))
    mcp_question_begin (original.question);
  mcp_waiting_set_running (broker->list, waiting, text, g_get_monotonic_time ());
}

static void
take_held (McpBroker *broker, McpWaiting *waiting, const json_t *params)
{
  gboolean running = g_strcmp0 (wire_string (params, "state"), "running") == 0;
  const char *notice = wire_string (params, "message");

  tell (broker, "%s is %s", method_of (waiting), running ? "under way" : "held");
  if (running)
    set_running (broker, waiting, notice != NULL ? notice : "under way");
  else
    mcp_waiting_set_held (broker->list, waiting,
                          notice != NULL ? notice : "waiting for a person: `countersign approve`",
                          g_get_monotonic_time ());
}

static void
take_output (McpBroker *broker, McpWaiting *waiting, const char *text)
{
  if (text != NULL)
    set_running (broker, waiting, text);
}

static void
on_message (gpointer user, json_t *owned, int fd)
{
  g_autoptr (json_t) message = owned;
  McpBroker *broker = user;
  const char *method = wire_string (message, "method");
  const json_t *named = method != NULL ? json_object_get (message, "params") : message;
  McpWaiting *waiting = mcp_waiting_find (broker->list, wire_integer (named, "id", 0));

  if (waiting != NULL && g_strcmp0 (method, "held") == 0)
    take_held (broker, waiting, named);
  else if (waiting != NULL && g_strcmp0 (method, "progress") == 0)
    take_output (broker, waiting, wire_string (named, "text"));
  else if (waiting != NULL && method == NULL)
    take_answer (broker, waiting, message, g_steal_fd (&fd));
  if (fd >= 0)
    close (fd); /* for a call that was cancelled meanwhile */
}

/* --- The loop --- */

McpBroker *
mcp_broker_new (const McpBrokerOptions *options)
{
  static const McpLinkHandler handler
      = { .up = on_up, .message = on_message, .lost = on_lost, .failed = on_failed };
  McpBroker *broker = g_new0 (McpBroker, 1);

  broker->link = mcp_link_new (options->socket, &handler, broker);
  broker->list = mcp_waiting_list_new ();
  broker->memory = mcp_memory_new ();
  broker->vault.started = g_get_monotonic_time ();
  broker->hold_seconds = options->hold_seconds;
  broker->opaquevault = options->opaquevault;
  broker->verbose = options->verbose;
  return broker;
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
