/* SPDX-License-Identifier: MIT
 *
 * launch and read_secrets: values that leave the broker for a program of the requester's. What
 * becomes of them there is that program's: both are shown as disclosing. To a program that is
 * started confined, launch can open the way to one service.
 *
 * MUST
 *  - open no way but to the accepted service of that name, and none before it is granted
 */
#include "broker/operation/operation-program.h"
#include "broker/operation/operation-read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/base/arguments.h"
#include "broker/base/text.h"
#include "broker/dispatch/relays.h"

#define LAUNCH_SECONDS ARGUMENTS_TTL_MAX /* a server runs as long as its client */

typedef struct
{
  char **names;      /* of the secrets, in the order in which their values are given */
  json_t *args;      /* launch: all of it */
  char **command;    /* launch: the executable's path, then the arguments behind the name */
  GPtrArray *values; /* of Secret, while they are read */
  int relay;         /* launch: over which the program will send its listening socket; or -1 */
  Services *services;
  const Service *reach; /* launch: what it may reach; or NULL */
} Launch;

static void
launch_end (Request *request)
{
  Launch *launch = request->detail;

  g_strfreev (launch->names);
  g_strfreev (launch->command);
  json_decref (launch->args);
  g_clear_pointer (&launch->values, g_ptr_array_unref);
  g_clear_pointer (&launch->services, services_unref);
  if (launch->relay >= 0)
    close (launch->relay);
  g_free (launch);
}

static Launch *
launch_new (Request *request, const json_t *args)
{
  Launch *launch = g_new0 (Launch, 1);

  request->detail = launch;
  launch->relay = -1;
  request->purpose = g_strdup (wire_string (args, "purpose"));
  launch->values = g_ptr_array_new_with_free_func ((GDestroyNotify) secret_free);
  return launch;
}

/* One end of a pair made for this, and no file of the caller's that could make a worker wait. */
static gboolean
is_pair_end (int fd)
{
  int domain = -1, type = -1;
  socklen_t len = sizeof domain;

  return getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_UNIX
         && getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

static gboolean
take_relay (Launch *launch, int fd, GError **error)
{
  if (fd < 0)
    return TRUE;
  if (!is_pair_end (fd))
    {
      g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD,
                           "relay_fd: must be an end of a socketpair(AF_UNIX, SOCK_SEQPACKET)");
      return FALSE;
    }
  launch->relay = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  if (launch->relay >= 0)
    return TRUE;
  g_set_error (error, SECRET_ERROR, SECRET_ERROR_FULL, "relay_fd: %s", g_strerror (errno));
  return FALSE;
}

static gboolean
launch_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  Launch *launch = launch_new (request, args);
  json_t *argv = json_object_get (args, "argv");

  launch->args = json_incref (args);
  launch->names = operation_secret_names (json_object_get (args, "secrets"));
  launch->command = operation_command (wire_string (args, "program"), argv);
  if (launch->names[0] != NULL)
    request->resource = g_strjoinv (", ", launch->names);
  request->scopes = operation_one_scope ("use");
  request->asked = LAUNCH_SECONDS;
  request->lasting = wire_string (args, "service") != NULL;
  return take_relay (launch, files->relay, error);
}

/* What the approval is for: all that was asked, and what the service is by now. */
static void
launch_settle (Request *request)
{
  Launch *launch = request->detail;
  const char *name = wire_string (launch->args, "service");
  g_autoptr (json_t) what = json_copy (launch->args);

  g_clear_pointer (&launch->services, services_unref); /* of before it was locked */
  launch->services = services_ref (request->vault->services);
  launch->reach = name != NULL ? services_find (launch->services, name) : NULL;
  if (launch->reach != NULL)
    json_object_set_new (what, "reach", relay_place (launch->reach));
  g_free (request->binding);
  request->binding = operation_digest (what);
  request_settled (request);
}

static gboolean
read_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  Launch *launch = launch_new (request, args);

  launch->names = wire_texts (json_object_get (args, "names"));
  request->resource = g_strjoinv (", ", launch->names);
  request->scopes = operation_one_scope ("reveal");
  return TRUE;
}

static void
launch_ask (const Request *request, PolicyQuery *query, QuestionKind *kind, char ***names)
{
  const Launch *launch = request->detail;
  const char *dir = wire_string (launch->args, "work_dir");

  operation_ask_each (launch->names, launch->command, kind, names, query);
  if (dir != NULL)
    query->cwd = dir;
}

static void
launch_temper (const Request *request, PolicyDecision *decision)
{
  const Launch *launch = request->detail;

  /* Who allowed it confined did not say what may be written or reached then. */
  if (decision->verdict == POLICY_ALLOW && decision->sandbox
      && (json_object_get (launch->args, "write_paths") != NULL
          || json_object_get (launch->args, "service") != NULL))
    decision->verdict = POLICY_ASK;
}

static char *
launch_rule (const Request *request, const char *exe, gint64 max)
{
  const Launch *launch = request->detail;

  return policy_allow_command_text (OPERATION_LAUNCH, (const char *const *) launch->names,
                                    (const char *const *) launch->command, exe, max);
}

static gboolean
is_confined (const Request *request)
{
  return json_is_true (json_object_get (((Launch *) request->detail)->args, "sandbox"));
}

static gboolean
check_service (Request *request)
{
  const Launch *launch = request->detail;
  const char *name = wire_string (launch->args, "service");

  if (name == NULL || launch->reach != NULL)
    return TRUE;
  g_autofree char *message
      = g_strdup_printf ("there is no service named %s; a person can add it with `countersign "
                         "service add`, and `countersign service list` names those there are",
                         name);
  request_fail (request, "not_found", message);
  return FALSE;
}

static gboolean
launch_check (Request *request)
{
  const Launch *launch = request->detail;

  if (!check_service (request))
    return FALSE;
  if (request->bounds.sandbox && !is_confined (request))
    {
      request_refuse (request, "policy",
                      "the policy lets this be started confined only: countersign run --sandbox",
                      "policy");
      return FALSE;
    }
  for (guint i = 0; launch->names[i] != NULL; i++)
    if (!operation_check_exists (request, launch->names[i]))
      return FALSE;
  return TRUE;
}

static void
launch_facts (const Request *request, json_t *facts)
{
  const Launch *launch = request->detail;
  g_autofree char *reach = launch->reach != NULL ? operation_reach_words (launch->reach) : NULL;

  operation_command_facts (
      facts, launch->command,
      json_string_value (json_array_get (json_object_get (launch->args, "argv"), 0)),
      json_object_get (launch->args, "secrets"));
  operation_add_fact (facts, "Directory", wire_string (launch->args, "work_dir"));
  operation_add_each (facts, "May write", json_object_get (launch->args, "write_paths"));
  operation_add_fact (facts, "May reach",
                      reach != NULL           ? reach
                      : is_confined (request) ? "nothing: no network"
                                              : "everything: not confined");
  operation_add_fact (facts, "Confined",
                      is_confined (request) ? "by countersign run --sandbox" : "not at all");
}

static void
read_facts (const Request *request, json_t *facts)
{
  operation_add_fact (facts, "Discloses",
                      "the values themselves go to this program, and to whoever reads what it "
                      "writes");
}

/* ---- handing the values over ---- */

static gboolean
keep_value (Request *request, guint i, const Secret *value)
{
  Launch *launch = request->detail;
  g_autoptr (GError) error = NULL;
  Secret *copy = secret_copy (value, &error);

  if (copy == NULL)
    request_fail (request, "busy", error->message);
  else
    g_ptr_array_add (launch->values, copy);
  return copy != NULL;
}

/* Of each its length, 4 bytes with the highest first, and its bytes. */
static Secret *
join_values (const GPtrArray *values, GError **error)
{
  gsize size = 0, at = 0;

  for (guint i = 0; i < values->len; i++)
    size += sizeof (guint32) + secret_len (g_ptr_array_index (values, i));
  Secret *all = secret_new (size, error);
  for (guint i = 0; all != NULL && i < values->len; i++)
    {
      const Secret *value = g_ptr_array_index (values, i);
      guint32 len = GUINT32_TO_BE (secret_len (value));
      memcpy (secret_data (all) + at, &len, sizeof len);
      memcpy (secret_data (all) + at + sizeof len, secret_peek (value), secret_len (value));
      at += sizeof len + secret_len (value);
    }
  return all;
}

static json_t *
make_result (const Launch *launch)
{
  json_t *result = json_pack ("{s:I}", "values", (json_int_t) launch->values->len);

  if (launch->reach != NULL)
    {
      json_t *place = relay_place (launch->reach);
      json_object_del (place, "network");
      json_object_set_new (result, "reach", place);
    }
  return result;
}

static void
on_all_read (Request *request)
{
  const Launch *launch = request->detail;
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) all = launch->values->len > 0 ? join_values (launch->values, &error) : NULL;

  if (error != NULL)
    request_fail (request, "busy", error->message);
  else
    request_finish (request, make_result (launch), all);
}

static const OperationReader reader = { keep_value, on_all_read };

static void
read_values (Request *request)
{
  operation_read (request, (const char *const *) ((Launch *) request->detail)->names, &reader);
}

static void
on_relay (Request *request, const char *fault)
{
  if (fault != NULL)
    request_fail (request, "network", fault);
  else
    read_values (request);
}

static void
launch_execute (Request *request)
{
  Launch *launch = request->detail;

  if (request->row->reusable && !operation_use (request))
    return;
  if (launch->reach != NULL)
    relays_begin (request->vault->relays, request, launch->reach, g_steal_fd (&launch->relay),
                  on_relay);
  else
    read_values (request);
}

const OperationRow operation_launch = {
  .operation = OPERATION_LAUNCH,
  .call = "launch",
  .risk = RISK_DISCLOSE,
  .reusable = TRUE,
  .bound = TRUE,
  .secret_result = TRUE,
  .prepare = launch_prepare,
  .settle = launch_settle,
  .ask = launch_ask,
  .temper = launch_temper,
  .rule = launch_rule,
  .check = launch_check,
  .facts = launch_facts,
  .execute = launch_execute,
  .end = launch_end,
};

const OperationRow operation_read_secrets = {
  .operation = OPERATION_REVEAL,
  .call = "read_secrets",
  .risk = RISK_DISCLOSE,
  .secret_result = TRUE,
  .prepare = read_prepare,
  .ask = launch_ask,
  .check = launch_check,
  .facts = read_facts,
  .execute = launch_execute,
  .end = launch_end,
};
