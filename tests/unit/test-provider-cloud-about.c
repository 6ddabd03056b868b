/* SPDX-License-Identifier: MIT
 *
 * What is said of AWS, GitHub and Vouch, to a person and to an agent; what is taken back; and files
 * that make no sense.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "tests/unit/provider-case.h"
#include "tests/unit/table.h"

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
  { "a certificate by Vouch", VOUCH, "{'public_key':'" SSH_KEY "'}", "use",
    "Key type: Ed25519|Fingerprint: SHA256:RJnrBHbtanfhzOtwxxIs8qmrg7/Hl5jyc+NoEmDNAsg|Lasts: as long as Vouch decides; it cannot be taken back|Sends to: https://us.vouch.sh" },
};
/* clang-format on */

static void
test_facts (gconstpointer data)
{
  const FactCase *row = data;
  g_auto (ProviderCase) asked = { 0 };
  g_auto (GStrv) granted = g_strsplit (row->granted, "|", -1);
  g_autoptr (json_t) facts = json_array ();
  g_autoptr (GString) text = g_string_new (NULL);
  gsize i;
  json_t *fact;

  provider_case_init (&asked, row->file, row->args);
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
  { "a certificate", VOUCH, "{'public_key':'" SSH_KEY "'}", "use", 3600, "{'expires_at':1795266600,'principals':['ann'],'serial':'7'}",
    "{'provider':'v','valid_for_seconds':600,'principals':['ann'],'serial':'7'}" },
};
/* clang-format on */

static void
test_result (gconstpointer data)
{
  const ResultCase *row = data;
  g_auto (ProviderCase) asked = { 0 };
  g_auto (GStrv) granted = g_strsplit (row->granted, "|", -1);
  g_autoptr (json_t) fields = provider_case_parse (row->fields),
                     expected = provider_case_parse (row->result);

  provider_case_init (&asked, row->file, row->args);
  asked.ask.scopes = granted;
  asked.ask.seconds = row->seconds;
  g_autoptr (json_t) result = asked.module->result (&asked.ask, fields);
  g_assert_true (json_equal (result, expected));
}

/* --- What is taken back --- */

static void
test_take_back (void)
{
  g_auto (ProviderCase) app = { 0 }, vouch = { 0 }, aws = { 0 };

  provider_case_init (&app, APP, "{}");
  provider_case_init (
      &vouch, "provider v\nkind vouch\nclient c\ngithub-api https://ghe.example.com/api/v3\n",
      "{}");
  provider_case_init (&aws, AWS_KEYS, "{" ARGS_ROLE "}");
  g_assert_null (aws.module->revoke);
  g_autoptr (ProviderExchange) one = app.module->revoke (app.ask.provider, NULL);
  g_autoptr (ProviderExchange) two = vouch.module->revoke (vouch.ask.provider, NULL);
  g_assert_cmpstr (wire_string (one->request, "method"), ==, "DELETE");
  g_assert_cmpstr (wire_string (one->request, "url"), ==,
                   "https://api.github.com/installation/token");
  g_assert_cmpstr (wire_string (two->request, "url"), ==,
                   "https://ghe.example.com/api/v3/installation/token");
  g_autofree char *needs = provider_case_needs (two);
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

  g_assert_null (provider_case_load (row->file, &error));
  provider_case_says (error->message, row->says);
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
  provider_case_says (error->message, "can be reached from everywhere");
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/provider-cloud-about/facts/", fact_cases, test_facts)
  ADD_TABLE ("/provider-cloud-about/result/", result_cases, test_result)
  ADD_TABLE ("/provider-cloud-about/file/", file_cases, test_file)
  g_test_add_func ("/provider-cloud-about/what is taken back, and where", test_take_back);
  g_test_add_func ("/provider-cloud-about/an issuer that AWS cannot reach", test_near_issuer);
  return g_test_run ();
}
