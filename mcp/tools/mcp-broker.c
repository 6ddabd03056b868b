/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-broker-private.h"

#include "broker/base/text.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

/* How often one call is asked: what makes the broker go away each time is not asked for ever. */
#define ASKED_MOST 5
/* Asked, and neither answered nor held: with more, the client waits; our memory does not grow. */
#define OPEN_MOST 256
#define BACKLOG_MOST (4 * 1024 * 1024) /* bytes that the broker has not taken */

void
mcp_broker_tell (const McpBroker *broker, const char *format, ...)
{
  va_list args;

  if (!broker->verbose)
    return;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  /* What the broker says may be told of something that it was shown. */
  g_autofree char *plain = text_escape (text);
  fprintf (stderr, "countersign-mcp: %s\n", plain);
}

void
mcp_broker_fail (McpBroker *broker, McpWaiting *waiting, const char *code, const char *message)
{
  waiting->delivery->fail (waiting, code, message);
  mcp_waiting_end (broker->list, waiting);
}

void
mcp_broker_fail_interrupted (McpBroker *broker, McpWaiting *waiting)
{
  mcp_broker_fail (broker, waiting, "interrupted",
                   "The broker went away while this was under way: it may have been done, or not. "
                   "Find out which before you ask again.");
}

/* --- Asking --- */

/* A request of another broker process is unknown to this one: there the call is asked anew, unless
 * it may have been done already. FALSE: it has ended. */
static gboolean
check_resumed (McpBroker *broker, McpWaiting *waiting, gint64 now)
{
  McpRemembered what;

  if (waiting->resume == NULL || !mcp_memory_find (broker->memory, waiting->resume, now, &what)
      || g_strcmp0 (what.instance, mcp_link_instance (broker->link)) == 0)
    return TRUE;
  g_clear_pointer (&waiting->resume, g_free);
  if (mcp_question_may_repeat (waiting->question))
    return TRUE;
  mcp_broker_fail_interrupted (broker, waiting);
  return FALSE;
}

static void
send_question (McpBroker *broker, McpWaiting *waiting, gint64 now)
{
  g_autoptr (GError) error = NULL;
  gint64 id = 0;
  int fds[MCP_QUESTION_FDS];
  g_autoptr (json_t) params = mcp_waiting_message (waiting, now, fds, &error);

  if (params != NULL)
    id = client_send_fds (mcp_link_client (broker->link), mcp_question_method (waiting->question),
                          params, fds, MCP_QUESTION_FDS, &error);
  if (fds[0] >= 0)
    close (fds[0]);
  if (id != 0)
    mcp_waiting_set_asked (broker->list, waiting, id, now);
  else
    mcp_broker_fail (broker, waiting, "failed", error->message);
}

void
mcp_broker_ask (McpBroker *broker, McpWaiting *waiting)
{
  gint64 now = g_get_monotonic_time ();

  if (waiting->n_asked++ >= ASKED_MOST)
    mcp_broker_fail (broker, waiting, "closed",
                     "The broker went away each time it was asked this.");
  else if (check_resumed (broker, waiting, now))
    send_question (broker, waiting, now);
}

void
mcp_broker_go (McpBroker *broker, McpWaiting *waiting)
{
  if (mcp_link_client (broker->link) != NULL)
    mcp_broker_ask (broker, waiting);
  else
    mcp_link_want (broker->link, mcp_session_claim (mcp_call_session (waiting->call)));
}

/* --- The connection --- */

static gint64
on_prove (gpointer user, Client *client, GError **error)
{
  const McpBroker *broker = user;

  return client_send (client, "bearer", broker->proof, -1, error);
}

static gboolean
on_proved (gpointer user, const json_t *answer, GError **error)
{
  McpBroker *broker = user;
  json_t *fault = json_object_get (answer, "error");
  const char *message = wire_string (fault, "message");

  if (fault == NULL)
    {
      const json_t *result = json_object_get (answer, "result");
      if (broker->proved != NULL)
        broker->proved (broker->user, broker, json_object_get (result, "result"), NULL);
      return TRUE;
    }
  broker->fault = json_incref (fault);
  g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL,
                       message != NULL ? message : "The broker does not accept who calls.");
  return FALSE;
}

static void
on_up (gpointer user, const json_t *hello)
{
  McpBroker *broker = user;
  const char *state = wire_string (hello, "state");

  mcp_broker_tell (broker, "connected to a broker that is %s", state != NULL ? state : "there");
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
    mcp_broker_fail_interrupted (broker, waiting);
  else
    mcp_waiting_set_asked (broker->list, waiting, 0, 0);
}

static gboolean
on_lost (gpointer user)
{
  McpBroker *broker = user;
  const GQueue *all = mcp_waiting_all (broker->list);

  mcp_broker_tell (broker, "the broker went away; %u calls wait", all->length);
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
  g_autoptr (json_t) fault = g_steal_pointer (&broker->fault);
  const GQueue *all = mcp_waiting_all (broker->list);
  gboolean impostor = g_error_matches (why, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR);
  const char *code = fault != NULL ? "bearer" : impostor ? "impostor" : "unreachable";

  mcp_broker_tell (broker, "no broker: %s", why->message);
  while (all->head != NULL)
    mcp_broker_fail (broker, all->head->data, code, why->message);
  if (broker->proof != NULL && broker->proved != NULL)
    broker->proved (broker->user, broker, NULL, fault);
}

static void
on_message (gpointer user, json_t *message, int fd)
{
  mcp_broker_take (user, message, fd);
}

static McpLink *
make_link (McpBroker *broker, const char *socket)
{
  static const McpLinkHandler plain
      = { .up = on_up, .message = on_message, .lost = on_lost, .failed = on_failed };
  static const McpLinkHandler proving = { .prove = on_prove,
                                          .proved = on_proved,
                                          .up = on_up,
                                          .message = on_message,
                                          .lost = on_lost,
                                          .failed = on_failed };

  return mcp_link_new (socket, broker->proof != NULL ? &proving : &plain, broker);
}

/* --- Its life --- */

McpBroker *
mcp_broker_new (const McpBrokerOptions *options)
{
  McpBroker *broker = g_new0 (McpBroker, 1);

  broker->refs = 1;
  if (options->bearer != NULL)
    broker->proof
        = json_pack ("{s:s, s:s}", "token", options->bearer, "resource", options->resource);
  broker->link = make_link (broker, options->socket);
  broker->list = mcp_waiting_list_new ();
  broker->memory = mcp_memory_new ();
  broker->vault.started = g_get_monotonic_time ();
  broker->hold_seconds = options->hold_seconds;
  broker->offered = options->offered;
  broker->verbose = options->verbose;
  broker->proved = options->proved;
  broker->user = options->user;
  return broker;
}

McpBroker *
mcp_broker_ref (McpBroker *broker)
{
  broker->refs++;
  return broker;
}

void
mcp_broker_unref (McpBroker *broker)
{
  if (broker == NULL || --broker->refs > 0)
    return;
  mcp_waiting_list_free (broker->list);
  mcp_memory_free (broker->memory);
  mcp_link_free (broker->link);
  json_decref (broker->proof);
  json_decref (broker->fault);
  g_free (broker);
}

const McpOffered *
mcp_broker_offered (const McpBroker *broker)
{
  return broker->offered;
}

gboolean
mcp_broker_is_shared (const McpBroker *broker)
{
  return broker->refs > 1;
}

void
mcp_broker_open (McpBroker *broker)
{
  mcp_link_want (broker->link, NULL);
}

gboolean
mcp_broker_is_open (const McpBroker *broker)
{
  return mcp_link_client (broker->link) != NULL;
}

void
mcp_broker_adopt (McpBroker *broker, const McpBroker *newer)
{
  g_return_if_fail (broker->proof != NULL && newer->proof != NULL);
  json_incref (newer->proof);
  json_decref (broker->proof);
  broker->proof = newer->proof;
}

/* --- The loop --- */

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
