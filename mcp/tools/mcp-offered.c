/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-offered.h"

#include "broker/base/arguments.h"
#include "broker/base/near.h"
#include "mcp/tools/mcp-arguments.h"
#include "mcp/tools/mcp-icons.h"
#include "mcp/tools/mcp-prompts.h"
#include "mcp/tools/mcp-resources.h"
#include "mcp/tools/mcp-vault-tools.h"
#include "mcp/tools/mcp-vouch-tools.h"

#include <string.h>

G_DEFINE_QUARK (countersign_mcp_offered_error, mcp_offered_error)

typedef struct
{
  const McpTool *tool;
  const WireField *fields;
  gsize n_fields;
  gboolean narrowed; /* away */
} Row;

typedef struct
{
  const char *word, *title, *instructions;
  void (*add) (McpOffered *offered);
  const char *(*canonical) (const char *name); /* the name in our own table */
  guint offers;
} Set;

struct _McpOffered
{
  const Set *set;
  GArray *rows; /* of Row */
  McpIcon icon;
  char *icon_uri;
};

static const Row *
row_at (const McpOffered *offered, guint i)
{
  return &g_array_index (offered->rows, Row, i);
}

/* --- The sets --- */

static void
add_row (McpOffered *offered, const McpTool *tool, const WireField *fields, gsize n_fields)
{
  Row row = { tool, fields, n_fields, FALSE };

  g_array_append_val (offered->rows, row);
}

static void
add_ours (McpOffered *offered)
{
  gsize n;
  const McpTool *tools = mcp_tools_all (&n);

  for (gsize i = 0; i < n; i++)
    {
      const Arguments *arguments = arguments_find (tools[i].name);
      add_row (offered, &tools[i], arguments->fields, arguments->n_fields);
    }
}

static void
add_vault (McpOffered *offered)
{
  gsize n;
  const McpVaultTool *tools = mcp_vault_tools_all (&n);

  for (gsize i = 0; i < n; i++)
    add_row (offered, &tools[i].tool, tools[i].fields, tools[i].n_fields);
}

/* What one of ours is needed for beside them: to see how it stands, and to wait. */
static void
add_vouch (McpOffered *offered)
{
  gsize n, n_ours;
  const McpVouchTool *tools = mcp_vouch_tools_all (&n);
  const McpTool *ours = mcp_tools_all (&n_ours);

  add_row (offered, &ours[0], NULL, 0);
  for (gsize i = 0; i < n; i++)
    add_row (offered, &tools[i].tool, tools[i].fields, tools[i].n_fields);
  const Arguments *wait = arguments_find (ours[n_ours - 1].name);
  add_row (offered, &ours[n_ours - 1], wait->fields, wait->n_fields);
}

static const char *
vault_name (const char *name)
{
  const McpVaultTool *tool = mcp_vault_tools_find (name);

  return tool != NULL ? tool->tool.name : name;
}

static const Set sets[] = {
  { "countersign", "Countersign", mcp_tools_instructions, add_ours, mcp_arguments_tool,
    MCP_OFFERS_TOOLS | MCP_OFFERS_RESOURCES | MCP_OFFERS_PROMPTS | MCP_OFFERS_COMPLETIONS
        | MCP_OFFERS_TASKS },
  /* Without tasks: one of these may ask the broker twice, each a request of its own. */
  { "opaquevault", "Countersign, with OpaqueVault's tools", mcp_vault_instructions, add_vault,
    vault_name, MCP_OFFERS_TOOLS },
  { "vouch", "Countersign, with Vouch's tools", mcp_vouch_instructions, add_vouch,
    mcp_arguments_tool, MCP_OFFERS_TOOLS | MCP_OFFERS_TASKS },
};

static const Set *
find_set (const char *word, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sets); i++)
    if (word == NULL || strcmp (sets[i].word, word) == 0)
      return &sets[i];
  g_set_error_literal (error, MCP_OFFERED_ERROR, MCP_OFFERED_ERROR_SET,
                       "--tools takes countersign, opaquevault or vouch");
  return NULL;
}

/* --- Narrowing --- */

static const struct
{
  const char *word;
  McpGroup group;
} groups[] = {
  { "read", MCP_GROUP_READ },     { "use", MCP_GROUP_USE },   { "write", MCP_GROUP_WRITE },
  { "reveal", MCP_GROUP_REVEAL }, { "mint", MCP_GROUP_MINT },
};

/* Keeps what @word means. FALSE: it means nothing here. */
static gboolean
keep (McpOffered *offered, const char *word)
{
  const char *name = offered->set->canonical (word);
  gboolean known = FALSE;

  for (gsize g = 0; g < G_N_ELEMENTS (groups); g++)
    known |= strcmp (groups[g].word, word) == 0;
  for (guint i = 0; i < offered->rows->len; i++)
    {
      Row *row = &g_array_index (offered->rows, Row, i);
      gboolean named = strcmp (offered->set->canonical (row->tool->name), name) == 0;
      for (gsize g = 0; g < G_N_ELEMENTS (groups); g++)
        named |= row->tool->group == groups[g].group && strcmp (groups[g].word, word) == 0;
      row->narrowed &= !named;
      known |= named;
    }
  return known;
}

static char **
tool_names (const McpOffered *offered)
{
  char **names = g_new0 (char *, offered->rows->len + 1);

  for (guint i = 0; i < offered->rows->len; i++)
    names[i] = (char *) row_at (offered, i)->tool->name; /* borrowed */
  return names;
}

static gboolean
refuse_word (const McpOffered *offered, const char *word, GError **error)
{
  g_autofree char **names = tool_names (offered);
  g_autofree const char **near = near_names (word, (const char *const *) names, offered->rows->len);
  g_autofree char *all = g_strjoinv (" ", names);

  g_set_error (error, MCP_OFFERED_ERROR, MCP_OFFERED_ERROR_CAPABILITY,
               "--capabilities: \"%s\" is neither a group nor a tool%s%s%s. Groups are read use "
               "write reveal mint; tools are %s",
               word, near[0] != NULL ? "; did you mean " : "", near[0] != NULL ? near[0] : "",
               near[0] != NULL ? "?" : "", all);
  return FALSE;
}

static gboolean
narrow (McpOffered *offered, const char *capabilities, GError **error)
{
  g_auto (GStrv) words = g_strsplit (capabilities, ",", -1);

  for (guint i = 0; i < offered->rows->len; i++)
    {
      Row *row = &g_array_index (offered->rows, Row, i);
      row->narrowed = row->tool->group != MCP_GROUP_ALWAYS;
    }
  for (char **word = words; *word != NULL; word++)
    if (!keep (offered, g_strstrip (*word)))
      return refuse_word (offered, *word, error);
  return words[0] != NULL || refuse_word (offered, "", error);
}

/* --- All of it --- */

McpOffered *
mcp_offered_new (const char *set, const char *capabilities, GError **error)
{
  const Set *found = find_set (set, error);

  if (found == NULL)
    return NULL;
  g_autoptr (McpOffered) offered = g_new0 (McpOffered, 1);
  offered->set = found;
  offered->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  offered->icon_uri = mcp_icons_uri (MCP_ICON_SHIELD);
  offered->icon
      = (McpIcon){ .src = offered->icon_uri, .mime_type = "image/svg+xml", .sizes = "any" };
  found->add (offered);
  if (capabilities != NULL && !narrow (offered, capabilities, error))
    return NULL;
  return g_steal_pointer (&offered);
}

void
mcp_offered_free (McpOffered *offered)
{
  if (offered == NULL)
    return;
  g_array_unref (offered->rows);
  g_free (offered->icon_uri);
  g_free (offered);
}

gboolean
mcp_offered_is_vault (const McpOffered *offered)
{
  return offered->set->add == add_vault;
}

void
mcp_offered_introduce (const McpOffered *offered, McpHandler *handler)
{
  handler->identity = (McpIdentity){
    .name = "countersign",
    .title = offered->set->title,
    .version = COUNTERSIGN_VERSION,
    .description = "Uses credentials for an agent, after a person has countersigned each use.",
    .icons = &offered->icon,
    .n_icons = 1,
    .instructions = offered->set->instructions,
  };
  handler->offers = offered->set->offers;
}

static json_t *
list_tools (const McpOffered *offered)
{
  json_t *list = json_array ();

  for (guint i = 0; i < offered->rows->len; i++)
    {
      const Row *row = row_at (offered, i);
      if (!row->narrowed)
        json_array_append_new (list, mcp_tools_describe (row->tool, row->fields, row->n_fields));
    }
  return list;
}

json_t *
mcp_offered_list (const McpOffered *offered, McpList list)
{
  switch (list)
    {
    case MCP_LIST_PROMPTS:
      return mcp_prompts_list ();
    case MCP_LIST_RESOURCES:
      return mcp_resources_list ();
    case MCP_LIST_TEMPLATES:
      return mcp_resources_templates ();
    case MCP_LIST_TOOLS:
    default:
      return list_tools (offered);
    }
}

static const Row *
find_row (const McpOffered *offered, const char *name)
{
  const char *canonical = offered->set->canonical (name);

  for (guint i = 0; i < offered->rows->len; i++)
    if (strcmp (offered->set->canonical (row_at (offered, i)->tool->name), canonical) == 0)
      return row_at (offered, i);
  return NULL;
}

const char *
mcp_offered_find (const McpOffered *offered, const char *name)
{
  const Row *row = find_row (offered, name);

  return row != NULL ? offered->set->canonical (row->tool->name) : NULL;
}

gboolean
mcp_offered_has (const McpOffered *offered, const char *tool)
{
  const Row *row = find_row (offered, tool);

  return row != NULL && !row->narrowed;
}

char *
mcp_offered_missing (const McpOffered *offered, const char *name)
{
  g_autofree char **names = tool_names (offered);
  g_autofree const char **near = near_names (name, (const char *const *) names, offered->rows->len);

  return near[0] != NULL
             ? g_strdup_printf ("name: there is no such tool; did you mean %s?", near[0])
             : g_strdup ("name: there is no such tool; tools/list names those there are");
}
