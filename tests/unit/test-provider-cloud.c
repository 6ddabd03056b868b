/* SPDX-License-Identifier: MIT
 *
 * What AWS, GitHub and Vouch are asked for: never more than was granted, and of nobody else.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "tests/unit/provider-case.h"
#include "tests/unit/table.h"

/* --- What is asked comes to these scopes --- */

typedef struct
{
  const char *sentence, *file, *args;
  const char *scopes; /* with | between them; NULL: refused */
  const char *says;
} ScopeCase;

/* clang-format off */
static const ScopeCase scope_cases[] = {
  { "a whole role", AWS_KEYS, "{" ARGS_ROLE "}", "role", NULL },
  { "a whole role by its word", AWS_KEYS, "{" ARGS_ROLE ",'scopes':['role']}", "role", NULL },
  { "a role that a pattern names", AWS_KEYS, "{'role_arn':'arn:aws:iam::123456789012:role/dev-a/b'}", "role", NULL },
  { "actions and resources", AWS_KEYS, "{" ARGS_ROLE ",'scopes':['s3:GetObject arn:aws:s3:::b/*','sts:GetCallerIdentity']}",
    "s3:GetObject arn:aws:s3:::b/*|sts:GetCallerIdentity", NULL },
  { "a role that is not listed", AWS_KEYS, "{'role_arn':'arn:aws:iam::123456789012:role/admin'}", NULL, "not among those" },
  { "a role of another account", AWS_KEYS, "{'role_arn':'arn:aws:iam::999999999999:role/deploy'}", NULL, "not among those" },
  { "a role that begins like one", AWS_KEYS, "{'role_arn':'" ROLE "er'}", NULL, "not among those" },
  { "a pattern for a role", AWS_KEYS, "{'role_arn':'arn:aws:iam::123456789012:role/dev-*'}", NULL, "whole ARN" },
  { "a user for a role", AWS_KEYS, "{'role_arn':'arn:aws:iam::123456789012:user/ann'}", NULL, "whole ARN" },
  { "the role's word beside actions", AWS_KEYS, "{" ARGS_ROLE ",'scopes':['role','s3:GetObject']}", NULL, "leave it out" },
  { "an action that is none", AWS_KEYS, "{" ARGS_ROLE ",'scopes':['GetObject']}", NULL, "begins with an action" },
  { "every action of everything", AWS_KEYS, "{" ARGS_ROLE ",'scopes':['*']}", NULL, "begins with an action" },
  { "an action with a quote", AWS_KEYS, "{" ARGS_ROLE ",'scopes':['s3:Get\\\"']}", NULL, "begins with an action" },
  { "a resource that is none", AWS_KEYS, "{" ARGS_ROLE ",'scopes':['s3:GetObject bucket']}", NULL, "ARN of a resource" },
  { "a resource with a variable", AWS_KEYS, "{" ARGS_ROLE ",'scopes':['s3:GetObject arn:aws:s3:::${aws:username}']}", NULL, "ARN of a resource" },
  { "two resources", AWS_KEYS, "{" ARGS_ROLE ",'scopes':['s3:GetObject arn:aws:s3:::a arn:aws:s3:::b']}", NULL, "ARN of a resource" },

  { "all that a file allows", APP_NARROW, "{}", "repo/site|repo/docs|repo/.github|contents:write|issues:read", NULL },
  { "all that an App has", APP, "{}", "repo/*|permission/*", NULL },
  { "what is named", APP_NARROW, "{'owner':'Ann','repositories':['Site'],'permissions':{'contents':'read'}}", "repo/Site|contents:read", NULL },
  { "names where a file allows all", APP, "{'repositories':['a','b'],'permissions':{'actions':'admin'}}", "repo/a|repo/b|actions:admin", NULL },
  { "a repository that is not allowed", APP_NARROW, "{'repositories':['other']}", NULL, "other is not among those that provider a allows" },
  { "a repository with its owner", APP, "{'repositories':['ann/site']}", NULL, "without its owner" },
  { "a repository twice", APP, "{'repositories':['site','Site']}", NULL, "stands there twice" },
  { "a repository that is a star", APP, "{'repositories':['*']}", NULL, "letters, digits" },
  { "a repository that is a folder", APP, "{'repositories':['..']}", NULL, "1 to 100" },
  { "a permission that is not allowed", APP_NARROW, "{'permissions':{'actions':'read'}}", NULL, "actions is not among those" },
  { "a level that is not allowed", APP_NARROW, "{'permissions':{'issues':'write'}}", NULL, "issues:read at most, not issues:write" },
  { "a level that is none", APP, "{'permissions':{'issues':'all'}}", NULL, "read, write or admin" },
  { "a permission with a strange name", APP, "{'permissions':{'a:b':'read'}}", NULL, "small letters" },
  { "another owner", APP_NARROW, "{'owner':'bob'}", NULL, "the repositories of ann" },
  { "an owner where none is known", APP, "{'owner':'ann'}", NULL, "leave it out" },

  { "repositories by Vouch", VOUCH, "{'owner':'ann','repositories':['site']}", "repo/site", NULL },
  { "all repositories by Vouch", VOUCH, "{}", "repo/*", NULL },
  { "permissions by Vouch", VOUCH, "{'permissions':{'contents':'read'}}", NULL, "Vouch decides that itself" },
  { "a certificate by Vouch", VOUCH, "{'public_key':'" SSH_KEY "'}", "use", NULL },
  { "a key that is none", VOUCH, "{'public_key':'ssh-ed25519 AAAA'}", NULL, "public_key: " },
  { "principals by Vouch", VOUCH, "{'public_key':'" SSH_KEY "','principals':['root']}", NULL, "Vouch decides that itself" },
  { "a command by Vouch", VOUCH, "{'public_key':'" SSH_KEY "','force_command':'id'}", NULL, "Vouch decides that itself" },
  { "addresses by Vouch", VOUCH, "{'public_key':'" SSH_KEY "','source_address':'::1'}", NULL, "Vouch decides that itself" },
};
/* clang-format on */

static void
test_scopes (gconstpointer data)
{
  const ScopeCase *row = data;
  g_auto (ProviderCase) asked = { 0 };
  g_autofree char *why = NULL;
  g_autoptr (GError) error = NULL;

  provider_case_init (&asked, row->file, row->args);
  if (!asked.module->fits (&asked.ask, &why))
    {
      g_assert_null (row->scopes);
      provider_case_says (why, row->says);
      return;
    }
  g_assert_null (why);
  g_auto (GStrv) scopes = asked.module->scopes (&asked.ask, &error);
  g_assert_true ((scopes == NULL) == (error != NULL));
  g_assert_true ((scopes == NULL) == (row->scopes == NULL));
  if (scopes == NULL)
    {
      provider_case_says (error->message, row->says);
      return;
    }
  g_autofree char *joined = g_strjoinv ("|", scopes);
  g_assert_cmpstr (joined, ==, row->scopes);
}

static void
test_many_scopes (void)
{
  g_auto (ProviderCase) asked = { 0 };
  g_autoptr (GError) error = NULL;
  json_t *many = json_array ();

  provider_case_init (&asked, AWS_KEYS, "{" ARGS_ROLE "}");
  for (guint i = 0; i < 64; i++)
    json_array_append_new (many, json_sprintf ("s3:GetObject arn:aws:s3:::bucket-%u/*", i));
  json_object_set_new (asked.args, "scopes", many);
  g_assert_null (asked.module->scopes (&asked.ask, &error));
  provider_case_says (error->message, "ask for fewer");
}

/* --- What is granted is sent --- */

typedef struct
{
  const char *sentence, *file, *args, *granted;
  guint step;
  gint64 seconds;
  const char *url, *method, *answer;
  const char *form; /* of the form, or of the JSON */
  const char *needs;
} RequestCase;

#define AWS_FORM(action, name, seconds)                                                            \
  "['Action','" action "'],['Version','2011-06-15'],['RoleArn','" ROLE "'],"                       \
  "['RoleSessionName','" name "'],['DurationSeconds','" seconds "']"
#define ASSUME AWS_FORM ("AssumeRole", "node_js-r1", "3600")
/* clang-format off */
static const RequestCase request_cases[] = {
  { "keys take a role", AWS_KEYS, "{" ARGS_ROLE "}", "role", 0, 3600, "https://sts.amazonaws.com/", "POST", "aws-sts", "[" ASSUME "]",
    "keys stored aws-keys" },
  { "a shorter grant is a quarter of an hour", AWS_KEYS, "{" ARGS_ROLE "}", "role", 0, 60, "https://sts.amazonaws.com/", "POST", "aws-sts",
    "[" AWS_FORM ("AssumeRole", "node_js-r1", "900") "]", "keys stored aws-keys" },
  { "a longer one is what AWS gives", AWS_KEYS, "{" ARGS_ROLE "}", "role", 0, 86400, "https://sts.amazonaws.com/", "POST", "aws-sts",
    "[" AWS_FORM ("AssumeRole", "node_js-r1", "43200") "]", "keys stored aws-keys" },
  { "a scope is a policy", AWS_KEYS, "{" ARGS_ROLE "}", "s3:GetObject arn:aws:s3:::b/*", 0, 3600, "https://sts.amazonaws.com/", "POST", "aws-sts",
    "[" ASSUME ",['Policy','{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":[\\\"s3:GetObject\\\"],"
    "\\\"Resource\\\":\\\"arn:aws:s3:::b/*\\\"}]}']]", "keys stored aws-keys" },
  { "scopes of one resource are one statement", AWS_KEYS, "{" ARGS_ROLE "}", "s3:GetObject arn:a|ec2:Describe*|s3:PutObject arn:a", 0, 3600,
    "https://sts.amazonaws.com/", "POST", "aws-sts",
    "[" ASSUME ",['Policy','{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":[\\\"s3:GetObject\\\",\\\"s3:PutObject\\\"],"
    "\\\"Resource\\\":\\\"arn:a\\\"},{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":[\\\"ec2:Describe*\\\"],\\\"Resource\\\":\\\"*\\\"}]}']]", "keys stored aws-keys" },
  { "Vouch is asked first", AWS_VOUCH, "{" ARGS_ROLE "}", "role", 0, 3600,
    "https://us.vouch.sh/v1/credentials/aws/token?role_arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdeploy", "GET", "vouch-aws", NULL,
    "login login v {\"iss\":\"https://us.vouch.sh\"}" },
  { "then AWS, in its region", AWS_VOUCH, "{" ARGS_ROLE "}", "role", 1, 3600, "https://sts.eu-west-1.amazonaws.com/", "POST", "aws-sts",
    "[" AWS_FORM ("AssumeRoleWithWebIdentity", "node_js-r1", "3600") ",['WebIdentityToken',{'secret':'identity'}]]", "identity earlier id_token" },
  { "our own issuer", AWS_ISSUER, "{" ARGS_ROLE "}", "role", 0, 3600, "https://sts.amazonaws.com/", "POST", "aws-sts",
    "[" AWS_FORM ("AssumeRoleWithWebIdentity", "ci", "1800") ",['WebIdentityToken',{'secret':'identity'}]]",
    "identity minted issuer {\"aud\":\"sts.amazonaws.com\",\"exp\":1795266300,\"sub\":\"node js\"}" },
  { "a region in China", "provider a\nkind aws\nrole " ROLE "\nfrom keys k\nregion cn-north-1\n", "{" ARGS_ROLE "}", "role", 0, 3600,
    "https://sts.cn-north-1.amazonaws.com.cn/", "POST", "aws-sts", "[" ASSUME "]", "keys stored k" },
  { "an endpoint of its own", "provider a\nkind aws\nrole " ROLE "\nfrom keys k\nendpoint http://127.0.0.1:4566\nnetwork loopback\n", "{" ARGS_ROLE "}", "role", 0, 3600,
    "http://127.0.0.1:4566/", "POST", "aws-sts", "[" ASSUME "]", "keys stored k" },

  { "an App for what was granted", APP, "{}", "repo/site|contents:read", 0, 3600, "https://api.github.com/app/installations/99/access_tokens", "POST",
    "github-installation", "{'repositories':['site'],'permissions':{'contents':'read'}}",
    "app signed app-key {\"exp\":1795266540,\"iat\":1795265940,\"iss\":\"4711\"}" },
  { "an App for all", APP, "{}", "repo/*|permission/*", 0, 3600, "https://api.github.com/app/installations/99/access_tokens", "POST",
    "github-installation", "{}", "app signed app-key {\"exp\":1795266540,\"iat\":1795265940,\"iss\":\"4711\"}" },
  { "an App at another place", "provider a\nkind github-app\napp 1\ninstallation 2\nkey k\napi https://ghe.example.com/api/v3/\n", "{}", "repo/a|contents:read", 0, 3600,
    "https://ghe.example.com/api/v3/app/installations/2/access_tokens", "POST", "github-installation",
    "{'repositories':['a'],'permissions':{'contents':'read'}}", "app signed k {\"exp\":1795266540,\"iat\":1795265940,\"iss\":\"1\"}" },

  { "Vouch for a token", VOUCH, "{'owner':'ann'}", "repo/site", 0, 3600, "https://us.vouch.sh/v1/credentials/github/token", "POST", "vouch-github",
    "{'owner':'ann','repositories':['site']}", "login login v {\"iss\":\"https://us.vouch.sh\"}" },
  { "Vouch for any token", VOUCH, "{}", "repo/*", 0, 3600, "https://us.vouch.sh/v1/credentials/github/token", "POST", "vouch-github", "{}",
    "login login v {\"iss\":\"https://us.vouch.sh\"}" },
  { "Vouch for a certificate", VOUCH, "{'public_key':'" SSH_KEY "'}", "use", 0, 3600, "https://us.vouch.sh/v1/credentials/ssh", "POST", "vouch-ssh",
    "{'public_key':'" SSH_KEY "'}", "login login v {\"iss\":\"https://us.vouch.sh\"}" },
  { "Vouch for a key without its comment", VOUCH, "{'public_key':'" SSH_KEY " ann@laptop'}", "use", 0, 3600, "https://us.vouch.sh/v1/credentials/ssh", "POST",
    "vouch-ssh", "{'public_key':'" SSH_KEY "'}", "login login v {\"iss\":\"https://us.vouch.sh\"}" },
  { "Vouch at another place", "provider v\nkind vouch\nclient c\nissuer https://eu.vouch.sh/\n", "{'public_key':'" SSH_KEY "'}", "use", 0, 3600,
    "https://eu.vouch.sh/v1/credentials/ssh", "POST", "vouch-ssh", "{'public_key':'" SSH_KEY "'}", "login login v {\"iss\":\"https://eu.vouch.sh/\"}" },
};
/* clang-format on */

static void
check_body (const json_t *request, const char *expected)
{
  const json_t *form = json_object_get (request, "form"), *json = json_object_get (request, "json");

  if (expected == NULL)
    {
      g_assert_null (form);
      g_assert_null (json);
      return;
    }
  g_autoptr (json_t) wanted = provider_case_parse (expected);
  g_assert_true (json_equal (form != NULL ? form : json, wanted));
}

/* Each need is in the request, and each secret of the request is a need. */
static void
check_secrets (const ProviderExchange *exchange)
{
  g_autofree char *text = wire_dump (exchange->request, NULL);

  for (guint i = 0; i < exchange->needs->len; i++)
    {
      const ProviderNeed *need = g_ptr_array_index (exchange->needs, i);
      g_autofree char *place = g_strdup_printf ("\"secret\":\"%s\"", need->as);
      g_autofree char *key = g_strdup_printf ("\"key\":\"%s\"", need->as);
      g_assert_true (strstr (text, place) != NULL || strstr (text, key) != NULL);
    }
}

static void
test_request (gconstpointer data)
{
  const RequestCase *row = data;
  g_auto (ProviderCase) asked = { 0 };
  g_auto (GStrv) granted = g_strsplit (row->granted, "|", -1);
  g_autoptr (GError) error = NULL;

  provider_case_init (&asked, row->file, row->args);
  asked.ask.scopes = granted;
  asked.ask.seconds = row->seconds;
  g_autoptr (json_t) fields = json_object ();
  g_assert_true (asked.module->narrowed (&asked.ask, &error));
  g_autoptr (ProviderExchange) exchange
      = asked.module->request (&asked.ask, row->step, fields, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (wire_string (exchange->request, "url"), ==, row->url);
  g_assert_cmpstr (wire_string (exchange->request, "method"), ==, row->method);
  g_assert_cmpstr (exchange->answer, ==, row->answer);
  g_assert_true (provider_reader_exists (exchange->answer));
  check_body (exchange->request, row->form);
  check_secrets (exchange);
  g_autofree char *needs = provider_case_needs (exchange);
  g_assert_cmpstr (needs, ==, row->needs);
  if (row->step > 0 || strcmp (row->answer, "vouch-aws") != 0)
    g_assert_null (asked.module->request (&asked.ask, row->step + 1, fields, &error));
  g_assert_no_error (error);
}

typedef struct
{
  const char *sentence, *file, *args, *granted, *says;
} NothingCase;

static const NothingCase nothing_cases[] = {
  { "nothing of a role", AWS_KEYS, "{" ARGS_ROLE "}", "", "nothing is left" },
  { "permissions without a repository", APP, "{}", "contents:read", "no repository is left" },
  { "repositories without a permission", APP, "{}", "repo/site", "no permission is left" },
  { "no repository by Vouch", VOUCH, "{}", "", "no repository is left" },
};

static void
test_nothing (gconstpointer data)
{
  const NothingCase *row = data;
  g_auto (ProviderCase) asked = { 0 };
  g_auto (GStrv) granted = g_strsplit (row->granted, "|", -1);
  g_autoptr (GError) error = NULL;

  provider_case_init (&asked, row->file, row->args);
  asked.ask.scopes = granted;
  g_assert_false (asked.module->narrowed (&asked.ask, &error));
  provider_case_says (error->message, row->says);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/provider-cloud/scopes/", scope_cases, test_scopes)
  ADD_TABLE ("/provider-cloud/request/", request_cases, test_request)
  ADD_TABLE ("/provider-cloud/nothing left/", nothing_cases, test_nothing)
  g_test_add_func ("/provider-cloud/more scopes than AWS takes", test_many_scopes);
  return g_test_run ();
}
