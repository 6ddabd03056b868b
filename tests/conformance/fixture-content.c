/* SPDX-License-Identifier: MIT
 *
 * Tools that answer at once, always the same.
 */
#include "tests/conformance/fixture.h"

#define IMAGE "{'type':'image','data':'" FIXTURE_PNG "','mimeType':'image/png'}"

static const char schema_2020_12[]
    = "{'$schema':'https://json-schema.org/draft/2020-12/schema','type':'object',"
      "'$defs':{'address':{'$anchor':'addressDef','type':'object','properties':{'street':{'type':"
      "'string'},'city':{'type':'string'}}}},"
      "'properties':{'name':{'type':'string'},'address':{'$ref':'#/$defs/address'},"
      "'contactMethod':{'type':'string','enum':['phone','email']},'phone':{'type':'string'},"
      "'email':{'type':'string'}},"
      "'allOf':[{'anyOf':[{'required':['phone']},{'required':['email']}]}],"
      "'if':{'properties':{'contactMethod':{'const':'phone'}},'required':['contactMethod']},"
      "'then':{'required':['phone']},'else':{'required':['email']},'additionalProperties':false}";

static void
greet (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  const char *name = wire_string (mcp_call_arguments (call), "name");

  (void) fixture;
  (void) tool;
  if (name == NULL)
    fixture_say (call, TRUE, g_strdup ("name: must be there, and text"));
  else
    fixture_say (call, FALSE, g_strdup_printf ("Hello, %s!", name));
}

static void
echo_region (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  const char *region = wire_string (mcp_call_arguments (call), "region");

  (void) fixture;
  (void) tool;
  fixture_say (call, FALSE, g_strdup (region != NULL ? region : "nowhere"));
}

const FixtureTool fixture_content_tools[] = {
  { .name = "test_simple_text",
    .about = "Answers a text",
    .eras = FIXTURE_BOTH,
    .answer
    = "{'content':[{'type':'text','text':'This is a simple text response for testing.'}]}" },
  { .name = "test_image_content",
    .about = "Answers an image",
    .eras = FIXTURE_BOTH,
    .answer = "{'content':[" IMAGE "]}" },
  { .name = "test_audio_content",
    .about = "Answers a sound",
    .eras = FIXTURE_BOTH,
    .answer = "{'content':[{'type':'audio','data':'" FIXTURE_WAV "','mimeType':'audio/wav'}]}" },
  { .name = "test_embedded_resource",
    .about = "Answers a resource",
    .eras = FIXTURE_BOTH,
    .answer = "{'content':[{'type':'resource','resource':{'uri':'test://embedded-resource',"
              "'mimeType':'text/plain','text':'This is an embedded resource content.'}}]}" },
  { .name = "test_multiple_content_types",
    .about = "Answers a text, an image and a resource",
    .eras = FIXTURE_BOTH,
    .answer = "{'content':[{'type':'text','text':'Multiple content types test:'}," IMAGE
              ",{'type':'resource','resource':{'uri':'test://mixed-content-resource','mimeType':"
              "'application/json','text':'{\\'test\\':\\'data\\',\\'value\\':123}'}}]}" },
  { .name = "test_error_handling",
    .about = "Fails, and says so",
    .eras = FIXTURE_BOTH,
    .answer = "{'isError':true,'content':[{'type':'text','text':"
              "'This tool intentionally returns an error for testing'}]}" },
  { .name = "json_schema_2020_12_tool",
    .about = "Has a schema with much of what JSON Schema 2020-12 has",
    .eras = FIXTURE_BOTH,
    .schema = schema_2020_12,
    .answer = "{'content':[{'type':'text','text':'Reached.'}]}" },
  { .name = "test_region_header",
    .about = "Says its region, which HTTP repeats in a header",
    .eras = FIXTURE_BOTH,
    .schema = "{'type':'object','properties':{'region':{'type':'string','x-mcp-header':'Region'}}}",
    .call = echo_region },
  { .name = "greet",
    .about = "Greets",
    .eras = FIXTURE_BOTH,
    .schema = "{'type':'object','properties':{'name':{'type':'string'}},'required':['name']}",
    .call = greet },
  { 0 },
};
