/* SPDX-License-Identifier: MIT */
#include "broker/base/arguments.h"
#include "broker/base/secret.h"
#include "tests/unit/table.h"

#include <string.h>

typedef struct
{
  const char *sentence, *call, *json, *error; /* NULL: accepted */
} Case;

#define TTL(value) "{\"name\":\"K\",\"purpose\":\"test\",\"ttl_seconds\":" value "}"
#define TTL_ERROR "ttl_seconds: must be a whole number from 1 to 86400"
#define PURPOSE(value) "{\"name\":\"K\",\"purpose\":" value "}"
#define SCOPES(value) "{\"name\":\"K\",\"purpose\":\"test\",\"scopes\":" value "}"
#define SCOPES_ERROR "scopes: must be a list of 1 to 64 texts, none of them empty"
#define TAGS(value) "{\"name\":\"K\",\"value\":\"v\",\"tags\":" value "}"
#define HTTP(more)                                                                                 \
  "{\"service\":\"github\",\"method\":\"GET\",\"path\":\"/user\",\"purpose\":\"test\"" more "}"
#define RUN(secrets, more) "{\"command\":[\"gh\"],\"secrets\":" secrets more "}"
#define LAUNCH(secrets, more)                                                                      \
  "{\"program\":\"/bin/true\",\"argv\":[\"true\"],\"work_dir\":\"/\",\"secrets\":" secrets more "}"
#define T16 "0123456789abcdef"
#define T64 T16 T16 T16 T16
#define T256 T64 T64 T64 T64

static const Case agent_cases[] = {
  { "status takes nothing", "broker_status", "{}", NULL },
  { "status refuses anything", "broker_status", "{\"verbose\":true}",
    "verbose: is not a field of this call" },
  { "stats take nothing", "get_broker_stats", "{}", NULL },

  { "the least of get_secret", "get_secret", "{\"name\":\"K\",\"purpose\":\"test\"}", NULL },
  { "all of get_secret", "get_secret",
    "{\"name\":\"app/prod/K\",\"purpose\":\"test\",\"ttl_seconds\":60,\"scopes\":[\"use\"]}",
    NULL },
  { "missing name", "get_secret", "{\"purpose\":\"test\"}", "name: is missing" },
  { "name of a wrong type", "get_secret", "{\"name\":7,\"purpose\":\"test\"}",
    "name: must be text of 1 to 191 bytes" },
  { "name that is empty", "get_secret", "{\"name\":\"\",\"purpose\":\"test\"}",
    "name: must be text of 1 to 191 bytes" },
  { "name with two parts", "get_secret", "{\"name\":\"a/b\",\"purpose\":\"test\"}",
    "name: must be NAME or app/environment/NAME" },
  { "name that climbs", "get_secret", "{\"name\":\"../x/y\",\"purpose\":\"test\"}",
    "name: must begin with a letter or a digit (character 1)" },
  { "unknown field", "get_secret", "{\"name\":\"K\",\"purpose\":\"test\",\"colour\":\"red\"}",
    "colour: is not a field of this call" },
  { "missing purpose", "get_secret", "{\"name\":\"K\"}", "purpose: is missing" },
  { "empty purpose", "get_secret", PURPOSE ("\"\""), "purpose: must be text of 1 to 4096 bytes" },
  { "purpose of null", "get_secret", PURPOSE ("null"), "purpose: must be text of 1 to 4096 bytes" },
  { "purpose of white space", "get_secret", PURPOSE ("\" \\t\\n\""), "purpose: must say what for" },
  { "purpose that nobody can see", "get_secret", PURPOSE ("\"\\u200b\\u3164\\u00a0\""),
    "purpose: must say what for" },

  { "ttl 1", "get_secret", TTL ("1"), NULL },
  { "ttl 86400", "get_secret", TTL ("86400"), NULL },
  { "ttl 0", "get_secret", TTL ("0"), TTL_ERROR },
  { "ttl -1", "get_secret", TTL ("-1"), TTL_ERROR },
  { "ttl 86401", "get_secret", TTL ("86401"), TTL_ERROR },
  { "ttl 1.5", "get_secret", TTL ("1.5"), TTL_ERROR },
  { "ttl 60.0", "get_secret", TTL ("60.0"), TTL_ERROR },
  { "ttl 1e3", "get_secret", TTL ("1e3"), TTL_ERROR },
  { "ttl 2^31", "get_secret", TTL ("2147483648"), TTL_ERROR },
  { "ttl 2^32 plus 60", "get_secret", TTL ("4294967356"), TTL_ERROR },
  { "ttl 2^63 minus 1", "get_secret", TTL ("9223372036854775807"), TTL_ERROR },
  { "ttl in text", "get_secret", TTL ("\"60\""), TTL_ERROR },
  { "ttl true", "get_secret", TTL ("true"), TTL_ERROR },
  { "ttl null", "get_secret", TTL ("null"), TTL_ERROR },
  { "ttl in a list", "get_secret", TTL ("[60]"), TTL_ERROR },

  { "scopes of none", "get_secret", SCOPES ("[]"), SCOPES_ERROR },
  { "scopes in text", "get_secret", SCOPES ("\"use\""), SCOPES_ERROR },
  { "scopes of numbers", "get_secret", SCOPES ("[1]"), SCOPES_ERROR },
  { "scopes with an empty one", "get_secret", SCOPES ("[\"use\",\"\"]"), SCOPES_ERROR },
  { "scopes with one twice", "get_secret", SCOPES ("[\"a\",\"b\",\"a\"]"),
    "scopes: must not name one twice" },
  { "a scope of 256 bytes", "get_secret", SCOPES ("[\"" T256 "\"]"), NULL },
  { "a scope of 257 bytes", "get_secret", SCOPES ("[\"" T256 "x\"]"),
    "scopes: each may have at most 256 bytes" },

  { "listing everything", "list_secrets", "{}", NULL },
  { "listing one environment", "list_secrets", "{\"app\":\"a\",\"environment\":\"prod\"}", NULL },
  { "app with a slash", "list_secrets", "{\"app\":\"a/b\"}",
    "app: may have only letters, digits, '.', '_' and '-' (character 2)" },
  { "environment with a wildcard", "list_secrets", "{\"environment\":\"*\"}",
    "environment: must begin with a letter or a digit (character 1)" },

  { "resolving", "resolve_secret", "{\"reference_id\":\"abc\"}", NULL },
  { "resolving nothing", "resolve_secret", "{}", "reference_id: is missing" },

  { "storing", "store_secret", TAGS ("{\"team\":\"billing\",\"note\":\"\"}"), NULL },
  { "storing an empty value", "store_secret", "{\"name\":\"K\",\"value\":\"\"}",
    "value: must be text of 1 to 1048576 bytes" },
  { "storing no value", "store_secret", "{\"name\":\"K\"}", "value: is missing" },
  { "an agent passes no descriptor", "store_secret", "{\"name\":\"K\",\"value_fd\":true}",
    "value_fd: is not a field of this call" },
  { "an agent sets no hold", "get_secret",
    "{\"name\":\"K\",\"purpose\":\"test\",\"hold_seconds\":1}",
    "hold_seconds: is not a field of this call" },
  { "tags in a list", "store_secret", TAGS ("[\"a\"]"),
    "tags: must be an object of at most 32 texts" },
  { "a tag that is a number", "update_secret", TAGS ("{\"a\":1}"),
    "tags: must be an object of at most 32 texts" },
  { "a tag without a key", "store_secret", TAGS ("{\"\":\"x\"}"),
    "tags: each key must be text of 1 to 64 bytes" },
  { "a tag's key of 64 bytes", "store_secret", TAGS ("{\"" T64 "\":\"x\"}"), NULL },
  { "a tag's key of 65 bytes", "store_secret", TAGS ("{\"" T64 "x\":\"x\"}"),
    "tags: each key must be text of 1 to 64 bytes" },
  { "a tag's value of 256 bytes", "update_secret", TAGS ("{\"a\":\"" T256 "\"}"), NULL },
  { "a tag's value of 257 bytes", "update_secret", TAGS ("{\"a\":\"" T256 "x\"}"),
    "tags: each value must be text of at most 256 bytes" },

  { "the least of http_request", "http_request", HTTP (""), NULL },
  { "all of http_request", "http_request",
    HTTP (",\"query\":{\"a\":\"b\"},\"headers\":{\"Accept\":\"*/"
          "*\"},\"body\":\"\",\"ttl_seconds\":60,"
          "\"timeout_seconds\":600,\"max_bytes\":1,\"output_file\":\"/tmp/x\""),
    NULL },
  { "a request to a service and by a reference", "http_request", HTTP (",\"reference_id\":\"r\""),
    "service: give this or reference_id, one of them" },
  { "a request to nothing", "http_request",
    "{\"method\":\"GET\",\"path\":\"/\",\"purpose\":\"test\"}",
    "service: give this or reference_id, one of them" },
  { "an answer into a relative file", "http_request", HTTP (",\"output_file\":\"x/y\""),
    "output_file: must be absolute" },
  { "the least of run_command", "run_command", "{\"command\":[\"true\"]}", NULL },
  { "all of run_command", "run_command",
    RUN ("[{\"name\":\"A\",\"env\":\"X_1\"},{\"name\":\"B\",\"fd\":3},{\"name\":\"C\",\"stdin\":"
         "true}]",
         ",\"env\":{\"Y\":\"\"},\"work_dir\":\"/\",\"timeout_seconds\":3600,\"purpose\":\"x\","
         "\"service\":\"github\",\"write_paths\":[\"/tmp\"]"),
    NULL },
  { "an argument that is empty", "run_command", "{\"command\":[\"true\",\"\"]}", NULL },
  { "a program without a name", "run_command", "{\"command\":[\"\"]}",
    "command: the first must name the program" },
  { "an argument that is a number", "run_command", "{\"command\":[\"kill\",9]}",
    "command: must be a list of 1 to 256 texts" },
  { "a secret in two places", "run_command", RUN ("[{\"name\":\"A\",\"env\":\"X\",\"fd\":3}]", ""),
    "secrets: each needs exactly one of env, fd and stdin" },
  { "a secret in no place", "run_command", RUN ("[{\"name\":\"A\"}]", ""),
    "secrets: each needs exactly one of env, fd and stdin" },
  { "two secrets in one variable", "run_command",
    RUN ("[{\"name\":\"A\",\"env\":\"X\"},{\"name\":\"B\",\"env\":\"X\"}]", ""),
    "secrets: two stand in one place" },
  { "a secret on the standard output", "run_command", RUN ("[{\"name\":\"A\",\"fd\":1}]", ""),
    "secrets: fd: must be a whole number from 3 to 9" },
  { "a variable with an equals sign", "run_command", RUN ("[{\"name\":\"A\",\"env\":\"X=Y\"}]", ""),
    "secrets: a variable's name has letters, digits and '_', and begins with no digit" },
  { "a library to be loaded first", "run_command",
    RUN ("[]", ",\"env\":{\"LD_PRELOAD\":\"/tmp/x\"}"),
    "env: a variable that changes which code runs cannot be set: say so in the command, where a "
    "person sees it" },
  { "a variable over a secret", "run_command",
    RUN ("[{\"name\":\"A\",\"env\":\"X\"}]", ",\"env\":{\"X\":\"1\"}"),
    "env: has a variable that a secret stands in" },
  { "input beside a secret", "run_command",
    RUN ("[{\"name\":\"A\",\"stdin\":true}]", ",\"stdin\":\"x\""),
    "stdin: a secret is given there" },
  { "a relative directory", "run_command", RUN ("[]", ",\"work_dir\":\".\""),
    "work_dir: must be absolute" },
  { "a relative path to write to", "run_command", RUN ("[]", ",\"write_paths\":[\"/a\",\"b\"]"),
    "write_paths: each must be absolute" },
  { "launching", "launch",
    "{\"program\":\"/bin/true\",\"argv\":[\"true\"],\"secrets\":[{\"name\":\"A\",\"env\":\"X\"}],"
    "\"work_dir\":\"/\"}",
    NULL },
  { "launching with a secret elsewhere", "launch",
    "{\"program\":\"/bin/true\",\"argv\":[\"true\"],\"secrets\":[{\"name\":\"A\",\"fd\":3}],"
    "\"work_dir\":\"/\"}",
    "secrets: each needs env" },
  { "launching confined, with what is opened", "launch",
    LAUNCH ("[]", ",\"sandbox\":true,\"write_paths\":[\"/a\"],\"service\":\"github\""), NULL },
  { "launching with paths and no sandbox", "launch", LAUNCH ("[]", ",\"write_paths\":[\"/a\"]"),
    "write_paths: come with sandbox: without it everything can be written" },
  { "launching with a service and a sandbox that is off", "launch",
    LAUNCH ("[]", ",\"sandbox\":false,\"service\":\"github\""),
    "service: comes with sandbox: without it everything can be reached" },
  { "launching with a relative path", "launch",
    LAUNCH ("[]", ",\"sandbox\":true,\"write_paths\":[\"a\"]"),
    "write_paths: each must be absolute" },
  { "launching what asks for nothing", "launch",
    LAUNCH ("[]", ",\"sandbox\":true,\"write_paths\":[\"/a\"]"),
    "secrets: there are none, and no service: nothing is asked for" },
  { "launching with a relay that no agent is offered", "launch",
    LAUNCH ("[]", ",\"sandbox\":true,\"service\":\"github\",\"relay_fd\":true"),
    "relay_fd: is not a field of this call" },
  { "reading", "read_secrets", "{\"names\":[\"A\",\"a/b/C\"]}", NULL },
  { "reading a name that is none", "read_secrets", "{\"names\":[\"A\",\"a/b\"]}",
    "names: must be NAME or app/environment/NAME" },
  { "deleting", "delete_secret", "{\"name\":\"K\"}", NULL },
  { "explaining", "explain_access", "{\"operation\":\"get_secret\",\"name\":\"K\"}", NULL },
  { "explaining no operation", "explain_access", "{\"name\":\"K\"}", "operation: is missing" },
  { "waiting", "approval_wait", "{\"request_id\":\"r1\",\"timeout_seconds\":0}", NULL },
  { "waiting 300 s", "approval_wait", "{\"request_id\":\"r1\",\"timeout_seconds\":300}", NULL },
  { "waiting 301 s", "approval_wait", "{\"request_id\":\"r1\",\"timeout_seconds\":301}",
    "timeout_seconds: must be a whole number from 0 to 300" },
  { "arguments in a list", "delete_secret", "[\"K\"]", "arguments: must be an object" },
};

static const Case socket_cases[] = {
  { "each call may carry a hold", "broker_status", "{\"hold_seconds\":0}", NULL },
  { "a hold of 300 s", "get_secret", "{\"name\":\"K\",\"purpose\":\"test\",\"hold_seconds\":300}",
    NULL },
  { "a hold of 301 s", "get_secret", "{\"name\":\"K\",\"purpose\":\"test\",\"hold_seconds\":301}",
    "hold_seconds: must be a whole number from 0 to 300" },
  { "a hold of -1 s", "broker_status", "{\"hold_seconds\":-1}",
    "hold_seconds: must be a whole number from 0 to 300" },
  { "a value in text", "store_secret", "{\"name\":\"K\",\"value\":\"v\"}", NULL },
  { "a value by descriptor", "update_secret", "{\"name\":\"K\",\"value_fd\":true,\"tags\":{}}",
    NULL },
  { "neither", "store_secret", "{\"name\":\"K\"}", "value: is missing" },
  { "both", "store_secret", "{\"name\":\"K\",\"value\":\"v\",\"value_fd\":true}",
    "value_fd: stands in place of value, not beside it" },
  { "a descriptor that is not there", "store_secret", "{\"name\":\"K\",\"value_fd\":false}",
    "value_fd: must be true" },
  { "a descriptor's number", "store_secret", "{\"name\":\"K\",\"value_fd\":3}",
    "value_fd: must be true or false" },
  { "a descriptor where none belongs", "delete_secret", "{\"name\":\"K\",\"value_fd\":true}",
    "value_fd: is not a field of this call" },
  { "a body by descriptor", "http_request", HTTP (",\"body_fd\":true"), NULL },
  { "a body both ways", "http_request", HTTP (",\"body\":\"\",\"body_fd\":true"),
    "body_fd: stands in place of body, not beside it" },
  { "an output and its name", "http_request", HTTP (",\"output_fd\":true,\"output_file\":\"/x\""),
    NULL },
  { "an output without its name", "http_request", HTTP (",\"output_fd\":true"),
    "output_fd: comes with output_file, and output_file with it" },
  { "an output's name without what is open", "http_request", HTTP (",\"output_file\":\"/x\""),
    "output_fd: comes with output_file, and output_file with it" },
  { "progress", "run_command", RUN ("[]", ",\"progress\":true"), NULL },
  { "progress of a request", "http_request", HTTP (",\"progress\":true"),
    "progress: is not a field of this call" },
  { "a service and where its socket comes from", "launch",
    LAUNCH ("[]", ",\"sandbox\":true,\"service\":\"github\",\"relay_fd\":true"), NULL },
  { "a service without it", "launch", LAUNCH ("[]", ",\"sandbox\":true,\"service\":\"github\""),
    "relay_fd: comes with service, and service with it" },
  { "it without a service", "launch",
    LAUNCH ("[{\"name\":\"A\",\"env\":\"X\"}]", ",\"sandbox\":true,\"relay_fd\":true"),
    "relay_fd: comes with service, and service with it" },
  { "a socket for a command's service", "run_command",
    RUN ("[]", ",\"service\":\"github\",\"relay_fd\":true"),
    "relay_fd: is not a field of this call" },
  { "the same rules as for agents", "store_secret", "{\"name\":\"a/b\",\"value_fd\":true}",
    "name: must be NAME or app/environment/NAME" },
  { "the same table as for agents", "get_secret", TTL ("0"), TTL_ERROR },
};

typedef gboolean (*Check) (const Arguments *arguments, const json_t *object, GError **error);

static void
check_case (const Case *row, Check check)
{
  g_autoptr (GError) fault = NULL, error = NULL;
  g_autoptr (json_t) object = wire_parse (row->json, strlen (row->json), TRUE, &fault);

  g_assert_no_error (fault);
  g_assert_cmpint (check (arguments_find (row->call), object, &error), ==, row->error == NULL);
  g_assert_cmpstr (error == NULL ? NULL : error->message, ==, row->error);
  if (error == NULL)
    return;
  g_autofree char *field = wire_error_field (error);
  g_assert_true (g_str_has_prefix (row->error, field) && row->error[strlen (field)] == ':');
}

static void
test_agent (gconstpointer data)
{
  check_case (data, arguments_check);
}

static void
test_socket (gconstpointer data)
{
  check_case (data, arguments_check_socket);
}

/* A text of @len bytes as argument @field of @call: accepted up to @max, refused at one more. */
static void
check_length (const char *call, const char *field, const char *other, gsize max)
{
  g_autofree char *text = g_strnfill (max + 1, 'x');
  g_autoptr (json_t) object = json_pack ("{s:s, s:s#}", other, "K", field, text, (int) max);

  g_assert_true (arguments_check (arguments_find (call), object, NULL));
  json_object_set_new (object, field, json_string (text));
  g_assert_false (arguments_check (arguments_find (call), object, NULL));
}

static void
test_lengths (void)
{
  check_length ("get_secret", "purpose", "name", 4096);
  check_length ("store_secret", "value", "name", SECRET_MAX);
}

static void
test_counts (void)
{
  g_autoptr (json_t) object = json_pack ("{s:s, s:s, s:{}}", "name", "K", "value", "v", "tags");
  json_t *tags = json_object_get (object, "tags");

  for (guint i = 0; i < 33; i++)
    {
      g_autofree char *key = g_strdup_printf ("k%u", i);
      g_assert_true (arguments_check (arguments_find ("store_secret"), object, NULL));
      json_object_set_new (tags, key, json_string ("v"));
    }
  g_assert_false (arguments_check (arguments_find ("store_secret"), object, NULL));
}

static void
test_no_arguments_are_none (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (arguments_check (arguments_find ("broker_status"), NULL, NULL));
  g_assert_true (arguments_check_socket (arguments_find ("broker_status"), NULL, NULL));
  g_assert_false (arguments_check (arguments_find ("get_secret"), NULL, &error));
  g_assert_cmpstr (error->message, ==, "name: is missing");
}

static void
test_calls (void)
{
  gsize n;
  const Arguments *all = arguments_all (&n);

  for (gsize i = 0; i < n; i++)
    {
      g_assert_true (arguments_find (all[i].call) == &all[i]);
      for (gsize j = 0; j < all[i].n_fields; j++)
        g_assert_true (all[i].own || g_str_has_suffix (all[i].fields[j].about, "."));
    }
  g_assert_null (arguments_find ("get_secrets"));
  g_assert_null (arguments_find (""));
}

/* A secret in the wrong place is not repeated in the answer. */
static void
test_values_stay_out (void)
{
  static const char *const messages[] = {
    "{\"name\":\"sk-canary\",\"value\":{\"x\":\"sk-canary\"}}",
    "{\"name\":\"sk-canary/\",\"value\":\"sk-canary\"}",
    "{\"name\":[\"sk-canary\"],\"value\":\"sk-canary\"}",
    "{\"name\":\"K\",\"value\":\"sk-canary\",\"tags\":\"sk-canary\"}",
    "{\"name\":\"K\",\"value\":\"sk-canary\",\"value_fd\":\"sk-canary\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (json_t) object = wire_parse (messages[i], strlen (messages[i]), FALSE, NULL);

      g_assert_false (arguments_check_socket (arguments_find ("store_secret"), object, &error));
      g_assert_null (strstr (error->message, "canary"));
    }
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/arguments/agent/", agent_cases, test_agent);
  ADD_TABLE ("/arguments/socket/", socket_cases, test_socket);
  g_test_add_func ("/arguments/texts may be as long as the table says", test_lengths);
  g_test_add_func ("/arguments/at most 32 tags", test_counts);
  g_test_add_func ("/arguments/no arguments are an empty object", test_no_arguments_are_none);
  g_test_add_func ("/arguments/each call is found and each field described", test_calls);
  g_test_add_func ("/arguments/values stay out of errors", test_values_stay_out);
  return g_test_run ();
}
