/* SPDX-License-Identifier: MIT
 *
 * run_command: a command that is given secrets, and whose output goes back without them. A worker
 * finds out what would run, before a person is asked, and the same worker runs it.
 *
 * MUST
 *  - run exactly what was approved: the file, its arguments, environment, directory, input, and
 *    what it may write and reach
 *  - keep nothing of what it writes
 */
#include "broker/operation/operation-run.h"

#include <string.h>

#include "broker/base/arguments.h"

static void
run_end (Request *request)
{
  RunWork *run = request->detail;

  worker_end (run->worker);
  worker_end (run->relay);
  g_strfreev (run->names);
  g_strfreev (run->command);
  json_decref (run->args);
  json_decref (run->settled);
  g_clear_pointer (&run->services, services_unref);
  operation_fault_clear (&run->fault);
  g_free (run);
}

/* ---- what is asked ---- */

/* What came by descriptor stands in its place from here on. */
static gboolean
take_input (json_t *args, int fd, GError **error)
{
  gsize len;

  if (fd < 0)
    return TRUE;
  g_autofree char *text = operation_read_text (fd, "stdin", &len, error);
  if (text == NULL)
    return FALSE;
  json_object_del (args, "stdin_fd");
  json_object_set_new (args, "stdin", json_stringn (text, len));
  return TRUE;
}

static gboolean
run_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  RunWork *run = g_new0 (RunWork, 1);

  request->detail = run;
  run->args = json_incref (args);
  run->names = operation_secret_names (json_object_get (args, "secrets"));
  if (run->names[0] != NULL)
    request->resource = g_strjoinv (", ", run->names);
  request->scopes = operation_one_scope ("use");
  request->purpose = g_strdup (wire_string (args, "purpose"));
  request->asked = wire_integer (args, "ttl_seconds", ARGUMENTS_TTL_DEFAULT);
  return take_input (args, files->input, error);
}

/* ---- what it comes down to ---- */

static void
find_service (Request *request)
{
  RunWork *run = request->detail;
  const char *name = wire_string (run->args, "service");

  /* Before a lock it may have come to something else. */
  g_clear_pointer (&run->services, services_unref);
  operation_fault_clear (&run->fault);
  run->services = services_ref (request->vault->services);
  if (name == NULL)
    return;
  run->reach = services_find (run->services, name);
  if (run->reach != NULL)
    return;
  g_autofree char *near = operation_near_service (request, run->services, name);
  operation_fault_set (&run->fault, "not_found",
                       g_strdup_printf ("there is no service named %s%s list_secrets names those "
                                        "there are",
                                        name, near));
}

/* What the approval is for: all that was asked, and the file that it turned out to be. How long the
 * approval is wanted, and what for, change nothing of what is done. */
static char *
bind_run (const RunWork *run)
{
  g_autoptr (json_t) what = json_copy (run->args);
  g_autoptr (json_t) about = run->reach != NULL ? service_worker_json (run->reach) : json_null ();

  json_object_del (what, "purpose");
  json_object_del (what, "ttl_seconds");
  json_object_set (what, "settled", run->settled);
  json_object_set (what, "reach", about);
  return operation_digest (what);
}

static const char *
resolve_code (const char *reason)
{
  static const char *const known[] = { "not_found", "not_executable", "directory", "path", NULL };

  return worker_code (known, reason, "worker");
}

static gboolean
take_settled (RunWork *run, json_t *result)
{
  static const WireField fields[] = {
    { "program", WIRE_STRING, TRUE, 1, 0, NULL },     { "device", WIRE_STRING, TRUE, 1, 0, NULL },
    { "inode", WIRE_STRING, TRUE, 1, 0, NULL },       { "changed", WIRE_STRING, TRUE, 1, 0, NULL },
    { "work_dir", WIRE_STRING, TRUE, 1, 0, NULL },    { "write", WIRE_STRINGS, TRUE, 0, 0, NULL },
    { "home", WIRE_STRING, TRUE, 1, 0, NULL },        { "user", WIRE_STRING, TRUE, 1, 0, NULL },
    { "confinement", WIRE_OBJECT, TRUE, 0, 0, NULL },
  };

  if (!wire_check (fields, G_N_ELEMENTS (fields), result, NULL))
    return FALSE;
  g_clear_pointer (&run->settled, json_decref);
  run->settled = json_incref (result);
  g_strfreev (run->command);
  run->command
      = operation_command (wire_string (result, "program"), json_object_get (run->args, "command"));
  return TRUE;
}

static void
on_resolved (gpointer data, json_t *result, const char *reason, const char *message)
{
  Request *request = data; /* its end() ends the worker, and with it this call */
  RunWork *run = request->detail;

  if (result == NULL)
    operation_fault_set (&run->fault, resolve_code (reason), g_strdup (message));
  else if (!take_settled (run, result))
    operation_fault_set (&run->fault, "worker", g_strdup ("the worker's answer could not be read"));
  else
    {
      g_free (request->binding);
      request->binding = bind_run (run);
    }
  request_settled (request);
}

static void
run_settle (Request *request)
{
  RunWork *run = request->detail;
  g_autoptr (GError) error = NULL;
  g_autofree char *cwd = requester_is_subject (request->requester)
                             ? NULL /* that of what carries for them is not theirs */
                             : process_cwd (request->requester->process);
  const char *dir = wire_string (run->args, "work_dir");
  json_t *write = json_object_get (run->args, "write_paths");

  find_service (request);
  worker_end (run->worker); /* of before it was locked */
  run->worker = worker_new (request->vault, WORKER_EXEC, &run_work_events, request, &error);
  if (run->worker == NULL)
    {
      operation_fault_set (&run->fault, "worker", g_strdup (error->message));
      request_settled (request);
      return;
    }
  json_t *params
      = json_pack ("{s:O, s:s}", "command", json_object_get (run->args, "command"), "work_dir",
                   dir != NULL   ? dir
                   : cwd != NULL ? cwd
                                 : "/");
  json_object_set_new (params, "write", write != NULL ? json_incref (write) : json_array ());
  worker_call (run->worker, "resolve", params, on_resolved, request);
}

static void
run_ask (const Request *request, PolicyQuery *query, QuestionKind *kind, char ***names)
{
  const RunWork *run = request->detail;

  operation_ask_each (run->names, run->command, kind, names, query);
  query->cwd = wire_string (run->settled, "work_dir"); /* NULL: it could not be found out */
}

static gboolean
is_confined (const RunWork *run)
{
  return json_is_true (json_object_get (json_object_get (run->settled, "confinement"), "full"));
}

/* What of the confinement is not to be had here. g_free(). */
static char *
missing (const RunWork *run)
{
  const json_t *list = json_object_get (json_object_get (run->settled, "confinement"), "missing");
  g_auto (GStrv) words = wire_texts (list);

  return g_strjoinv ("; ", words);
}

static gboolean
run_check (Request *request)
{
  const RunWork *run = request->detail;
  g_autofree char *lacking = missing (run);

  if (!operation_fault_check (request, &run->fault))
    return FALSE;
  for (guint i = 0; run->names[i] != NULL; i++)
    if (!operation_check_exists (request, run->names[i]))
      return FALSE;
  if (is_confined (run) || !(request->bounds.sandbox || run->reach != NULL))
    return TRUE;
  g_autofree char *message
      = g_strdup_printf ("%s, and this machine cannot confine it: %s",
                         run->reach != NULL ? "the network is opened to confined commands only"
                                            : "the policy lets commands run confined only",
                         lacking);
  request_refuse (request, "policy", message, "policy");
  return FALSE;
}

/* ---- what a person sees ---- */

static void
add_environment (json_t *facts, const json_t *env)
{
  const char *name;
  json_t *value;

  json_object_foreach ((json_t *) env, name, value)
  {
    g_autofree char *line = g_strdup_printf ("%s=%s", name, json_string_value (value));
    operation_add_fact (facts, "Environment", line);
  }
}

static char *
reach_words (const RunWork *run)
{
  const json_t *confinement = json_object_get (run->settled, "confinement");

  if (run->reach != NULL)
    return operation_reach_words (run->reach);
  return g_strdup (g_strcmp0 (wire_string (confinement, "network"), "none") == 0
                       ? "nothing: no network"
                       : "everything: not confined");
}

static void
run_facts (const Request *request, json_t *facts)
{
  const RunWork *run = request->detail;
  const char *input = wire_string (run->args, "stdin");
  g_autofree char *reach = reach_words (run), *lacking = missing (run);
  g_autofree char *without = g_strdup_printf ("not wholly: %s", lacking);
  g_autofree char *limit
      = g_strdup_printf ("%" G_GINT64_FORMAT " s", wire_integer (run->args, "timeout_seconds",
                                                                 ARGUMENTS_RUN_TIMEOUT_DEFAULT));

  operation_command_facts (
      facts, run->command,
      json_string_value (json_array_get (json_object_get (run->args, "command"), 0)),
      json_object_get (run->args, "secrets"));
  add_environment (facts, json_object_get (run->args, "env"));
  operation_add_fact (facts, "Directory", wire_string (run->settled, "work_dir"));
  if (input != NULL && *input != '\0')
    operation_add_fact (facts, "Input", input);
  operation_add_each (facts, "May write", json_object_get (run->settled, "write"));
  operation_add_fact (facts, "May reach", reach);
  operation_add_fact (facts, "Confined",
                      is_confined (run) ? "bubblewrap, Landlock, seccomp" : without);
  operation_add_fact (facts, "Time limit", limit);
}

const OperationRow operation_run_command = {
  .operation = OPERATION_RUN_COMMAND,
  .call = "run_command",
  .risk = RISK_DISCLOSE,
  .reusable = TRUE,
  .bound = TRUE,
  .slow = TRUE,
  .prepare = run_prepare,
  .settle = run_settle,
  .ask = run_ask,
  .check = run_check,
  .facts = run_facts,
  .execute = run_work_begin,
  .end = run_end,
};
