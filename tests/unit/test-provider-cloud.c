/* SPDX-License-Identifier: MIT
 *
 * What AWS, GitHub and Vouch are asked for: never more than was granted, and of nobody else.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-module.h"
#include "tests/unit/table.h"

#define NOW 1795266000

#define ROLE "arn:aws:iam::123456789012:role/deploy"
#define AWS_KEYS                                                                                   \
  "provider a\nkind aws\nrole " ROLE                                                               \
  "\nrole arn:aws:iam::123456789012:role/dev-*\nfrom keys aws-keys\n"
#define AWS_VOUCH "provider a\nkind aws\nrole " ROLE "\nfrom vouch v\nregion eu-west-1\n"
#define AWS_ISSUER "provider a\nkind aws\nrole " ROLE "\nfrom issuer\nsession-name ci\nmax 30m\n"
#define APP "provider a\nkind github-app\napp 4711\ninstallation 99\nkey app-key\n"
#define APP_NARROW                                                                                 \
  APP "owner ann\nrepository site docs .github\npermission contents write\npermission issues "     \
      "read\n"
#define VOUCH "provider v\nkind vouch\nclient c\n"
#define ISSUER "provider i\nkind issuer\nissuer https://id.example.com\n"
#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqFTtVmy7tpJ2QDc2a9PK8lNLpS0VaIBRCqkhkXDUXl"

/* With ' for ". */
static json_t *
parse (const char *text)
{
  g_autofree char *copy = g_strdelimit (g_strdup (text), "'", '"');
  g_autoptr (GError) error = NULL;
  json_t *value = wire_parse (copy, strlen (copy), TRUE, &error);

  g_assert_no_error (error);
  return value;
}

static Providers *
load (const char *text, GError **error)
{
  g_autofree char *file = g_strdup_printf ("providers.d/%c.conf", text[strlen ("provider ")]);
  const PolicySource all[] = { { file, text, strlen (text) },
                               { "providers.d/v.conf", VOUCH, strlen (VOUCH) },
                               { "providers.d/i.conf", ISSUER, strlen (ISSUER) } };
  const PolicySource vouch[] = { { file, text, strlen (text) }, all[2] };
  gboolean is_vouch = text[strlen ("provider ")] == 'v';

  return providers_parse (is_vouch ? vouch : all, is_vouch ? 2 : 3, error);
}

typedef struct
{
  Providers *providers;
  json_t *args;
  const ProviderModule *module;
  ProviderAsk ask;
} Asked;

static void
asked_clear (Asked *asked)
{
  providers_unref (asked->providers);
  json_decref (asked->args);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asked, asked_clear)

static Operation
operation_of (const ProviderModule *module, const json_t *args)
{
  if (json_object_get (args, "role_arn") != NULL)
    return OPERATION_AWS_CREDENTIALS;
  return json_object_get (args, "public_key") != NULL ? OPERATION_SSH_CERTIFICATE
                                                      : OPERATION_GITHUB_TOKEN;
}

static void
asked_init (Asked *asked, const char *file, const char *args)
{
  g_autoptr (GError) error = NULL;
  const char name[] = { file[strlen ("provider ")], '\0' };

  asked->providers = load (file, &error);
  g_assert_no_error (error);
  asked->args = parse (args);
  const Provider *provider = providers_find (asked->providers, name);
  asked->module = provider_module (provider_kind (provider));
  asked->ask = (ProviderAsk){ .provider = provider,
                              .providers = asked->providers,
                              .operation = operation_of (asked->module, asked->args),
                              .args = asked->args,
                              .seconds = 3600,
                              .now = NOW,
                              .id = "r1",
                              .holder = "node js" };
  g_assert_true ((asked->module->serves & (1u << asked->ask.operation)) != 0);
}

/* --- What is asked comes to these scopes --- */

typedef struct
{
  const char *sentence, *file, *args;
  const char *scopes; /* with | between them; NULL: refused */
  const char *says;
} ScopeCase;

#define ARGS_ROLE "'role_arn':'" ROLE "'"
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
  { "a certificate by Vouch", VOUCH, "{'public_key':'" KEY "'}", "use", NULL },
  { "a key that is none", VOUCH, "{'public_key':'ssh-ed25519 AAAA'}", NULL, "public_key: " },
  { "principals by Vouch", VOUCH, "{'public_key':'" KEY "','principals':['root']}", NULL, "Vouch decides that itself" },
  { "a command by Vouch", VOUCH, "{'public_key':'" KEY "','force_command':'id'}", NULL, "Vouch decides that itself" },
  { "addresses by Vouch", VOUCH, "{'public_key':'" KEY "','source_address':'::1'}", NULL, "Vouch decides that itself" },
};
/* clang-format on */

static void
check_says (const char *text, const char *says)
{
  if (strstr (text, says) == NULL)
    g_error ("\"%s\" does not say \"%s\"", text, says);
}

static void
test_scopes (gconstpointer data)
{
  const ScopeCase *row = data;
  g_auto (Asked) asked = { 0 };
  g_autofree char *why = NULL;
  g_autoptr (GError) error = NULL;

  asked_init (&asked, row->file, row->args);
  if (!asked.module->fits (&asked.ask, &why))
    {
      g_assert_null (row->scopes);
      check_says (why, row->says);
      return;
    }
  g_assert_null (why);
  g_auto (GStrv) scopes = asked.module->scopes (&asked.ask, &error);
  g_assert_true ((scopes == NULL) == (error != NULL));
  g_assert_true ((scopes == NULL) == (row->scopes == NULL));
  if (scopes == NULL)
    {
      check_says (error->message, row->says);
      return;
    }
  g_autofree char *joined = g_strjoinv ("|", scopes);
  g_assert_cmpstr (joined, ==, row->scopes);
}

static void
test_many_scopes (void)
{
  g_auto (Asked) asked = { 0 };
  g_autoptr (GError) error = NULL;
  json_t *many = json_array ();

  asked_init (&asked, AWS_KEYS, "{" ARGS_ROLE "}");
  for (guint i = 0; i < 64; i++)
    json_array_append_new (many, json_sprintf ("s3:GetObject arn:aws:s3:::bucket-%u/*", i));
  json_object_set_new (asked.args, "scopes", many);
  g_assert_null (asked.module->scopes (&asked.ask, &error));
  check_says (error->message, "ask for fewer");
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
  { "Vouch for a certificate", VOUCH, "{'public_key':'" KEY "'}", "use", 0, 3600, "https://us.vouch.sh/v1/credentials/ssh", "POST", "vouch-ssh",
    "{'public_key':'" KEY "'}", "login login v {\"iss\":\"https://us.vouch.sh\"}" },
  { "Vouch for a key without its comment", VOUCH, "{'public_key':'" KEY " ann@laptop'}", "use", 0, 3600, "https://us.vouch.sh/v1/credentials/ssh", "POST",
    "vouch-ssh", "{'public_key':'" KEY "'}", "login login v {\"iss\":\"https://us.vouch.sh\"}" },
  { "Vouch at another place", "provider v\nkind vouch\nclient c\nissuer https://eu.vouch.sh/\n", "{'public_key':'" KEY "'}", "use", 0, 3600,
    "https://eu.vouch.sh/v1/credentials/ssh", "POST", "vouch-ssh", "{'public_key':'" KEY "'}", "login login v {\"iss\":\"https://eu.vouch.sh/\"}" },
};
/* clang-format on */

static char *
needs_text (const ProviderExchange *exchange)
{
  static const char *const kinds[] = { [NEED_STORED] = "stored",
                                       [NEED_LOGIN] = "login",
                                       [NEED_EARLIER] = "earlier",
                                       [NEED_SIGNED] = "signed",
                                       [NEED_MINTED] = "minted" };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < exchange->needs->len; i++)
    {
      const ProviderNeed *need = g_ptr_array_index (exchange->needs, i);
      char *claims
          = need->claims != NULL ? json_dumps (need->claims, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
      g_string_append_printf (text, "%s%s %s %s%s%s", i > 0 ? "; " : "", need->as,
                              kinds[need->kind], need->name, claims != NULL ? " " : "",
                              claims != NULL ? claims : "");
      free (claims);
    }
  return g_string_free (text, FALSE);
}

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
  g_autoptr (json_t) wanted = parse (expected);
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
  g_auto (Asked) asked = { 0 };
  g_auto (GStrv) granted = g_strsplit (row->granted, "|", -1);
  g_autoptr (GError) error = NULL;

  asked_init (&asked, row->file, row->args);
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
  g_autofree char *needs = needs_text (exchange);
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
  g_auto (Asked) asked = { 0 };
  g_auto (GStrv) granted = g_strsplit (row->granted, "|", -1);
  g_autoptr (GError) error = NULL;

  asked_init (&asked, row->file, row->args);
  asked.ask.scopes = granted;
  g_assert_false (asked.module->narrowed (&asked.ask, &error));
  check_says (error->message, row->says);
}

/* --- What a person reads, and what an agent gets --- */

typedef struct
{
  const char *sentence, *file, *args, *granted, *facts;
} FactCase;

/* clang-format off */
static const FactCase fact_cases[] = {
  { "a role by keys", AWS_KEYS, "{" ARGS_ROLE "}", "role",
    "Role: " ROLE "|Account: 123456789012|Narrowed to: not at all: all that the role may do|Sends to: https://sts.amazonaws.com/|Signs with: aws-keys|"
    "Session: node_js-r1|Lasts: 15m at least, also when granted for less: AWS takes none back" },
  { "a narrower role by Vouch", AWS_VOUCH, "{" ARGS_ROLE "}", "s3:GetObject arn:a|s3:PutObject arn:a",
    "Role: " ROLE "|Account: 123456789012|Narrowed to: s3:GetObject arn:a|Narrowed to: s3:PutObject arn:a|Sends to: https://sts.eu-west-1.amazonaws.com/|"
    "Vouched for by: https://us.vouch.sh|Session: node_js-r1|Lasts: 15m at least, also when granted for less: AWS takes none back" },
  { "a role by our own issuer", AWS_ISSUER, "{" ARGS_ROLE "}", "role",
    "Role: " ROLE "|Account: 123456789012|Narrowed to: not at all: all that the role may do|Sends to: https://sts.amazonaws.com/|"
    "Vouched for by: https://id.example.com|Session: ci|Lasts: 15m at least, also when granted for less: AWS takes none back" },
  { "repositories and permissions", APP_NARROW, "{}", "repo/site|repo/docs|contents:read",
    "Owner: ann|Repositories: site, docs|Permissions: contents:read|Sends to: https://api.github.com|Signs with: app-key|"
    "Lasts: 1h at most; taken back at GitHub when the grant ends" },
  { "all that an App has", APP, "{}", "repo/*|permission/*",
    "Repositories: all of the installation|Permissions: all that the App has|Sends to: https://api.github.com|Signs with: app-key|"
    "Lasts: 1h at most; taken back at GitHub when the grant ends" },
  { "a token by Vouch", VOUCH, "{'owner':'ann'}", "repo/site",
    "Owner: ann|Repositories: site|Permissions: those that Vouch gives|Lasts: 1h at most; taken back at GitHub when the grant ends|Sends to: https://us.vouch.sh" },
  { "a certificate by Vouch", VOUCH, "{'public_key':'" KEY "'}", "use",
    "Key type: Ed25519|Fingerprint: SHA256:RJnrBHbtanfhzOtwxxIs8qmrg7/Hl5jyc+NoEmDNAsg|Lasts: as long as Vouch decides; it cannot be taken back|Sends to: https://us.vouch.sh" },
};
/* clang-format on */

static void
test_facts (gconstpointer data)
{
  const FactCase *row = data;
  g_auto (Asked) asked = { 0 };
  g_auto (GStrv) granted = g_strsplit (row->granted, "|", -1);
  g_autoptr (json_t) facts = json_array ();
  g_autoptr (GString) text = g_string_new (NULL);
  gsize i;
  json_t *fact;

  asked_init (&asked, row->file, row->args);
  asked.ask.scopes = granted;
  asked.module->facts (&asked.ask, facts);
  json_array_foreach (facts, i, fact)
  {
    g_string_append_printf (text, "%s%s: %s", i > 0 ? "|" : "", wire_string (fact, "label"),
                            wire_string (fact, "value"));
  }
  g_assert_cmpstr (text->str, ==, row->facts);
}

typedef struct
{
  const char *sentence, *file, *args, *granted;
  gint64 seconds;
  const char *fields, *result;
} ResultCase;

/* clang-format off */
static const ResultCase result_cases[] = {
  { "credentials of AWS", AWS_KEYS, "{" ARGS_ROLE "}", "role", 3600, "{'expires_at':1795269600}",
    "{'provider':'a','role_arn':'" ROLE "','session_name':'node_js-r1','expires_in':3600}" },
  { "credentials that outlive their grant", AWS_KEYS, "{" ARGS_ROLE "}", "role", 300, "{'expires_at':1795266900}",
    "{'provider':'a','role_arn':'" ROLE "','session_name':'node_js-r1','expires_in':900,'message':'You were granted 5m; AWS issues for 15m at least and takes "
    "nothing back: use them no longer than granted.'}" },
  { "a token of GitHub", APP, "{}", "repo/site|contents:read", 3600, "{'expires_at':1795269600,'permissions':{'contents':'read'},'repositories':['site']}",
    "{'provider':'a','expires_at':'2026-11-21T14:00:00Z','expires_in':3600,'permissions':{'contents':'read'},'repositories':['site']}" },
  { "a certificate", VOUCH, "{'public_key':'" KEY "'}", "use", 3600, "{'expires_at':1795266600,'principals':['ann'],'serial':'7'}",
    "{'provider':'v','valid_for_seconds':600,'principals':['ann'],'serial':'7'}" },
};
/* clang-format on */

static void
test_result (gconstpointer data)
{
  const ResultCase *row = data;
  g_auto (Asked) asked = { 0 };
  g_auto (GStrv) granted = g_strsplit (row->granted, "|", -1);
  g_autoptr (json_t) fields = parse (row->fields), expected = parse (row->result);

  asked_init (&asked, row->file, row->args);
  asked.ask.scopes = granted;
  asked.ask.seconds = row->seconds;
  g_autoptr (json_t) result = asked.module->result (&asked.ask, fields);
  g_assert_true (json_equal (result, expected));
}

/* --- What is taken back --- */

static void
test_take_back (void)
{
  g_auto (Asked) app = { 0 }, vouch = { 0 }, aws = { 0 };

  asked_init (&app, APP, "{}");
  asked_init (&vouch,
              "provider v\nkind vouch\nclient c\ngithub-api https://ghe.example.com/api/v3\n",
              "{}");
  asked_init (&aws, AWS_KEYS, "{" ARGS_ROLE "}");
  g_assert_null (aws.module->revoke);
  g_autoptr (ProviderExchange) one = app.module->revoke (app.ask.provider, NULL);
  g_autoptr (ProviderExchange) two = vouch.module->revoke (vouch.ask.provider, NULL);
  g_assert_cmpstr (wire_string (one->request, "method"), ==, "DELETE");
  g_assert_cmpstr (wire_string (one->request, "url"), ==,
                   "https://api.github.com/installation/token");
  g_assert_cmpstr (wire_string (two->request, "url"), ==,
                   "https://ghe.example.com/api/v3/installation/token");
  g_autofree char *needs = needs_text (two);
  g_assert_cmpstr (needs, ==, "token earlier token");
}

/* --- Files that make no sense --- */

typedef struct
{
  const char *sentence, *file, *says;
} FileCase;

/* clang-format off */
static const FileCase file_cases[] = {
  { "a role that is a name", "provider a\nkind aws\nrole deploy\nfrom keys k\n", "a role is its ARN" },
  { "a role of a short account", "provider a\nkind aws\nrole arn:aws:iam::1:role/deploy\nfrom keys k\n", "a role is its ARN" },
  { "a star in the middle of a role", "provider a\nkind aws\nrole arn:aws:iam::123456789012:role/*a\nfrom keys k\n", "a role is its ARN" },
  { "a star for the account", "provider a\nkind aws\nrole arn:aws:iam::*\nfrom keys k\n", "a role is its ARN" },
  { "a region that is a host", AWS_KEYS "region evil.example\n", "a region is named as in" },
  { "a session's name with a blank", AWS_KEYS "session-name \"a b\"\n", "a session's name" },
  { "less than AWS gives", AWS_KEYS "max 5m\n", "15m to 12h" },
  { "more than AWS gives", AWS_KEYS "max 13h\n", "15m to 12h" },
  { "a repository with its owner", APP "repository ann/site\n", "without its owner" },
  { "a permission in large letters", APP "permission Contents read\n", "small letters" },
  { "a level that is none", APP "permission contents all\n", "write one of read, write, admin" },
  { "an endpoint without TLS", AWS_KEYS "endpoint http://sts.example.com\n", "https" },
};
/* clang-format on */

static void
test_file (gconstpointer data)
{
  const FileCase *row = data;
  g_autoptr (GError) error = NULL;

  g_assert_null (load (row->file, &error));
  check_says (error->message, row->says);
}

/* AWS has to fetch the issuer's keys. */
static void
test_near_issuer (void)
{
  static const char aws[] = AWS_ISSUER;
  static const char issuer[]
      = "provider i\nkind issuer\nissuer http://127.0.0.1:8080\nnetwork loopback\n";
  const PolicySource sources[] = { { "providers.d/a.conf", aws, strlen (aws) },
                                   { "providers.d/i.conf", issuer, strlen (issuer) } };
  g_autoptr (GError) error = NULL;

  g_assert_null (providers_parse (sources, 2, &error));
  check_says (error->message, "can be reached from everywhere");
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/provider-cloud/scopes/", scope_cases, test_scopes)
  ADD_TABLE ("/provider-cloud/request/", request_cases, test_request)
  ADD_TABLE ("/provider-cloud/nothing left/", nothing_cases, test_nothing)
  ADD_TABLE ("/provider-cloud/facts/", fact_cases, test_facts)
  ADD_TABLE ("/provider-cloud/result/", result_cases, test_result)
  ADD_TABLE ("/provider-cloud/file/", file_cases, test_file)
  g_test_add_func ("/provider-cloud/more scopes than AWS takes", test_many_scopes);
  g_test_add_func ("/provider-cloud/what is taken back, and where", test_take_back);
  g_test_add_func ("/provider-cloud/an issuer that AWS cannot reach", test_near_issuer);
  return g_test_run ();
}
