/* SPDX-License-Identifier: MIT
 *
 * What AWS, GitHub and Vouch answer: what is taken of it, and what is said of what is not. All that
 * they write has a word in it that is never passed on.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "tests/unit/provider-case.h"
#include "tests/unit/table.h"

#define HTML "<!DOCTYPE html><html><body>" WORD "</body></html>"

#define NS " xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\""
#define ID "<AccessKeyId>ASIAEXAMPLE</AccessKeyId>"
#define KEY "<SecretAccessKey>wJalr/K7MDENG+bPxRfi</SecretAccessKey>"
#define SESSION "<SessionToken>FwoGZXIvYXdzE&amp;&#65;==</SessionToken>"
#define EXPIRES(time) "<Expiration>" time "</Expiration>"
#define IN_AN_HOUR EXPIRES ("2026-11-21T14:00:00Z")
#define RESULT(credentials)                                                                        \
  "<AssumeRoleResponse" NS ">\n  <AssumeRoleResult>\n    <Credentials>" credentials                \
  "</Credentials>\n    <AssumedRoleUser><Arn>" WORD "</Arn></AssumedRoleUser>\n"                   \
  "  </AssumeRoleResult>\n  <ResponseMetadata><RequestId>" WORD                                    \
  "</RequestId></ResponseMetadata>\n"                                                              \
  "</AssumeRoleResponse>\n"
#define WHOLE RESULT (SESSION KEY IN_AN_HOUR ID)
#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define FAULT(code)                                                                                \
  "<ErrorResponse" NS "><Error><Type>Sender</Type><Code>" code "</Code><Message>" WORD             \
  "</Message></Error><RequestId>" WORD "</RequestId></ErrorResponse>"

#define TOKEN "'token':'ghs_16C7e42F292c6912E7710c838347Ae178B4a'"
#define AT "'expires_at':'2026-11-21T14:00:00Z'"
#define READ "'permissions':{'contents':'read','metadata':'read'}"
#define ONE                                                                                        \
  "'repository_selection':'selected','repositories':[{'id':1,'name':'site','owner':{'login':"      \
  "'" WORD "'}}]"
#define APPROVED "{'repositories':['site'],'permissions':{'contents':'read'}}"

#define ISSUER "{'issuer':'https://us.vouch.sh'}"

typedef struct
{
  const char *sentence, *reader;
  long status;
  const char *body; /* with ' for " where it begins with { */
  const char *expect, *date, *retry_after;
  const char *code; /* NULL: it is taken */
  const char *says; /* in the message, or the fields as JSON */
  gint64 retry;
} ReadCase;

/* clang-format off */
static const ReadCase read_cases[] = {
  { "credentials in any order", "aws-sts", 200, WHOLE, NULL, CASE_DATE, NULL, NULL, "{'expires_at':1795269600}" },
  { "credentials behind an XML declaration", "aws-sts", 200, XML WHOLE, NULL, NULL, NULL, NULL, "{'expires_at':1795269600}" },
  { "an end is told by our clock", "aws-sts", 200, WHOLE, NULL, "Sat, 21 Nov 2026 13:10:00 GMT", NULL, NULL, "{'expires_at':1795269000}" },
  { "credentials with a fraction of a second", "aws-sts", 200, RESULT (ID KEY SESSION EXPIRES ("2026-11-21T14:00:00.123Z")), NULL, NULL, NULL, NULL, "{'expires_at':1795269600}" },
  { "no session token", "aws-sts", 200, RESULT (ID KEY IN_AN_HOUR), NULL, NULL, NULL, "answer", "no whole credentials" },
  { "an empty key", "aws-sts", 200, RESULT (ID "<SecretAccessKey/>" SESSION IN_AN_HOUR), NULL, NULL, NULL, "answer", "no whole credentials" },
  { "a key with a blank", "aws-sts", 200, RESULT (ID "<SecretAccessKey>a b</SecretAccessKey>" SESSION IN_AN_HOUR), NULL, NULL, NULL, "answer", "no whole credentials" },
  { "a key twice", "aws-sts", 200, RESULT (ID KEY KEY SESSION IN_AN_HOUR), NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "an element within a key", "aws-sts", 200, RESULT (ID "<SecretAccessKey>a<b/></SecretAccessKey>" SESSION IN_AN_HOUR), NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "credentials elsewhere", "aws-sts", 200, "<AssumeRoleResponse><Credentials>" ID KEY SESSION IN_AN_HOUR "</Credentials></AssumeRoleResponse>", NULL, NULL, NULL, "answer", "without the time" },
  { "credentials that had ended", "aws-sts", 200, RESULT (ID KEY SESSION EXPIRES ("2026-11-21T13:00:00Z")), NULL, NULL, NULL, "expired", "had ended" },
  { "credentials without an end", "aws-sts", 200, RESULT (ID KEY SESSION), NULL, NULL, NULL, "answer", "without the time" },
  { "credentials for ever", "aws-sts", 200, RESULT (ID KEY SESSION EXPIRES ("9999-12-31T23:59:59Z")), NULL, NULL, NULL, "answer", "not as documented" },
  { "a time that is none", "aws-sts", 200, RESULT (ID KEY SESSION EXPIRES ("tomorrow")), NULL, NULL, NULL, "answer", "without the time" },
  { "a document type", "aws-sts", 200, "<!DOCTYPE a>" WHOLE, NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "an entity of its own", "aws-sts", 200, "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>&b;</AccessKeyId></Credentials></AssumeRoleResult></AssumeRoleResponse>", NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "an entity that nobody declares", "aws-sts", 200, RESULT ("<AccessKeyId>&b;</AccessKeyId>" KEY SESSION IN_AN_HOUR), NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "a billion laughs", "aws-sts", 200, "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;\">]><l>&c;</l>", NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "raw text", "aws-sts", 200, RESULT ("<AccessKeyId><![CDATA[A]]></AccessKeyId>" KEY SESSION IN_AN_HOUR), NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "a comment", "aws-sts", 200, RESULT ("<!-- -->" ID KEY SESSION IN_AN_HOUR), NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "a processing instruction", "aws-sts", 200, "<?xml-stylesheet href=\"a\"?>" WHOLE, NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "nine elements deep", "aws-sts", 200, "<a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a>", NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "half an answer", "aws-sts", 200, "<AssumeRoleResponse><AssumeRoleResult><Credentials>" ID KEY, NULL, NULL, NULL, "answer", "not a whole one" },
  { "nothing", "aws-sts", 200, "", NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "a page", "aws-sts", 200, HTML, NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "JSON for XML", "aws-sts", 200, "{'a':1}", NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "bytes that are no text", "aws-sts", 200, "<a>\xff\xfe</a>", NULL, NULL, NULL, "answer", "not one of AWS STS" },
  { "AWS is asked too often", "aws-sts", 400, FAULT ("Throttling"), NULL, NULL, NULL, "rate_limited", "wait a minute" },
  { "429 with a time", "aws-sts", 429, FAULT ("Throttling"), NULL, NULL, "120", "rate_limited", "in 2m", 120 },
  { "429 with a date", "aws-sts", 429, "", NULL, CASE_DATE, "Sat, 21 Nov 2026 13:01:30 GMT", "rate_limited", "in 1m30s", 90 },
  { "429 with a number beyond all bounds", "aws-sts", 429, "", NULL, NULL, "99999999999999999999", "rate_limited", "wait some minutes", 0 },
  { "429 with a year", "aws-sts", 429, "", NULL, NULL, "31536000", "rate_limited", "in 1d", 86400 },
  { "429 with nonsense", "aws-sts", 429, "", NULL, NULL, "-" WORD, "rate_limited", "wait some minutes" },
  { "an id token that had expired", "aws-sts", 400, FAULT ("ExpiredTokenException"), NULL, CASE_DATE, NULL, "expired", "ask again" },
  { "an identity that AWS does not take", "aws-sts", 400, FAULT ("InvalidIdentityToken"), NULL, NULL, NULL, "refused", "sts.amazonaws.com" },
  { "a role that is not ours", "aws-sts", 403, FAULT ("AccessDenied"), NULL, NULL, NULL, "refused", "trust policy" },
  { "keys that are none", "aws-sts", 403, FAULT ("InvalidClientTokenId"), NULL, NULL, NULL, "refused", "stores current ones" },
  { "a policy that AWS does not read", "aws-sts", 400, FAULT ("MalformedPolicyDocument"), NULL, NULL, NULL, "invalid_scope", "each scope" },
  { "too many scopes", "aws-sts", 400, FAULT ("PackedPolicyTooLarge"), NULL, NULL, NULL, "invalid_scope", "ask for fewer" },
  { "longer than the role may", "aws-sts", 400, FAULT ("ValidationError"), NULL, NULL, NULL, "refused", "session duration" },
  { "our clock ten minutes behind", "aws-sts", 403, FAULT ("SignatureDoesNotMatch"), NULL, "Sat, 21 Nov 2026 13:10:00 GMT", NULL, "clock", "10m behind" },
  { "our clock ten minutes ahead", "aws-sts", 403, FAULT ("SignatureDoesNotMatch"), NULL, "Sat, 21 Nov 2026 12:50:00 GMT", NULL, "clock", "10m ahead of" },
  { "a clock that AWS does not tell", "aws-sts", 403, FAULT ("RequestExpired"), NULL, NULL, NULL, "clock", "clock of this machine" },
  { "a fault that we do not know", "aws-sts", 400, FAULT (WORD), NULL, NULL, NULL, "refused", "status 400" },
  { "a fault in a page", "aws-sts", 403, HTML, NULL, NULL, NULL, "refused", "status 403" },
  { "a fault with an entity", "aws-sts", 400, "<!DOCTYPE a>" FAULT ("Throttling"), NULL, NULL, NULL, "refused", "status 400" },
  { "AWS cannot", "aws-sts", 503, HTML, NULL, NULL, NULL, "unavailable", "status 503" },
  { "AWS sends elsewhere", "aws-sts", 302, "", NULL, NULL, NULL, "answer", "not followed" },

  { "a token as approved", "github-installation", 201, "{" TOKEN "," AT "," READ "," ONE "}", APPROVED, CASE_DATE, NULL, NULL,
    "{'permissions':{'contents':'read','metadata':'read'},'repositories':['site'],'expires_at':1795269600}" },
  { "a token for all that there is", "github-installation", 201, "{" TOKEN "," AT "," READ ",'repository_selection':'all'}", "{}", NULL, NULL, NULL,
    "{'permissions':{'contents':'read','metadata':'read'},'expires_at':1795269600}" },
  { "a list that nobody asked for is not passed on", "github-installation", 201, "{" TOKEN "," AT "," READ "," ONE "}", "{}", NULL, NULL, NULL,
    "{'permissions':{'contents':'read','metadata':'read'},'expires_at':1795269600}" },
  { "a permission too many", "github-installation", 201, "{" TOKEN "," AT ",'permissions':{'contents':'read','issues':'read'}," ONE "}", APPROVED, NULL, NULL, "answer", "more permissions" },
  { "a level too high", "github-installation", 201, "{" TOKEN "," AT ",'permissions':{'contents':'write'}," ONE "}", APPROVED, NULL, NULL, "answer", "more permissions" },
  { "a repository too many", "github-installation", 201, "{" TOKEN "," AT "," READ ",'repositories':[{'name':'site'},{'name':'other'}]}", APPROVED, NULL, NULL, "answer", "more repositories" },
  { "all repositories for one", "github-installation", 201, "{" TOKEN "," AT "," READ ",'repository_selection':'all'}", APPROVED, NULL, NULL, "answer", "more repositories" },
  { "a repository with a name that acts", "github-installation", 201, "{" TOKEN "," AT "," READ ",'repositories':[{'name':'\\u202e'}]}", APPROVED, NULL, NULL, "answer", "not as documented" },
  { "a permission with a name that acts", "github-installation", 201, "{" TOKEN "," AT ",'permissions':{'\\u001b[2J':'read'}}", "{}", NULL, NULL, "answer", "not as documented" },
  { "no permissions told", "github-installation", 201, "{" TOKEN "," AT "," ONE "}", APPROVED, NULL, NULL, "answer", "not as documented" },
  { "no token", "github-installation", 201, "{" AT "," READ "," ONE "}", APPROVED, NULL, NULL, "answer", "not as documented" },
  { "a token with a newline", "github-installation", 201, "{'token':'a\\nb'," AT "," READ "," ONE "}", APPROVED, NULL, NULL, "answer", "not as documented" },
  { "a token twice", "github-installation", 201, "{" TOKEN "," TOKEN "," AT "}", "{}", NULL, NULL, "answer", "not JSON" },
  { "a token without an end", "github-installation", 201, "{" TOKEN "," READ "}", "{}", NULL, NULL, "answer", "without the time" },
  { "a token that had ended", "github-installation", 201, "{" TOKEN ",'expires_at':'2026-11-21T12:00:00Z'," READ "}", "{}", NULL, NULL, "expired", "had ended" },
  { "half a token", "github-installation", 201, "{'token':'ghs", "{}", NULL, NULL, "answer", "too early" },
  { "a page for a token", "github-installation", 201, HTML, "{}", NULL, NULL, "answer", "page for people" },
  { "a list for a token", "github-installation", 201, "[1]", "{}", NULL, NULL, "answer", "not as documented" },
  { "a key that GitHub does not take", "github-installation", 401, "{'message':'" WORD "'}", NULL, CASE_DATE, NULL, "refused", "app and key belong together" },
  { "a JWT from another time", "github-installation", 401, "{'message':'" WORD "'}", NULL, "Sat, 21 Nov 2026 12:45:00 GMT", NULL, "clock", "15m ahead of" },
  { "no such installation", "github-installation", 404, "{'message':'" WORD "'}", NULL, NULL, NULL, "refused", "installation and app" },
  { "a repository that is not of it", "github-installation", 422, "{'message':'" WORD "'}", NULL, NULL, NULL, "invalid_scope", "part of the installation" },
  { "a second limit of GitHub's", "github-installation", 403, "{'message':'" WORD "'}", NULL, NULL, "60", "rate_limited", "in 1m", 60 },
  { "GitHub cannot", "github-installation", 502, HTML, NULL, NULL, NULL, "unavailable", "status 502" },

  { "taken back", "github-revoked", 204, "", NULL, NULL, NULL, NULL, "{}" },
  { "gone already", "github-revoked", 401, "{'message':'" WORD "'}", NULL, NULL, NULL, NULL, "{}" },
  { "nothing there", "github-revoked", 404, "", NULL, NULL, NULL, NULL, "{}" },
  { "not taken back", "github-revoked", 500, HTML, NULL, NULL, NULL, "unavailable", "status 500" },
  { "taken back too often", "github-revoked", 429, "", NULL, NULL, "5", "rate_limited", "in 5s", 5 },

  { "Vouch's token of GitHub", "vouch-github", 200, "{" TOKEN "," AT ",'expires_in':3600," READ ",'repositories':['site']}", "{'repositories':['site']}", NULL, NULL, NULL,
    "{'permissions':{'contents':'read','metadata':'read'},'repositories':['site'],'expires_at':1795269600}" },
  { "one with an end in seconds", "vouch-github", 200, "{" TOKEN ",'expires_at':1795269600," READ "}", ISSUER, NULL, NULL, NULL,
    "{'permissions':{'contents':'read','metadata':'read'},'expires_at':1795269600}" },
  { "one that says for how long", "vouch-github", 200, "{" TOKEN ",'expires_in':600," READ "}", ISSUER, CASE_DATE, NULL, NULL,
    "{'permissions':{'contents':'read','metadata':'read'},'expires_at':1795266600}" },
  { "one with its owner in front", "vouch-github", 200, "{" TOKEN "," AT ",'repositories':['ann/site']}", "{'repositories':['site']}", NULL, NULL, NULL,
    "{'repositories':['site'],'expires_at':1795269600}" },
  { "one for another repository", "vouch-github", 200, "{" TOKEN "," AT ",'repositories':['other']}", "{'repositories':['site']}", NULL, NULL, "answer", "more repositories" },
  { "an error of code and message", "vouch-github", 403, "{'code':'forbidden','message':'" WORD "'}", ISSUER, NULL, NULL, "access_denied", "does not let this person" },
  { "an error of OAuth", "vouch-github", 401, "{'error':'invalid_token','error_description':'" WORD "'}", ISSUER, NULL, NULL, "expired", "countersign login" },
  { "an error of one word", "vouch-github", 400, "{'error':'insufficient_scope'}", ISSUER, NULL, NULL, "invalid_scope", "scope it needs" },
  { "an error of a word that we do not know", "vouch-github", 400, "{'error':'" WORD "'}", ISSUER, NULL, NULL, "refused", "status 400" },
  { "401 without a word", "vouch-github", 401, HTML, ISSUER, NULL, NULL, "expired", "countersign login" },
  { "Vouch asks to wait", "vouch-github", 429, "{'error':'slow_down'}", ISSUER, NULL, "7", "rate_limited", "in 7s", 7 },
  { "Vouch cannot", "vouch-github", 503, "{'error':'server_error'}", ISSUER, NULL, NULL, "unavailable", "status 503" },
  { "Vouch's page", "vouch-github", 200, HTML, ISSUER, NULL, NULL, "answer", "page for people" },
};
/* clang-format on */

static void
test_read (gconstpointer data)
{
  const ReadCase *row = data;
  g_autofree char *body = provider_case_quoted (row->body);
  const ProviderCaseReply reply = { row->status, row->expect, row->date, row->retry_after };
  g_autoptr (ProviderRead) read = provider_case_read (row->reader, &reply, body, strlen (body));

  if (row->code != NULL)
    provider_case_refused (read, row->code, row->says);
  else
    {
      g_autofree char *text = provider_case_quoted (row->says);
      g_autoptr (json_t) fields = wire_parse (text, strlen (text), FALSE, NULL);
      g_assert_true (read->ok);
      g_assert_null (read->code);
      g_assert_true (json_equal (read->fields, fields));
    }
  g_assert_cmpint (read->retry_after, ==, row->retry);
}

static void
check_value (const ProviderRead *read, const char *name, const char *expected)
{
  const ProviderValue *value = provider_case_value (read, name);

  g_assert_nonnull (value);
  g_assert_cmpstr (value->bytes, ==, expected);
  g_assert_cmpuint (value->len, ==, strlen (expected));
}

static void
test_values (void)
{
  const ProviderCaseReply sts = { .status = 200 }, github = { .status = 201, .expect = APPROVED };
  g_autofree char *body = provider_case_quoted ("{" TOKEN "," AT "," READ "," ONE "}");
  g_autoptr (ProviderRead) keys = provider_case_read ("aws-sts", &sts, WHOLE, strlen (WHOLE));
  g_autoptr (ProviderRead) token
      = provider_case_read ("github-installation", &github, body, strlen (body));

  check_value (keys, "credential",
               "{\"AccessKeyId\":\"ASIAEXAMPLE\",\"SecretAccessKey\":\"wJalr/K7MDENG+bPxRfi\","
               "\"SessionToken\":\"FwoGZXIvYXdzE&A==\",\"Expiration\":\"2026-11-21T14:00:00Z\"}");
  g_assert_null (provider_case_value (keys, "token"));
  check_value (token, "token", "ghs_16C7e42F292c6912E7710c838347Ae178B4a");
  check_value (token, "credential", "{\"token\":\"ghs_16C7e42F292c6912E7710c838347Ae178B4a\"}");
}

/* Ten million bytes of what would be right, and not one of them is read. */
static void
test_large (gconstpointer data)
{
  gsize head = strlen (WHOLE), len = 10 * 1000 * 1000;
  const ProviderCaseReply row = { .status = 200 };
  g_autofree char *body = g_malloc (len);

  memset (body, ' ', len);
  memcpy (body + len - head, WHOLE, head);
  g_autoptr (ProviderRead) read = provider_case_read (data, &row, body, len);
  provider_case_refused (read, "answer", "too large");
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/provider-cloud-read/", read_cases, test_read)
  g_test_add_func ("/provider-cloud-read/the values are what was issued", test_values);
  g_test_add_data_func ("/provider-cloud-read/ten million bytes of XML", "aws-sts", test_large);
  g_test_add_data_func ("/provider-cloud-read/ten million bytes of JSON", "github-installation",
                        test_large);
  return g_test_run ();
}
