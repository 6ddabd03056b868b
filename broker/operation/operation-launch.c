/* SPDX-License-Identifier: MIT
 *
 * launch and read_secrets: values that leave the broker for a program of the requester's. What
 * becomes of them there is that program's: both are shown as disclosing.
 */
#include "broker/operation/operation-program.h"
#include "broker/operation/operation-read.h"

#include <string.h>

#include "broker/base/arguments.h"
#include "broker/base/text.h"

#define LAUNCH_SECONDS ARGUMENTS_TTL_MAX /* a server runs as long as its client */

typedef struct
{
  char **names;      /* of the secrets, in the order in which their values are given */
  json_t *args;      /* launch: all of it */
  char **command;    /* launch: the executable's path, then the arguments behind the name */
  GPtrArray *values; /* of Secret, while they are read */
} Launch;

static void
launch_end (Request *request)
{
  Launch *launch = request->detail;

  g_strfreev (launch->names);
  g_strfreev (launch->command);
  json_decref (launch->args);
  g_clear_pointer (&launch->values, g_ptr_array_unref);
  g_free (launch);
}

static Launch *
launch_new (Request *request, const json_t *args)
{
  Launch *launch = g_new0 (Launch, 1);

  request->detail = launch;
  request->purpose = g_strdup (wire_string (args, "purpose"));
  launch->values = g_ptr_array_new_with_free_func ((GDestroyNotify) secret_free);
  return launch;
}

static gboolean
launch_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  Launch *launch = launch_new (request, args);
  json_t *argv = json_object_get (args, "argv");

  launch->args = json_incref (args);
  launch->names = operation_secret_names (json_object_get (args, "secrets"));
  launch->command = operation_command (wire_string (args, "program"), argv);
  request->resource = g_strjoinv (", ", launch->names);
  request->scopes = operation_one_scope ("use");
  request->asked = LAUNCH_SECONDS;
  request->binding = operation_digest (args);
  return TRUE;
}

static gboolean
read_prepare (Request *request, json_t *args, const OperationFiles *files, GError **error)
{
  Launch *launch = launch_new (request, args);

  launch->names = operation_strings (json_object_get (args, "names"));
  request->resource = g_strjoinv (", ", launch->names);
  request->scopes = operation_one_scope ("reveal");
  return TRUE;
}

static void
launch_decide (const Request *request, const Policy *policy, PolicyDecision *decision)
{
  const Launch *launch = request->detail;

  operation_decide_each (request, policy, launch->names, launch->command, decision);
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
launch_check (Request *request)
{
  const Launch *launch = request->detail;

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

  operation_command_facts (
      facts, launch->command,
      json_string_value (json_array_get (json_object_get (launch->args, "argv"), 0)),
      json_object_get (launch->args, "secrets"));
  operation_add_fact (facts, "Directory", wire_string (launch->args, "work_dir"));
  operation_add_fact (facts, "May reach",
                      is_confined (request) ? "nothing: no network" : "everything: not confined");
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

static void
on_all_read (Request *request)
{
  const Launch *launch = request->detail;
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) all = join_values (launch->values, &error);

  if (all == NULL)
    request_fail (request, "busy", error->message);
  else
    request_finish (request, json_pack ("{s:I}", "values", (json_int_t) launch->values->len), all);
}

static const OperationReader reader = { keep_value, on_all_read };

static void
launch_execute (Request *request)
{
  if (request->row->reusable && !operation_use (request))
    return;
  operation_read (request, (const char *const *) ((Launch *) request->detail)->names, &reader);
}

const OperationRow operation_launch = {
  .operation = OPERATION_LAUNCH,
  .call = "launch",
  .risk = RISK_DISCLOSE,
  .reusable = TRUE,
  .bound = TRUE,
  .secret_result = TRUE,
  .prepare = launch_prepare,
  .decide = launch_decide,
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
  .decide = launch_decide,
  .check = launch_check,
  .facts = read_facts,
  .execute = launch_execute,
  .end = launch_end,
};
