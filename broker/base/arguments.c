/* SPDX-License-Identifier: MIT */
#include "broker/base/arguments.h"
#include "broker/base/secret.h"
#include "broker/base/text.h"

#include <string.h>

const WireField arguments_hold_field
    = { "hold_seconds",
        WIRE_INTEGER,
        FALSE,
        0,
        ARGUMENTS_HOLD_MAX,
        "How long this call waits for a person before it answers pending." };

const WireField arguments_resume_field = { "resume", WIRE_STRING, FALSE, 1, 64, NULL };

#define NAME_FIELD(about)                                                                          \
  {                                                                                                \
    "name", WIRE_STRING, TRUE, 1, TEXT_NAME_MAX, about                                             \
  }
#define TAGS_FIELD                                                                                 \
  {                                                                                                \
    "tags", WIRE_STRING_MAP, FALSE, 0, 32,                                                         \
        "Short labels to find the secret by, such as {\"team\": \"billing\"}; "                    \
        "never part of the value."                                                                 \
  }

#define PURPOSE_FIELD(required)                                                                    \
  {                                                                                                \
    "purpose", WIRE_STRING, required, 1, 4096,                                                     \
        "Why you need it, in words for the person who decides: what you will do, and with what."   \
  }
#define TTL_FIELD                                                                                  \
  {                                                                                                \
    "ttl_seconds", WIRE_INTEGER, FALSE, 1, ARGUMENTS_TTL_MAX,                                      \
        "The longest you will need it, in seconds; 3600 when left out. The person may grant less." \
  }
#define ENV_FIELD                                                                                  \
  {                                                                                                \
    "env", WIRE_STRING_MAP, FALSE, 0, 64,                                                          \
        "Further variables of its environment, which is otherwise a plain one; none that a "       \
        "secret "                                                                                  \
        "stands in."                                                                               \
  }

static const WireField list_secrets[] = {
  { "app", WIRE_STRING, FALSE, 1, TEXT_SEGMENT_MAX,
    "Lists only secrets named app/environment/NAME with this app." },
  { "environment", WIRE_STRING, FALSE, 1, TEXT_SEGMENT_MAX,
    "Lists only secrets named app/environment/NAME with this environment, such as production." },
};

static const WireField get_secret[] = {
  NAME_FIELD ("The secret's name as list_secrets shows it: NAME or app/environment/NAME."),
  PURPOSE_FIELD (TRUE),
  TTL_FIELD,
  { "scopes", WIRE_STRINGS, FALSE, 1, 64,
    "What you want to do with it, as few as the task needs; the person may take some away. "
    "A secret has the scope \"use\", and one that is a service's credential also the service's, "
    "such as \"github:read\", which http_request with the reference then has." },
};

static const WireField resolve_secret[] = {
  { "reference_id", WIRE_STRING, TRUE, 1, 128,
    "The id of a reference that get_secret gave to you; it works for no other program." },
};

static const WireField store_secret[] = {
  NAME_FIELD ("A new name, NAME or app/environment/NAME; a name that exists is an error."),
  { "value", WIRE_STRING, TRUE, 1, SECRET_MAX, "The secret's value, stored exactly as given." },
  TAGS_FIELD,
};

static const WireField update_secret[] = {
  NAME_FIELD ("The name of a secret that exists."),
  { "value", WIRE_STRING, TRUE, 1, SECRET_MAX,
    "The new value, stored exactly as given; the old one is no longer handed out." },
  TAGS_FIELD,
};

static const WireField delete_secret[] = {
  NAME_FIELD ("The name of the secret to delete; this cannot be undone."),
};

static const WireField explain_access[] = {
  { "operation", WIRE_STRING, TRUE, 1, 64,
    "The operation you would ask for, such as get_secret; asking here disturbs nobody." },
  { "name", WIRE_STRING, FALSE, 1, TEXT_NAME_MAX,
    "The secret, service or provider it would concern; leave it out for an operation on none." },
  { "method", WIRE_STRING, FALSE, 1, 16, "Of an http_request: its method, such as GET." },
  { "path", WIRE_STRING, FALSE, 1, 8192,
    "Of an http_request: its path below the service's base URL, as you would send it." },
  { "command", WIRE_TEXTS, FALSE, 1, 256,
    "Of a run_command: the program by its full path, and its arguments, one text each." },
  { "scopes", WIRE_STRINGS, FALSE, 1, 64, "The scopes you would ask for." },
};

static const WireField approval_wait[] = {
  { "request_id", WIRE_STRING, TRUE, 1, 64, "The request_id of an answer that said pending." },
  { "timeout_seconds", WIRE_INTEGER, FALSE, 0, ARGUMENTS_HOLD_MAX,
    "The longest to wait for the person, in seconds; 0 asks how it stands now." },
};

static const WireField approval_state[] = {
  { "request_id", WIRE_STRING, TRUE, 1, 64, NULL },
};

static const WireField http_request[] = {
  { "service", WIRE_STRING, FALSE, 1, TEXT_SEGMENT_MAX,
    "The service to send it to, as list_secrets names it, such as github; its credential is put "
    "in for you. Give this or reference_id." },
  { "reference_id", WIRE_STRING, FALSE, 1, 128,
    "In place of service: the id of a reference that get_secret gave to you, whose secret is a "
    "service's credential." },
  { "method", WIRE_STRING, TRUE, 1, 16, "The HTTP method in capitals, such as GET." },
  { "path", WIRE_STRING, TRUE, 1, 8192,
    "The path below the service's base URL, beginning with a slash, without a query; percent-"
    "encoded where that is needed." },
  { "query", WIRE_OBJECT, FALSE, 0, 0,
    "The query's names and values, not encoded, such as {\"state\": \"open\", \"page\": 2}; an "
    "array of values repeats the name." },
  { "headers", WIRE_STRING_MAP, FALSE, 0, 64,
    "Headers of your own, such as {\"Content-Type\": \"application/json\"}. Those that carry the "
    "credential, or say where the message goes, cannot be set." },
  { "body", WIRE_STRING, FALSE, 0, ARGUMENTS_BODY_MAX,
    "The body, exactly as it is to be sent. One that is not JSON needs a Content-Type header." },
  PURPOSE_FIELD (TRUE),
  TTL_FIELD,
  { "timeout_seconds", WIRE_INTEGER, FALSE, 1, ARGUMENTS_HTTP_TIMEOUT_MAX,
    "The longest the whole exchange may take, in seconds; 60 when left out." },
  { "max_bytes", WIRE_INTEGER, FALSE, 1, ARGUMENTS_HTTP_BYTES_MAX,
    "The most of the answer's body that is returned, in bytes; 102400 when left out. What is "
    "longer is cut, and the result says so." },
  { "output_file", WIRE_STRING, FALSE, 2, 4096,
    "A new file, by its absolute path, that the answer's body is written to in place of being "
    "returned." },
};

/* Exactly one of env, fd and stdin: arguments-check.c. */
static const WireField placement[] = {
  NAME_FIELD ("The secret's name as list_secrets shows it."),
  { "env", WIRE_STRING, FALSE, 1, 128,
    "Give it in this variable of the environment: for most programs the way, such as GH_TOKEN." },
  { "fd", WIRE_INTEGER, FALSE, 3, 9, "Or give it by this descriptor." },
  { "stdin", WIRE_BOOLEAN, FALSE, 0, 0, "Or true: give it on standard input." },
};

static const WireField run_command[] = {
  { "command", WIRE_TEXTS, TRUE, 1, 256,
    "The program and its arguments, one text each, without a shell: [\"gh\", \"pr\", \"list\"]." },
  { "secrets", WIRE_ARRAY, FALSE, 0, 16,
    "What the program is given: the name of a secret, and one of env (a variable's name), fd (a "
    "descriptor's number, 3 to 9) and stdin (true). You never see the value.",
    placement, G_N_ELEMENTS (placement) },
  ENV_FIELD,
  { "work_dir", WIRE_STRING, FALSE, 1, 4096,
    "Where it runs, by an absolute path; your own directory when left out." },
  { "stdin", WIRE_STRING, FALSE, 0, ARGUMENTS_BODY_MAX,
    "What the program reads from its standard input; nothing when left out." },
  { "timeout_seconds", WIRE_INTEGER, FALSE, 1, ARGUMENTS_RUN_TIMEOUT_MAX,
    "The longest it may run, in seconds; 300 when left out. Then it is ended, with all it "
    "started." },
  PURPOSE_FIELD (FALSE),
  TTL_FIELD,
  { "service", WIRE_STRING, FALSE, 1, TEXT_SEGMENT_MAX,
    "The one service that it may reach over the network; without this it has no network." },
  { "write_paths", WIRE_STRINGS, FALSE, 0, ARGUMENTS_WRITE_MAX,
    "Files and directories that exist and that it may change, by absolute paths; all else is read-"
    "only." },
};

#define PROVIDER_FIELD                                                                             \
  {                                                                                                \
    "provider", WIRE_STRING, FALSE, 1, TEXT_SEGMENT_MAX,                                           \
        "Which of the providers that are set up, by its name; needed only where several could."    \
  }

static const WireField get_aws_credentials[] = {
  { "role_arn", WIRE_STRING, TRUE, 20, 2048,
    "The role, such as arn:aws:iam::123456789012:role/deploy; a person has listed those there "
    "are." },
  { "scopes", WIRE_STRINGS, FALSE, 1, 64,
    "What you will do with it, as \"ACTION\" or \"ACTION RESOURCE-ARN\", such as \"s3:GetObject "
    "arn:aws:s3:::bucket/*\": the credentials are good for no more. All that the role may when "
    "left out." },
  TTL_FIELD,
  PURPOSE_FIELD (FALSE),
  PROVIDER_FIELD,
};

static const WireField get_github_token[] = {
  { "owner", WIRE_STRING, FALSE, 1, 64,
    "The account or organization whose repositories these are." },
  { "repositories", WIRE_STRINGS, FALSE, 1, 500,
    "The repositories it is for, by their names without the owner; all that a person has allowed "
    "when left out." },
  { "permissions", WIRE_STRING_MAP, FALSE, 1, 64,
    "What it may do, such as {\"contents\": \"read\"}; all that a person has allowed when left "
    "out." },
  TTL_FIELD,
  PURPOSE_FIELD (FALSE),
  PROVIDER_FIELD,
};

static const WireField get_ssh_certificate[] = {
  { "public_key", WIRE_STRING, TRUE, 1, 8192,
    "Your public key, as the line in id_ed25519.pub; the private key stays with you." },
  { "principals", WIRE_STRINGS, FALSE, 1, 64,
    "The names you will log in as; all that a person has allowed when left out." },
  { "force_command", WIRE_STRING, FALSE, 1, 1024,
    "The one command that the certificate is to be good for, where a person has set none." },
  { "source_address", WIRE_STRING, FALSE, 1, 1024,
    "The addresses it is to be used from, as CIDR blocks with commas between them, such as "
    "192.0.2.0/24,2001:db8::7/128." },
  TTL_FIELD,
  PURPOSE_FIELD (FALSE),
  PROVIDER_FIELD,
};

static const WireField start_oauth_flow[] = {
  { "provider", WIRE_STRING, TRUE, 1, TEXT_SEGMENT_MAX,
    "Where the person is to log in: github, google (or gcp), azure, okta or oauth2." },
  { "scopes", WIRE_STRINGS, TRUE, 1, 64,
    "What the login is to be good for, in the provider's own words, such as \"repo\"; the person "
    "may take some away." },
  { "secret_name", WIRE_STRING, TRUE, 1, TEXT_NAME_MAX,
    "The new secret that the access token becomes; it is refreshed for you. Ask for it with "
    "get_secret, or send requests with it by http_request." },
  { "authorization_endpoint", WIRE_STRING, FALSE, 1, 2048,
    "Leave it out: the person's configuration says where. Another than that is an error." },
  { "token_endpoint", WIRE_STRING, FALSE, 1, 2048,
    "Leave it out: the person's configuration says where. Another than that is an error." },
  PURPOSE_FIELD (FALSE),
};

static const WireField launch[] = {
  { "program", WIRE_STRING, TRUE, 1, 4096, NULL },
  { "argv", WIRE_TEXTS, TRUE, 1, 1024, NULL },
  { "secrets", WIRE_ARRAY, TRUE, 0, 64, NULL, placement, G_N_ELEMENTS (placement) },
  { "work_dir", WIRE_STRING, TRUE, 1, 4096, NULL },
  { "sandbox", WIRE_BOOLEAN, FALSE, 0, 0, NULL },
  { "write_paths", WIRE_STRINGS, FALSE, 1, ARGUMENTS_WRITE_MAX, NULL },
  { "service", WIRE_STRING, FALSE, 1, TEXT_SEGMENT_MAX, NULL },
  PURPOSE_FIELD (FALSE),
};

static const WireField read_secrets[] = {
  { "names", WIRE_STRINGS, TRUE, 1, 64, NULL },
  PURPOSE_FIELD (FALSE),
};

static const WireField mint_token[] = {
  { "provider", WIRE_STRING, TRUE, 1, 32,
    "Whose API the token is for: github, aws, gcp, azure, okta or oauth2." },
  { "scopes", WIRE_STRINGS, TRUE, 1, 64,
    "What the token is to be good for, in the words of whoever will read it, such as \"read\" or "
    "\"repo:status\"; as few as the task needs. The person may take some away." },
  { "resource", WIRE_STRING, FALSE, 1, 512,
    "Who the token is meant for, as its audience: mostly the URL of an API. The provider when left "
    "out." },
  { "ttl_seconds", WIRE_INTEGER, FALSE, 1, G_MAXINT32,
    "The longest the token is to live, in seconds; 3600 when left out. At most 28800 for github, "
    "43200 for aws, gcp, azure and okta, 86400 for oauth2. The person may grant less." },
  PURPOSE_FIELD (FALSE),
};

static const WireField revoke_token[] = {
  { "token_id", WIRE_STRING, TRUE, 1, 64,
    "The tokenId that mint_token told: whoever asks about the token then hears that it is over." },
};

static const WireField token_introspect[] = {
  { "token", WIRE_STRING, TRUE, 1, ARGUMENTS_TOKEN_MAX, NULL },
  { "client_id", WIRE_STRING, TRUE, 0, 256, NULL },
  { "client_secret", WIRE_STRING, TRUE, 0, 4096, NULL },
};

static const WireField token_end[] = {
  { "token", WIRE_STRING, TRUE, 1, ARGUMENTS_TOKEN_MAX, NULL },
};

static const WireField withdraw[] = {
  { "request_id", WIRE_STRING, TRUE, 1, 64, NULL },
};

static const WireField bearer[] = {
  { "token", WIRE_STRING, TRUE, 1, ARGUMENTS_TOKEN_MAX, NULL },
  { "resource", WIRE_STRING, TRUE, 1, 2048, NULL },
};

#define CALL(name) .call = #name, .fields = name, .n_fields = G_N_ELEMENTS (name)
static const Arguments calls[] = {
  { .call = "broker_status" },
  { .call = "get_broker_stats" },
  { CALL (list_secrets) },
  { CALL (get_secret) },
  { CALL (http_request), .by_fd = "body", .output = TRUE },
  { CALL (run_command), .by_fd = "stdin", .progress = TRUE },
  { CALL (resolve_secret) },
  { CALL (store_secret), .by_fd = "value" },
  { CALL (update_secret), .by_fd = "value" },
  { CALL (delete_secret) },
  { CALL (start_oauth_flow) },
  { CALL (get_aws_credentials) },
  { CALL (get_github_token) },
  { CALL (get_ssh_certificate) },
  { CALL (mint_token) },
  { CALL (revoke_token) },
  { CALL (explain_access) },
  { CALL (approval_wait), .progress = TRUE },
  { CALL (launch), .relay = TRUE, .own = TRUE },
  { CALL (read_secrets), .own = TRUE },
  { .call = "policy_summary", .own = TRUE },
  { .call = "own_grants", .own = TRUE },
  { CALL (approval_state), .own = TRUE },
  { .call = "own_requests", .own = TRUE },
  { .call = "token_keys", .own = TRUE },
  { CALL (token_introspect), .own = TRUE },
  { CALL (token_end), .own = TRUE },
  { CALL (withdraw), .own = TRUE },
  { CALL (bearer), .own = TRUE },
  { .call = "resource", .own = TRUE },
};

const Arguments *
arguments_find (const char *call)
{
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    if (strcmp (calls[i].call, call) == 0)
      return &calls[i];
  return NULL;
}

const Arguments *
arguments_all (gsize *n)
{
  *n = G_N_ELEMENTS (calls);
  return calls;
}
