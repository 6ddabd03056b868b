/* SPDX-License-Identifier: MIT
 *
 * What is sent, and what is refused with which words.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/service/service.h"
#include "tests/unit/table.h"

static const char plain[]
    = "service plain\n"
      "base https://api.example.com\n"
      "credential example-token\n"
      "place header X-Api-Key\n"
      "header X-Version 3\n"
      "header Accept application/json default\n"
      "scope read { GET HEAD } { / /user /files/* /repos/** /v/*:search /x/ }\n"
      "scope name GET { /caf\xc3\xa9 \"/a b\" }\n"
      "scope write { POST PUT PATCH DELETE } /repos/**\n"
      "scope all { GET POST } /**\n"
      "scope read POST /graphql graphql query\n"
      "scope write POST /graphql graphql mutation\n";

static const char narrow[]
    = "service narrow\n"
      "base https://api.example.com:8443/v1\n"
      "credential example-token\n"
      "place query key\n"
      "scope read { GET HEAD } { / /user /files/* /repos/** /v/*:search /x/ }\n"
      "scope act GET /act query Action { Describe* List }\n"
      "scope act POST /act header X-Target Table.Get*\n"
      "scope put PUT /act only-query { part id } only-header { X-Tag-* Content-Type }\n";

static const char slashes[] = "service slashes\n"
                              "base https://api.example.com\n"
                              "place none\n"
                              "encoded-slashes allow\n"
                              "scope read GET /projects/*/issues\n";

static const char form[] = "service form\n"
                           "base https://api.example.com\n"
                           "credential example-token\n"
                           "place form api_key\n"
                           "scope all { GET POST } /**\n";

static const char in_path[] = "service in-path\n"
                              "base \"https://api.example.com/bot{credential}\"\n"
                              "credential example-token\n"
                              "place path\n"
                              "scope all GET /**\n";

static const char on_wire[] = "service on-wire\nbase tcp://db.example.com:5432\ncredential pw\n";

static Services *
load (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = g_strsplit_set (text, " \n", 3);
  g_autofree char *name = g_strconcat ("services.d/", words[1], ".conf", NULL);
  PolicySource source = { name, text, strlen (text) };
  Services *services = services_parse (&source, 1, &error);
  g_assert_no_error (error);
  return services;
}

static json_t *
object (const char *text)
{
  g_autoptr (GError) error = NULL;
  json_t *value = text == NULL ? NULL : wire_parse (text, strlen (text), FALSE, &error);
  g_assert_no_error (error);
  return value;
}

typedef struct
{
  const char *sentence, *service;
  const char *method, *path, *query, *headers, *body;
  const char *result; /* the target and the scopes; or the error */
} RequestCase;

static void
test_request (gconstpointer data)
{
  const RequestCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services = load (row->service);
  g_autoptr (json_t) query = object (row->query), headers = object (row->headers);
  g_autoptr (ServiceRequest) request
      = service_request_new (services_nth (services, 0), row->method, row->path, query, headers,
                             row->body, row->body == NULL ? 0 : strlen (row->body), &error);
  g_assert_true ((request == NULL) == (error != NULL));
  if (request == NULL)
    {
      g_assert_cmpstr (error->message, ==, row->result);
      return;
    }
  g_autofree char *scopes = g_strjoinv (" ", request->scopes);
  g_autofree char *result = g_strdup_printf ("%s [%s]", request->target, scopes);
  g_assert_cmpstr (result, ==, row->result);
  g_assert_true (g_str_has_suffix (request->url, request->target));
  g_assert_cmpstr (request->method, ==, row->method);
}

/* clang-format off */
#define DOTS "a segment of dots, which leads elsewhere; write the path it leads to"
#define SLASH "%2F, a slash that some servers decode and others do not"
#define ROWS(path, result) plain, "GET", path, NULL, NULL, NULL, result
static const RequestCase path_cases[] = {
  { "a path goes as it is", ROWS ("/user", "/user [read all]") },
  { "the top is a path too", ROWS ("/", "/ [read]") },
  { "a star is one segment", ROWS ("/files/a", "/files/a [read all]") },
  { "a star is not two segments", ROWS ("/files/a/b", "/files/a/b [all]") },
  { "a star is not an empty segment", ROWS ("/files/", "/files/ [all]") },
  { "two stars are all segments that are left", ROWS ("/repos/a/b/c", "/repos/a/b/c [read all]") },
  { "two stars are not nothing", ROWS ("/repos", "/repos [all]") },
  { "two stars are not an empty segment", ROWS ("/repos/", "/repos/ [all]") },
  { "a slash at the end is part of the path", ROWS ("/user/", "/user/ [all]") },
  { "a pattern can end with a slash", ROWS ("/x/", "/x/ [read all]") },
  { "a star can be a part of a segment", ROWS ("/v/a:search", "/v/a:search [read all]") },
  { "what stands behind the star counts", ROWS ("/v/a:delete", "/v/a:delete [all]") },
  { "letters are compared as they are written", ROWS ("/User", "/User [all]") },
  { "patterns are compared with what escapes stand for", ROWS ("/caf%C3%A9", "/caf%C3%A9 [name all]") },
  { "a blank is an escape in a path and a blank in a pattern", ROWS ("/a%20b", "/a%20b [name all]") },
  { "characters that need no escape", ROWS ("/repos/!$&'()*+,=:@-._~", "/repos/!$&'()*+,=:@-._~ [read all]") },
  { "an escaped percent sign", ROWS ("/repos/100%25", "/repos/100%25 [read all]") },
  { "dots within a name", ROWS ("/repos/a..b/.c/d.", "/repos/a..b/.c/d. [read all]") },

  { "an empty path", ROWS ("", "path: empty; write / for the top") },
  { "a path without a slash", ROWS ("user", "path: must begin with a slash") },
  { "a whole URL", ROWS ("https://evil.example/", "path: a whole URL; write only what comes after the service's base") },
  { "another scheme", ROWS ("file:///etc/passwd", "path: a whole URL; write only what comes after the service's base") },
  { "another host without a scheme", ROWS ("//evil.example/", "path: two slashes in a row; write one (character 2)") },
  { "another host by backslashes", ROWS ("/\\evil.example/", "path: a backslash, which some servers read as a slash (character 2)") },
  { "another host as a user", ROWS ("@evil.example/", "path: must begin with a slash") },
  { "another port", ROWS (":8080/", "path: must begin with a slash") },
  { "two slashes within", ROWS ("/repos//a", "path: two slashes in a row; write one (character 8)") },
  { "two slashes at the end", ROWS ("/repos/a//", "path: two slashes in a row; write one (character 10)") },
  { "a question mark", ROWS ("/user?a=b", "path: a question mark; what follows it goes into query (character 6)") },
  { "a fragment", ROWS ("/user#a", "path: a fragment, which is never sent; leave it out (character 6)") },
  { "a backslash", ROWS ("/repos\\a", "path: a backslash, which some servers read as a slash (character 7)") },
  { "a tab", ROWS ("/repos/a\tb", "path: a control character (character 9)") },
  { "a newline", ROWS ("/user HTTP/1.1\r\nX: y", "path: a blank, which a path cannot have; write %20 (character 6)") },
  { "a line's end", ROWS ("/user\r\nX:y", "path: a control character (character 6)") },
  { "a delete character", ROWS ("/user\x7f", "path: a control character (character 6)") },
  { "a blank", ROWS ("/a b", "path: a blank, which a path cannot have; write %20 (character 3)") },
  { "a character that is not ASCII", ROWS ("/caf\xc3\xa9", "path: a character that is not ASCII; percent-encode it as UTF-8 (character 5)") },
  { "a quote", ROWS ("/\"a", "path: \"\"\", which a path cannot have; write %22 (character 2)") },
  { "a bracket", ROWS ("/a[0]", "path: \"[\", which a path cannot have; write %5B (character 3)") },
  { "a bar", ROWS ("/a|b", "path: \"|\", which a path cannot have; write %7C (character 3)") },
  { "an opening brace", ROWS ("/repos/{owner}", "path: a brace; put in the value that belongs there (character 8)") },
  { "the credential's mark", ROWS ("/repos/{credential}", "path: a brace; put in the value that belongs there (character 8)") },
  { "a semicolon", ROWS ("/repos;a=b/c", "path: a semicolon, behind which some servers stop reading; write %3B where it is part of a name (character 7)") },

  { "a dot segment", ROWS ("/repos/./a", "path: " DOTS " (character 8)") },
  { "two dots", ROWS ("/repos/../user", "path: " DOTS " (character 8)") },
  { "two dots at the end", ROWS ("/repos/..", "path: " DOTS " (character 8)") },
  { "two dots at the beginning", ROWS ("/../user", "path: " DOTS " (character 2)") },
  { "three dots", ROWS ("/repos/...", "path: " DOTS " (character 8)") },
  { "dots in escapes", ROWS ("/repos/%2E%2E/a", "path: %2E needs no escape; write . (character 8)") },
  { "dots in small escapes", ROWS ("/repos/%2e%2e/a", "path: %2e is written with capitals, %2E (character 8)") },
  { "one of two dots in an escape", ROWS ("/repos/.%2E/a", "path: %2E needs no escape; write . (character 9)") },
  { "dots that are encoded twice", ROWS ("/repos/%252E%252E/a", "path: %252E is encoded twice; encode once (character 8)") },
  { "dots that are encoded thrice", ROWS ("/repos/%25252E/a", "path: %2525 is encoded twice; encode once (character 8)") },
  { "dots in front of a path parameter", ROWS ("/repos/..;a/b", "path: a semicolon, behind which some servers stop reading; write %3B where it is part of a name (character 10)") },
  { "dots in front of an encoded semicolon", ROWS ("/repos/..%3Ba/b", "path: " DOTS " (character 8)") },
  { "dots and a blank", ROWS ("/repos/..%20/b", "path: " DOTS " (character 8)") },
  { "dots in long UTF-8", ROWS ("/repos/%C0%AE%C0%AE/a", "path: percent escapes that are not UTF-8 (character 8)") },
  { "dots as wide as a letter", ROWS ("/repos/%EF%BC%8E%EF%BC%8E/a", "path: a segment that some servers read as dots (character 8)") },
  { "two dots that are one character", ROWS ("/repos/%E2%80%A5/a", "path: a segment that some servers read as dots (character 8)") },
  { "dots in the manner of another server", ROWS ("/repos/%u002e/a", "path: a percent sign without two hexadecimal digits behind it; write %25 for the sign itself (character 8)") },

  { "an encoded slash", ROWS ("/repos/a%2Fb", "path: " SLASH " (character 9)") },
  { "a small encoded slash", ROWS ("/repos/a%2fb", "path: %2f is written with capitals, %2F (character 9)") },
  { "an encoded slash that is encoded again", ROWS ("/repos/a%252Fb", "path: %252F is encoded twice; encode once (character 9)") },
  { "a slash as wide as a letter", ROWS ("/repos/a%EF%BC%8Fb", "path: a character that some servers read as a slash, backslash or percent sign (character 8)") },
  { "an encoded backslash", ROWS ("/repos/a%5Cb", "path: %5C, a backslash, which some servers read as a slash (character 9)") },
  { "a backslash as wide as a letter", ROWS ("/repos/a%EF%BC%BCb", "path: a character that some servers read as a slash, backslash or percent sign (character 8)") },
  { "an encoded NUL", ROWS ("/repos/a%00", "path: %00, a control character (character 9)") },
  { "an encoded line's end", ROWS ("/repos/a%0D%0A", "path: %0D, a control character (character 9)") },
  { "an encoded tab", ROWS ("/repos/a%09", "path: %09, a control character (character 9)") },
  { "an escape for what needs none", ROWS ("/%75ser", "path: %75 needs no escape; write u (character 2)") },
  { "half an escape", ROWS ("/repos/a%2", "path: a percent sign without two hexadecimal digits behind it; write %25 for the sign itself (character 9)") },
  { "a percent sign alone", ROWS ("/repos/100%", "path: a percent sign without two hexadecimal digits behind it; write %25 for the sign itself (character 11)") },
  { "an escape of no digits", ROWS ("/repos/%zz", "path: a percent sign without two hexadecimal digits behind it; write %25 for the sign itself (character 8)") },
};

#define OF_ACT "GET with the query Action Describe* or List (act); POST with the header X-Target Table.Get* (act); PUT with no query but part or id with no headers but X-Tag-* or Content-Type (put)"
static const RequestCase scope_cases[] = {
  { "the base's path stands before the caller's", narrow, "GET", "/user", NULL, NULL, NULL, "/v1/user [read]" },
  { "a path that no scope covers", narrow, "GET", "/users", NULL, NULL, NULL,
    "no scope of narrow covers GET /users; these are covered: GET and HEAD / /user /files/* /repos/** /v/*:search /x/ (read); GET /act with the query Action Describe* or List (act)" },
  { "a method that no scope covers", narrow, "DELETE", "/user", NULL, NULL, NULL,
    "no scope of narrow covers DELETE /user; of this path these are covered: GET and HEAD (read)" },
  { "the base's path is not the caller's to write", narrow, "GET", "/v1/user", NULL, NULL, NULL,
    "no scope of narrow covers GET /v1/user; these are covered: GET and HEAD / /user /files/* /repos/** /v/*:search /x/ (read); GET /act with the query Action Describe* or List (act)" },
  { "a value of the query that a scope wants", narrow, "GET", "/act", "{\"Action\":\"DescribeAll\"}", NULL, NULL, "/v1/act?Action=DescribeAll [act]" },
  { "a value of the query that it does not want", narrow, "GET", "/act", "{\"Action\":\"Delete\"}", NULL, NULL,
    "no scope of narrow covers GET /act; of this path these are covered: " OF_ACT },
  { "a value of the query that is there twice", narrow, "GET", "/act", "{\"Action\":[\"List\",\"List\"]}", NULL, NULL,
    "no scope of narrow covers GET /act; of this path these are covered: " OF_ACT },
  { "a value of the query and a list of that name", narrow, "GET", "/act", "{\"Action\":\"List\",\"Action[]\":\"Delete\"}", NULL, NULL,
    "no scope of narrow covers GET /act; of this path these are covered: " OF_ACT },
  { "a value of the query that is missing", narrow, "GET", "/act", NULL, NULL, NULL,
    "no scope of narrow covers GET /act; of this path these are covered: " OF_ACT },
  { "a header that a scope wants", narrow, "POST", "/act", NULL, "{\"x-target\":\"Table.GetItem\"}", "{}", "/v1/act [act]" },
  { "a header that it does not want", narrow, "POST", "/act", NULL, "{\"x-target\":\"Table.PutItem\"}", "{}",
    "no scope of narrow covers POST /act; of this path these are covered: " OF_ACT },

  { "no query but what a scope names", narrow, "PUT", "/act", "{\"part\":1,\"id\":[1,2]}", "{\"x-tag-b\":\"a\"}", "{}", "/v1/act?part=1&id=1&id=2 [put]" },
  { "no query is no other query", narrow, "PUT", "/act", NULL, NULL, NULL, "/v1/act [put]" },
  { "a query beside what a scope names", narrow, "PUT", "/act", "{\"part\":1,\"acl\":\"\"}", NULL, NULL,
    "no scope of narrow covers PUT /act; of this path these are covered: " OF_ACT },
  { "a query that differs in capitals", narrow, "PUT", "/act", "{\"Part\":1}", NULL, NULL,
    "no scope of narrow covers PUT /act; of this path these are covered: " OF_ACT },
  { "a header beside what a scope names", narrow, "PUT", "/act", NULL, "{\"X-Acl\":\"a\"}", NULL,
    "no scope of narrow covers PUT /act; of this path these are covered: " OF_ACT },

  { "a slash in a segment where the service has them", slashes, "GET", "/projects/a%2Fb/issues", NULL, NULL, NULL, "/projects/a%2Fb/issues [read]" },
  { "dots beside such a slash", slashes, "GET", "/projects/a%2F../issues", NULL, NULL, NULL, "path: " DOTS " (character 11)" },
  { "dots before such a slash", slashes, "GET", "/projects/..%2Fa/issues", NULL, NULL, NULL, "path: " DOTS " (character 11)" },
  { "two such slashes", slashes, "GET", "/projects/a%2F%2Fb/issues", NULL, NULL, NULL, "path: two slashes in a row, one of them encoded; write one (character 11)" },
  { "such a slash at the end of a segment", slashes, "GET", "/projects/a%2F/issues", NULL, NULL, NULL, "path: two slashes in a row, one of them encoded; write one (character 11)" },
  { "such a slash at its beginning", slashes, "GET", "/projects/%2Fa/issues", NULL, NULL, NULL, "path: two slashes in a row, one of them encoded; write one (character 11)" },
  { "such a slash alone", slashes, "GET", "/projects/%2F/issues", NULL, NULL, NULL, "path: two slashes in a row, one of them encoded; write one (character 11)" },
  { "such a slash, encoded twice", slashes, "GET", "/projects/a%252Fb/issues", NULL, NULL, NULL, "path: %252F is encoded twice; encode once (character 12)" },
  { "such a slash parts no segments of a pattern", slashes, "GET", "/projects/a%2Fissues", NULL, NULL, NULL,
    "no scope of slashes covers GET /projects/a%2Fissues; these are covered: GET /projects/*/issues (read)" },

  { "the credential's place in the path", in_path, "GET", "/getMe", NULL, NULL, NULL, "/bot{credential}/getMe [all]" },
  { "a service for commands", on_wire, "GET", "/", NULL, NULL, NULL, "the service on-wire is reached by commands only, with run_command" },
};

static const RequestCase method_cases[] = {
  { "a method in small letters", plain, "get", "/user", NULL, NULL, NULL, "method: methods are written in capitals; write GET" },
  { "a method in mixed letters", plain, "Delete", "/repos/a", NULL, NULL, NULL, "method: methods are written in capitals; write DELETE" },
  { "a method that opens a tunnel", plain, "CONNECT", "/", NULL, NULL, NULL, "method: \"CONNECT\" is no method that is sent; write one of GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE" },
  { "a method that echoes", plain, "TRACE", "/", NULL, NULL, NULL, "method: \"TRACE\" is no method that is sent; write one of GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE" },
  { "a method with a line's end", plain, "GET\r\n", "/", NULL, NULL, NULL, "method: \"GET\\u{d}\\u{a}\" is no method that is sent; write one of GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE" },
  { "no method", plain, "", "/", NULL, NULL, NULL, "method: \"\" is no method that is sent; write one of GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE" },
  { "HEAD is not GET", plain, "HEAD", "/caf%C3%A9", NULL, NULL, NULL,
    "no scope of plain covers HEAD /caf%C3%A9; of this path these are covered: GET (name); GET and POST (all)" },
};

static const RequestCase query_cases[] = {
  { "values are encoded", plain, "GET", "/user", "{\"q\":\"a b&c=d+e/?#%\"}", NULL, NULL, "/user?q=a%20b%26c%3Dd%2Be%2F%3F%23%25 [read all]" },
  { "values are encoded as UTF-8", plain, "GET", "/user", "{\"q\":\"\xc3\xa9\"}", NULL, NULL, "/user?q=%C3%A9 [read all]" },
  { "names are encoded", plain, "GET", "/user", "{\"a[b]\":\"\"}", NULL, NULL, "/user?a%5Bb%5D= [read all]" },
  { "numbers and truth values", plain, "GET", "/user", "{\"n\":-3,\"b\":true,\"c\":false}", NULL, NULL, "/user?n=-3&b=true&c=false [read all]" },
  { "an array is a name more than once", plain, "GET", "/user", "{\"a\":[\"x\",1],\"b\":[]}", NULL, NULL, "/user?a=x&a=1 [read all]" },
  { "the order is the caller's", plain, "GET", "/user", "{\"b\":\"1\",\"a\":\"2\"}", NULL, NULL, "/user?b=1&a=2 [read all]" },
  { "an empty query is none", plain, "GET", "/user", "{}", NULL, NULL, "/user [read all]" },
  { "lines are encoded", plain, "GET", "/user", "{\"q\":\"a\\r\\nb\\tc\"}", NULL, NULL, "/user?q=a%0D%0Ab%09c [read all]" },
  { "a fraction", plain, "GET", "/user", "{\"q\":1.5}", NULL, NULL, "query: \"q\": a value is a text, a whole number, true or false, or an array of them" },
  { "an object", plain, "GET", "/user", "{\"q\":{}}", NULL, NULL, "query: \"q\": a value is a text, a whole number, true or false, or an array of them" },
  { "an array in an array", plain, "GET", "/user", "{\"q\":[[\"a\"]]}", NULL, NULL, "query: \"q\": a value is a text, a whole number, true or false, or an array of them" },
  { "null", plain, "GET", "/user", "{\"q\":null}", NULL, NULL, "query: \"q\": a value is a text, a whole number, true or false, or an array of them" },
  { "a control character", plain, "GET", "/user", "{\"q\":\"\\u001b[\"}", NULL, NULL, "query: \"q\": a control character" },
  { "an empty name", plain, "GET", "/user", "{\"\":\"a\"}", NULL, NULL, "query: \"\": an empty name" },
  { "another method", plain, "GET", "/user", "{\"_method\":\"DELETE\"}", NULL, NULL, "query: \"_method\": some servers take it for another method, header or user" },
  { "another method in capitals", plain, "GET", "/user", "{\"_METHOD\":\"DELETE\"}", NULL, NULL, "query: \"_METHOD\": some servers take it for another method, header or user" },
  { "another method in the manner of Google", plain, "GET", "/user", "{\"$httpMethod\":\"DELETE\"}", NULL, NULL, "query: \"$httpMethod\": some servers take it for another method, header or user" },
  { "headers in the query", plain, "GET", "/user", "{\"$httpHeaders\":\"a\"}", NULL, NULL, "query: \"$httpHeaders\": some servers take it for another method, header or user" },
  { "the header's name in the query", plain, "GET", "/user", "{\"X-HTTP-Method-Override\":\"PUT\"}", NULL, NULL, "query: \"X-HTTP-Method-Override\": some servers take it for another method, header or user" },
  { "the credential's name", narrow, "GET", "/user", "{\"key\":\"a\"}", NULL, NULL, "query: \"key\": the credential is sent under this name" },
  { "the credential's name in capitals", narrow, "GET", "/user", "{\"KEY\":\"a\"}", NULL, NULL, "query: \"KEY\": the credential is sent under this name" },
  { "the credential's name as a list", narrow, "GET", "/user", "{\"key[]\":\"a\"}", NULL, NULL, "query: \"key[]\": the credential is sent under this name" },
  { "the credential's name behind a blank", narrow, "GET", "/user", "{\" key\":\"a\"}", NULL, NULL, "query: \" key\": the credential is sent under this name" },
  { "another name", narrow, "GET", "/user", "{\"keys\":\"a\"}", NULL, NULL, "/v1/user?keys=a [read]" },
};

#define FIXED "this header cannot be set: "
static const RequestCase header_cases[] = {
  { "a header", plain, "GET", "/user", NULL, "{\"X-Tag\":\"a b\"}", NULL, "/user [read all]" },
  { "where it goes", plain, "GET", "/user", NULL, "{\"Host\":\"evil.example\"}", NULL, "headers: \"Host\": " FIXED "the service's base says where a request goes" },
  { "where it goes, in small letters", plain, "GET", "/user", NULL, "{\"host\":\"evil.example\"}", NULL, "headers: \"host\": " FIXED "the service's base says where a request goes" },
  { "another credential", plain, "GET", "/user", NULL, "{\"Authorization\":\"a\"}", NULL, "headers: \"Authorization\": " FIXED "the service's place line says how the credential is sent" },
  { "the credential's own header", plain, "GET", "/user", NULL, "{\"x-api-key\":\"a\"}", NULL, "headers: \"x-api-key\": " FIXED "the service's place line says how the credential is sent" },
  { "the credential's own header with underscores", plain, "GET", "/user", NULL, "{\"x_api_key\":\"a\"}", NULL, "headers: \"x_api_key\": " FIXED "the service's place line says how the credential is sent" },
  { "cookies", plain, "GET", "/user", NULL, "{\"Cookie\":\"a\"}", NULL, "headers: \"Cookie\": " FIXED "the service's place line says how the credential is sent" },
  { "a proxy's", plain, "GET", "/user", NULL, "{\"Proxy-Anything\":\"a\"}", NULL, "headers: \"Proxy-Anything\": " FIXED "the service's place line says how the credential is sent" },
  { "a length", plain, "GET", "/user", NULL, "{\"Content-Length\":\"1\"}", NULL, "headers: \"Content-Length\": " FIXED "the worker writes it, so that both ends agree where a request ends" },
  { "a length with an underscore", plain, "GET", "/user", NULL, "{\"Content_Length\":\"1\"}", NULL, "headers: \"Content_Length\": " FIXED "the worker writes it, so that both ends agree where a request ends" },
  { "chunks", plain, "GET", "/user", NULL, "{\"Transfer-Encoding\":\"chunked\"}", NULL, "headers: \"Transfer-Encoding\": " FIXED "the worker writes it, so that both ends agree where a request ends" },
  { "what a hop says", plain, "GET", "/user", NULL, "{\"Connection\":\"X-Api-Key\"}", NULL, "headers: \"Connection\": " FIXED "the worker writes it, so that both ends agree where a request ends" },
  { "an upgrade", plain, "GET", "/user", NULL, "{\"Upgrade\":\"h2c\"}", NULL, "headers: \"Upgrade\": " FIXED "the worker writes it, so that both ends agree where a request ends" },
  { "encodings of a hop", plain, "GET", "/user", NULL, "{\"TE\":\"trailers\"}", NULL, "headers: \"TE\": " FIXED "the worker writes it, so that both ends agree where a request ends" },
  { "a trailer", plain, "GET", "/user", NULL, "{\"Trailer\":\"a\"}", NULL, "headers: \"Trailer\": " FIXED "the worker writes it, so that both ends agree where a request ends" },
  { "an expectation", plain, "GET", "/user", NULL, "{\"Expect\":\"100-continue\"}", NULL, "headers: \"Expect\": " FIXED "the worker writes it, so that both ends agree where a request ends" },
  { "another method", plain, "GET", "/user", NULL, "{\"X-HTTP-Method-Override\":\"DELETE\"}", NULL, "headers: \"X-HTTP-Method-Override\": " FIXED "it would turn the request into another than the one that is approved" },
  { "another method with underscores", plain, "GET", "/user", NULL, "{\"X_HTTP_Method\":\"DELETE\"}", NULL, "headers: \"X_HTTP_Method\": " FIXED "it would turn the request into another than the one that is approved" },
  { "another path", plain, "GET", "/user", NULL, "{\"X-Original-URL\":\"/admin\"}", NULL, "headers: \"X-Original-URL\": " FIXED "it would turn the request into another than the one that is approved" },
  { "another sender", plain, "GET", "/user", NULL, "{\"X-Forwarded-For\":\"127.0.0.1\"}", NULL, "headers: \"X-Forwarded-For\": " FIXED "it speaks for somebody else than the one who sends" },
  { "an encoding that hides secrets", plain, "GET", "/user", NULL, "{\"Accept-Encoding\":\"br\"}", NULL, "headers: \"Accept-Encoding\": " FIXED "the answer must be readable whole, to take secrets out of it" },
  { "a part that cuts a secret in two", plain, "GET", "/user", NULL, "{\"Range\":\"bytes=0-9\"}", NULL, "headers: \"Range\": " FIXED "the answer must be readable whole, to take secrets out of it" },
  { "a body that nobody can read", plain, "POST", "/repos/a", NULL, "{\"Content-Encoding\":\"gzip\"}", "{}", "headers: \"Content-Encoding\": " FIXED "a person has to see what is sent" },
  { "a line's end in a value", plain, "GET", "/user", NULL, "{\"X-Tag\":\"a\\r\\nHost: b\"}", NULL, "headers: \"X-Tag\": a value has printable ASCII characters only; character 2 is not" },
  { "a newline in a value", plain, "GET", "/user", NULL, "{\"X-Tag\":\"a\\nb\"}", NULL, "headers: \"X-Tag\": a value has printable ASCII characters only; character 2 is not" },
  { "a tab in a value", plain, "GET", "/user", NULL, "{\"X-Tag\":\"a\\tb\"}", NULL, "headers: \"X-Tag\": a value has printable ASCII characters only; character 2 is not" },
  { "a value that is not ASCII", plain, "GET", "/user", NULL, "{\"X-Tag\":\"\xc3\xa9\"}", NULL, "headers: \"X-Tag\": a value has printable ASCII characters only; character 1 is not" },
  { "a blank around a value", plain, "GET", "/user", NULL, "{\"X-Tag\":\" a\"}", NULL, "headers: \"X-Tag\": a value neither begins nor ends with a blank" },
  { "a line's end in a name", plain, "GET", "/user", NULL, "{\"X\\r\\nHost\":\"a\"}", NULL, "headers: \"X\\u{d}\\u{a}Host\": a header's name is 1 to 128 letters, digits and hyphens" },
  { "a colon in a name", plain, "GET", "/user", NULL, "{\"Host:\":\"a\"}", NULL, "headers: \"Host:\": a header's name is 1 to 128 letters, digits and hyphens" },
  { "a blank behind a name", plain, "GET", "/user", NULL, "{\"Host \":\"a\"}", NULL, "headers: \"Host \": a header's name is 1 to 128 letters, digits and hyphens" },
  { "a name of HTTP/2", plain, "GET", "/user", NULL, "{\":authority\":\"a\"}", NULL, "headers: \":authority\": a header's name is 1 to 128 letters, digits and hyphens" },
  { "no name", plain, "GET", "/user", NULL, "{\"\":\"a\"}", NULL, "headers: \"\": a header's name is 1 to 128 letters, digits and hyphens" },
  { "a header twice", plain, "GET", "/user", NULL, "{\"X-Tag\":\"a\",\"x-tag\":\"b\"}", NULL, "headers: \"x-tag\": it stands twice; capitals and underscores do not tell headers apart" },
  { "a header twice, once with an underscore", plain, "GET", "/user", NULL, "{\"X-Tag\":\"a\",\"X_Tag\":\"b\"}", NULL, "headers: \"X_Tag\": it stands twice; capitals and underscores do not tell headers apart" },
  { "a header that the service sets", plain, "GET", "/user", NULL, "{\"x-version\":\"4\"}", NULL, "headers: \"x-version\": the service plain sets it itself" },
  { "a header that the service sets, with an underscore", plain, "GET", "/user", NULL, "{\"x_version\":\"4\"}", NULL, "headers: \"x_version\": the service plain sets it itself" },
  { "a header that the service only proposes", plain, "GET", "/user", NULL, "{\"accept\":\"text/plain\"}", NULL, "/user [read all]" },
  { "an empty value", plain, "GET", "/user", NULL, "{\"X-Tag\":\"\"}", NULL, "headers: \"X-Tag\": an empty value; leave the header out" },
  { "a number for a value", plain, "GET", "/user", NULL, "{\"X-Tag\":1}", NULL, "headers: \"X-Tag\": a value is a text" },
};

#define NO_GRAPHQL "/graphql [all]"
#define GRAPHQL(body) plain, "POST", "/graphql", NULL, NULL, body
static const RequestCase body_cases[] = {
  { "a body", plain, "POST", "/repos/a", NULL, NULL, "{\"a\":1}", "/repos/a [write all]" },
  { "a body of GET", plain, "GET", "/user", NULL, NULL, "{}", "body: GET and HEAD have none; use query" },
  { "an empty body of HEAD", plain, "HEAD", "/user", NULL, NULL, "", "body: GET and HEAD have none; use query" },
  { "a body without its type", plain, "POST", "/repos/a", NULL, NULL, "a=b", "headers: a body that is not JSON needs its Content-Type; add it" },
  { "a body that is almost JSON", plain, "POST", "/repos/a", NULL, NULL, "{\"a\":1,\"a\":2}", "headers: a body that is not JSON needs its Content-Type; add it" },
  { "a body with its type", plain, "POST", "/repos/a", NULL, "{\"content-type\":\"text/plain\"}", "a", "/repos/a [write all]" },
  { "a form that names another method", plain, "POST", "/repos/a", NULL, "{\"Content-Type\":\"application/x-www-form-urlencoded\"}", "a=b&_method=DELETE", "body: \"_method\": some servers take it for another method, header or user" },
  { "a form that hides it", plain, "POST", "/repos/a", NULL, "{\"Content-Type\":\"application/x-www-form-urlencoded; charset=utf-8\"}", "a=b;%5Fm%65thod=DELETE", "body: \"_method\": some servers take it for another method, header or user" },
  { "JSON that names another method", plain, "POST", "/repos/a", NULL, NULL, "{\"_method\":\"DELETE\"}", "body: \"_method\": some servers take it for another method, header or user" },
  { "parts that name another method", plain, "POST", "/repos/a", NULL, "{\"Content-Type\":\"multipart/form-data; boundary=x\"}", "--x\r\nContent-Disposition: form-data; name=\"_method\"\r\n\r\nDELETE\r\n--x--", "body: _method: some servers take it for another method than is approved" },
  { "a form that is encoded wrongly", plain, "POST", "/repos/a", NULL, "{\"Content-Type\":\"application/x-www-form-urlencoded\"}", "a%zz=b", "body: field 1 of the form is not encoded as a form is" },
  { "a form with the credential's field", form, "POST", "/a", NULL, NULL, "a=b&api%5Fkey=x", "body: \"api_key\": the credential is sent under this name" },
  { "a form without it", form, "POST", "/a", NULL, NULL, "a=b", "/a [all]" },
  { "no form at all", form, "POST", "/a", NULL, NULL, NULL, "/a [all]" },
  { "a form in a request that has none", form, "GET", "/a", NULL, NULL, NULL, "method: the credential of form is a field of a form, which POST, PUT and PATCH have" },
  { "JSON where the credential is in a form", form, "POST", "/a", NULL, "{\"Content-Type\":\"application/json\"}", "{}", "headers: Content-Type has to be application/x-www-form-urlencoded: the credential is a field of the form" },

  { "a GraphQL query", GRAPHQL ("{\"query\":\"query { a }\"}"), "/graphql [all read]" },
  { "a GraphQL mutation", GRAPHQL ("{\"query\":\"mutation { a }\"}"), "/graphql [all write]" },
  { "GraphQL of another type", plain, "POST", "/graphql", NULL, "{\"Content-Type\":\"application/graphql\"}", "{\"query\":\"query { a }\"}", NO_GRAPHQL },
  { "GraphQL with its character set", plain, "POST", "/graphql", NULL, "{\"Content-Type\":\"application/json; charset=utf-8\"}", "{\"query\":\"{ a }\"}", "/graphql [all read]" },
  { "GraphQL with its character set, closer together", plain, "POST", "/graphql", NULL, "{\"Content-Type\":\"Application/JSON;charset=UTF-8\"}", "{\"query\":\"{ a }\"}", "/graphql [all read]" },
  { "GraphQL in another character set", plain, "POST", "/graphql", NULL, "{\"Content-Type\":\"application/json; charset=utf-7\"}", "{\"query\":\"{ a }\"}", NO_GRAPHQL },
  { "a second document in the URL", plain, "POST", "/graphql", "{\"query\":\"mutation { a }\"}", NULL, "{\"query\":\"{ a }\"}", "/graphql?query=mutation%20%7B%20a%20%7D [all]" },
  { "a batch", GRAPHQL ("[{\"query\":\"{ a }\"}]"), NO_GRAPHQL },
  { "a document kept elsewhere", GRAPHQL ("{\"query\":\"{ a }\",\"extensions\":{\"persistedQuery\":{}}}"), NO_GRAPHQL },
  { "a document by its number", GRAPHQL ("{\"id\":\"a\"}"), NO_GRAPHQL },
  { "a member twice", plain, "POST", "/graphql", NULL, "{\"Content-Type\":\"application/json\"}", ("{\"query\":\"{ a }\",\"query\":\"mutation { a }\"}"), NO_GRAPHQL },
  { "no body", GRAPHQL (NULL), NO_GRAPHQL },
  { "variables and a name", GRAPHQL ("{\"query\":\"query A($a:Int){ a(a:$a) }\",\"operationName\":\"A\",\"variables\":{\"a\":{\"b\":[1]}}}"), "/graphql [all read]" },
  { "variables that are none", GRAPHQL ("{\"query\":\"{ a }\",\"operationName\":null,\"variables\":null}"), "/graphql [all read]" },
  { "variables that are a text", GRAPHQL ("{\"query\":\"{ a }\",\"variables\":\"{}\"}"), NO_GRAPHQL },
};
/* clang-format on */

static void
test_headers (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services = load (plain);
  g_autoptr (json_t) headers = object ("{\"accept\":\"text/plain\",\"X-Tag\":\"a\"}");
  const Service *service = services_nth (services, 0);
  g_autoptr (ServiceRequest) own
      = service_request_new (service, "POST", "/repos/a", NULL, headers, "{}", 2, &error);
  g_assert_no_error (error);
  g_autofree char *text = wire_dump (own->headers, NULL);
  g_assert_cmpstr (text, ==,
                   "[[\"accept\",\"text/plain\"],[\"X-Tag\",\"a\"],"
                   "[\"Content-Type\",\"application/json\"]]\n");
  g_autoptr (ServiceRequest) none
      = service_request_new (service, "GET", "/user", NULL, NULL, NULL, 0, &error);
  g_assert_no_error (error);
  g_autofree char *defaults = wire_dump (none->headers, NULL);
  g_assert_cmpstr (defaults, ==, "[[\"Accept\",\"application/json\"]]\n");
}

static void
test_limits (void)
{
  g_autoptr (Services) services = load (plain);
  const Service *service = services_nth (services, 0);
  g_autoptr (GError) path_error = NULL, query_error = NULL, header_error = NULL;
  g_autofree char *filled = g_strnfill (SERVICE_MAX_PATH, 'a');
  g_autofree char *path = g_strconcat ("/", filled, NULL);
  g_assert_null (service_request_new (service, "GET", path, NULL, NULL, NULL, 0, &path_error));
  g_assert_cmpstr (path_error->message, ==, "path: more than 4096 bytes");
  g_autofree char *half = g_strnfill (SERVICE_MAX_VALUE, 'a');
  g_autoptr (json_t) headers = json_pack ("{s:s, s:s}", "X-A", half, "X-B", half);
  g_assert_null (
      service_request_new (service, "GET", "/user", NULL, headers, NULL, 0, &header_error));
  g_assert_cmpstr (header_error->message, ==, "headers: more than 16384 bytes together");
  g_autofree char *value = g_strnfill (SERVICE_MAX_TARGET, 'a');
  g_autoptr (json_t) query = json_pack ("{s:s}", "q", value);
  g_assert_null (service_request_new (service, "GET", "/user", query, NULL, NULL, 0, &query_error));
  g_assert_cmpstr (query_error->message, ==, "query: path and query are more than 16384 bytes");
}

static void
test_url (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Services) services = load (narrow);
  g_autoptr (ServiceRequest) request = service_request_new (services_nth (services, 0), "GET",
                                                            "/user", NULL, NULL, NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (request->url, ==, "https://api.example.com:8443/v1/user");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/service/path/", path_cases, test_request);
  ADD_TABLE ("/service/scope/", scope_cases, test_request);
  ADD_TABLE ("/service/method/", method_cases, test_request);
  ADD_TABLE ("/service/query/", query_cases, test_request);
  ADD_TABLE ("/service/header/", header_cases, test_request);
  ADD_TABLE ("/service/body/", body_cases, test_request);
  g_test_add_func ("/service/headers are the caller's and the service's defaults", test_headers);
  g_test_add_func ("/service/limits of length", test_limits);
  g_test_add_func ("/service/the URL for people says where it goes", test_url);
  return g_test_run ();
}
