/* SPDX-License-Identifier: MIT
 *
 * What a client of OAuth 2 sends, and where.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/provider/oauth2.h"
#include "tests/unit/table.h"

#define REDIRECT "http://localhost:9876/oauth/callback"

static Providers *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  const char *name = text + strlen ("provider ");
  g_autofree char *file
      = g_strdup_printf ("providers.d/%.*s.conf", (int) strcspn (name, "\n"), name);
  PolicySource source = { file, text, strlen (text) };
  Providers *providers = providers_parse (&source, 1, &error);
  g_assert_no_error (error);
  return providers;
}

static json_t *
json (const char *text)
{
  json_error_t at;
  if (text == NULL)
    return NULL;
  json_t *value = json_loads (text, 0, &at);
  g_assert_nonnull (value);
  return value;
}

#define GITHUB "provider github\nkind oauth2\nclient c&d\n"
#define GOOGLE "provider google\nkind oauth2\nclient c\n"
#define AZURE "provider azure\nkind oauth2\nclient c\n"
#define OKTA "provider okta\nkind oauth2\nclient c\ndomain e.okta.com\n"
#define OWN "provider oauth2\nkind oauth2\nclient c\nissuer https://i.example/realm\n"
#define PLAIN                                                                                      \
  "provider oauth2\nkind oauth2\nclient c\nauthorize https://i.example/a?p=1\ntoken "              \
  "https://i.example/t\n"
#define VOUCH "provider v\nkind vouch\nclient c\n"
#define METADATA                                                                                   \
  "{\"issuer\":\"https://i.example/realm\",\"authorization_endpoint\":\"https://i.example/a\","    \
  "\"token_endpoint\":\"https://t.example/t\",\"device_authorization_endpoint\":"                  \
  "\"https://i.example/d\",\"revocation_endpoint\":\"https://i.example/r\",\"client_auth\":["      \
  "\"basic\"],\"authorization_response_iss_parameter_supported\":true}"

/* --- The authorization URL --- */

typedef struct
{
  const char *sentence, *file, *metadata, *scopes;
  const char *url; /* NULL: an error */
} UrlCase;

#define ALWAYS "&state=s-1&code_challenge=ch_1&code_challenge_method=S256"
#define BACK "&redirect_uri=http%3A%2F%2Flocalhost%3A9876%2Foauth%2Fcallback"

/* clang-format off */
static const UrlCase url_cases[] = {
  { "github is known by its name", GITHUB, NULL, "repo read:org", "https://github.com/login/oauth/authorize?response_type=code&client_id=c%26d" BACK "&scope=repo%20read%3Aorg" ALWAYS },
  { "google is asked for a refresh token", GOOGLE, NULL, "openid", "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=c" BACK "&scope=openid" ALWAYS "&access_type=offline&prompt=consent" },
  { "a parameter of the file takes the place of ours", GOOGLE "parameter prompt \"a b\"\n", NULL, "openid", "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=c" BACK "&scope=openid" ALWAYS "&access_type=offline&prompt=a%20b" },
  { "a value takes the place of no name", GOOGLE "parameter login_hint prompt\n", NULL, "openid", "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=c" BACK "&scope=openid" ALWAYS "&access_type=offline&prompt=consent&login_hint=prompt" },
  { "azure without a tenant is for all of them", AZURE, NULL, "a", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?response_type=code&client_id=c" BACK "&scope=a" ALWAYS },
  { "azure with a tenant is that one", AZURE "tenant contoso.example\n", NULL, "a", "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize?response_type=code&client_id=c" BACK "&scope=a" ALWAYS },
  { "okta is at its domain", OKTA, NULL, "a", "https://e.okta.com/oauth2/default/v1/authorize?response_type=code&client_id=c" BACK "&scope=a" ALWAYS },
  { "an issuer publishes its own", OWN, METADATA, "a", "https://i.example/a?response_type=code&client_id=c" BACK "&scope=a" ALWAYS },
  { "an endpoint keeps its query", PLAIN, NULL, "a", "https://i.example/a?p=1&response_type=code&client_id=c" BACK "&scope=a" ALWAYS },
  { "no scope is no parameter", PLAIN, NULL, "", "https://i.example/a?p=1&response_type=code&client_id=c" BACK ALWAYS },
  { "an issuer that published none", OWN, "{}", "a", NULL },
  { "an issuer that published one without TLS", OWN, "{\"authorization_endpoint\":\"http://i.example/a\"}", "a", NULL },
  { "an issuer that published one on this machine", OWN, "{\"authorization_endpoint\":\"https://127.0.0.1/a\"}", "a", NULL },
  { "a device alone has none", "provider oauth2\nkind oauth2\nclient c\ntoken https://i.example/t\ndevice https://i.example/d\ndevice-only\n", NULL, "a", NULL },
};
/* clang-format on */

static void
test_url (gconstpointer data)
{
  const UrlCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) providers = parse (row->file);
  g_autoptr (json_t) metadata = json (row->metadata);
  g_auto (GStrv) scopes = g_strsplit (row->scopes, " ", -1);
  g_autofree char *url
      = oauth2_authorization_url (providers_nth (providers, 0), metadata,
                                  (const char *const *) scopes, REDIRECT, "s-1", "ch_1", &error);
  g_assert_cmpstr (url, ==, row->url);
  g_assert_true ((url == NULL) == (error != NULL));
  g_assert_true (error == NULL || g_error_matches (error, PROVIDER_ERROR, PROVIDER_ERROR_ENDPOINT));
}

/* --- Exchanges --- */

typedef enum
{
  SEND_CODE,
  SEND_REFRESH,
  SEND_DEVICE,
  SEND_POLL,
  SEND_REVOKE,
  SEND_REVOKE_REFRESH
} Send;

typedef struct
{
  const char *sentence, *file, *metadata;
  Send send;
  const char *url;   /* NULL: none */
  const char *sent;  /* headers behind Accept, then the form or the JSON */
  const char *needs; /* as kind name: letters by kind */
} ExchangeCase;

#define SECRET "client-secret cs\n"
#define AS_BASIC "[\"Authorization\",{\"basic\":[\"c\",\"client_secret\"]}]"
#define AS_POST "[\"client_id\",\"c\"],[\"client_secret\",{\"secret\":\"client_secret\"}]"
#define NEED_CLIENT "client_secret stored cs;"
#define CODE_FORM                                                                                  \
  "[\"grant_type\",\"authorization_code\"],[\"redirect_uri\",\"" REDIRECT                          \
  "\"],[\"code\",{\"secret\":\"code\"}],[\"code_verifier\",{\"secret\":\"code_verifier\"}]"
#define NEED_CODE "code earlier code;code_verifier earlier code_verifier;"
#define GOOGLE_TOKEN "https://oauth2.googleapis.com/token"

/* clang-format off */
static const ExchangeCase exchange_cases[] = {
  { "a code of a client without a secret", GOOGLE, NULL, SEND_CODE, GOOGLE_TOKEN, "[] [[\"client_id\",\"c\"]," CODE_FORM "]", NEED_CODE },
  { "a code of a client with one", GOOGLE SECRET, NULL, SEND_CODE, GOOGLE_TOKEN, "[] [" AS_POST "," CODE_FORM "]", NEED_CLIENT NEED_CODE },
  { "a client's secret in a header", GOOGLE SECRET "client-auth basic\n", NULL, SEND_CODE, GOOGLE_TOKEN, "[" AS_BASIC "] [" CODE_FORM "]", NEED_CLIENT NEED_CODE },
  { "a client's secret as the issuer takes it", OWN SECRET, METADATA, SEND_CODE, "https://t.example/t", "[" AS_BASIC "] [" CODE_FORM "]", NEED_CLIENT NEED_CODE },
  { "a client's secret as the file says, whatever the issuer takes", OWN SECRET "client-auth post\n", METADATA, SEND_CODE, "https://t.example/t", "[] [" AS_POST "," CODE_FORM "]", NEED_CLIENT NEED_CODE },
  { "a refresh token", GOOGLE SECRET, NULL, SEND_REFRESH, GOOGLE_TOKEN, "[] [" AS_POST ",[\"grant_type\",\"refresh_token\"],[\"refresh_token\",{\"secret\":\"refresh_token\"}],[\"scope\",\"a b\"]]", NEED_CLIENT "refresh_token earlier refresh_token;" },
  { "a code for another device", GOOGLE, NULL, SEND_DEVICE, "https://oauth2.googleapis.com/device/code", "[] [[\"client_id\",\"c\"],[\"scope\",\"a b\"]]", "" },
  { "whether the person has decided", GOOGLE, NULL, SEND_POLL, GOOGLE_TOKEN, "[] [[\"client_id\",\"c\"],[\"grant_type\",\"urn:ietf:params:oauth:grant-type:device_code\"],[\"device_code\",{\"secret\":\"device_code\"}]]", "device_code earlier device_code;" },
  { "taking back", GOOGLE, NULL, SEND_REVOKE, "https://oauth2.googleapis.com/revoke", "[] [[\"client_id\",\"c\"],[\"token\",{\"secret\":\"token\"}],[\"token_type_hint\",\"access_token\"]]", "token earlier token;" },
  { "taking back a refresh token", OWN, METADATA, SEND_REVOKE_REFRESH, "https://i.example/r", "[] [[\"client_id\",\"c\"],[\"token\",{\"secret\":\"token\"}],[\"token_type_hint\",\"refresh_token\"]]", "token earlier token;" },
  { "taking back where the issuer published nothing", OWN, "{}", SEND_REVOKE, NULL, NULL, NULL },
  { "taking back at azure, which takes none", AZURE, NULL, SEND_REVOKE, NULL, NULL, NULL },
  { "taking back at github without the client's secret", GITHUB, NULL, SEND_REVOKE, NULL, NULL, NULL },
  { "taking back a refresh token at github, which takes none", GITHUB SECRET, NULL, SEND_REVOKE_REFRESH, NULL, NULL, NULL },
  { "taking back at github", GITHUB SECRET, NULL, SEND_REVOKE, "https://api.github.com/applications/c%26d/token", "[[\"X-GitHub-Api-Version\",\"2022-11-28\"],[\"Authorization\",{\"basic\":[\"c&d\",\"client_secret\"]}]] {\"access_token\":{\"secret\":\"token\"}}", NEED_CLIENT "token earlier token;" },
};
/* clang-format on */

static ProviderExchange *
send (const ExchangeCase *row, const Provider *provider, const json_t *metadata, GError **error)
{
  static const char *const scopes[] = { "a", "b", NULL };
  switch (row->send)
    {
    case SEND_CODE:
      return oauth2_code_exchange (provider, metadata, REDIRECT, error);
    case SEND_REFRESH:
      return oauth2_refresh (provider, metadata, scopes, error);
    case SEND_DEVICE:
      return oauth2_device (provider, metadata, scopes, error);
    case SEND_POLL:
      return oauth2_device_poll (provider, metadata, error);
    case SEND_REVOKE:
      return oauth2_revoke (provider, metadata, "access_token", error);
    case SEND_REVOKE_REFRESH:
    default:
      return oauth2_revoke (provider, metadata, "refresh_token", error);
    }
}

static char *
sent_text (const json_t *request)
{
  g_autoptr (json_t) headers = json_copy (json_object_get (request, "headers"));
  const json_t *form = json_object_get (request, "form"), *body = json_object_get (request, "json");
  g_assert_cmpstr (json_string_value (json_array_get (json_array_get (headers, 0), 0)), ==,
                   "Accept");
  json_array_remove (headers, 0);
  g_assert_true ((form == NULL) != (body == NULL));
  char *first = json_dumps (headers, JSON_COMPACT);
  char *second = json_dumps (form == NULL ? body : form, JSON_COMPACT);
  char *both = g_strconcat (first, " ", second, NULL);
  g_free (first);
  g_free (second);
  return both;
}

static char *
needs_text (const ProviderExchange *exchange)
{
  static const char *const kinds[] = { "stored", "login", "earlier", "signed", "minted" };
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < exchange->needs->len; i++)
    {
      const ProviderNeed *need = g_ptr_array_index (exchange->needs, i);
      g_string_append_printf (text, "%s %s %s;", need->as, kinds[need->kind], need->name);
    }
  return g_string_free (text, FALSE);
}

static void
test_exchange (gconstpointer data)
{
  const ExchangeCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) providers = parse (row->file);
  g_autoptr (json_t) metadata = json (row->metadata);
  g_autoptr (ProviderExchange) exchange
      = send (row, providers_nth (providers, 0), metadata, &error);
  g_assert_no_error (error);
  g_assert_true ((exchange == NULL) == (row->url == NULL));
  if (exchange == NULL)
    return;
  g_autofree char *sent = sent_text (exchange->request), *needs = needs_text (exchange);
  g_assert_cmpstr (wire_string (exchange->request, "url"), ==, row->url);
  g_assert_cmpstr (wire_string (exchange->request, "network"), ==, "public");
  g_assert_cmpstr (sent, ==, row->sent);
  g_assert_cmpstr (needs, ==, row->needs);
  g_assert_true (provider_reader_exists (exchange->answer));
  g_assert_cmpstr (wire_string (exchange->expect, "provider"), ==,
                   provider_name (providers_nth (providers, 0)));
}

static void
test_no_endpoint (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) providers = parse (PLAIN);
  g_assert_null (oauth2_device (providers_nth (providers, 0), NULL, NULL, &error));
  g_assert_cmpstr (error->message, ==,
                   "provider oauth2 has no endpoint for authorization by a code on another device; "
                   "name it in providers.d/oauth2.conf, as in: device https://login.example.com/…");
}

/* --- Discovery --- */

typedef struct
{
  const char *sentence, *file;
  const char *urls; /* with blanks between */
} DiscoverCase;

/* clang-format off */
static const DiscoverCase discover_cases[] = {
  { "an issuer with a path is asked in both ways", OWN, "https://i.example/realm/.well-known/openid-configuration https://i.example/.well-known/oauth-authorization-server/realm" },
  { "an issuer with a slash at its end", "provider oauth2\nkind oauth2\nclient c\nissuer https://i.example/\n", "https://i.example/.well-known/openid-configuration https://i.example/.well-known/oauth-authorization-server" },
  { "an issuer without a path", "provider oauth2\nkind oauth2\nclient c\nissuer https://i.example:8443\n", "https://i.example:8443/.well-known/openid-configuration https://i.example:8443/.well-known/oauth-authorization-server" },
  { "vouch has an issuer of its own", VOUCH, "https://us.vouch.sh/.well-known/openid-configuration https://us.vouch.sh/.well-known/oauth-authorization-server" },
  { "what is known needs none", GITHUB, "" },
};
/* clang-format on */

static void
test_discover (gconstpointer data)
{
  const DiscoverCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) providers = parse (row->file);
  const Provider *provider = providers_nth (providers, 0);
  g_auto (GStrv) urls = g_strsplit (row->urls, " ", -1);
  g_assert_true (oauth2_needs_discovery (provider) == (urls[0] != NULL));
  for (guint i = 0; i <= g_strv_length (urls); i++)
    {
      g_autoptr (ProviderExchange) exchange = oauth2_discover (provider, i, &error);
      g_assert_no_error (error);
      g_assert_true ((exchange == NULL) == (urls[i] == NULL));
      if (exchange == NULL)
        continue;
      g_autofree char *issuer = oauth2_issuer (provider, NULL);
      g_assert_cmpstr (wire_string (exchange->request, "url"), ==, urls[i]);
      g_assert_cmpstr (wire_string (exchange->expect, "issuer"), ==, issuer);
      g_assert_cmpuint (exchange->needs->len, ==, 0);
    }
}

static void
test_issuer (void)
{
  g_autoptr (Providers) google = parse (GOOGLE);
  g_autoptr (Providers) github = parse (GITHUB);
  g_autoptr (Providers) own = parse (OWN);
  g_autoptr (json_t) metadata = json (METADATA);
  g_autofree char *of_google = oauth2_issuer (providers_nth (google, 0), NULL);
  g_autofree char *of_github = oauth2_issuer (providers_nth (github, 0), NULL);
  g_autofree char *of_own = oauth2_issuer (providers_nth (own, 0), metadata);
  g_assert_cmpstr (of_google, ==, "https://accounts.google.com");
  g_assert_null (of_github);
  g_assert_cmpstr (of_own, ==, "https://i.example/realm");
  g_assert_true (oauth2_issuer_required (metadata));
  g_assert_false (oauth2_issuer_required (NULL));
}

/* --- Small things --- */

/* RFC 7636, appendix B. */
static void
test_challenge (void)
{
  static const char verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  g_autofree char *challenge = oauth2_challenge (verifier, strlen (verifier));
  g_assert_cmpstr (challenge, ==, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static void
test_callback (void)
{
  g_autoptr (Providers) usual = parse (GITHUB);
  g_autoptr (Providers) any = parse (GITHUB "callback-port any\n");
  g_autoptr (Providers) other = parse (GITHUB "callback-port 8400\n");
  g_autofree char *uri = oauth2_redirect_uri (9876);
  g_assert_cmpuint (oauth2_callback_port (providers_nth (usual, 0)), ==, 9876);
  g_assert_cmpuint (oauth2_callback_port (providers_nth (any, 0)), ==, 0);
  g_assert_cmpuint (oauth2_callback_port (providers_nth (other, 0)), ==, 8400);
  g_assert_cmpstr (uri, ==, REDIRECT);
}

typedef struct
{
  const char *sentence, *file, *scope;
  const char *message; /* NULL: allowed */
} ScopeCase;

/* clang-format off */
static const ScopeCase scope_cases[] = {
  { "without a line any scope", GOOGLE, "https://www.googleapis.com/auth/drive.readonly", NULL },
  { "one of the file's", GITHUB "scope repo\nscope gist\n", "gist", NULL },
  { "none of the file's", GITHUB "scope repo\nscope gist read:org\n", "admin:org", "scopes: \"admin:org\" is not among those that provider github is set up for: repo gist read:org" },
  { "two scopes as one", GOOGLE, "openid email", "scopes: \"openid email\": a scope is one word of ASCII; write each of several by itself" },
  { "two scopes as one where a comma parts them", GITHUB, "gist,delete_repo", "scopes: \"gist,delete_repo\": a scope is one word of ASCII; write each of several by itself" },
  { "a comma where it parts nothing", GOOGLE, "a,b", NULL },
  { "a scope that ends a header", GOOGLE, "a\r\nb", "scopes: \"a\\u{d}\\u{a}b\": a scope is one word of ASCII; write each of several by itself" },
  { "an empty scope", GOOGLE, "", "scopes: \"\": a scope has 1 to 512 bytes" },
};
/* clang-format on */

static void
test_scope (gconstpointer data)
{
  const ScopeCase *row = data;
  const char *scopes[] = { row->scope, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) providers = parse (row->file);
  gboolean allowed = oauth2_scopes_allowed (providers_nth (providers, 0), scopes, &error);
  g_assert_cmpstr (error == NULL ? NULL : error->message, ==, row->message);
  g_assert_true (allowed == (row->message == NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/oauth2/authorization: ", url_cases, test_url);
  ADD_TABLE ("/oauth2/exchange: ", exchange_cases, test_exchange);
  ADD_TABLE ("/oauth2/discovery: ", discover_cases, test_discover);
  ADD_TABLE ("/oauth2/scopes: ", scope_cases, test_scope);
  g_test_add_func ("/oauth2/an endpoint that there is not is named with its line",
                   test_no_endpoint);
  g_test_add_func ("/oauth2/an issuer is known where it can be", test_issuer);
  g_test_add_func ("/oauth2/the challenge is that of RFC 7636", test_challenge);
  g_test_add_func ("/oauth2/the callback is on a port of the file", test_callback);
  return g_test_run ();
}
