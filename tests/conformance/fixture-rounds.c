/* SPDX-License-Identifier: MIT
 *
 * Tools of 2026-07-28 that ask the client by their result, and are called again with the answer.
 */
#include "tests/conformance/fixture.h"

#include <string.h>

#define NAME_PARAMS                                                                                \
  "'requestedSchema':{'type':'object','properties':{'name':{'type':'string'}},'required':['name']" \
  "}}"

const FixtureAsk fixture_ask_name
    = { "user_name", "elicitation", "elicitation/create",
        "{'mode':'form','message':'What is your name?'," NAME_PARAMS };
static const FixtureAsk ask_capital
    = { "capital_question", "sampling", "sampling/createMessage",
        "{'messages':[{'role':'user','content':{'type':'text','text':'What is the capital of "
        "France?'}}],'maxTokens':100}" };
static const FixtureAsk ask_greeting
    = { "greeting", "sampling", "sampling/createMessage",
        "{'messages':[{'role':'user','content':{'type':'text','text':'Generate a greeting'}}],"
        "'maxTokens':50}" };
static const FixtureAsk ask_roots = { "client_roots", "roots", "roots/list", "{}" };
static const FixtureAsk ask_confirm
    = { "confirm", "elicitation", "elicitation/create",
        "{'mode':'form','message':'Please confirm','requestedSchema':{'type':'object','properties':"
        "{'ok':{'type':'boolean'}},'required':['ok']}}" };
static const FixtureAsk ask_step1
    = { "step1", "elicitation", "elicitation/create",
        "{'mode':'form','message':'Step 1: What is your name?'," NAME_PARAMS };
static const FixtureAsk ask_step2
    = { "step2", "elicitation", "elicitation/create",
        "{'mode':'form','message':'Step 2: What is your favorite color?','requestedSchema':{'type':"
        "'object','properties':{'color':{'type':'string'}},'required':['color']}}" };

/* --- Asking --- */

const json_t *
fixture_asked (const McpCall *call, const FixtureAsk *ask)
{
  const json_t *answer = json_object_get (mcp_call_input_responses (call), ask->key);

  if (g_str_equal (ask->method, "roots/list"))
    return json_is_array (json_object_get (answer, "roots")) ? answer : NULL;
  if (g_str_equal (ask->method, "sampling/createMessage"))
    return json_object_get (answer, "content");
  return g_strcmp0 (wire_string (answer, "action"), "accept") == 0
             ? json_object_get (answer, "content")
             : NULL;
}

void
fixture_ask (McpCall *call, const FixtureAsk *const *asks, gsize n, const char *state)
{
  g_autoptr (json_t) requests = json_object ();

  for (gsize i = 0; i < n; i++)
    if (fixture_asked (call, asks[i]) == NULL)
      json_object_set_new (requests, asks[i]->key,
                           json_pack ("{s:s, s:o}", "method", asks[i]->method, "params",
                                      fixture_json (asks[i]->params)));
  mcp_call_input_required (call, requests, state);
}

/* --- A state that only we can make: it went through the hands of the client --- */

static char *
seal (const Fixture *fixture, const char *tool, const char *what)
{
  g_autofree char *text = g_strconcat (tool, ":", what, NULL);
  g_autofree char *mac = g_compute_hmac_for_string (
      G_CHECKSUM_SHA256, (const guchar *) fixture->key, strlen (fixture->key), text, -1);

  return g_strconcat (what, ".", mac, NULL);
}

/* What was sealed, or NULL; g_free(). */
static char *
unseal (const Fixture *fixture, const char *tool, const char *state)
{
  const char *dot = strrchr (state, '.');
  g_autofree char *what = dot != NULL ? g_strndup (state, dot - state) : g_strdup ("");
  g_autofree char *wanted = seal (fixture, tool, what);

  return g_str_equal (wanted, state) ? g_steal_pointer (&what) : NULL;
}

/* --- One round --- */

typedef struct
{
  const FixtureAsk *asks[3];
  gsize n_asks;
  gboolean state;
  const char *says;
} Round;

static gboolean
all_asked (const McpCall *call, const Round *round)
{
  for (gsize i = 0; i < round->n_asks; i++)
    if (fixture_asked (call, round->asks[i]) == NULL)
      return FALSE;
  return TRUE;
}

static void
finish (McpCall *call, const char *says)
{
  g_autofree char *answers = json_dumps (mcp_call_input_responses (call), JSON_COMPACT);

  fixture_say (call, FALSE, g_strdup_printf ("%s %s", says, answers));
}

static void
one_round (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  const Round *round = tool->more;
  const char *state = mcp_call_request_state (call);
  g_autofree char *sealed = round->state ? seal (fixture, tool->name, "1") : NULL;
  g_autofree char *opened
      = round->state && state != NULL ? unseal (fixture, tool->name, state) : NULL;

  if (round->state && state != NULL && opened == NULL)
    mcp_call_refuse (call, MCP_INVALID_PARAMS, "requestState: was not made here", NULL);
  else if (all_asked (call, round) && (!round->state || opened != NULL))
    finish (call, round->says);
  else
    fixture_ask (call, round->asks, round->n_asks, sealed);
}

static const Round name_round = { { &fixture_ask_name }, 1, FALSE, "Hello!" };
static const Round sampling_round = { { &ask_capital }, 1, FALSE, "The model said:" };
static const Round roots_round = { { &ask_roots }, 1, FALSE, "The roots are:" };
static const Round state_round = { { &ask_confirm }, 1, TRUE, "state-ok" };
static const Round three_round
    = { { &fixture_ask_name, &ask_greeting, &ask_roots }, 3, TRUE, "All three:" };

/* --- Two rounds --- */

static void
two_rounds (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  const FixtureAsk *first = &ask_step1, *second = &ask_step2;
  const char *state = mcp_call_request_state (call);
  g_autofree char *step = state != NULL ? unseal (fixture, tool->name, state) : g_strdup ("1");
  gboolean at_second = g_strcmp0 (step, "2") == 0;

  if (step == NULL)
    mcp_call_refuse (call, MCP_INVALID_PARAMS, "requestState: was not made here", NULL);
  else if (at_second && fixture_asked (call, second) != NULL)
    finish (call, "Both steps are done:");
  else if (at_second || (state != NULL && fixture_asked (call, first) != NULL))
    {
      g_autofree char *sealed = seal (fixture, tool->name, "2");
      fixture_ask (call, &second, 1, sealed);
    }
  else
    {
      g_autofree char *sealed = seal (fixture, tool->name, "1");
      fixture_ask (call, &first, 1, sealed);
    }
}

/* --- What the client can do --- */

static void
what_it_can (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  const FixtureAsk *const all[] = { &fixture_ask_name, &ask_greeting, &ask_roots };
  const FixtureAsk *able[G_N_ELEMENTS (all)];
  gsize n = 0, n_asked = 0;

  (void) fixture;
  (void) tool;
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (mcp_call_client_can (call, all[i]->capability))
      {
        able[n++] = all[i];
        n_asked += fixture_asked (call, all[i]) != NULL;
      }
  if (n == 0)
    fixture_say (call, TRUE, g_strdup ("the client declared nothing that it could be asked"));
  else if (n_asked == n)
    finish (call, "All that was asked:");
  else
    fixture_ask (call, able, n, NULL);
}

static void
needs_sampling (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  g_autoptr (json_t) required = fixture_json ("{'sampling':{}}");

  (void) fixture;
  (void) tool;
  if (mcp_call_client_can (call, "sampling"))
    fixture_say (call, FALSE, g_strdup ("The client can do sampling."));
  else
    mcp_call_refuse_capability (call, required);
}

const FixtureTool fixture_round_tools[] = {
  { "test_input_required_result_elicitation", "Asks for a name", FIXTURE_MODERN, NULL, one_round,
    NULL, &name_round },
  { "test_streaming_elicitation", "Asks for a name, and sends no request of its own",
    FIXTURE_MODERN, NULL, one_round, NULL, &name_round },
  { "test_input_required_result_sampling", "Asks the client's model", FIXTURE_MODERN, NULL,
    one_round, NULL, &sampling_round },
  { "test_input_required_result_list_roots", "Asks for the roots", FIXTURE_MODERN, NULL, one_round,
    NULL, &roots_round },
  { "test_input_required_result_request_state", "Has the client carry a state", FIXTURE_MODERN,
    NULL, one_round, NULL, &state_round },
  { "test_input_required_result_tampered_state", "Knows its own state again", FIXTURE_MODERN, NULL,
    one_round, NULL, &state_round },
  { "test_input_required_result_multiple_inputs", "Asks three things at once", FIXTURE_MODERN, NULL,
    one_round, NULL, &three_round },
  { "test_input_required_result_multi_round", "Asks twice, one after the other", FIXTURE_MODERN,
    NULL, two_rounds, NULL, NULL },
  { "test_input_required_result_capabilities", "Asks what the client can be asked", FIXTURE_MODERN,
    NULL, what_it_can, NULL, NULL },
  { "test_missing_capability", "Needs a client that does sampling", FIXTURE_MODERN, NULL,
    needs_sampling, NULL, NULL },
  { 0 },
};
