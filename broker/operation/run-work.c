/* SPDX-License-Identifier: MIT
 *
 * A command is run by the worker that found out what it is.
 */
#include "broker/operation/operation-run.h"

#include <string.h>
#include <unistd.h>

#include "broker/base/arguments.h"
#include "broker/base/paths.h"
#include "broker/operation/operation-read.h"
#include "broker/dispatch/relays.h"
#include "broker/record.h"

#define OUTPUT_BYTES (256 * 1024) /* of each stream, that go back */

static void
record_ended (const Request *request, const json_t *result, const char *code)
{
  const RunWork *run = request->detail;
  AuditRecord *record = record_done (request, "command_done");

  if (record == NULL)
    return;
  audit_record_text (record, "executable", run->command[0]);
  audit_record_string (record, "binding", request->binding);
  if (json_is_integer (json_object_get (result, "exit_code")))
    audit_record_integer (record, "exit_status", wire_integer (result, "exit_code", -1));
  audit_record_text (record, "signal", wire_string (result, "signal"));
  if (result != NULL)
    operation_record_redacted (record, result);
  audit_record_string (record, "failed", code);
  record_owe (request->vault, record);
}

static void
on_done (gpointer data, json_t *result, const char *reason, const char *message)
{
  Request *request = data;
  const RunWork *run = request->detail;

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
  RunWork *run = request->detail;
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

const WorkerEvents run_work_events = { on_notice, NULL };

static json_t *
make_environment (const RunWork *run)
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
  const RunWork *run = request->detail;
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
  const RunWork *run = request->detail;
  g_autoptr (GError) error = NULL;

  if (worker_attach_secret (run->worker, "secret", run->names[i], value, &error))
    return TRUE;
  request_fail (request, "busy", error->message);
  return FALSE;
}

static void
on_all_attached (Request *request)
{
  const RunWork *run = request->detail;
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

void
run_work_begin (Request *request)
{
  const RunWork *run = request->detail;

  if ((run->reach == NULL || operation_check_service (request, run->reach))
      && operation_use (request))
    operation_read (request, (const char *const *) run->names, &reader);
}
