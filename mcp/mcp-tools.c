/* SPDX-License-Identifier: MIT */
#include "mcp/mcp-tools.h"

#include "broker/base/arguments.h"
#include "mcp/mcp-schema.h"

/* Hosts decide by the hints what to run without asking: where in doubt, the hint warns. */
typedef struct
{
  gboolean read_only, destructive, idempotent;
} Hints;

typedef struct
{
  const char *name, *title, *description;
  Hints hints;
} Tool;

const char mcp_tools_instructions[] = "Countersign stands between you and credentials: you ask, a "
                                      "person countersigns, choosing what and for how long. Ask "
                                      "for as little as the task needs and say why in `purpose`: "
                                      "the person reads it. A call may be held while the person "
                                      "decides. If it returns status \"pending\", tell the user "
                                      "what waits and how to answer it (the message says how), "
                                      "then call approval_wait with its request_id; do not repeat "
                                      "the call in a loop. \"denied\" is an answer: do not try "
                                      "another way to the same thing, ask the user. You rarely "
                                      "need a secret's value: work with references from "
                                      "get_secret.";

/* broker_status comes first: it takes nothing, changes nothing and is never held, so it is what a
 * client can try. */
static const Tool tools[] = {
  { "broker_status",
    "Broker status",
    "Tells whether Countersign is set up, locked or unlocked, how many requests are held, and "
    "what the person has to do next. Never held. Call it first when another tool fails or waits "
    "and you need to know why.",
    { TRUE, FALSE, TRUE } },
  { "get_broker_stats",
    "Broker statistics",
    "Counts of active tokens, active references and stored secrets. Never held; for a look at "
    "health, not for finding a secret (list_secrets does that).",
    { TRUE, FALSE, TRUE } },
  { "list_secrets",
    "List secrets",
    "Names and tags of the stored secrets, never their values; narrow it with app and "
    "environment. Call it before get_secret when you do not know the exact name. A person may "
    "have to allow it.",
    { TRUE, FALSE, TRUE } },
  { "get_secret",
    "Get a reference to a secret",
    "Asks for the use of one secret and returns a time-boxed reference to it: an opaque id that "
    "works for you alone, never the value. Use it when a task needs a credential. A person "
    "usually has to allow it and sees your purpose; what they grant may be less or shorter than "
    "asked (expiresIn is what was granted). Asking again while it is granted returns the same "
    "reference.",
    { FALSE, FALSE, TRUE } },
  { "resolve_secret",
    "Reveal a secret's value",
    "Turns a reference from get_secret into the value itself. The value then stands in this "
    "conversation, so this is the last resort, refused by the shipped policy: use it only when "
    "nothing else can do the task, and never print, store or pass on what it returns.",
    { FALSE, FALSE, FALSE } },
  { "store_secret",
    "Store a new secret",
    "Stores a value under a new name. A name that exists is an error: update_secret changes an "
    "existing one. A person has to allow it. Do not use it for values that the user has not asked "
    "you to keep.",
    { FALSE, FALSE, FALSE } },
  { "update_secret",
    "Replace a secret's value",
    "Replaces the value of a secret that exists, for rotation; the old value is no longer handed "
    "out. For a new name use store_secret. A person has to allow it.",
    { FALSE, TRUE, TRUE } },
  { "delete_secret",
    "Delete a secret",
    "Deletes a secret for good; references to it stop working. Only when the user asked for it. A "
    "person has to allow it.",
    { FALSE, TRUE, TRUE } },
  { "explain_access",
    "Explain what the policy says",
    "Tells, without asking anybody, what the policy would say to an operation of yours (deny, ask "
    "or allow), by which rule and within which bounds. Use it after a denial, or before asking "
    "for something unusual.",
    { TRUE, FALSE, TRUE } },
  /* What was approved is carried out when it is fetched, so this may delete as delete_secret does.
   */
  { "approval_wait",
    "Wait for a person's answer",
    "Goes on waiting for a call that returned status \"pending\", by its request_id, and returns "
    "what that call would have returned. The approved action happens when its result is fetched "
    "here. If it is still pending, tell the user and call it again later.",
    { FALSE, TRUE, TRUE } },
};

static json_t *
describe (const Tool *tool, McpVersion version)
{
  const Arguments *arguments = arguments_find (tool->name);
  json_t *description = json_pack ("{s:s}", "name", tool->name);

  if (version >= MCP_VERSION_2025_06_18)
    json_object_set_new (description, "title", json_string (tool->title));
  json_object_set_new (description, "description", json_string (tool->description));
  json_object_set_new (description, "inputSchema",
                       mcp_schema_of_fields (arguments->fields, arguments->n_fields));
  if (version >= MCP_VERSION_2025_06_18)
    json_object_set_new (description, "outputSchema", mcp_schema_of_answers ());
  if (version >= MCP_VERSION_2025_03_26)
    json_object_set_new (description, "annotations",
                         json_pack ("{s:b, s:b, s:b, s:b}", "readOnlyHint", tool->hints.read_only,
                                    "destructiveHint", tool->hints.destructive, "idempotentHint",
                                    tool->hints.idempotent, "openWorldHint", FALSE));
  return description;
}

json_t *
mcp_tools_list (McpVersion version)
{
  json_t *list = json_array ();

  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    json_array_append_new (list, describe (&tools[i], version));
  return list;
}

gboolean
mcp_tools_has (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    if (g_str_equal (tools[i].name, name))
      return TRUE;
  return FALSE;
}
