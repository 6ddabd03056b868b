/* SPDX-License-Identifier: MIT */
#include "mcp/http/http-bearer.h"

#include "tests/unit/table.h"

typedef struct
{
  const char *sentence, *authorization;
  HttpBearer found;
  const char *token;
} ReadRow;

static const ReadRow read_rows[] = {
  { "no header presents no token", NULL, HTTP_BEARER_NONE },
  { "an empty header presents none", "", HTTP_BEARER_NONE },
  { "Basic presents none", "Basic YTpi", HTTP_BEARER_NONE },
  { "the scheme alone presents none", "Bearer", HTTP_BEARER_NONE },
  { "the scheme and spaces present none", "Bearer   ", HTTP_BEARER_NONE },
  { "a scheme that begins like it is another", "BearerX abc", HTTP_BEARER_NONE },
  { "a token behind the scheme", "Bearer abc", HTTP_BEARER_TOKEN, "abc" },
  { "the scheme is taken in lower case", "bearer abc", HTTP_BEARER_TOKEN, "abc" },
  { "the scheme is taken in any case", "BEARER abc", HTTP_BEARER_TOKEN, "abc" },
  { "more spaces than one", "Bearer   abc", HTTP_BEARER_TOKEN, "abc" },
  { "the signs of a JWT", "Bearer aZ0-_.b.c", HTTP_BEARER_TOKEN, "aZ0-_.b.c" },
  { "all signs that a token may have", "Bearer a-._~+/z==", HTTP_BEARER_TOKEN, "a-._~+/z==" },
  { "two words are no token", "Bearer abc def", HTTP_BEARER_MALFORMED },
  { "two tokens with a comma are none", "Bearer abc, Bearer def", HTTP_BEARER_MALFORMED },
  { "a tab is not in a token", "Bearer abc\tdef", HTTP_BEARER_MALFORMED },
  { "a tab does not part it from the scheme", "Bearer\tabc", HTTP_BEARER_NONE },
  { "a quoted token is none", "Bearer \"abc\"", HTTP_BEARER_MALFORMED },
  { "equals signs alone are none", "Bearer ==", HTTP_BEARER_MALFORMED },
  { "an equals sign in the middle is none", "Bearer a=b", HTTP_BEARER_MALFORMED },
  { "letters beyond ASCII are none", "Bearer \303\244bc", HTTP_BEARER_MALFORMED },
};

static void
test_read (gconstpointer data)
{
  const ReadRow *row = data;
  const char *token = NULL;

  g_assert_cmpint (http_bearer_read (row->authorization, &token), ==, row->found);
  if (row->token != NULL)
    g_assert_cmpstr (token, ==, row->token);
}

typedef struct
{
  const char *sentence;
  HttpChallenge challenge;
  const char *text;
} WriteRow;

#define METADATA "https://a.example/.well-known/oauth-protected-resource/mcp"

static const WriteRow write_rows[] = {
  { "without metadata it is the scheme alone", { NULL, "a", "invalid_token", "d" }, "Bearer" },
  { "without a token there is no error",
    { METADATA, "a b", NULL, "d" },
    "Bearer resource_metadata=\"" METADATA "\", scope=\"a b\"" },
  { "without scopes none are told",
    { METADATA, "", NULL, NULL },
    "Bearer resource_metadata=\"" METADATA "\"" },
  { "a wrong token is told of",
    { METADATA, "a", "invalid_token", "It has ended." },
    "Bearer error=\"invalid_token\", error_description=\"It has ended.\", "
    "resource_metadata=\"" METADATA "\", scope=\"a\"" },
  { "a token that may not is told what it needs",
    { METADATA, "a b", "insufficient_scope", "It lacks b." },
    "Bearer error=\"insufficient_scope\", error_description=\"It lacks b.\", "
    "resource_metadata=\"" METADATA "\", scope=\"a b\"" },
  { "nothing ends a quoted string, and no line begins",
    { METADATA, "a\"\\\r\nX: y\303\244", NULL, NULL },
    "Bearer resource_metadata=\"" METADATA "\", scope=\"aX: y\"" },
};

static void
test_write (gconstpointer data)
{
  const WriteRow *row = data;
  g_autofree char *text = http_challenge_write (&row->challenge);

  g_assert_cmpstr (text, ==, row->text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/http-bearer/read/", read_rows, test_read);
  ADD_TABLE ("/http-bearer/challenge/", write_rows, test_write);
  return g_test_run ();
}
