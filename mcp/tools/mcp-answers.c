/* SPDX-License-Identifier: MIT
 *
 * What the broker says, and whom it is for.
 */
#include "mcp/tools/mcp-broker-private.h"
#include "mcp/tools/mcp-result.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define FAULT_REFUSED 4 /* broker/PROTOCOL.md */
#define FAULT_NOT_FOUND 5

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

/* By what the request is remembered that this asks about, or goes on with; NULL: it makes one. */
static const char *
remembered_by (const McpWaiting *waiting)
{
  if (waiting->task != NULL)
    return waiting->task;
  if (waiting->resume != NULL)
    return waiting->resume;
  return is_wait (waiting) ? wire_string (mcp_question_params (waiting->question), "request_id")
                           : NULL;
}

static gboolean
find_original (McpBroker *broker, const McpWaiting *waiting, McpRemembered *what)
{
  const char *id = remembered_by (waiting);

  return id != NULL && mcp_memory_find (broker->memory, id, g_get_monotonic_time (), what);
}

/* --- Its answer --- */

/* A task keeps its id, whichever request stands for it now. */
static void
remember (McpBroker *broker, const McpWaiting *waiting, const json_t *answer)
{
  const char *request_id = wire_string (answer, "request_id");
  const char *id = waiting->task != NULL ? waiting->task : request_id;
  McpRemembered what = { waiting->question, mcp_link_instance (broker->link), request_id };

  if (!waiting->held)
    mcp_question_begin (waiting->question);
  if (is_wait (waiting) && !find_original (broker, waiting, &what))
    return; /* made by another process of ours; the broker knows it */
  if (id != NULL && what.instance != NULL)
    mcp_memory_keep (broker->memory, id, &what, g_get_monotonic_time ());
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
  mcp_memory_forget (broker->memory, remembered_by (waiting));
}

/* approval_wait for a request that another broker process held: the call itself is asked again.
 * TRUE when it was. */
static gboolean
ask_original (McpBroker *broker, McpWaiting *waiting, const json_t *fault)
{
  const char *instance = mcp_link_instance (broker->link);
  McpRemembered what;

  if (!is_wait (waiting) || wire_integer (fault, "code", 0) != FAULT_NOT_FOUND || instance == NULL
      || !find_original (broker, waiting, &what) || g_str_equal (what.instance, instance))
    return FALSE;
  if (!mcp_question_may_repeat (what.question))
    {
      mcp_broker_fail_interrupted (broker, waiting);
      return TRUE;
    }
  mcp_broker_tell (broker, "asking %s again of another broker",
                   mcp_question_method (what.question));
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
      mcp_broker_fail (broker, waiting, "invalid_arguments", error->message);
      return;
    }
  mcp_waiting_set_question (waiting, mcp_broker_go_on (broker, question));
  mcp_broker_ask (broker, waiting);
}

/* Who was accepted as a caller is so no longer: its token ended, or its issuer is another. */
static void
tell_unproved (McpBroker *broker, const json_t *fault)
{
  const json_t *data = json_object_get (fault, "data");

  if (broker->proved != NULL && wire_integer (fault, "code", 0) == FAULT_REFUSED
      && g_strcmp0 (wire_string (data, "reason"), "bearer") == 0)
    broker->proved (broker->user, broker, NULL, fault);
}

static void
take_fault (McpBroker *broker, McpWaiting *waiting, const json_t *fault)
{
  if (ask_original (broker, waiting, fault))
    return;
  /* A request that this could not go on with is still there for who asks for it rightly. */
  if (waiting->resume == NULL)
    settle (broker, waiting, "failed");
  waiting->delivery->fault (waiting, fault);
  mcp_waiting_end (broker->list, waiting);
  tell_unproved (broker, fault);
}

static void
take_answer (McpBroker *broker, McpWaiting *waiting, json_t *answer, int fd)
{
  settle (broker, waiting, mcp_result_status (answer));
  if (waiting->vault != NULL && mcp_vault_take (waiting->vault, answer))
    {
      ask_next (broker, waiting);
      return;
    }
  if (g_str_equal (mcp_result_status (answer), "pending"))
    remember (broker, waiting, answer);
  waiting->delivery->answer (waiting, answer, fd);
  mcp_waiting_end (broker->list, waiting);
}

/* --- What it says before --- */

/* The call, or the one that is asked about, is under way. */
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
  const char *state = wire_string (params, "state");
  const char *notice = wire_string (params, "message");
  gboolean running = g_strcmp0 (state, "running") == 0;

  mcp_broker_tell (broker, "%s is %s", method_of (waiting), running ? "under way" : "held");
  waiting->locked = g_strcmp0 (state, "locked") == 0;
  if (running)
    set_running (broker, waiting, notice != NULL ? notice : "under way");
  else
    mcp_waiting_set_held (broker->list, waiting,
                          notice != NULL ? notice : "waiting for a person: `countersign approve`",
                          g_get_monotonic_time ());
}

static void
take_notice (McpBroker *broker, McpWaiting *waiting, const char *method, const json_t *params)
{
  const char *text = wire_string (params, "text");

  if (g_str_equal (method, "held"))
    take_held (broker, waiting, params);
  else if (g_str_equal (method, "progress") && text != NULL)
    set_running (broker, waiting, text);
}

void
mcp_broker_take (McpBroker *broker, json_t *owned, int fd)
{
  g_autoptr (json_t) message = owned;
  const char *method = wire_string (message, "method");
  const json_t *named = method != NULL ? json_object_get (message, "params") : message;
  McpWaiting *waiting = mcp_waiting_find (broker->list, wire_integer (named, "id", 0));
  json_t *answer = json_object_get (message, "result");

  if (waiting != NULL && method != NULL)
    take_notice (broker, waiting, method, named);
  else if (waiting != NULL && answer != NULL)
    take_answer (broker, waiting, answer, g_steal_fd (&fd));
  else if (waiting != NULL)
    take_fault (broker, waiting, json_object_get (message, "error"));
  if (fd >= 0)
    close (fd); /* for a call that was cancelled meanwhile */
}
