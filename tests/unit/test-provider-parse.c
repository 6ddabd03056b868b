/* SPDX-License-Identifier: MIT
 *
 * The files of providers: what they say, and what is said about their mistakes.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/provider-module.h"
#include "tests/unit/table.h"

#define CERTIFICATE "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

/* The file is named as its first line names it, or a.conf. */
static char *
file_of (const char *text)
{
  const char *name = g_str_has_prefix (text, "provider ") ? text + strlen ("provider ") : "a";
  return g_strdup_printf ("providers.d/%.*s.conf", (int) strcspn (name, " \n"), name);
}

static Providers *
parse (const char *file, const char *text, GError **error)
{
  const PolicySource sources[] = {
    { file, text, strlen (text) },
    { "providers.d/ours.pem", CERTIFICATE, strlen (CERTIFICATE) },
    { "providers.d/not.pem", "no certificate\n", 15 },
    { "services.d/b.conf", "this is not read here", 21 },
  };
  return providers_parse (sources, G_N_ELEMENTS (sources), error);
}

typedef struct
{
  const char *sentence, *text;
  const char *message; /* behind the file's name and a colon */
} ErrorCase;

static void
test_error (gconstpointer data)
{
  const ErrorCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *file = file_of (row->text);
  g_autoptr (Providers) providers = parse (file, row->text, &error);
  g_autofree char *message = g_strconcat (file, ":", row->message, NULL);
  g_assert_null (providers);
  g_assert_error (error, POLICY_ERROR, POLICY_ERROR_SYNTAX);
  g_assert_cmpstr (error->message, ==, message);
}

#define KINDS "oauth2, aws, github-app, vouch, ssh-ca, issuer"
#define OAUTH2 "provider oauth2\nkind oauth2\nclient c\n"
#define ISSUER OAUTH2 "issuer https://i.example\n"
#define GITHUB "provider github\nkind oauth2\nclient c\n"
#define AWS "provider a\nkind aws\nrole arn:aws:iam::123456789012:role/r\n"
#define APP "provider a\nkind github-app\napp 1\ninstallation 2\nkey k\n"

/* clang-format off */
static const ErrorCase line_cases[] = {
  { "nothing", "# nothing\n", "1:1: an empty file; its first line names the provider, as in: provider github" },
  { "another first line", "kind oauth2", "1:1: the first line names the provider, as in: provider github" },
  { "no name", "provider", "1:9: the line's end; what is wanted here is the provider's name" },
  { "another second line", "provider github\nclient c", "2:1: the second line names the kind, as in: kind oauth2" },
  { "no kind", "provider github\n", "1:1: no kind; add a line as in: kind oauth2" },
  { "a misspelt kind", "provider github\nkind oauth", "2:6: \"oauth\" is no kind of provider; did you mean \"oauth2\"?" },
  { "a kind that there is not", "provider x\nkind kerberos", "2:6: \"kerberos\" is no kind of provider; write one of " KINDS },
  { "a word behind the kind", "provider github\nkind oauth2 x", "2:13: a word too many behind \"kind\"; take it out" },
  { "a login of another name", "provider gitlab\nkind oauth2", "2:6: a provider of kind oauth2 is named github, google, azure, okta or oauth2; rename the file, and the name in line 1" },
  { "another kind of the name of a login", "provider github\nkind github-app", "2:6: \"github\" is the name of a provider of kind oauth2; name this one otherwise, as in github-github-app" },
  { "the other name of google", "provider gcp\nkind oauth2", "1:10: \"gcp\" is another name of google; write google" },
  { "a misspelt line", GITHUB "cleint-secret s", "4:1: \"cleint-secret\" is no line of kind oauth2; did you mean \"client-secret\"?" },
  { "a line in capitals", GITHUB "Issuer https://i.example", "4:1: \"Issuer\" is no line of kind oauth2; did you mean \"issuer\"?" },
  { "a line of another kind", AWS "client c", "4:1: \"client\" is no line of kind aws; write one of role, from, region, endpoint, session-name, max, network, ca" },
  { "a line twice", GITHUB "client d", "4:1: a second \"client\"; the first is in line 3, keep one" },
  { "a word too many", GITHUB "client-secret s t", "4:17: a word too many behind \"client-secret\"; take it out" },
  { "a key twice", AWS "role arn:aws:iam::123456789012:role/r", "4:6: a second \"role\" for \"arn:aws:iam::123456789012:role/r\"; the first is in line 3, keep one" },
  { "a word twice in a list", GITHUB "scope repo gist repo", "4:17: \"repo\" stands twice behind \"scope\"; keep one" },
  { "a word twice in two lines", GITHUB "scope repo\nscope repo", "5:7: \"repo\" stands twice behind \"scope\"; keep one" },
  { "an empty list", GITHUB "scope", "4:6: the line's end; what is wanted here is a scope" },
  { "a list in braces", GITHUB "scope { repo gist }", "4:7: a {; what is wanted here is a scope" },
  { "what does not show", GITHUB "# \xe2\x80\xae", "4:3: U+202E does not show; remove it, or write \\u{202e} inside double quotes" },
  { "what does not show, escaped", "provider github\nkind oauth2\nclient \"a\\u{202e}b\"", "3:8: a text has no character that does not show" },
  { "a secret's name that is none", GITHUB "client-secret /s", "4:15: a secret's name must begin with a letter or a digit (character 1)" },
  { "a secret of the broker's own", GITHUB "client-secret key:jwt", "4:15: a secret's name may have only letters, digits, '.', '_' and '-' (character 4)" },
  { "a network that there is not", GITHUB "network privat", "4:9: \"privat\" is no network; did you mean \"private\"?" },
  { "certificates that are not there", GITHUB "ca other.pem", "4:1: there is no providers.d/other.pem; put the certificates there" },
  { "certificates that are none", GITHUB "ca not.pem", "4:1: providers.d/not.pem: it holds no whole certificate in PEM" },
  { "certificates elsewhere", GITHUB "ca ../ours.pem", "4:4: \"../ours.pem\" is not the name of a file in providers.d/ that ends with .pem" },
};

static const ErrorCase url_cases[] = {
  { "no scheme", OAUTH2 "issuer i.example", "4:1: a URL begins with https://, or on this machine with http://" },
  { "http over the network", OAUTH2 "issuer http://i.example", "4:1: http:// would send the credential for all to read; write https://, or add the line: network loopback" },
  { "this machine without saying so", OAUTH2 "issuer https://127.0.0.1:8443", "4:1: 127.0.0.1 is this machine itself; add the line: network loopback" },
  { "a private address without saying so", OAUTH2 "issuer https://10.0.0.1", "4:1: 10.0.0.1 is an address of a private network; add the line: network private" },
  { "another machine as this one", OAUTH2 "issuer https://192.0.2.1\nnetwork loopback", "4:1: 192.0.2.1 is another machine, which \"network loopback\" excludes; take that line out" },
  { "a user in a URL", OAUTH2 "issuer https://u@i.example", "4:1: a URL holds no user and no password" },
  { "a fragment", OAUTH2 "authorize \"https://i.example/a#b\"\ntoken https://i.example/t", "4:1: a URL that is sent to ends before #; take the rest out" },
  { "a blank in a URL", OAUTH2 "authorize \"https://i.example/a b\"\ntoken https://i.example/t", "4:1: a URL is ASCII without blanks; write other characters as %XX" },
  { "half an escape in a URL", OAUTH2 "authorize https://i.example/a%4\ntoken https://i.example/t", "4:1: behind % come two hexadecimal digits" },
  { "a host in capitals", OAUTH2 "issuer https://I.example", "4:1: a host is written in lower case" },
  { "a query in an issuer", OAUTH2 "issuer https://i.example/?a=b", "4:1: an issuer is a URL without a query" },
};

static const ErrorCase oauth2_cases[] = {
  { "no client", "provider github\nkind oauth2", "1:1: no \"client\"; add a line as in: client 0123456789abcdef" },
  { "an empty client", "provider github\nkind oauth2\nclient \"\"", "3:8: a text has 1 to 512 bytes" },
  { "nothing about where it is", OAUTH2, "1:1: no issuer; add a line as in: issuer https://login.example.com, or the lines authorize and token" },
  { "okta without its domain", "provider okta\nkind oauth2\nclient c", "1:1: no domain; add a line as in: domain example.okta.com" },
  { "a domain with more than a host", "provider okta\nkind oauth2\nclient c\ndomain https://e.okta.com", "4:8: a host's name alone; leave out what stands beside it" },
  { "a domain in capitals", "provider okta\nkind oauth2\nclient c\ndomain E.okta.com", "4:8: a host is written in lower case" },
  { "a domain that is not okta's", GITHUB "domain e.okta.com", "4:1: \"domain\" is a line of provider okta; take it out" },
  { "a domain beside an issuer", "provider okta\nkind oauth2\nclient c\ndomain e.okta.com\nissuer https://i.example", "4:1: other lines say where this provider is; take \"domain\" out" },
  { "a tenant that is not azure's", GITHUB "tenant t", "4:1: \"tenant\" is a line of provider azure; take it out" },
  { "an issuer and an endpoint that it publishes", ISSUER "token https://i.example/t", "5:1: the issuer publishes where this is; take one of the two lines out" },
  { "authorize alone", GITHUB "authorize https://i.example/a", "4:1: \"authorize\" needs its \"token\" beside it; add that line" },
  { "token alone", GITHUB "token https://i.example/t", "4:1: \"token\" needs its \"authorize\" beside it, or a line device-only" },
  { "device-only without its endpoint", OAUTH2 "token https://i.example/t\ndevice-only", "5:1: \"device-only\" needs its endpoint; add a line as in: device https://login.example.com/device" },
  { "device-only with a browser's endpoint", OAUTH2 "authorize https://i.example/a\ntoken https://i.example/t\ndevice https://i.example/d\ndevice-only", "4:1: \"authorize\" is about a browser, and the file says device-only; take one of the two out" },
  { "device-only with a callback", GITHUB "device-only\ncallback-port any", "5:1: \"callback-port\" is about a browser, and the file says device-only; take one of the two out" },
  { "a secret that is not sent", GITHUB "client-secret s\nclient-auth none", "4:1: a client's secret that \"client-auth none\" never sends; take one of the two out" },
  { "no secret to send", GITHUB "client-auth basic", "4:1: \"client-auth basic\" sends the client's secret; name it, as in: client-secret github-client-secret" },
  { "a way to prove itself that there is not", GITHUB "client-auth bsic", "4:13: \"bsic\" is no way for a client to prove itself; did you mean \"basic\"?" },
  { "a port of the system's", GITHUB "callback-port 80", "4:15: a callback's port is a number from 1024 to 65535, or any" },
  { "a port too high", GITHUB "callback-port 65536", "4:15: a callback's port is a number from 1024 to 65535, or any" },
  { "a port with a zero in front", GITHUB "callback-port 09876", "4:15: a callback's port is a number from 1024 to 65535, or any" },
  { "a parameter that is ours", GITHUB "parameter redirect_uri https://evil.example", "4:11: \"redirect_uri\" is set by each authorization itself; take the line out" },
  { "a parameter that is ours, PKCE", GITHUB "parameter code_challenge_method plain", "4:11: \"code_challenge_method\" is set by each authorization itself; take the line out" },
  { "a parameter that changes the answer's way", GITHUB "parameter response_mode form_post", "4:11: \"response_mode\" is set by each authorization itself; take the line out" },
  { "a parameter whose name ends it", GITHUB "parameter \"a&state\" b", "4:11: a parameter's name has only letters, digits, '_', '.' and '-'" },
  { "a parameter without a value", GITHUB "parameter prompt", "4:17: the line's end; what is wanted here is a text" },
  { "a parameter that is ours, in the URL", OAUTH2 "authorize https://i.example/a?p=1&%73tate=x\ntoken https://i.example/t", "4:1: \"state\" is set by each authorization itself; take it out of the URL" },
  { "a parameter twice", GITHUB "parameter prompt a\nparameter prompt b", "5:18: a second \"parameter\" for \"prompt\"; the first is in line 4, keep one" },
  { "a scope of two words", GITHUB "scope \"a b\"", "4:7: a scope is one word of ASCII; write each of several by itself" },
  { "two scopes that GitHub would part", GITHUB "scope \"repo,gist\"", "4:1: a scope is one word of ASCII; write each of several by itself" },
};

static const ErrorCase other_cases[] = {
  { "a role from nowhere", AWS, "1:1: no \"from\"; add a line as in: from keys aws-keys" },
  { "a role from what there is not", AWS "from kyes s", "4:6: \"kyes\" is no source of a role; did you mean \"keys\"?" },
  { "a role from a provider that there is not", AWS "from vouch v", "4:1: there is no provider v of kind vouch" },
  { "a role from an issuer that there is not", AWS "from issuer", "4:1: there is no provider of kind issuer; set one up whose address AWS can reach" },
  { "a word behind the issuer", AWS "from issuer x", "4:13: a word too many behind \"from\"; take it out" },
  { "no life at all", AWS "from keys s\nmax 0", "5:5: \"0\" is not a duration; write it like 90s, 5m, 1h30m or 2d" },
  { "an installation that is no number", "provider a\nkind github-app\napp 1\ninstallation x", "4:14: a number is digits, from 1 on" },
  { "an installation with a zero in front", "provider a\nkind github-app\napp 1\ninstallation 012", "4:14: a number is digits, from 1 on" },
  { "a level that there is not", APP "permission contents writ", "6:21: \"writ\" is no level of a permission; did you mean \"write\"?" },
  { "a permission twice", APP "permission contents read\npermission contents write", "7:21: a second \"permission\" for \"contents\"; the first is in line 6, keep one" },
  { "no principal", "provider a\nkind ssh-ca\n", "1:1: no \"principal\"; add a line as in: principal deploy" },
  { "an algorithm that there is not", "provider a\nkind issuer\nalgorithm HS256", "3:11: \"HS256\" is no algorithm; did you mean \"ES256\"?" },
  { "a query in our issuer", "provider a\nkind issuer\nissuer https://i.example?x", "3:1: an issuer is a URL without a query" },
  { "no client at vouch", "provider a\nkind vouch", "1:1: no \"client\"; add a line as in: client countersign" },
};
/* clang-format on */

/* --- Sets --- */

static void
test_set (void)
{
  static const char google[] = "provider google\nkind oauth2\nclient c\n";
  static const char vouch[] = "provider v\nkind vouch\nclient c\n";
  static const char aws[] = AWS "from vouch v\nmax 2h\n";
  const PolicySource sources[] = { { "policy.conf", "ask any", 7 },
                                   { "providers.d/a.conf", aws, strlen (aws) },
                                   { "providers.d/google.conf", google, strlen (google) },
                                   { "providers.d/v.conf", vouch, strlen (vouch) } };
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) providers = providers_parse (sources, G_N_ELEMENTS (sources), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (providers_count (providers), ==, 3);
  g_assert_cmpstr (provider_name (providers_find (providers, "gcp")), ==, "google");
  g_assert_null (providers_find (providers, "github"));
  g_assert_cmpint (provider_seconds (providers_find (providers, "a"), "max", 1), ==, 7200);
  g_assert_cmpint (provider_seconds (providers_find (providers, "v"), "max", 1), ==, 1);
  g_autoptr (GPtrArray) vouches = providers_of_kind (providers, PROVIDER_VOUCH);
  g_assert_cmpuint (vouches->len, ==, 1);
}

static void
test_two_issuers (void)
{
  static const char one[] = "provider a\nkind issuer\n", two[] = "provider b\nkind issuer\n";
  const PolicySource sources[] = { { "providers.d/a.conf", one, strlen (one) },
                                   { "providers.d/b.conf", two, strlen (two) } };
  g_autoptr (GError) error = NULL;
  g_assert_null (providers_parse (sources, G_N_ELEMENTS (sources), &error));
  g_assert_cmpstr (error->message, ==,
                   "providers.d/b.conf:1:1: a second provider of kind issuer; the first is a, keep "
                   "one");
}

/* AWS would have nowhere to fetch our keys from. */
static void
test_issuer_nowhere (void)
{
  static const char aws[] = AWS "from issuer\n", issuer[] = "provider b\nkind issuer\n";
  const PolicySource sources[] = { { "providers.d/a.conf", aws, strlen (aws) },
                                   { "providers.d/b.conf", issuer, strlen (issuer) } };
  g_autoptr (GError) error = NULL;
  g_assert_null (providers_parse (sources, G_N_ELEMENTS (sources), &error));
  g_assert_true (g_str_has_prefix (error->message, "providers.d/a.conf:4:1: AWS fetches the keys"));
}

static void
test_other_file (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (parse ("providers.d/github", GITHUB, &error));
  g_assert_cmpstr (error->message, ==,
                   "providers.d/github:1:1: a provider's file ends with .conf, certificates with "
                   ".pem");
  g_clear_error (&error);
  g_assert_null (parse ("providers.d/gitlab.conf", GITHUB, &error));
  g_assert_cmpstr (error->message, ==,
                   "providers.d/gitlab.conf:1:10: the provider is named as its file is; rename one "
                   "of the two");
}

static void
test_target (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) providers
      = parse ("providers.d/oauth2.conf", ISSUER "ca ours.pem\nnetwork private\n", &error);
  g_assert_no_error (error);
  const Provider *provider = providers_nth (providers, 0);
  g_autoptr (json_t) target = provider_target (provider, "https://10.0.0.1/t?a=b", &error);
  g_assert_no_error (error);
  g_autoptr (json_t) right = json_pack ("{s:s, s:s, s:s}", "url", "https://10.0.0.1/t?a=b",
                                        "network", "private", "ca", CERTIFICATE);
  g_assert_true (json_equal (target, right));
  g_assert_null (provider_target (provider, "http://10.0.0.1/t", &error));
  g_assert_error (error, PROVIDER_ERROR, PROVIDER_ERROR_ENDPOINT);
}

static void
test_describe (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) providers = parse (
      "providers.d/github.conf", GITHUB "client-secret s\nnetwork public\nscope a b\n", &error);
  g_assert_no_error (error);
  g_autoptr (json_t) about = provider_describe (providers_nth (providers, 0));
  g_autoptr (json_t) right = json_pack (
      "{s:s, s:s, s:[s], s:s, s:[{ss,ss},{ss,ss},{ss,ss}], s:{ss,ss,ss}}", "name", "github", "kind",
      "oauth2", "operations", "oauth_login", "network", "public", "settings", "name", "client",
      "value", "c", "name", "client-secret", "value", "s", "name", "scope", "value", "a b",
      "endpoints", "authorize", "https://github.com/login/oauth/authorize", "token",
      "https://github.com/login/oauth/access_token", "device",
      "https://github.com/login/device/code");
  g_assert_true (json_equal (about, right));
}

static void
test_describe_no_network (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) providers
      = parse ("providers.d/a.conf", "provider a\nkind ssh-ca\nprincipal deploy\n", &error);
  g_assert_no_error (error);
  g_autoptr (json_t) about = provider_describe (providers_nth (providers, 0));
  g_assert_null (json_object_get (about, "network"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/provider-parse/lines: ", line_cases, test_error);
  ADD_TABLE ("/provider-parse/urls: ", url_cases, test_error);
  ADD_TABLE ("/provider-parse/oauth2: ", oauth2_cases, test_error);
  ADD_TABLE ("/provider-parse/other kinds: ", other_cases, test_error);
  g_test_add_func ("/provider-parse/a set is found by name and by kind", test_set);
  g_test_add_func ("/provider-parse/there is one issuer of our own", test_two_issuers);
  g_test_add_func ("/provider-parse/AWS trusts no issuer without an address", test_issuer_nowhere);
  g_test_add_func ("/provider-parse/a file has a provider's name", test_other_file);
  g_test_add_func ("/provider-parse/a target has network and certificates", test_target);
  g_test_add_func ("/provider-parse/people see names and endpoints", test_describe);
  g_test_add_func ("/provider-parse/what is on no network is not said to be",
                   test_describe_no_network);
  return g_test_run ();
}
