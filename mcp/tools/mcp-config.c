/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - put no secret into a file: a token is named by its variable, or asked for
 *  - quote for the language that is written: JSON, TOML, a shell
 */
#include "mcp/tools/mcp-config.h"

#include "mcp/tools/mcp-toml.h"

#include <string.h>

G_DEFINE_QUARK (countersign_mcp_config_error, mcp_config_error)

/* A person is asked by Countersign, in its own window; a client that asks as well asks twice. */
#define NOT_TWICE "So that you are not asked twice (Countersign asks you itself), "

/* --- Pieces --- */

static char *
in_home (const char *variable, const char *folder, const char *file)
{
  const char *set = variable != NULL ? g_getenv (variable) : NULL;

  return set != NULL && g_path_is_absolute (set)
             ? g_build_filename (set, file, NULL)
             : g_build_filename (g_get_home_dir (), folder, file, NULL);
}

static char *
in_config (const char *folder, const char *file)
{
  return g_build_filename (g_get_user_config_dir (), folder, file, NULL);
}

static json_t *
words (const char *const *list)
{
  json_t *array = json_array ();

  for (; *list != NULL; list++)
    json_array_append_new (array, json_string (*list));
  return array;
}

/* {"command","args"} as nearly all have it. */
static json_t *
program_of (const McpConfig *config)
{
  return json_pack ("{s:s, s:o}", "command", config->program, "args", words (config->arguments));
}

/* {NAME:"url", "headers":{…}}; @token is how the client writes a variable's value. */
static json_t *
address_of (const McpConfig *config, const char *name, const char *token)
{
  g_autofree char *bearer = g_strconcat ("Bearer ", token, NULL);

  return json_pack ("{s:s, s:{s:s}}", name, config->url, "headers", "Authorization", bearer);
}

/* {KEY:{"countersign":SERVER}}; takes @server. */
static json_t *
wrapped (const char *key, json_t *server)
{
  return json_pack ("{s:{s:o}}", key, MCP_CONFIG_NAME, server);
}

static json_t *
typed (const char *type, json_t *server)
{
  json_t *first = json_pack ("{s:s}", "type", type);

  json_object_update (first, server);
  json_decref (server);
  return first;
}

static char *
dump (const json_t *object)
{
  char *text = json_dumps (object, JSON_INDENT (2));
  char *copy = g_strconcat (text, "\n", NULL);

  free (text);
  return copy;
}

/* As a line for a shell: the program and what it is given. */
static void
append_command (GString *line, const McpConfig *config)
{
  const char *const *words_of[]
      = { (const char *const[]){ config->program, NULL }, config->arguments };

  for (gsize i = 0; i < G_N_ELEMENTS (words_of); i++)
    for (const char *const *word = words_of[i]; *word != NULL; word++)
      {
        gboolean plain = **word != '\0'
                         && strspn (*word, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_./,:=@%+-")
                                == strlen (*word);
        g_autofree char *quoted = plain ? g_strdup (*word) : g_shell_quote (*word);
        g_string_append_printf (line, " %s", quoted);
      }
}

/* --- Claude Code: https://code.claude.com/docs/en/mcp --- */

static char *
claude_code_text (const McpConfig *config)
{
  g_autoptr (json_t) whole = wrapped (
      "mcpServers", config->url == NULL
                        ? typed ("stdio", program_of (config))
                        : typed ("http", address_of (config, "url", "${" MCP_CONFIG_TOKEN "}")));
  return dump (whole);
}

static char *
claude_code_advice (const McpConfig *config)
{
  g_autofree char *settings = in_home ("CLAUDE_CONFIG_DIR", ".claude", "settings.json");
  GString *line = g_string_new ("Claude Code. ");

  if (config->url == NULL)
    {
      g_string_append (line, "For you, in all projects:\n\n"
                             "  claude mcp add --scope user " MCP_CONFIG_NAME " --");
      append_command (line, config);
    }
  else
    {
      /* A project's file is where a variable stays one. */
      g_autofree char *url = g_shell_quote (config->url);
      g_string_append_printf (line,
                              "In a project's folder:\n\n"
                              "  claude mcp add --scope project --transport http " MCP_CONFIG_NAME
                              " %s --header 'Authorization: Bearer ${" MCP_CONFIG_TOKEN "}'",
                              url);
    }
  g_string_append_printf (
      line,
      "\n\nor what is printed here into .mcp.json in a project's folder.\n" NOT_TWICE
      "put into %s:\n\n"
      "  {\"permissions\": {\"allow\": [\"mcp__" MCP_CONFIG_NAME "\"]}}\n",
      settings);
  return g_string_free (line, FALSE);
}

/* --- Claude Desktop: https://modelcontextprotocol.io/docs/develop/connect-local-servers --- */

static char *
claude_desktop_text (const McpConfig *config)
{
  g_autoptr (json_t) whole = wrapped ("mcpServers", program_of (config));

  return dump (whole);
}

static char *
claude_desktop_advice (const McpConfig *config)
{
  g_autofree char *file = in_config ("Claude", "claude_desktop_config.json");

  return g_strdup_printf ("Claude Desktop: into %s, then start it again.\n" NOT_TWICE
                          "choose \"Always allow\" when it first asks about a tool.\n",
                          file);
}

/* --- Cursor: https://cursor.com/docs/mcp, https://cursor.com/docs/reference/permissions --- */

static char *
cursor_text (const McpConfig *config)
{
  g_autoptr (json_t) whole
      = wrapped ("mcpServers", config->url == NULL
                                   ? typed ("stdio", program_of (config))
                                   : address_of (config, "url", "${env:" MCP_CONFIG_TOKEN "}"));
  return dump (whole);
}

static char *
cursor_advice (const McpConfig *config)
{
  g_autofree char *file = in_home (NULL, ".cursor", "mcp.json");
  g_autofree char *permissions = in_home (NULL, ".cursor", "permissions.json");

  return g_strdup_printf ("Cursor: into %s (or .cursor/mcp.json in a project's folder).\n" NOT_TWICE
                          "put into %s:\n\n  {\"mcpAllowlist\": [\"" MCP_CONFIG_NAME ":*\"]}\n",
                          file, permissions);
}

/* --- VS Code: https://code.visualstudio.com/docs/copilot/reference/mcp-configuration --- */

static char *
vscode_text (const McpConfig *config)
{
  g_autoptr (json_t) whole = wrapped (
      "servers", config->url == NULL
                     ? typed ("stdio", program_of (config))
                     : typed ("http", address_of (config, "url", "${input:countersign-token}")));

  if (config->url != NULL)
    json_object_set_new (whole, "inputs",
                         json_pack ("[{s:s, s:s, s:s, s:b}]", "type", "promptString", "id",
                                    "countersign-token", "description",
                                    "The token that `countersign caller add` printed", "password",
                                    TRUE));
  return dump (whole);
}

static char *
vscode_advice (const McpConfig *config)
{
  g_autofree char *file = in_config ("Code/User", "mcp.json");

  return g_strdup_printf (
      "VS Code: into %s (or .vscode/mcp.json in a project's folder).\n" NOT_TWICE
      "choose \"Always Allow\" for the server's tools when it first asks.\n",
      file);
}

/* --- Codex: https://developers.openai.com/codex/mcp --- */

static char *
codex_text (const McpConfig *config)
{
  GString *toml = g_string_new ("[mcp_servers." MCP_CONFIG_NAME "]\n");

  g_string_append (toml, config->url != NULL ? "url = " : "command = ");
  mcp_toml_add_string (toml, config->url != NULL ? config->url : config->program);
  if (config->url != NULL)
    g_string_append (toml, "\nbearer_token_env_var = \"" MCP_CONFIG_TOKEN "\"");
  else
    {
      g_string_append (toml, "\nargs = ");
      mcp_toml_add_list (toml, config->arguments);
    }
  /* Its own question would come before Countersign's. */
  g_string_append (toml, "\ndefault_tools_approval_mode = \"approve\"\n");
  return g_string_free (toml, FALSE);
}

static char *
codex_advice (const McpConfig *config)
{
  g_autofree char *file = in_home ("CODEX_HOME", ".codex", "config.toml");

  return g_strdup_printf (
      "Codex: at the end of %s. The last line is there so that you are not asked "
      "twice: Countersign asks you itself.\n",
      file);
}

/* --- Gemini CLI: https://geminicli.com/docs/tools/mcp-server --- */

static char *
gemini_text (const McpConfig *config)
{
  json_t *server = config->url == NULL ? program_of (config)
                                       : address_of (config, "httpUrl", "$" MCP_CONFIG_TOKEN);

  json_object_set_new (server, "trust", json_true ());
  g_autoptr (json_t) whole = wrapped ("mcpServers", server);
  return dump (whole);
}

static char *
gemini_advice (const McpConfig *config)
{
  g_autofree char *file = in_home (NULL, ".gemini", "settings.json");

  return g_strdup_printf (
      "Gemini CLI: into %s. \"trust\" is there so that you are not asked twice: "
      "Countersign asks you itself.\n",
      file);
}

/* --- Zed: https://zed.dev/docs/ai/mcp, https://zed.dev/docs/ai/tool-permissions --- */

static char *
zed_text (const McpConfig *config)
{
  g_autoptr (json_t) whole
      = wrapped ("context_servers", config->url == NULL ? program_of (config)
                                                        : json_pack ("{s:s}", "url", config->url));
  json_t *tools = json_object ();

  for (gsize i = 0; config->tools[i] != NULL; i++)
    {
      g_autofree char *name = g_strconcat ("mcp:" MCP_CONFIG_NAME ":", config->tools[i], NULL);
      json_object_set_new (tools, name, json_pack ("{s:s}", "default", "allow"));
    }
  json_object_set_new (whole, "agent", json_pack ("{s:{s:o}}", "tool_permissions", "tools", tools));
  return dump (whole);
}

static char *
zed_advice (const McpConfig *config)
{
  g_autofree char *file = in_config ("zed", "settings.json");

  return g_strdup_printf (
      "Zed: into %s. \"tool_permissions\" is there so that you are not asked "
      "twice: Countersign asks you itself.%s\n",
      file,
      config->url != NULL ? " Zed logs in by an issuer; it takes a token from no variable: to use "
                            "one, it has to stand in the file, under \"headers\"."
                          : "");
}

/* --- All of them --- */

static const struct
{
  const char *word;
  char *(*text) (const McpConfig *);
  char *(*advice) (const McpConfig *);
  const char *no_url; /* why it cannot be given an address; or NULL */
} clients[] = {
  { "claude-code", claude_code_text, claude_code_advice, NULL },
  { "claude-desktop", claude_desktop_text, claude_desktop_advice,
    "Claude Desktop's file names programs alone, and its connectors are reached from Anthropic's "
    "servers; leave out --http, and it starts countersign-mcp itself" },
  { "cursor", cursor_text, cursor_advice, NULL },
  { "vscode", vscode_text, vscode_advice, NULL },
  { "codex", codex_text, codex_advice, NULL },
  { "gemini", gemini_text, gemini_advice, NULL },
  { "zed", zed_text, zed_advice, NULL },
};

static gboolean
refuse_client (const char *client, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    g_string_append_printf (known, "%s%s", i == 0 ? "" : ", ", clients[i].word);
  g_set_error (error, MCP_CONFIG_ERROR, MCP_CONFIG_ERROR_CLIENT,
               "--print-config: \"%s\" is not a client that is known; known are %s", client,
               known->str);
  return FALSE;
}

static gboolean
check_url (const char *url, const char *no_url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : "";
  gboolean http = g_str_equal (scheme, "http") || g_str_equal (scheme, "https");

  if (no_url != NULL)
    g_set_error (error, MCP_CONFIG_ERROR, MCP_CONFIG_ERROR_URL, "%s", no_url);
  else if (!http || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0'
           || g_uri_get_user (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    g_set_error_literal (error, MCP_CONFIG_ERROR, MCP_CONFIG_ERROR_URL,
                         "with --print-config, --http takes the server's address as a client has "
                         "it, such as http://127.0.0.1:8643/mcp");
  else
    return TRUE;
  return FALSE;
}

gboolean
mcp_config_make (const McpConfig *config, char **text, char **advice, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    if (g_str_equal (clients[i].word, config->client))
      {
        if (config->url != NULL && !check_url (config->url, clients[i].no_url, error))
          return FALSE;
        *text = clients[i].text (config);
        g_autofree char *said = clients[i].advice (config);
        *advice = g_strconcat (said, "Where the file is there already, add this to what it has.\n",
                               config->url != NULL
                                   ? "The token is what `countersign caller add NAME` prints once. "
                                     "Where people log in "
                                     "by an issuer instead, leave the token's lines out.\n"
                                   : "",
                               NULL);
        return TRUE;
      }
  return refuse_client (config->client, error);
}
