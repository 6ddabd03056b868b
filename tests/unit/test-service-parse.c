/* SPDX-License-Identifier: MIT
 *
 * The files of services: what they say, and what is said about their mistakes.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/service/service.h"
#include "tests/unit/table.h"

static Services *
parse (const char *text, GError **error)
{
  PolicySource source = { "services.d/a.conf", text, strlen (text) };
  return services_parse (&source, 1, error);
}

typedef struct
{
  const char *sentence, *text;
  const char *message; /* behind "services.d/a.conf:" */
} ErrorCase;

static void
test_error (gconstpointer data)
{
  const ErrorCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services = parse (row->text, &error);
  g_autofree char *message = g_strconcat ("services.d/a.conf:", row->message, NULL);
  g_assert_null (services);
  g_assert_error (error, POLICY_ERROR, POLICY_ERROR_SYNTAX);
  g_assert_cmpstr (error->message, ==, message);
}

#define LINES "service, base, credential, place, header, scope, test, network, ca, encoded-slashes"
#define METHODS "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"
#define BASE "service a\nbase https://b.example\ncredential c\nplace bearer\n"

/* clang-format off */
static const ErrorCase line_cases[] = {
  { "a misspelt line", "service a\nbaes https://b.example", "2:1: \"baes\" is no line of a service; did you mean \"base\"?" },
  { "a line in capitals", "service a\nBase https://b.example", "2:1: \"Base\" is no line of a service; did you mean \"base\"?" },
  { "a line that there is not", "service a\ntimeout 5s", "2:1: \"timeout\" is no line of a service; write one of " LINES },
  { "a line that begins with a brace", "service a\n{ base }", "2:1: a {; what is wanted here is one of " LINES },
  { "another first line", "base https://b.example", "1:1: the first line names the service, as in: service github" },
  { "nothing", "# nothing\n", "1:1: an empty file; its first line names the service, as in: service github" },
  { "another name than the file's", "service b", "1:9: the service is named as its file is; rename one of the two" },
  { "a name that is none", "service \"a b\"", "1:9: a service's name may have only letters, digits, '.', '_' and '-' (character 2)" },
  { "a word too many", "service a b", "1:11: a word too many behind \"service\"; take it out" },
  { "a line twice", BASE "base https://c.example", "5:1: a second \"base\"; the first is in line 2, keep one" },
  { "a name twice", "service a\nservice a", "2:1: a second \"service\"; the first is in line 1, keep one" },
  { "no base", "service a\nplace none", "1:1: no base; add a line as in: base https://api.example.com" },
  { "no place", "service a\nbase https://b.example", "1:1: no place; say how the credential is sent, as in: place bearer" },
  { "no credential", "service a\nbase https://b.example\nplace bearer", "3:1: nothing to send; name a secret, as in: credential github-token" },
  { "a credential that is not sent", "service a\nbase https://b.example\ncredential c\nplace none", "3:1: a credential that \"place none\" never sends; take one of the two out" },
  { "a secret's name that is none", "service a\ncredential /c", "2:12: a secret's name must begin with a letter or a digit (character 1)" },
  { "a secret's name with a blank", "service a\ncredential \"c d\"", "2:12: a secret's name may have only letters, digits, '.', '_' and '-' (character 2)" },
  { "a secret's name of two parts", "service a\ncredential c/d", "2:12: a secret's name must be NAME or app/environment/NAME" },
  { "a network that there is not", BASE "network privat", "5:9: \"privat\" is no network; did you mean \"private\"?" },
  { "nothing behind a line", "service a\nnetwork", "2:8: the line's end; what is wanted here is one of public, private, loopback" },
  { "a comma", BASE "scope read { GET, HEAD } /a", "5:17: a comma; blanks part the words of a list, and a word that has a comma is put in double quotes" },
  { "what does not show", "service a\n# \xe2\x80\xae", "2:3: U+202E does not show; remove it, or write \\u{202e} inside double quotes" },
};

static const ErrorCase base_cases[] = {
  { "no scheme", "service a\nbase b.example", "2:6: a base begins with https://, with http:// on this machine, or with tcp:// where only commands go" },
  { "another scheme", "service a\nbase ftp://b.example", "2:6: a base begins with https://, with http:// on this machine, or with tcp:// where only commands go" },
  { "a scheme in capitals", "service a\nbase HTTPS://b.example", "2:6: a base begins with https://, with http:// on this machine, or with tcp:// where only commands go" },
  { "http over the network", "service a\nbase http://b.example\nplace none", "2:1: http:// would send the credential for all to read; write https://, or add the line: network loopback" },
  { "this machine without saying so", "service a\nbase https://127.0.0.1\nplace none", "2:1: 127.0.0.1 is this machine itself; add the line: network loopback" },
  { "this machine by its name", "service a\nbase https://localhost:8080\nplace none", "2:1: localhost is this machine itself; add the line: network loopback" },
  { "this machine in its other address", "service a\nbase https://[::1]\nplace none", "2:1: ::1 is this machine itself; add the line: network loopback" },
  { "a private address without saying so", "service a\nbase https://192.168.1.2\nplace none", "2:1: 192.168.1.2 is an address of a private network; add the line: network private" },
  { "a private address of the newer kind", "service a\nbase https://[fd00::1]\nplace none", "2:1: fd00::1 is an address of a private network; add the line: network private" },
  { "a private address as this machine", "service a\nbase http://172.16.0.1\nplace none\nnetwork loopback", "2:1: 172.16.0.1 is another machine, which \"network loopback\" excludes; take that line out" },
  { "a public address as this machine", "service a\nbase https://192.0.2.1\nplace none\nnetwork loopback", "2:1: 192.0.2.1 is another machine, which \"network loopback\" excludes; take that line out" },
  { "http within a private network", "service a\nbase http://10.0.0.1\nplace none\nnetwork private", "2:1: http:// would send the credential for all to read; write https://, or add the line: network loopback" },
  { "a host in capitals", "service a\nbase https://B.example", "2:6: a host is written in lower case" },
  { "a user in the base", "service a\nbase https://u:p@b.example", "2:6: a port is a number from 1 to 65535" },
  { "a user without a password", "service a\nbase https://u@b.example", "2:6: a base holds no user and no password; credential and place say what is sent" },
  { "no host", "service a\nbase https://", "2:6: a host's name has 1 to 253 characters" },
  { "no host but a path", "service a\nbase https:///b", "2:6: a host's name has 1 to 253 characters" },
  { "an empty label", "service a\nbase https://b..example", "2:6: a host's name has labels of 1 to 63 characters, parted by single dots" },
  { "a dot at the end", "service a\nbase https://b.example.", "2:6: a host's name has labels of 1 to 63 characters, parted by single dots" },
  { "a star for a host", "service a\nbase https://*.example", "2:6: a host's name has no character \"*\"" },
  { "a host that is not ASCII", "service a\nbase https://b\xc3\xa9.example", "2:6: a host is written in ASCII; write its name as it begins with xn--" },
  { "a number for a host", "service a\nbase https://2130706433", "2:6: an address is written as four numbers from 0 to 255, as in 192.0.2.1" },
  { "a short address", "service a\nbase https://127.1", "2:6: an address is written as four numbers from 0 to 255, as in 192.0.2.1" },
  { "an address in other numbers", "service a\nbase https://0x7f.0.0.1", "2:6: an address is written as four numbers from 0 to 255, as in 192.0.2.1" },
  { "an address with zeros in front", "service a\nbase https://010.0.0.1", "2:6: an address is written as four numbers from 0 to 255, as in 192.0.2.1" },
  { "an address that ends in hexadecimal", "service a\nbase https://127.0.0.0x1", "2:6: an address is written as four numbers from 0 to 255, as in 192.0.2.1" },
  { "a long IPv6 address", "service a\nbase https://[2001:db8:0:0:0:0:0:1]", "2:6: an address is written in its usual form, [2001:db8::1]" },
  { "what is no IPv6 address", "service a\nbase https://[b.example]", "2:6: what stands in [ ] is no IPv6 address" },
  { "an IPv6 address that is not closed", "service a\nbase https://[::1", "2:6: an address that begins with [ ends with ]" },
  { "port 0", "service a\nbase https://b.example:0", "2:6: a port is a number from 1 to 65535" },
  { "a port that is too high", "service a\nbase https://b.example:65536", "2:6: a port is a number from 1 to 65535" },
  { "a port with a zero in front", "service a\nbase https://b.example:0443", "2:6: a port is a number from 1 to 65535" },
  { "no port behind a colon", "service a\nbase https://b.example:", "2:6: a port is a number from 1 to 65535" },
  { "a slash at the end", "service a\nbase https://b.example/v1/", "2:6: a slash at the end; leave it out, paths begin with one" },
  { "a slash alone", "service a\nbase https://b.example/", "2:6: a slash at the end; leave it out, paths begin with one" },
  { "a query", "service a\nbase https://b.example?a=b", "2:6: behind host and port comes a path that begins with a slash, or nothing" },
  { "a query behind a path", "service a\nbase https://b.example/v1?a=b", "2:6: a question mark; what follows it goes into query (character 4)" },
  { "dots in the path", "service a\nbase https://b.example/v1/..", "2:6: a segment of dots, which leads elsewhere; write the path it leads to (character 5)" },
  { "tcp without a port", "service a\nbase tcp://b.example", "2:6: tcp:// needs its port, as in tcp://db.example.com:5432" },
  { "tcp with a path", "service a\nbase tcp://b.example:1/a", "2:6: tcp:// has a host and a port, and nothing behind them" },
  { "tcp with a place", "service a\nbase tcp://b.example:1\ncredential c\nplace bearer", "4:1: \"place\" is about requests, and tcp:// is for commands; take the line out" },
  { "tcp with a scope", "service a\nbase tcp://b.example:1\nscope read GET /a", "3:1: \"scope\" is about requests, and tcp:// is for commands; take the line out" },
  { "a mark that is not wanted", "service a\nbase \"https://b.example/{credential}\"\ncredential c\nplace bearer", "2:1: {credential} in a base needs the line: place path" },
  { "a mark that is missing", "service a\nbase https://b.example\ncredential c\nplace path", "4:1: \"path\" needs one {credential} in the base, as in \"https://api.example.com/bot{credential}\"" },
  { "two marks", "service a\nbase \"https://b.example/{credential}/{credential}\"\ncredential c\nplace path", "4:1: \"path\" needs one {credential} in the base, as in \"https://api.example.com/bot{credential}\"" },
  { "another mark", "service a\nbase \"https://b.example/{secret}\"", "2:6: a brace; put in the value that belongs there (character 2)" },
};

#define PLACE "service a\nbase https://b.example\ncredential c\nplace "
static const ErrorCase place_cases[] = {
  { "a place that there is not", PLACE "barer", "4:7: \"barer\" is no placement; did you mean \"bearer\"?" },
  { "a bearer with a word", PLACE "bearer x", "4:14: a word too many behind \"place\"; take it out" },
  { "a header without a name", PLACE "header", "4:13: the line's end; what is wanted here is a header's name" },
  { "a header that is none", PLACE "header X:Y", "4:14: a header's name is 1 to 128 letters, digits and hyphens" },
  { "a header that is the worker's", PLACE "header Host", "4:14: this header cannot be set: the service's base says where a request goes" },
  { "a prefix with a line's end", PLACE "header X-Key prefix \"a\\u{a}b\"", "4:27: a value has printable ASCII characters only; character 2 is not; what is wanted is a text in double quotes of at most 256 bytes" },
  { "an empty prefix", PLACE "header X-Key prefix \"\"", "4:27: an empty value; leave the header out; what is wanted is a text in double quotes of at most 256 bytes" },
  { "a user with a colon", PLACE "basic u:p", "4:13: a user's name has no colon; without a name the credential is user:password" },
  { "a query without a name", PLACE "query", "4:12: the line's end; what is wanted here is the name it is sent under" },
  { "a query that is an override", PLACE "query _method", "4:13: some servers take it for another method, header or user" },
  { "a region that is none", PLACE "aws-sigv4 EU s3", "4:17: small letters, digits and hyphens, as in a region, as in eu-central-1" },
  { "another region than the base's", "service a\nbase https://s3.eu-west-1.amazonaws.com\ncredential c\nplace aws-sigv4 us-east-1 s3", "4:1: this signs for us-east-1, and the base is in eu-west-1; write the same region in both" },
  { "a signature without a service", PLACE "aws-sigv4 eu-central-1", "4:29: the line's end; what is wanted here is a service, as in s3" },
  { "a hash that there is not", PLACE "hmac md5", "4:12: \"md5\" is no hash; write one of sha1, sha256, sha512" },
  { "a signature without its header", PLACE "hmac sha256 encoding hex over \"{body}\"", "4:45: a signature needs header, encoding and over" },
  { "a signature over nothing", PLACE "hmac sha256 header X-S encoding hex over abc", "4:48: a signature over neither {target} nor {body} would fit any request" },
  { "a signature over what there is not", PLACE "hmac sha256 header X-S encoding hex over \"{bdy}\"", "4:48: what is signed is made of {method}, {target}, {timestamp}, {body} and plain text" },
  { "a signature over half a word", PLACE "hmac sha256 header X-S encoding hex over \"{body\"", "4:48: what is signed is made of {method}, {target}, {timestamp}, {body} and plain text" },
  { "a time that nobody is told", PLACE "hmac sha256 header X-S encoding hex over \"{timestamp}{body}\"", "4:67: {timestamp} and timestamp-header go together: who checks a signed time has to be told it" },
  { "a time that is not signed", PLACE "hmac sha256 header X-S encoding hex over \"{body}\" timestamp-header X-T", "4:77: {timestamp} and timestamp-header go together: who checks a signed time has to be told it" },
  { "a part of a signature twice", PLACE "hmac sha256 header X-S header X-T", "4:30: it stands twice in this line; keep one" },
};

static const ErrorCase rule_cases[] = {
  { "a scope without a name", BASE "scope", "5:6: the line's end; what is wanted here is the name of a scope, as in read" },
  { "a scope's name that is none", BASE "scope a/b GET /a", "5:7: the name of a scope may have only letters, digits, '.', '_' and '-' (character 2)" },
  { "a method in small letters", BASE "scope read get /a", "5:12: \"get\" is no method; did you mean \"GET\"?" },
  { "a misspelt method", BASE "scope read { GET HAED } /a", "5:18: \"HAED\" is no method; did you mean \"HEAD\"?" },
  { "a method that is not sent", BASE "scope read TRACE /a", "5:12: \"TRACE\" is no method; write one of " METHODS },
  { "a method twice", BASE "scope read { GET GET } /a", "5:18: GET stands twice in this list; once is enough" },
  { "no method", BASE "scope read { } /a", "5:14: an empty list matches nothing; name one or more" },
  { "no path", BASE "scope read GET", "5:15: the line's end; what is wanted here is a path, or several in { }" },
  { "a path without a slash", BASE "scope read GET repos/**", "5:16: \"repos/**\": a path begins with a slash; write \"/repos/**\"" },
  { "a path twice", BASE "scope read GET { /a /b /a }", "5:24: \"/a\" stands twice in this list; once is enough" },
  { "a list that is not closed", BASE "scope read GET { /a\n", "5:20: a list that is not closed; end it with } on the same line, or end the line with \\ to go on" },
  { "a list in a list", BASE "scope read GET { /a { /b } }", "5:21: a {; what is wanted here is a path, or several in { }" },
  { "two stars in the middle", BASE "scope read GET /a/**/b", "5:16: \"/a/**/b\": ** stands last, for all that is left; write * for one segment" },
  { "two stars within a segment", BASE "scope read GET /a**", "5:16: \"/a**\": ** is a segment of its own; write * for a part of one" },
  { "a query in a pattern", BASE "scope read GET /a?b", "5:16: \"/a?b\": a question mark; a pattern is of the path alone, and * stands for what differs" },
  { "an escape in a pattern", BASE "scope read GET /a%20b", "5:16: \"/a%20b\": a percent sign; write the character itself, paths are compared decoded" },
  { "dots in a pattern", BASE "scope read GET /a/../b", "5:16: \"/a/../b\": no path has a segment of dots; write the path it leads to" },
  { "two slashes in a pattern", BASE "scope read GET /a//b", "5:16: \"/a//b\": two slashes in a row match nothing; write one" },
  { "a condition that there is not", BASE "scope read GET /a when b", "5:19: \"when\" is no condition; write one of query, header, only-query, only-header, graphql" },
  { "GraphQL of GET", BASE "scope read { GET POST } /a graphql query", "5:28: graphql looks into bodies; the method before it has to be POST alone" },
  { "GraphQL of a type that there is not", BASE "scope read POST /a graphql querry", "5:28: \"querry\" is no type of operation; did you mean \"query\"?" },
  { "GraphQL twice", BASE "scope read POST /a graphql query graphql query", "5:34: a second graphql in one line; keep one" },
  { "any value of a query", BASE "scope read GET /a query b *", "5:27: \"*\" is anything, which is no condition; name what may be" },
  { "a condition twice", BASE "scope read GET /a query b c query b d", "5:35: a second condition of this kind; write all in one list, { a b }" },
  { "a list of names twice", BASE "scope read GET /a only-query b only-query c", "5:32: a second condition of this kind; write all in one list, { a b }" },
  { "any name", BASE "scope read GET /a only-query *", "5:30: \"*\" is anything, which is no condition; name what may be" },
  { "a condition on a header that nobody sets", BASE "scope read GET /a header Host b", "5:26: this header cannot be set: the service's base says where a request goes" },

  { "a header without a value", BASE "header X-Tag", "5:13: the line's end; what is wanted here is the header's value" },
  { "a header twice", BASE "header X-Tag a\nheader x-tag b", "6:8: this header stands twice; keep one" },
  { "a header that is the worker's", BASE "header Content-Length 1", "5:8: this header cannot be set: the worker writes it, so that both ends agree where a request ends" },
  { "a header with a credential", BASE "header Authorization x", "5:8: this header cannot be set: the service's place line says how the credential is sent" },
  { "a header that carries the credential", "service a\nbase https://b.example\ncredential c\nplace header X-Key\nheader X-Key a", "4:1: the header that carries the credential stands in a header line too; take that line out" },
  { "a header with a word too many", BASE "header X-Tag a defalt", "5:16: a word too many behind \"header\"; take it out" },

  { "a test that no scope covers", BASE "scope read GET /a\ntest GET /b", "6:1: this call would be refused: no scope of a covers GET /b; these are covered: GET /a (read)" },
  { "a test without scopes", BASE "test GET /b", "5:1: this call would be refused: the service a has no scopes" },
  { "a test of a path that is refused", BASE "scope read GET /**\ntest GET /a/../b", "6:1: this call would be refused: path: a segment of dots, which leads elsewhere; write the path it leads to (character 4)" },
  { "a test with two bodies", BASE "test POST /b body \"{}\" body \"{}\"", "5:24: a second body; keep one" },
  { "a test with a name twice", BASE "test GET /b query a 1 query a 2", "5:29: this name stands twice; write it once" },
  { "a test with what there is not", BASE "test GET /b expect 200", "5:13: \"expect\" is no part of a test; write one of query, header, body" },

  { "certificates that are not there", BASE "ca b.pem", "5:4: there is no services.d/b.pem; put the certificates there" },
  { "certificates elsewhere", BASE "ca /etc/ssl/b.pem", "5:4: \"/etc/ssl/b.pem\" is not the name of a file in services.d/ that ends with .pem" },
  { "certificates of http", "service a\nbase http://localhost\nnetwork loopback\nplace none\nca b.pem", "5:4: there is no services.d/b.pem; put the certificates there" },
  { "slashes neither allowed nor refused", BASE "encoded-slashes yes", "5:17: \"yes\" is no treatment of %2F; write one of refuse, allow" },
};
/* clang-format on */

/* --- What is read --- */

static const char whole[]
    = "# an example\n"
      "service a\n"
      "base https://[2001:db8::1]:8443/v1\n"
      "credential prod/app/KEY\n"
      "place hmac sha512 header X-Sign prefix \"v1=\" encoding base64 \\\n"
      "  over \"{timestamp}.{method}{target}{body}\" timestamp-header X-Time\n"
      "header X-Version 2\n"
      "header Accept text/plain default\n"
      "scope read { GET HEAD } { / /x/** }\n"
      "scope write POST /x\n"
      "scope write PUT /y\n"
      "scope write POST { /z /w/* }\n"
      "scope read POST /graphql graphql query\n"
      "scope act GET /act query Action { A* B } only-query { Action id }\n"
      "test GET /x/y query n 1\n"
      "network private\n";

static void
test_worker (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services = parse (whole, &error);
  g_assert_no_error (error);
  g_autoptr (json_t) object = service_worker_json (services_nth (services, 0));
  g_autofree char *text = wire_dump (object, NULL);
  g_assert_cmpstr (
      text, ==,
      "{\"name\":\"a\",\"scheme\":\"https\",\"host\":\"2001:db8::1\",\"port\":8443,"
      "\"network\":\"private\",\"place\":{\"kind\":\"hmac\",\"header\":\"X-Sign\","
      "\"prefix\":\"v1=\",\"hash\":\"sha512\",\"encoding\":\"base64\","
      "\"over\":\"{timestamp}.{method}{target}{body}\",\"timestamp_header\":\"X-Time\"},"
      "\"headers\":[[\"X-Version\",\"2\"]]}\n");
}

static void
test_describe (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services = parse (whole, &error);
  g_assert_no_error (error);
  g_autoptr (json_t) object = service_describe (services_nth (services, 0));
  json_object_del (object, "place");
  g_autofree char *text = wire_dump (object, NULL);
  g_assert_cmpstr (
      text, ==,
      "{\"name\":\"a\",\"base\":\"https://[2001:db8::1]:8443/v1\","
      "\"credential\":\"prod/app/KEY\",\"network\":\"private\",\"scopes\":["
      "{\"name\":\"read\",\"rules\":[{\"methods\":[\"GET\",\"HEAD\"],\"paths\":[\"/\",\"/x/**\"]},"
      "{\"methods\":[\"POST\"],\"paths\":[\"/graphql\"],\"graphql\":\"query\"}]},"
      "{\"name\":\"write\",\"rules\":[{\"methods\":[\"POST\"],\"paths\":[\"/x\"]},"
      "{\"methods\":[\"PUT\"],\"paths\":[\"/y\"]},"
      "{\"methods\":[\"POST\"],\"paths\":[\"/z\",\"/w/*\"]}]},"
      "{\"name\":\"act\",\"rules\":[{\"methods\":[\"GET\"],\"paths\":[\"/act\"],"
      "\"query\":{\"Action\":[\"A*\",\"B\"]},\"only-query\":[\"Action\",\"id\"]}]}],"
      "\"test\":{\"method\":\"GET\",\"path\":\"/v1/x/y?n=1\"}}\n");
}

typedef struct
{
  const char *sentence, *place; /* behind "place" */
  const char *json, *words;
} PlaceCase;

/* clang-format off */
static const PlaceCase written_cases[] = {
  { "a bearer token", "bearer", "{\"kind\":\"bearer\"}", "as a bearer token" },
  { "user and password", "basic", "{\"kind\":\"basic\"}", "as user and password" },
  { "the password of a user", "basic api", "{\"kind\":\"basic\",\"user\":\"api\"}", "as the password of api" },
  { "a header", "header X-Key", "{\"kind\":\"header\",\"name\":\"X-Key\"}", "in the header X-Key" },
  { "a header with a prefix", "header Authorization prefix \"Token \"", "{\"kind\":\"header\",\"name\":\"Authorization\",\"prefix\":\"Token \"}", "in the header Authorization after \"Token \"" },
  { "a query", "query key", "{\"kind\":\"query\",\"name\":\"key\"}", "in the query as key" },
  { "a form", "form key", "{\"kind\":\"form\",\"name\":\"key\"}", "in the form as key" },
  { "a signature of AWS", "aws-sigv4 eu-central-1 s3", "{\"kind\":\"aws-sigv4\",\"region\":\"eu-central-1\",\"service\":\"s3\"}", "as an AWS signature for s3 in eu-central-1" },
  { "a signature", "hmac sha256 header X-S encoding hex over \"{body}\"", "{\"kind\":\"hmac\",\"header\":\"X-S\",\"hash\":\"sha256\",\"encoding\":\"hex\",\"over\":\"{body}\"}", "as an HMAC-sha256 signature in the header X-S" },
};
/* clang-format on */

static void
test_place (gconstpointer data)
{
  const PlaceCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strconcat (PLACE, row->place, "\n", NULL);
  g_autoptr (Services) services = parse (text, &error);
  g_assert_no_error (error);
  g_autoptr (json_t) about = service_describe (services_nth (services, 0));
  g_autofree char *place = json_dumps (json_object_get (about, "place"), JSON_COMPACT);
  g_assert_cmpstr (place, ==, row->json);
  g_assert_cmpstr (service_place_words (services_nth (services, 0)), ==, row->words);
}

static void
test_nothing_sent (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services = parse ("service a\nbase https://b.example\nplace none\n", &error);
  g_assert_no_error (error);
  g_assert_null (service_credential (services_nth (services, 0)));
  g_assert_null (service_place_words (services_nth (services, 0)));
}

static void
test_tcp (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services
      = parse ("service a\nbase tcp://db.example:5432\ncredential c\nnetwork private\n", &error);
  g_assert_no_error (error);
  const Service *service = services_nth (services, 0);
  g_autoptr (json_t) object = service_worker_json (service);
  g_assert_true (service_is_tcp (service));
  g_assert_cmpstr (wire_string (object, "host"), ==, "db.example");
  g_assert_cmpint (wire_integer (object, "port", 0), ==, 5432);
  g_assert_cmpstr (service_credential (service), ==, "c");
}

static void
test_lines (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services = parse (whole, &error);
  g_assert_no_error (error);
  g_auto (GStrv) read = service_scope_lines (services_nth (services, 0), "read");
  g_auto (GStrv) act = service_scope_lines (services_nth (services, 0), "act");
  g_auto (GStrv) write = service_scope_lines (services_nth (services, 0), "write");
  g_auto (GStrv) none = service_scope_lines (services_nth (services, 0), "none");
  g_assert_cmpuint (g_strv_length (read), ==, 2);
  g_assert_cmpstr (read[0], ==, "GET and HEAD / /x/**");
  g_assert_cmpstr (read[1], ==,
                   "POST /graphql with a GraphQL document that only has operations of type query");
  g_assert_cmpstr (act[0], ==,
                   "GET /act with the query Action A* or B with no query but Action or id");
  g_assert_cmpuint (g_strv_length (write), ==, 2);
  g_assert_cmpstr (write[0], ==, "POST /x /z /w/*");
  g_assert_cmpstr (write[1], ==, "PUT /y");
  g_assert_null (none[0]);
}

static void
test_reads (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services = parse (BASE "scope read { GET POST } /a\n"
                                              "scope look { GET HEAD } /a\nscope look GET /b\n"
                                              "scope mixed GET /a\nscope mixed POST /a\n"
                                              "scope act GET /a query Action Delete\n",
                                         &error);
  g_assert_no_error (error);
  const Service *service = services_nth (services, 0);
  g_assert_true (service_scope_reads (service, "read"));
  g_assert_true (service_scope_reads (service, "look"));
  g_assert_false (service_scope_reads (service, "mixed"));
  g_assert_false (service_scope_reads (service, "act"));
  g_assert_false (service_scope_reads (service, "none"));
}

/* --- The set --- */

#define PEM "-----BEGIN CERTIFICATE-----\nMIIB+wAAAA==\n-----END CERTIFICATE-----\n"
#define SOURCE(name, text)                                                                         \
  {                                                                                                \
    name, text, sizeof (text) - 1                                                                  \
  }
#define WITH_CA BASE "ca b.pem\n"

typedef struct
{
  const char *sentence;
  const char *pem;
  const char *problem; /* behind "services.d/a.conf:5:4: services.d/b.pem: "; NULL: none */
} PemCase;

/* clang-format off */
static const PemCase pem_cases[] = {
  { "a certificate", PEM, NULL },
  { "two, with words between", "one\n" PEM "two\r\n" PEM, NULL },
  { "lines that end in CR LF", "-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\n", NULL },
  { "nothing", "", "it holds no whole certificate in PEM" },
  { "words alone", "a\nb\n", "it holds no whole certificate in PEM" },
  { "half a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n", "it holds no whole certificate in PEM" },
  { "a private key", PEM "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", "line 4 is a private key; here go certificates only, take it out" },
  { "an older private key", "-----BEGIN RSA PRIVATE KEY-----\n", "line 1 is a private key; here go certificates only, take it out" },
  { "something else", "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n", "line 1 is something else than a certificate; write only CERTIFICATE blocks" },
  { "a certificate in a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n" PEM, "line 3 is a certificate that begins within another" },
  { "an end without a beginning", "-----END CERTIFICATE-----\n", "line 1 is the end of a certificate that did not begin" },
  { "a certificate of nothing", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "line 2 is the end of a certificate that did not begin" },
  { "what is not base64", "-----BEGIN CERTIFICATE-----\nMI IB\n-----END CERTIFICATE-----\n", "line 2 is a line in a certificate that is not base64" },
};
/* clang-format on */

static void
test_pem (gconstpointer data)
{
  const PemCase *row = data;
  g_autoptr (GError) error = NULL;
  const PolicySource sources[] = { SOURCE ("services.d/a.conf", WITH_CA),
                                   { "services.d/b.pem", row->pem, strlen (row->pem) } };
  g_autoptr (Services) services = services_parse (sources, G_N_ELEMENTS (sources), &error);
  if (row->problem != NULL)
    {
      g_autofree char *message
          = g_strconcat ("services.d/a.conf:5:4: services.d/b.pem: ", row->problem, NULL);
      g_assert_null (services);
      g_assert_cmpstr (error->message, ==, message);
      return;
    }
  g_assert_no_error (error);
  g_autoptr (json_t) object = service_worker_json (services_nth (services, 0));
  g_assert_cmpstr (wire_string (object, "ca"), ==, row->pem);
}

static void
test_large (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) pem = g_string_new (NULL);
  while (pem->len < SERVICE_MAX_WORKER)
    g_string_append (pem, PEM);
  const PolicySource sources[]
      = { SOURCE ("services.d/a.conf", WITH_CA), { "services.d/b.pem", pem->str, pem->len } };
  g_assert_null (services_parse (sources, G_N_ELEMENTS (sources), &error));
  g_assert_cmpstr (error->message, ==,
                   "services.d/a.conf:5:1: certificates and headers are more than 60 KiB together; "
                   "keep those that are needed");
}

#define OTHER "service b\nbase https://b.example\ncredential c\nplace bearer\n"

static void
test_set (void)
{
  g_autoptr (GError) error = NULL;
  const PolicySource sources[]
      = { SOURCE ("policy.conf", "ask any\n"), SOURCE ("services.d/b.conf", OTHER),
          SOURCE ("policy.d/x.conf", "deny reveal\n"), SOURCE ("services.d/a.conf", BASE) };
  g_autoptr (Services) services = services_parse (sources, G_N_ELEMENTS (sources), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (services_count (services), ==, 2);
  g_assert_cmpstr (service_name (services_nth (services, 0)), ==, "b");
  g_assert_true (services_find (services, "a") == services_nth (services, 1));
  g_assert_null (services_find (services, "c"));
  g_autoptr (GPtrArray) found = services_with_credential (services, "c");
  g_autoptr (GPtrArray) none = services_with_credential (services, "d");
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_no_set (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services = services_parse (NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (services_count (services), ==, 0);
}

static void
assert_refused (const PolicySource *sources, gsize n, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (services_parse (sources, n, &error));
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_bad_set (void)
{
  const PolicySource twice[]
      = { SOURCE ("services.d/a.conf", BASE), SOURCE ("services.d/a.conf", BASE) };
  const PolicySource other[] = { SOURCE ("services.d/a.cnf", BASE) };
  const PolicySource second[]
      = { SOURCE ("services.d/a.conf", BASE), SOURCE ("services.d/b.conf", "service b\nbse x\n") };
  const PolicySource nul[] = { SOURCE ("services.d/a.conf", "service a\0b\n") };
  assert_refused (twice, 2, "services.d/a.conf:1:1: a second file of this name");
  assert_refused (other, 1,
                  "services.d/a.cnf:1:1: a service's file ends with .conf, certificates with .pem");
  assert_refused (second, 2,
                  "services.d/b.conf:2:1: \"bse\" is no line of a service; did you mean \"base\"?");
  assert_refused (nul, 1, "services.d/a.conf:1:10: a NUL byte; a policy is text");
}

/* What a macro stands for is a value, never a word of the language. */
static void
test_macro (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services = parse ("reading = { GET HEAD }\nmine = { /user /emails }\n" BASE
                                         "scope read $reading { $mine /keys }\n",
                                         &error);
  g_assert_no_error (error);
  g_auto (GStrv) lines = service_scope_lines (services_find (services, "a"), "read");
  g_assert_cmpstr (lines[0], ==, "GET and HEAD /user /emails /keys");
  g_assert_null (parse ("line = base\nservice a\n$line https://b.example\n", &error));
  g_assert_true (
      g_str_has_prefix (error->message, "services.d/a.conf:3:1: a macro at the beginning"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/service/error/line/", line_cases, test_error);
  ADD_TABLE ("/service/error/base/", base_cases, test_error);
  ADD_TABLE ("/service/error/place/", place_cases, test_error);
  ADD_TABLE ("/service/error/rule/", rule_cases, test_error);
  ADD_TABLE ("/service/place/", written_cases, test_place);
  ADD_TABLE ("/service/certificates/", pem_cases, test_pem);
  g_test_add_func ("/service/certificates/more than a worker can be told", test_large);
  g_test_add_func ("/service/what a worker is told", test_worker);
  g_test_add_func ("/service/what people are told", test_describe);
  g_test_add_func ("/service/a service that sends nothing", test_nothing_sent);
  g_test_add_func ("/service/a service for commands", test_tcp);
  g_test_add_func ("/service/what a scope covers, in words", test_lines);
  g_test_add_func ("/service/which scopes read", test_reads);
  g_test_add_func ("/service/macros stand for values", test_macro);
  g_test_add_func ("/service/set/policies are left alone", test_set);
  g_test_add_func ("/service/set/none is a set too", test_no_set);
  g_test_add_func ("/service/set/one bad file is no set", test_bad_set);
  return g_test_run ();
}
