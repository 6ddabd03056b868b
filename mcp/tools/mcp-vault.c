/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-vault.h"

#include "mcp/tools/mcp-project.h"
#include "mcp/tools/mcp-vault-private.h"

#include <string.h>

gboolean
mcp_vault_has (const char *tool)
{
  return mcp_vault_tools_find (tool) != NULL;
}

void
mcp_vault_free (McpVault *vault)
{
  if (vault == NULL)
    return;
  json_decref (vault->given);
  json_decref (vault->params);
  json_decref (vault->injected);
  g_free (vault->app);
  g_free (vault->environment);
  g_free (vault->work_dir);
  g_free (vault);
}

const char *
mcp_vault_call (const McpVault *vault)
{
  return vault->call;
}

json_t *
mcp_vault_params (const McpVault *vault)
{
  return vault->params;
}

static void
set_question (McpVault *vault, const char *call, json_t *params)
{
  vault->call = call;
  json_decref (vault->params);
  vault->params = params;
}

static gboolean
fail (GError **error, const char *words)
{
  g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD, words);
  return FALSE;
}

/* --- Which secrets are meant --- */

/* An argument wins over the project's file, each for itself; what is half said is completed as
 * OpaqueVault does. When nothing is said, names stand for themselves. */
static void
set_context (McpVault *vault, const McpProject *project)
{
  const char *app = wire_string (vault->given, "app");
  const char *environment = wire_string (vault->given, "environment");

  app = app != NULL ? app : project->app;
  environment = environment != NULL ? environment : wire_string (vault->given, "env");
  environment = environment != NULL ? environment : project->environment;
  if (app == NULL && environment == NULL)
    return;
  vault->app = g_strdup (app != NULL ? app : "default");
  vault->environment = g_strdup (environment != NULL ? environment : "production");
}

char *
mcp_vault_full_name (const McpVault *vault, const char *name)
{
  if (vault->app == NULL || strchr (name, '/') != NULL)
    return g_strdup (name);
  return g_strdup_printf ("%s/%s/%s", vault->app, vault->environment, name);
}

const char *
mcp_vault_last_part (const char *name)
{
  const char *slash = strrchr (name, '/');
  return slash != NULL ? slash + 1 : name;
}

json_t *
mcp_vault_context (const McpVault *vault)
{
  return json_pack ("{s:s*, s:s*}", "app", vault->app, "environment", vault->environment);
}

/* --- Asking --- */

static void
copy_given (const McpVault *vault, json_t *params, const char *name)
{
  json_t *value = json_object_get (vault->given, name);

  if (value != NULL)
    json_object_set (params, name, value);
}

static gboolean
set_work_dir (McpVault *vault, GError **error)
{
  g_autofree char *here = g_get_current_dir ();
  const char *given = wire_string (vault->given, "work_dir");

  vault->work_dir = given != NULL ? g_canonicalize_filename (given, here) : g_strdup (here);
  return g_utf8_validate (vault->work_dir, -1, NULL)
         || fail (error, "work_dir: the name of the current directory cannot be shown to a person; "
                         "name another, by an absolute path");
}

/* @names: of strings. */
static void
ask_run (McpVault *vault, const json_t *names)
{
  static const char *const same[]
      = { "command", "timeout_seconds", "service", "write_paths", "purpose" };
  json_t *params = json_pack ("{s:s, s:[]}", "work_dir", vault->work_dir, "secrets");
  gsize i;
  const json_t *name;

  json_decref (vault->injected);
  vault->injected = json_array ();
  for (gsize field = 0; field < G_N_ELEMENTS (same); field++)
    copy_given (vault, params, same[field]);
  json_array_foreach ((json_t *) names, i, name)
  {
    g_autofree char *full = mcp_vault_full_name (vault, json_string_value (name));
    json_array_append_new (
        json_object_get (params, "secrets"),
        json_pack ("{s:s, s:s}", "name", full, "env", mcp_vault_last_part (full)));
    json_array_append_new (vault->injected, json_string (mcp_vault_last_part (full)));
  }
  set_question (vault, "run_command", params);
}

static gboolean
begin_run (McpVault *vault, const McpProject *project, GError **error)
{
  const json_t *names = json_object_get (vault->given, "secrets");
  const json_t *others = json_object_get (vault->given, "secret_names");

  if (names != NULL && others != NULL)
    return fail (error, "secret_names: stands in place of secrets, not beside it");
  if (names == NULL)
    names = others;
  g_autoptr (json_t) listed
      = names == NULL && project->secrets != NULL ? wire_texts_json (project->secrets) : NULL;
  if (names != NULL || listed != NULL)
    ask_run (vault, names != NULL ? names : listed);
  else if (vault->app == NULL)
    return fail (error,
                 "secrets: name them, or say an app: else all that is stored would be given");
  else
    set_question (vault, "list_secrets", mcp_vault_context (vault));
  return TRUE;
}

static void
ask_one (McpVault *vault, const char *call)
{
  g_autofree char *name = mcp_vault_full_name (vault, wire_string (vault->given, "name"));
  json_t *params = json_pack ("{s:s}", "name", name);

  copy_given (vault, params, "value");
  set_question (vault, call, params);
}

/* Only what lies beside it need be listed. */
static void
ask_exists (McpVault *vault)
{
  g_autofree char *full = mcp_vault_full_name (vault, wire_string (vault->given, "name"));
  g_auto (GStrv) parts = g_strsplit (full, "/", 3);
  gboolean whole = g_strv_length (parts) == 3;

  set_question (vault, "list_secrets",
                json_pack ("{s:s*, s:s*}", "app", whole ? parts[0] : NULL, "environment",
                           whole ? parts[1] : NULL));
}

static gboolean
begin (McpVault *vault, const McpProject *project, GError **error)
{
  switch (vault->tool->kind)
    {
    case MCP_VAULT_RUN:
      return set_work_dir (vault, error) && begin_run (vault, project, error);
    case MCP_VAULT_LIST:
      set_question (vault, "list_secrets", mcp_vault_context (vault));
      return TRUE;
    case MCP_VAULT_EXISTS:
      ask_exists (vault);
      return TRUE;
    case MCP_VAULT_CREATE:
      ask_one (vault, "store_secret");
      return TRUE;
    case MCP_VAULT_UPDATE:
      ask_one (vault, "update_secret");
      return TRUE;
    case MCP_VAULT_DELETE:
      ask_one (vault, "delete_secret");
      return TRUE;
    case MCP_VAULT_STATUS:
      set_question (vault, "broker_status", json_object ());
      return TRUE;
    }
  return fail (error, "name: there is no such tool");
}

static gboolean
check (const McpVaultTool *tool, const json_t *arguments, GError **error)
{
  gboolean takes_value = tool->kind == MCP_VAULT_CREATE || tool->kind == MCP_VAULT_UPDATE;

  if (takes_value && json_is_object (arguments) && json_object_get (arguments, "value") == NULL)
    return fail (error, "value: is missing. If the user has it and you do not, they type it "
                        "themselves: `countersign secret set NAME`");
  if (!wire_check (tool->fields, tool->n_fields, arguments, error))
    return FALSE;
  return json_object_get (arguments, "environment") == NULL
         || json_object_get (arguments, "env") == NULL
         || fail (error, "env: stands in place of environment, not beside it");
}

McpVault *
mcp_vault_new (const char *tool, const json_t *arguments, McpVaultSession *session, GError **error)
{
  const McpVaultTool *found = mcp_vault_tools_find (tool);
  g_autofree char *here = g_get_current_dir ();
  g_autoptr (McpVault) vault = g_new0 (McpVault, 1);

  if (!check (found, arguments, error))
    return NULL;
  g_autoptr (McpProject) project = mcp_project_find (here, g_get_home_dir (), error);
  if (project == NULL)
    return NULL;
  vault->tool = found;
  vault->session = session;
  vault->given = json_incref ((json_t *) arguments);
  set_context (vault, project);
  return begin (vault, project, error) ? g_steal_pointer (&vault) : NULL;
}

/* --- Being answered --- */

/* There is no approval_wait among these tools: the same call again goes on waiting. */
static void
say_again (json_t *answer)
{
  static const char ours[] = "approval_wait with this request_id";
  const char *message = wire_string (answer, "message");
  const char *at = message != NULL ? strstr (message, ours) : NULL;

  if (message == NULL)
    return;
  g_autofree char *words
      = at != NULL ? g_strdup_printf ("%.*sthis tool with the same arguments%s",
                                      (int) (at - message), message, at + strlen (ours))
                   : g_strconcat (message, " Then call this tool with the same arguments.", NULL);
  json_object_set_new (answer, "message", json_string (words));
}

gboolean
mcp_vault_take (McpVault *vault, json_t *answer)
{
  const char *status = wire_string (answer, "status");
  json_t *result = json_object_get (answer, "result");

  if (g_strcmp0 (status, "pending") == 0)
    say_again (answer);
  if (g_strcmp0 (status, "completed") != 0 || !json_is_object (result))
    return FALSE;
  if (vault->tool->kind == MCP_VAULT_RUN && g_str_equal (vault->call, "list_secrets"))
    {
      g_autoptr (json_t) names = mcp_vault_names_in (vault, result);
      ask_run (vault, names);
      return TRUE;
    }
  json_object_set_new (answer, "result", mcp_vault_shape (vault, result));
  return FALSE;
}
