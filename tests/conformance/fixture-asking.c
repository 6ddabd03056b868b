/* SPDX-License-Identifier: MIT
 *
 * Tools of the handshake era that ask the client something while they run.
 */
#include "tests/conformance/fixture.h"

typedef struct
{
  const char *method, *params; /* as fixture_json() reads it */
  const char *argument;        /* goes into @params at @place; or NULL */
  gboolean sampling;
  const char *says; /* before what came back */
} Asking;

static void
on_answer (gpointer user, McpCall *call, const json_t *result, const json_t *error)
{
  const Asking *asking = user;
  g_autofree char *text = json_dumps (result != NULL ? result : error, JSON_COMPACT);

  fixture_say (call, result == NULL, g_strdup_printf ("%s%s", asking->says, text));
}

static json_t *
sampling_params (const char *prompt)
{
  return json_pack ("{s:[{s:s, s:{s:s, s:s}}], s:i}", "messages", "role", "user", "content", "type",
                    "text", "text", prompt, "maxTokens", 100);
}

static json_t *
params_of (const Asking *asking, McpCall *call)
{
  const char *argument
      = asking->argument != NULL ? wire_string (mcp_call_arguments (call), asking->argument) : NULL;

  if (asking->sampling)
    return sampling_params (argument);
  json_t *params = fixture_json (asking->params);
  if (argument != NULL)
    json_object_set_new (params, "message", json_string (argument));
  return params;
}

static void
ask (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  const Asking *asking = tool->more;

  (void) fixture;
  if (asking->argument != NULL && wire_string (mcp_call_arguments (call), asking->argument) == NULL)
    {
      fixture_say (call, TRUE, g_strdup_printf ("%s: must be there, and text", asking->argument));
      return;
    }
  g_autoptr (json_t) params = params_of (asking, call);
  if (!mcp_call_ask (call, asking->method, params, on_answer, (gpointer) asking))
    fixture_say (call, TRUE, g_strdup_printf ("the client cannot do %s", asking->method));
}

static const Asking sampling = { "sampling/createMessage", NULL, "prompt", TRUE, "LLM response: " };

static const Asking elicitation = {
  "elicitation/create",
  "{'message':'','requestedSchema':{'type':'object','properties':{'username':{'type':'string',"
  "'description':'The name of the user'},'email':{'type':'string','description':'The address of "
  "the user'}},'required':['username','email']}}",
  "message",
  FALSE,
  "User response: ",
};

static const Asking defaults = {
  "elicitation/create",
  "{'message':'All of it has a default','requestedSchema':{'type':'object','properties':{"
  "'name':{'type':'string','default':'John Doe'},'age':{'type':'integer','default':30},"
  "'score':{'type':'number','default':95.5},"
  "'status':{'type':'string','enum':['active','inactive','pending'],'default':'active'},"
  "'verified':{'type':'boolean','default':true}}}}",
  NULL,
  FALSE,
  "Elicitation completed: ",
};

static const Asking enums = {
  "elicitation/create",
  "{'message':'Five ways to choose','requestedSchema':{'type':'object','properties':{"
  "'untitledSingle':{'type':'string','enum':['option1','option2','option3']},"
  "'titledSingle':{'type':'string','oneOf':[{'const':'value1','title':'First Option'},"
  "{'const':'value2','title':'Second Option'},{'const':'value3','title':'Third Option'}]},"
  "'legacyEnum':{'type':'string','enum':['opt1','opt2','opt3'],"
  "'enumNames':['Option One','Option Two','Option Three']},"
  "'untitledMulti':{'type':'array','items':{'type':'string','enum':['option1','option2','option3']"
  "}},"
  "'titledMulti':{'type':'array','items':{'anyOf':[{'const':'value1','title':'First Choice'},"
  "{'const':'value2','title':'Second Choice'},{'const':'value3','title':'Third Choice'}]}}}}}",
  NULL,
  FALSE,
  "Elicitation completed: ",
};

const FixtureTool fixture_asking_tools[] = {
  { .name = "test_sampling",
    .about = "Asks the client's model",
    .eras = FIXTURE_LEGACY,
    .schema = "{'type':'object','properties':{'prompt':{'type':'string'}},'required':['prompt']}",
    .call = ask,
    .more = &sampling },
  { .name = "test_elicitation",
    .about = "Asks the user",
    .eras = FIXTURE_LEGACY,
    .schema = "{'type':'object','properties':{'message':{'type':'string'}},'required':['message']}",
    .call = ask,
    .more = &elicitation },
  { .name = "test_elicitation_sep1034_defaults",
    .about = "Asks the user, with a default for everything",
    .eras = FIXTURE_LEGACY,
    .call = ask,
    .more = &defaults },
  { .name = "test_elicitation_sep1330_enums",
    .about = "Asks the user to choose, in five ways",
    .eras = FIXTURE_LEGACY,
    .call = ask,
    .more = &enums },
  { 0 },
};
