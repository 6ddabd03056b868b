/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-resources.h"

#include "broker/base/arguments.h"
#include "mcp/tools/mcp-denial.h"
#include "mcp/tools/mcp-icons.h"
#include "mcp/tools/mcp-result.h"

#include <string.h>
#include <unistd.h>

#define JSON_TYPE "application/json"
#define APPROVALS "countersign://approvals/"
#define COMPLETED_MOST 100 /* values in one completion, says the protocol */

static const struct
{
  const char *uri, *name, *title, *description, *call;
  McpIconKind icon;
} resources[] = {
  { "countersign://policy", "policy", "Accepted rules",
    "The rules that a person has accepted, as far as they concern this client, and what each "
    "operation comes to.",
    "policy_summary", MCP_ICON_SHIELD },
  { "countersign://grants", "grants", "Live grants",
    "What this client was granted and may use now: operation, resource, scopes, time left.",
    "own_grants", MCP_ICON_KEY },
};

json_t *
mcp_resources_list (void)
{
  json_t *list = json_array ();

  for (gsize i = 0; i < G_N_ELEMENTS (resources); i++)
    json_array_append_new (list,
                           json_pack ("{s:s, s:s, s:s, s:s, s:s, s:o}", "uri", resources[i].uri,
                                      "name", resources[i].name, "title", resources[i].title,
                                      "description", resources[i].description, "mimeType",
                                      JSON_TYPE, "icons", mcp_icons_list (resources[i].icon)));
  return list;
}

json_t *
mcp_resources_templates (void)
{
  return json_pack ("[{s:s, s:s, s:s, s:s, s:s, s:o}]", "uriTemplate", APPROVALS "{id}", "name",
                    "approval", "title", "A request", "description",
                    "How one of this client's requests stands, by its request_id. Reading it does "
                    "nothing: approval_wait fetches the result.",
                    "mimeType", JSON_TYPE, "icons", mcp_icons_list (MCP_ICON_LIST));
}

/* --- What is asked --- */

static McpQuestion *
ask (const char *call, json_t *params)
{
  g_autoptr (json_t) owned = params;

  return mcp_question_new (arguments_find (call), owned, NULL);
}

static gboolean
is_id (const char *text)
{
  gsize len = strlen (text);

  return len > 0 && len <= 64 && strspn (text, G_CSET_a_2_z G_CSET_DIGITS) == len;
}

static void
refuse_uri (McpCall *call)
{
  g_autoptr (json_t) data = json_pack ("{s:s}", "uri", mcp_call_name (call));

  mcp_call_refuse (call, MCP_RESOURCE_NOT_FOUND,
                   "uri: there is no such resource; resources/list and resources/templates/list "
                   "name those there are",
                   data);
}

static McpQuestion *
resource_question (McpCall *call)
{
  const char *uri = mcp_call_name (call);

  for (gsize i = 0; i < G_N_ELEMENTS (resources); i++)
    if (g_str_equal (resources[i].uri, uri))
      return ask (resources[i].call, json_object ());
  if (g_str_has_prefix (uri, APPROVALS) && is_id (uri + strlen (APPROVALS)))
    return ask ("approval_state", json_pack ("{s:s}", "request_id", uri + strlen (APPROVALS)));
  refuse_uri (call);
  return NULL;
}

/* Takes @values. */
static void
send_values (McpCall *call, json_t *values)
{
  int total = json_array_size (values);
  g_autoptr (json_t) result = json_pack ("{s:{s:o, s:i, s:b}}", "completion", "values", values,
                                         "total", total, "hasMore", FALSE);

  mcp_call_result (call, result);
}

/* The one thing to be completed is the id of a request; a prompt's arguments there are none. */
static McpQuestion *
completion_question (McpCall *call)
{
  const char *argument = wire_string (mcp_call_arguments (call), "name");

  if (g_str_equal (mcp_call_name (call), APPROVALS "{id}") && g_strcmp0 (argument, "id") == 0)
    return ask ("own_requests", json_object ());
  send_values (call, json_array ());
  return NULL;
}

McpQuestion *
mcp_resources_question (McpCall *call)
{
  return mcp_call_kind (call) == MCP_CALL_RESOURCE ? resource_question (call)
                                                   : completion_question (call);
}

/* --- What is answered --- */

static void
send_contents (McpCall *call, const json_t *result)
{
  char *text = json_dumps (result, JSON_INDENT (2));
  g_autoptr (json_t) contents
      = json_pack ("{s:[{s:s, s:s, s:s}]}", "contents", "uri", mcp_call_name (call), "mimeType",
                   JSON_TYPE, "text", text);

  free (text);
  mcp_call_result (call, contents);
}

static void
send_ids (McpCall *call, const json_t *result)
{
  const char *begun = wire_string (mcp_call_arguments (call), "value");
  const json_t *requests = json_object_get (result, "requests"), *request;
  json_t *values = json_array ();
  gsize i;

  json_array_foreach (requests, i, request)
  {
    const char *id = wire_string (request, "request_id");
    if (id != NULL && g_str_has_prefix (id, begun != NULL ? begun : "")
        && json_array_size (values) < COMPLETED_MOST)
      json_array_append_new (values, json_string (id));
  }
  send_values (call, values);
}

static void
send_error (McpCall *call, const char *code, const char *message)
{
  if (mcp_call_kind (call) == MCP_CALL_COMPLETION)
    send_values (call, json_array ()); /* while somebody types, nothing to offer is no error */
  else if (g_str_equal (code, "not_found"))
    refuse_uri (call);
  else
    {
      g_autoptr (json_t) data = json_pack ("{s:s}", "code", code);
      mcp_denial_explain (data, NULL);
      mcp_call_refuse (call, MCP_INTERNAL_ERROR, message, data);
    }
}

static void
answer_reading (McpWaiting *waiting, json_t *answer, int fd)
{
  const json_t *result = json_object_get (answer, "result");

  if (fd >= 0)
    close (fd);
  if (result == NULL)
    send_error (waiting->call, "protocol", "The broker's answer cannot be understood.");
  else if (mcp_call_kind (waiting->call) == MCP_CALL_RESOURCE)
    send_contents (waiting->call, result);
  else
    send_ids (waiting->call, result);
}

static void
fault_reading (McpWaiting *waiting, const json_t *fault)
{
  g_autofree char *words = mcp_result_words (fault);

  send_error (waiting->call, mcp_result_code (fault), words);
}

static void
fail_reading (McpWaiting *waiting, const char *code, const char *message)
{
  send_error (waiting->call, code, message);
}

const McpDelivery mcp_resources_delivery = { answer_reading, fault_reading, fail_reading };
