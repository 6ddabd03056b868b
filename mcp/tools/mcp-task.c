/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-task.h"

#include "mcp/tools/mcp-result.h"

#include <unistd.h>

/* How long the broker keeps what is over (broker/request/request-kept.c), less what a message may
 * be on its way. */
#define KEPT_MS (290 * 1000)

/* µs since 1970; 0 when it is no time. */
static gint64
read_time (const char *text)
{
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time != NULL
             ? g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time)
             : 0;
}

/* Counted from its beginning, as @until is not. */
static gint64
ttl_ms (const char *asked, gint64 until)
{
  return MAX (0, (until - read_time (asked)) / 1000) + KEPT_MS;
}

static char *
say_pending (const McpWaiting *waiting, const char *request_id)
{
  if (waiting->locked)
    return g_strdup ("Countersign is locked: a person must run `countersign unlock`.");
  if (waiting->held)
    return g_strdup_printf ("Waiting for a person: `countersign approve %s`.", request_id);
  return g_strdup ("It is allowed, and under way.");
}

/* FALSE when the broker's answer does not say since when. */
static gboolean
read_task (McpTask *task, const char *id, const json_t *answer)
{
  task->id = id;
  task->created = wire_string (answer, "asked_at");
  task->updated = wire_string (answer, "changed_at");
  task->poll_ms = wire_integer (answer, "poll_after_ms", 0);
  return task->created != NULL && task->updated != NULL;
}

/* What is pending goes on until a person's time is over, or longer when it runs. */
static void
tell_working (McpWaiting *waiting, McpTask *task, const json_t *answer)
{
  g_autofree char *words = say_pending (waiting, wire_string (answer, "request_id"));
  gint64 until = MAX (read_time (wire_string (answer, "expires_at")), g_get_real_time ());

  task->status = "working";
  task->message = words;
  task->ttl_ms = ttl_ms (task->created, until);
  mcp_call_task (waiting->call, task);
}

void
mcp_task_create (McpWaiting *waiting, const json_t *answer)
{
  McpTask task = { NULL };

  if (read_task (&task, wire_string (answer, "request_id"), answer))
    tell_working (waiting, &task, answer);
  else
    mcp_result_send_failure (waiting->call, "protocol",
                             "The broker's answer cannot be understood.");
}

/* A no is an outcome like another: the tool's result says it. */
static void
tell_over (McpWaiting *waiting, McpTask *task, json_t *answer, int fd)
{
  gboolean cancelled = g_strcmp0 (wire_string (answer, "code"), "cancelled") == 0;
  g_autofree char *words = g_strdup (wire_string (answer, "message"));
  g_autofree char *created = g_strdup (task->created), *updated = g_strdup (task->updated);
  g_autoptr (json_t) result = mcp_result_json (answer, fd);

  task->status = cancelled ? "cancelled" : "completed";
  task->message = words;
  task->created = created;
  task->updated = updated;
  task->ttl_ms = ttl_ms (created, read_time (updated));
  task->result = cancelled ? NULL : result;
  mcp_call_task (waiting->call, task);
}

void
mcp_task_tell (McpWaiting *waiting, json_t *answer, int fd)
{
  McpTask task = { NULL };

  if (!read_task (&task, waiting->task, answer))
    {
      if (fd >= 0)
        close (fd);
      mcp_call_refuse (waiting->call, MCP_INTERNAL_ERROR,
                       "the broker's answer cannot be understood", NULL);
    }
  else if (g_str_equal (mcp_result_status (answer), "pending"))
    tell_working (waiting, &task, answer);
  else
    tell_over (waiting, &task, answer, fd);
}
