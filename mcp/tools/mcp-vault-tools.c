/* SPDX-License-Identifier: MIT
 *
 * Names and parameters are those of https://opaquevault.com/docs/mcp/overview/ and of the guide
 * there; `service`, `write_paths` and `purpose` are ours, because a command is confined here and a
 * person reads what it is for.
 */
#include "mcp/tools/mcp-vault-tools.h"

#include "broker/base/arguments.h"
#include "broker/base/secret.h"
#include "broker/base/text.h"

const char mcp_vault_instructions[]
    = "Secrets are used here, never shown: vault_run runs a command with secrets in its "
      "environment, and what it prints comes back with every value replaced by [redacted:NAME]. A "
      "person countersigns: a call may be held while they decide. If it returns status "
      "\"pending\", tell the user how to answer (the message says how), then call the same tool "
      "with the same arguments again; do not repeat it in a loop. \"denied\" is an answer: do not "
      "try another way to the same thing, ask the user.";

#define CONTEXT_FIELDS                                                                             \
  { "app",                                                                                         \
    WIRE_STRING,                                                                                   \
    FALSE,                                                                                         \
    1,                                                                                             \
    TEXT_SEGMENT_MAX,                                                                              \
    "The app whose secrets are meant; the project's .ov.yaml says it when left out." },            \
      { "environment",                                                                             \
        WIRE_STRING,                                                                               \
        FALSE,                                                                                     \
        1,                                                                                         \
        TEXT_SEGMENT_MAX,                                                                          \
        "The environment inside the app, such as staging; .ov.yaml says it when left out, else "   \
        "production." },                                                                           \
  {                                                                                                \
    "env", WIRE_STRING, FALSE, 1, TEXT_SEGMENT_MAX, "The same as environment."                     \
  }
#define NAME_FIELD                                                                                 \
  {                                                                                                \
    "name", WIRE_STRING, TRUE, 1, TEXT_NAME_MAX,                                                   \
        "The secret's name, such as DATABASE_URL, or in full app/environment/NAME."                \
  }

static const WireField run[] = {
  { "command", WIRE_TEXTS, TRUE, 1, 256,
    "The program and its arguments, one text each, without a shell: [\"npm\", \"test\"]." },
  { "secrets", WIRE_STRINGS, FALSE, 0, 16,
    "Names of the secrets to inject, each as the environment variable of its name. When left out, "
    "those that .ov.yaml names, else all of the app and environment." },
  { "secret_names", WIRE_STRINGS, FALSE, 0, 16, "The same as secrets." },
  CONTEXT_FIELDS,
  { "work_dir", WIRE_STRING, FALSE, 1, 4096,
    "Where the command runs; the current directory when left out." },
  { "timeout_seconds", WIRE_INTEGER, FALSE, 1, ARGUMENTS_RUN_TIMEOUT_MAX,
    "The longest it may run, in seconds; 300 when left out." },
  { "service", WIRE_STRING, FALSE, 1, TEXT_SEGMENT_MAX,
    "The one service that the command may reach over the network; without this it has none." },
  { "write_paths", WIRE_STRINGS, FALSE, 0, 16,
    "Files and directories that exist and that it may change, by absolute paths; all else is "
    "read-only." },
  { "purpose", WIRE_STRING, FALSE, 1, 4096,
    "What it is for, in words for the person who decides." },
};

static const WireField list[] = { CONTEXT_FIELDS };
static const WireField one[] = { NAME_FIELD, CONTEXT_FIELDS };
static const WireField one_with_value[] = {
  NAME_FIELD,
  { "value", WIRE_STRING, TRUE, 1, SECRET_MAX,
    "The value, stored exactly as given and never returned. If the user has it and you do not, "
    "they type it themselves: `countersign secret set NAME`." },
  CONTEXT_FIELDS,
};

#define FIELDS(table) .fields = table, .n_fields = G_N_ELEMENTS (table)
static const McpVaultTool tools[] = {
  { MCP_VAULT_STATUS,
    { "vault_status",
      "Vault status",
      "Tells whether the vault is unlocked, how often a value was redacted and how old this "
      "session "
      "is. Never held; call it first when another tool fails and you need to know why.",
      MCP_GROUP_ALWAYS,
      { .read_only = TRUE, .idempotent = TRUE } } },
  { MCP_VAULT_RUN,
    { "vault_run",
      "Run a command with secrets",
      "Runs a command with secrets in its environment and returns exit_code, stdout and stderr. "
      "Values that it prints come back as [redacted:NAME]. It is confined: no network unless a "
      "service is named, nothing writable but write_paths. A person usually has to allow exactly "
      "this command.",
      MCP_GROUP_USE,
      { .destructive = TRUE, .open_world = TRUE } },
    FIELDS (run) },
  { MCP_VAULT_LIST,
    { "vault_list_secrets",
      "List secrets",
      "Names of the secrets in an app and environment, never their values. A person may have to "
      "allow it.",
      MCP_GROUP_READ,
      { .read_only = TRUE, .idempotent = TRUE } },
    "vault_list",
    FIELDS (list) },
  { MCP_VAULT_EXISTS,
    { "vault_secret_exists",
      "Check for a secret",
      "Tells whether there is a secret of this name. A person may have to allow it.",
      MCP_GROUP_READ,
      { .read_only = TRUE, .idempotent = TRUE } },
    "vault_exists",
    FIELDS (one) },
  { MCP_VAULT_CREATE,
    { "vault_create_secret",
      "Create a secret",
      "Stores a value under a new name; a name that exists is an error. A person has to allow it. "
      "Not for values that the user has not asked you to keep.",
      MCP_GROUP_WRITE,
      { .read_only = FALSE } },
    "vault_create",
    FIELDS (one_with_value) },
  { MCP_VAULT_UPDATE,
    { "vault_update_secret",
      "Replace a secret's value",
      "Replaces the value of a secret that exists, for rotation. A person has to allow it.",
      MCP_GROUP_WRITE,
      { .destructive = TRUE, .idempotent = TRUE } },
    "vault_update",
    FIELDS (one_with_value) },
  { MCP_VAULT_DELETE,
    { "vault_delete_secret",
      "Delete a secret",
      "Deletes a secret for good. Only when the user asked for it. A person has to allow it.",
      MCP_GROUP_WRITE,
      { .destructive = TRUE, .idempotent = TRUE } },
    "vault_delete",
    FIELDS (one) },
};

const McpVaultTool *
mcp_vault_tools_all (gsize *n)
{
  *n = G_N_ELEMENTS (tools);
  return tools;
}

const McpVaultTool *
mcp_vault_tools_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    if (g_str_equal (tools[i].tool.name, name) || g_strcmp0 (tools[i].short_name, name) == 0)
      return &tools[i];
  return NULL;
}
