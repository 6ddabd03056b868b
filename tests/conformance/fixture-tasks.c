/* SPDX-License-Identifier: MIT
 *
 * The extension io.modelcontextprotocol/tasks: tools that go on after they were answered.
 */
#include "tests/conformance/fixture.h"

#include <string.h>

#define EXTENSION "extensions/io.modelcontextprotocol/tasks"
#define TTL_MS (5 * 60 * 1000)
#define POLL_MS 100
#define SOON_MS 50

typedef struct
{
  char *id;
  const char *status;
  char *created, *updated;
  guint source; /* what ends its work; 0: nothing does */
  json_t *result, *error, *inputs;
  struct _Job const *job;
  char *label;
} Task;

/* How a tool's task goes on after it was made. */
typedef struct _Job
{
  gboolean required; /* or else who has no tasks is answered when it is done */
  const char *inputs, *error;
  gboolean fails;
} Job;

static char *
now (void)
{
  g_autoptr (GDateTime) time = g_date_time_new_now_utc ();

  return g_date_time_format_iso8601 (time);
}

static void
task_free (gpointer data)
{
  Task *task = data;

  if (task->source != 0)
    g_source_remove (task->source);
  json_decref (task->result);
  json_decref (task->error);
  json_decref (task->inputs);
  g_free (task->id);
  g_free (task->created);
  g_free (task->updated);
  g_free (task->label);
  g_free (task);
}

GHashTable *
fixture_tasks_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, task_free);
}

static void
become (Task *task, const char *status)
{
  task->status = status;
  g_free (task->updated);
  task->updated = now ();
}

static void
complete (Task *task)
{
  task->result = json_pack ("{s:[{s:s, s:s}], s:b}", "content", "type", "text", "text", task->label,
                            "isError", task->job->fails);
  become (task, "completed");
}

static gboolean
on_work (gpointer data)
{
  Task *task = data;

  task->source = 0;
  if (task->job->inputs != NULL)
    {
      task->inputs = fixture_json (task->job->inputs);
      become (task, "input_required");
    }
  else if (task->job->error != NULL)
    {
      task->error = fixture_json (task->job->error);
      become (task, "failed");
    }
  else
    complete (task);
  return G_SOURCE_REMOVE;
}

static void
tell (McpCall *call, const Task *task)
{
  mcp_call_task (call, &(McpTask){ .id = task->id,
                                   .status = task->status,
                                   .created = task->created,
                                   .updated = task->updated,
                                   .ttl_ms = TTL_MS,
                                   .poll_ms = POLL_MS,
                                   .result = task->result,
                                   .error = task->error,
                                   .input_requests = task->inputs });
}

/* Takes @label. */
static void
begin (Fixture *fixture, McpCall *call, const Job *job, guint ms, char *label)
{
  Task *task = g_new0 (Task, 1);

  task->id = g_uuid_string_random ();
  task->status = "working";
  task->created = now ();
  task->updated = now ();
  task->job = job;
  task->label = label;
  task->source = g_timeout_add (ms, on_work, task);
  g_hash_table_insert (fixture->tasks, task->id, task);
  tell (call, task);
}

static void
refuse_without_tasks (McpCall *call)
{
  g_autoptr (json_t) required
      = fixture_json ("{'extensions':{'io.modelcontextprotocol/tasks':{}}}");

  mcp_call_refuse_capability (call, required);
}

/* --- Tools --- */

static void
computed (Fixture *fixture, McpCall *call)
{
  (void) fixture;
  fixture_say (call, FALSE, g_strdup ("Computed."));
}

static const Job plain = { .required = FALSE };
static const Job failing = { .required = TRUE, .fails = TRUE };
static const Job broken
    = { .required = TRUE, .error = "{'code':-32603,'message':'broken on purpose'}" };

#define QUESTION(text)                                                                             \
  "{'method':'elicitation/create','params':{'mode':'form','message':'" text                        \
  "','requestedSchema':{'type':'object','properties':{'confirm':{'type':'boolean'}}}}}"
static const Job confirming
    = { .required = TRUE, .inputs = "{'confirm':" QUESTION ("Delete it?") "}" };
static const Job two_inputs
    = { .required = TRUE,
        .inputs = "{'first':" QUESTION ("The first?") ",'second':" QUESTION ("The second?") "}" };

static void
compute (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  double seconds = json_number_value (json_object_get (mcp_call_arguments (call), "seconds"));
  const char *label = wire_string (mcp_call_arguments (call), "label");
  guint ms = (guint) (CLAMP (seconds, 0, 3600) * 1000);

  if (mcp_call_client_can (call, EXTENSION))
    begin (fixture, call, tool->more, ms, g_strdup (label != NULL ? label : "Computed."));
  else
    fixture_later (fixture, call, ms, computed);
}

static void
run_job (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  if (mcp_call_client_can (call, EXTENSION))
    begin (fixture, call, tool->more, SOON_MS, g_strdup (tool->name));
  else
    refuse_without_tasks (call);
}

/* A round first, then a task. */
static void
ask_then_run (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  const FixtureAsk *ask = &fixture_ask_name;
  const char *name = wire_string (fixture_asked (call, ask), "name");

  if (!mcp_call_client_can (call, EXTENSION))
    refuse_without_tasks (call);
  else if (name == NULL)
    fixture_ask (call, &ask, 1, NULL);
  else
    begin (fixture, call, tool->more, SOON_MS, g_strdup_printf ("Hello, %s!", name));
}

const FixtureTool fixture_task_tools[] = {
  { "slow_compute", "Computes for some seconds", FIXTURE_MODERN,
    "{'type':'object','properties':{'seconds':{'type':'number'},'label':{'type':'string'}}}",
    compute, NULL, &plain },
  { "failing_job", "Fails", FIXTURE_MODERN, NULL, run_job, NULL, &failing },
  { "protocol_error_job", "Breaks", FIXTURE_MODERN, NULL, run_job, NULL, &broken },
  { "confirm_delete", "Asks before it deletes", FIXTURE_MODERN,
    "{'type':'object','properties':{'filename':{'type':'string'}}}", run_job, NULL, &confirming },
  { "multi_input", "Asks two things", FIXTURE_MODERN, NULL, run_job, NULL, &two_inputs },
  { "test_tool_with_task", "Asks for a name, and goes on as a task", FIXTURE_MODERN, NULL,
    ask_then_run, NULL, &plain },
  { 0 },
};

/* --- The extension's own methods --- */

/* NULL, and @call is ended: there is none. */
static Task *
find (Fixture *fixture, McpCall *call)
{
  Task *task = g_hash_table_lookup (fixture->tasks, mcp_call_name (call));

  if (task == NULL)
    mcp_call_refuse (call, MCP_INVALID_PARAMS, "taskId: there is no such task", NULL);
  return task;
}

static void
acknowledge (McpCall *call)
{
  g_autoptr (json_t) nothing = json_object ();

  mcp_call_result (call, nothing);
}

void
fixture_task_get (Fixture *fixture, McpCall *call)
{
  Task *task = find (fixture, call);

  if (task != NULL)
    tell (call, task);
}

static gboolean
is_open (const Task *task)
{
  return g_str_equal (task->status, "working") || g_str_equal (task->status, "input_required");
}

void
fixture_task_cancel (Fixture *fixture, McpCall *call)
{
  Task *task = find (fixture, call);

  if (task == NULL)
    return;
  if (is_open (task))
    {
      g_clear_handle_id (&task->source, g_source_remove);
      g_clear_pointer (&task->inputs, json_decref);
      become (task, "cancelled");
    }
  acknowledge (call);
}

void
fixture_task_update (Fixture *fixture, McpCall *call)
{
  Task *task = find (fixture, call);
  json_t *responses = json_object_get (mcp_call_params (call), "inputResponses");
  const char *key;
  json_t *value;

  if (task == NULL)
    return;
  json_object_foreach (responses, key, value)
  {
    json_object_del (task->inputs, key);
  }
  if (task->inputs != NULL && json_object_size (task->inputs) == 0)
    {
      g_clear_pointer (&task->inputs, json_decref);
      complete (task);
    }
  acknowledge (call);
}
