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
#include "broker/operation/operation-program.h"
#include "broker/operation/operation-read.h"

#include <string.h>

#include "broker/base/arguments.h"
#include "broker/base/paths.h"
#include "broker/operation/relays.h"
#include "broker/operation/worker-process.h"
#include "broker/record.h"

#define OUTPUT_BYTES (256 * 1024) /* of each stream, that go back */

typedef struct
{
  json_t *args;    /* as asked, with the input in it */
  char **names;    /* of the secrets */
  char **command;  /* the executable's path, then the arguments; NULL: not known */
  json_t *settled; /* what the worker found; NULL: see fault */
  Services *services;
  const Service *reach; /* or NULL */
  const char *fault;
  char *message;
  Worker *worker; /* finds out, and runs */
  Worker *relay;  /* carries bytes to @reach; or NULL */
} Run;

static void
run_end (Request *request)
{
  Run *run = request->detail;

  worker_end (run->worker);
  worker_end (run->relay);
  g_strfreev (run->names);
  g_strfreev (run->command);
  json_decref (run->args);
  json_decref (run->settled);
  g_clear_pointer (&run->services, services_unref);
  g_free (run->message);
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
  Run *run = g_new0 (Run, 1);

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
set_fault (Run *run, const char *code, char *message)
{
  if (run->fault != NULL)
    {
      g_free (message);
      return;
    }
  run->fault = code;
  run->message = message;
}

static void
find_service (Request *request)
{
  Run *run = request->detail;
  const char *name = wire_string (run->args, "service");

  /* Before a lock it may have come to something else. */
  g_clear_pointer (&run->services, services_unref);
  g_clear_pointer (&run->message, g_free);
  run->fault = NULL;
  run->services = services_ref (request->vault->services);
  if (name == NULL)
    return;
  run->reach = services_find (run->services, name);
  if (run->reach == NULL)
    set_fault (
        run, "not_found",
        g_strdup_printf ("there is no service named %s; list_secrets names those there are", name));
}

/* What the approval is for: all that was asked, and the file that it turned out to be. How long the
 * approval is wanted, and what for, change nothing of what is done. */
static char *
bind_run (const Run *run)
{
  g_autoptr (json_t) what = json_copy (run->args);
  g_autoptr (json_t) about = run->reach != NULL ? service_worker_json (run->reach) : json_null ();

  json_object_del (what, "purpose");
  json_object_del (what, "ttl_seconds");
  json_object_set (what, "settled", run->settled);
  json_object_set (what, "reach", about);
  return operation_digest (what);
}

/* The worker's own words, but codes of ours. */
static const char *
resolve_code (const char *reason)
{
  static const char *const codes[] = { "not_found", "not_executable", "directory", "path", NULL };

  for (gsize i = 0; codes[i] != NULL; i++)
    if (g_strcmp0 (reason, codes[i]) == 0)
      return codes[i];
  return "worker";
}

static gboolean
take_settled (Run *run, json_t *result)
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
  Run *run = request->detail;

  if (result == NULL)
    set_fault (run, resolve_code (reason), g_strdup (message));
  else if (!take_settled (run, result))
    set_fault (run, "worker", g_strdup ("the worker's answer could not be read"));
  else
    {
      g_free (request->binding);
      request->binding = bind_run (run);
    }
  request_settled (request);
}

static void on_notice (gpointer user, const char *method, const json_t *params, int fd);

static const WorkerEvents run_events = { on_notice, NULL };

static void
run_settle (Request *request)
{
  Run *run = request->detail;
  g_autoptr (GError) error = NULL;
  g_autofree char *cwd = process_cwd (request->requester->process);
  const char *dir = wire_string (run->args, "work_dir");
  json_t *write = json_object_get (run->args, "write_paths");

  find_service (request);
  worker_end (run->worker); /* of before it was locked */
  run->worker = worker_new (request->vault, WORKER_EXEC, &run_events, request, &error);
  if (run->worker == NULL)
    {
      set_fault (run, "worker", g_strdup (error->message));
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
run_decide (const Request *request, const Policy *policy, PolicyDecision *decision)
{
  const Run *run = request->detail;

  operation_decide_each (request, policy, run->names, run->command, decision);
}

static gboolean
is_confined (const Run *run)
{
  return json_is_true (json_object_get (json_object_get (run->settled, "confinement"), "full"));
}

/* What of the confinement is not to be had here. g_free(). */
static char *
missing (const Run *run)
{
  const json_t *list = json_object_get (json_object_get (run->settled, "confinement"), "missing");
  g_auto (GStrv) words = operation_strings (list);

  return g_strjoinv ("; ", words);
}

static gboolean
run_check (Request *request)
{
  const Run *run = request->detail;
  g_autofree char *lacking = missing (run);

  if (run->fault != NULL)
    {
      request_fail (request, run->fault, run->message);
      return FALSE;
    }
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
reach_words (const Run *run)
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
  const Run *run = request->detail;
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

/* ---- running it ---- */

static void
record_ended (const Request *request, const json_t *result, const char *code)
{
  const Run *run = request->detail;
  AuditRecord *record = record_done (request, "command_done");
  gint64 redacted = 0;
  const char *name;
  json_t *count;

  if (record == NULL)
    return;
  json_object_foreach (json_object_get (result, "redacted"), name, count) redacted
      += json_integer_value (count);
  audit_record_text (record, "executable", run->command[0]);
  audit_record_string (record, "binding", request->binding);
  if (json_is_integer (json_object_get (result, "exit_code")))
    audit_record_integer (record, "exit_status", wire_integer (result, "exit_code", -1));
  audit_record_text (record, "signal", wire_string (result, "signal"));
  if (result != NULL)
    audit_record_integer (record, "redacted", redacted);
  audit_record_string (record, "failed", code);
  record_owe (request->vault, record);
}

static void
on_done (gpointer data, json_t *result, const char *reason, const char *message)
{
  Request *request = data;
  const Run *run = request->detail;

  record_ended (request, result, result == NULL ? "worker" : NULL);
  if (result == NULL)
    {
      request_fail (request, "worker", message);
      return;
    }
  json_t *injected = json_array ();
  for (guint i = 0; run->names[i] != NULL; i++)
    json_array_append_new (injected, json_string (run->names[i]));
  json_object_set_new (result, "secrets_injected", injected);
  request_finish (request, json_incref (result), NULL);
}

static void
on_relayed (gpointer data, json_t *result, const char *reason, const char *message)
{
  if (result == NULL)
    request_fail (data, "network", message);
}

/* The command's one way out: its listening socket goes to a worker that has the network. */
static void
relay (Request *request, int listener)
{
  Run *run = request->detail;
  static const WorkerEvents events = { NULL, NULL };
  g_autoptr (GError) error = NULL;

  if (run->reach != NULL && run->relay == NULL)
    run->relay = worker_new (request->vault, WORKER_HTTP, &events, request, &error);
  if (run->relay == NULL)
    {
      close (listener);
      request_fail (request, "network",
                    error != NULL ? error->message : "no service was asked for");
      return;
    }
  worker_attach (run->relay, "listener", NULL, listener);
  worker_call (run->relay, "relay", relay_place (run->reach), on_relayed, request);
}

static void
on_notice (gpointer user, const char *method, const json_t *params, int fd)
{
  Request *request = user;
  const char *stream = wire_string (params, "stream"), *text = wire_string (params, "text");

  if (strcmp (method, "listener") == 0 && fd >= 0)
    relay (request, fd);
  else if (strcmp (method, "output") == 0 && stream != NULL && text != NULL)
    request_progress (request, stream, text);
}

static json_t *
make_environment (const Run *run)
{
  json_t *env = json_pack (
      "{s:s, s:O, s:O, s:O, s:s, s:s}", "PATH", "/usr/local/bin:/usr/bin:/bin", "HOME",
      json_object_get (run->settled, "home"), "USER", json_object_get (run->settled, "user"),
      "LOGNAME", json_object_get (run->settled, "user"), "LANG", "C.UTF-8", "TERM", "dumb");

  json_object_update (env, json_object_get (run->args, "env"));
  return env;
}

/* What of ours no command is to see, even to read. */
static json_t *
hidden (const Vault *vault)
{
  if (vault->system) /* all else is below /run, of which each command has its own */
    return json_pack ("[s]", PATHS_SYSTEM_STATE);
  g_autofree char *data = paths_data_dir (), *state = paths_state_dir (),
                  *config = paths_config_dir (), *run = paths_runtime_dir ();
  return json_pack ("[s, s, s, s]", data, state, config, run);
}

static json_t *
make_params (const Request *request)
{
  const Run *run = request->detail;
  const Grant *grant = grants_find (request->vault->grants, request->grant_id);
  gint64 asked = wire_integer (run->args, "timeout_seconds", ARGUMENTS_RUN_TIMEOUT_DEFAULT);
  json_t *secrets = json_object_get (run->args, "secrets");
  json_t *params = json_pack (
      "{s:O, s:O, s:O, s:O, s:O, s:o, s:O, s:O, s:o, s:I, s:i}", "program",
      json_object_get (run->settled, "program"), "device", json_object_get (run->settled, "device"),
      "inode", json_object_get (run->settled, "inode"), "changed",
      json_object_get (run->settled, "changed"), "argv", json_object_get (run->args, "command"),
      "env", make_environment (run), "work_dir", json_object_get (run->settled, "work_dir"),
      "write", json_object_get (run->settled, "write"), "hide", hidden (request->vault),
      "timeout_ms", (json_int_t) MAX (1, MIN (asked, grant_seconds_left (grant))) * 1000,
      "max_bytes", OUTPUT_BYTES);

  json_object_set_new (params, "secrets", secrets != NULL ? json_incref (secrets) : json_array ());
  if (run->reach != NULL)
    {
      g_autoptr (json_t) about = service_worker_json (run->reach);
      json_object_set_new (params, "reach",
                           json_pack ("{s:O, s:O}", "host", json_object_get (about, "host"), "port",
                                      json_object_get (about, "port")));
    }
  return params;
}

static gboolean
attach_value (Request *request, guint i, const Secret *value)
{
  const Run *run = request->detail;
  g_autoptr (GError) error = NULL;

  if (worker_attach_secret (run->worker, "secret", run->names[i], value, &error))
    return TRUE;
  request_fail (request, "busy", error->message);
  return FALSE;
}

static void
on_all_attached (Request *request)
{
  const Run *run = request->detail;
  const json_t *input = json_object_get (run->args, "stdin");

  if (json_string_length (input) > 0)
    {
      g_autoptr (GBytes) bytes
          = g_bytes_new (json_string_value (input), json_string_length (input));
      if (!worker_attach_bytes (run->worker, "stdin", bytes))
        {
          request_fail (request, "busy", "there is no room for the input now; try again");
          return;
        }
    }
  worker_call (run->worker, "run", make_params (request), on_done, request);
}

static const OperationReader reader = { attach_value, on_all_attached };

/* A person may have accepted another service by that name while this one waited, or none. */
static gboolean
is_unchanged (const Request *request)
{
  const Run *run = request->detail;
  const Service *now = run->reach != NULL
                           ? services_find (request->vault->services, service_name (run->reach))
                           : NULL;

  if (run->reach == NULL || now == NULL)
    return run->reach == NULL;
  g_autoptr (json_t) before = service_worker_json (run->reach);
  g_autoptr (json_t) after = service_worker_json (now);
  return json_equal (before, after);
}

static void
run_execute (Request *request)
{
  if (!is_unchanged (request))
    request_fail (request, "changed", "the service was changed meanwhile; ask again");
  else if (operation_use (request))
    operation_read (request, (const char *const *) ((Run *) request->detail)->names, &reader);
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
  .decide = run_decide,
  .check = run_check,
  .facts = run_facts,
  .execute = run_execute,
  .end = run_end,
};
