/* SPDX-License-Identifier: MIT
 *
 * Prompts.
 */
#include "tests/conformance/fixture.h"

typedef struct
{
  const char *name, *about;
  const char *arguments; /* as fixture_json() reads it; NULL: none */
  const char *messages;  /* the same; NULL: made when it is asked for */
} Prompt;

#define USER(content) "{'role':'user','content':" content "}"
#define TEXT(text) USER ("{'type':'text','text':'" text "'}")

static const Prompt prompts[] = {
  { "test_simple_prompt", "A prompt without arguments", NULL,
    "[" TEXT ("This is a simple prompt for testing.") "]" },
  { "test_prompt_with_arguments", "A prompt with two arguments",
    "[{'name':'arg1','description':'The first','required':true},"
    "{'name':'arg2','description':'The second','required':true}]",
    NULL },
  { "test_prompt_with_embedded_resource", "A prompt with a resource in it",
    "[{'name':'resourceUri','description':'Which','required':true}]", NULL },
  { "test_prompt_with_image", "A prompt with an image in it", NULL,
    "[" USER ("{'type':'image','data':'" FIXTURE_PNG
              "','mimeType':'image/png'}") "," TEXT ("Please analyze the image above.") "]" },
  { "test_input_required_result_prompt", "A prompt that asks for what it is to be about", NULL,
    NULL },
};

static const Prompt one_more
    = { "test_one_more_prompt", "Is there on every second day", NULL, "[" TEXT ("One more.") "]" };

static const FixtureAsk ask_context
    = { "user_context", "elicitation", "elicitation/create",
        "{'mode':'form','message':'What context should the prompt use?','requestedSchema':{'type':"
        "'object','properties':{'context':{'type':'string'}},'required':['context']}}" };

static json_t *
describe (const Prompt *prompt)
{
  json_t *described = json_pack ("{s:s, s:s, s:s}", "name", prompt->name, "title", prompt->name,
                                 "description", prompt->about);

  if (prompt->arguments != NULL)
    json_object_set_new (described, "arguments", fixture_json (prompt->arguments));
  return described;
}

json_t *
fixture_list_prompts (const Fixture *fixture)
{
  json_t *list = json_array ();

  for (gsize i = 0; i < G_N_ELEMENTS (prompts); i++)
    json_array_append_new (list, describe (&prompts[i]));
  if (fixture->more_prompts)
    json_array_append_new (list, describe (&one_more));
  return list;
}

/* Ends @call; takes @messages. */
static void
answer (McpCall *call, const Prompt *prompt, json_t *messages)
{
  g_autoptr (json_t) result
      = json_pack ("{s:s, s:o}", "description", prompt->about, "messages", messages);

  mcp_call_result (call, result);
}

/* Takes @text. */
static json_t *
user_text (char *text)
{
  json_t *message
      = json_pack ("{s:s, s:{s:s, s:s}}", "role", "user", "content", "type", "text", "text", text);

  g_free (text);
  return message;
}

static void
with_arguments (McpCall *call, const Prompt *prompt)
{
  const char *first = wire_string (mcp_call_arguments (call), "arg1");
  const char *second = wire_string (mcp_call_arguments (call), "arg2");

  if (first == NULL || second == NULL)
    mcp_call_refuse (call, MCP_INVALID_PARAMS, "arguments: arg1 and arg2 must be there", NULL);
  else
    answer (call, prompt,
            json_pack ("[o]", user_text (g_strdup_printf (
                                  "Prompt with arguments: arg1='%s', arg2='%s'", first, second))));
}

static void
with_resource (McpCall *call, const Prompt *prompt)
{
  const char *uri = wire_string (mcp_call_arguments (call), "resourceUri");

  if (uri == NULL)
    mcp_call_refuse (call, MCP_INVALID_PARAMS, "arguments: resourceUri must be there", NULL);
  else
    answer (call, prompt,
            json_pack ("[{s:s, s:{s:s, s:{s:s, s:s, s:s}}}, o]", "role", "user", "content", "type",
                       "resource", "resource", "uri", uri, "mimeType", "text/plain", "text",
                       "Embedded resource content for testing.",
                       user_text (g_strdup ("Please process the embedded resource above."))));
}

static void
with_context (McpCall *call, const Prompt *prompt)
{
  const FixtureAsk *ask = &ask_context;
  const char *context = wire_string (fixture_asked (call, ask), "context");

  if (context == NULL)
    fixture_ask (call, &ask, 1, NULL);
  else
    answer (call, prompt,
            json_pack ("[o]", user_text (g_strdup_printf ("The context is: %s", context))));
}

static const struct
{
  const char *name;
  void (*make) (McpCall *call, const Prompt *prompt);
} makers[] = {
  { "test_prompt_with_arguments", with_arguments },
  { "test_prompt_with_embedded_resource", with_resource },
  { "test_input_required_result_prompt", with_context },
};

static const Prompt *
find (const Fixture *fixture, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (prompts); i++)
    if (g_str_equal (prompts[i].name, name))
      return &prompts[i];
  return fixture->more_prompts && g_str_equal (name, one_more.name) ? &one_more : NULL;
}

void
fixture_get_prompt (Fixture *fixture, McpCall *call)
{
  const Prompt *prompt = find (fixture, mcp_call_name (call));

  if (prompt == NULL)
    {
      mcp_call_refuse (call, MCP_INVALID_PARAMS, "name: there is no such prompt", NULL);
      return;
    }
  if (prompt->messages != NULL)
    {
      answer (call, prompt, fixture_json (prompt->messages));
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (makers); i++)
    if (g_str_equal (makers[i].name, prompt->name))
      {
        makers[i].make (call, prompt);
        return;
      }
  g_assert_not_reached ();
}

/* --- Completion --- */

void
fixture_complete (McpCall *call)
{
  static const char *const words[] = { "paris", "park", "party", "test", "testing" };
  const char *begun = wire_string (mcp_call_arguments (call), "value");
  json_t *values = json_array ();

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (begun == NULL || g_str_has_prefix (words[i], begun))
      json_array_append_new (values, json_string (words[i]));
  g_autoptr (json_t) result
      = json_pack ("{s:{s:o, s:I, s:b}}", "completion", "values", values, "total",
                   (json_int_t) json_array_size (values), "hasMore", FALSE);
  mcp_call_result (call, result);
}
