/* SPDX-License-Identifier: MIT
 *
 * Which documents are of one type, and which are not understood.
 */
#include "broker/service/service-private.h"
#include "tests/unit/table.h"

typedef struct
{
  const char *sentence, *document;
  GraphqlType type; /* the only one it passes as; NONE: it passes as none */
} GraphqlCase;

/* clang-format off */
static const GraphqlCase cases[] = {
  { "a query", "query { a }", GRAPHQL_QUERY },
  { "the short form is a query", "{ a }", GRAPHQL_QUERY },
  { "a query with a name", "query Q { a }", GRAPHQL_QUERY },
  { "a query that is called mutation", "query mutation { a }", GRAPHQL_QUERY },
  { "a mutation", "mutation { a }", GRAPHQL_MUTATION },
  { "a mutation that is called query", "mutation query { a }", GRAPHQL_MUTATION },
  { "a subscription", "subscription S { a }", GRAPHQL_SUBSCRIPTION },
  { "two queries", "query A { a } query B { b }", GRAPHQL_QUERY },
  { "a query and a mutation", "query A { a } mutation B { b }", GRAPHQL_NONE },
  { "a mutation before a query", "mutation B { b } { a }", GRAPHQL_NONE },
  { "a fragment and a query", "fragment F on User { a } query { ...F }", GRAPHQL_QUERY },
  { "a fragment behind a query", "{ ...F } fragment F on User @x(a: 1) { a }", GRAPHQL_QUERY },
  { "a fragment alone", "fragment F on User { a }", GRAPHQL_NONE },
  { "a fragment without a type", "fragment F { a } { a }", GRAPHQL_NONE },
  { "a fragment that is called on", "fragment on on User { a } { a }", GRAPHQL_NONE },
  { "a fragment before a mutation", "fragment F on User { a } mutation { ...F }", GRAPHQL_MUTATION },
  { "variables and directives", "query Q($a: [Int!]! = [1, 2], $b: T = {x: {y: 1}}) @live(if: true) { a(b: $b) @skip(if: $c) { d } }", GRAPHQL_QUERY },
  { "a mutation in a default value is text", "query Q($a: String = \"} mutation {\") { a }", GRAPHQL_QUERY },
  { "a field that is called mutation", "{ mutation { query } subscription }", GRAPHQL_QUERY },
  { "commas are blanks", ",,query,Q,{,a,b,},", GRAPHQL_QUERY },

  { "a comment that says mutation", "# mutation { b }\n{ a }", GRAPHQL_QUERY },
  { "a comment that a newline ends", "{ a } # x\nmutation { b }", GRAPHQL_NONE },
  { "a comment that a carriage return ends", "{ a } # x\rmutation { b }", GRAPHQL_NONE },
  { "a comment with another line separator", "{ a } # x\xe2\x80\xa8mutation { b }", GRAPHQL_NONE },
  { "a comment with a next-line character", "{ a } # x\xc2\x85mutation { b }", GRAPHQL_NONE },
  { "a comment with a brace", "{ a # }\n}", GRAPHQL_QUERY },
  { "a comment that the text ends", "{ a } # x", GRAPHQL_QUERY },

  { "a text with braces", "{ a(b: \"}} mutation { c }\") }", GRAPHQL_QUERY },
  { "a text with an escaped quote", "{ a(b: \"\\\"} mutation { c } #\") }", GRAPHQL_QUERY },
  { "a text with a number sign", "{ a(b: \"#\") } mutation { c }", GRAPHQL_NONE },
  { "an empty text", "{ a(b: \"\") } mutation { c }", GRAPHQL_NONE },
  { "a text with escapes", "{ a(b: \"\\u0022 \\n \\\\\") }", GRAPHQL_QUERY },
  { "an escape that there is not", "{ a(b: \"\\x\") }", GRAPHQL_NONE },
  { "half an escape", "{ a(b: \"\\u00\") }", GRAPHQL_NONE },
  { "a text that its line ends", "{ a(b: \"x\n\") }", GRAPHQL_NONE },
  { "a text that is not closed", "{ a(b: \"x) }", GRAPHQL_NONE },
  { "a backslash at the end", "{ a(b: \"x\\", GRAPHQL_NONE },
  { "a block of text", "{ a(b: \"\"\"} mutation { c }\n \" \"\" # \"\"\") }", GRAPHQL_QUERY },
  { "a block with an escaped end", "{ a(b: \"\"\"x\\\"\"\"} mutation { c } \"\"\") }", GRAPHQL_QUERY },
  { "a block that ends earlier than it seems", "{ a(b: \"\"\"\\\\\"\"\") } mutation { c } #\"\"\"", GRAPHQL_NONE },
  { "a block that is not closed", "{ a(b: \"\"\"x\"\") }", GRAPHQL_NONE },

  { "nothing", "", GRAPHQL_NONE },
  { "blanks and a comment", " \t\r\n, # a", GRAPHQL_NONE },
  { "a word", "query", GRAPHQL_NONE },
  { "capitals", "Query { a }", GRAPHQL_NONE },
  { "what is not closed", "query { a { b }", GRAPHQL_NONE },
  { "what is closed twice", "query { a } }", GRAPHQL_NONE },
  { "brackets that do not fit", "{ a(b: [1) ] }", GRAPHQL_NONE },
  { "two names", "query A B { a }", GRAPHQL_NONE },
  { "variables twice", "query ($a: Int) ($b: Int) { a }", GRAPHQL_NONE },
  { "a directive without a name", "query @ { a }", GRAPHQL_NONE },
  { "a type", "type A { b: Int } { a }", GRAPHQL_NONE },
  { "a schema", "extend type Query { b: Int } query { a }", GRAPHQL_NONE },
  { "a description", "\"x\" query { a }", GRAPHQL_NONE },
  { "a character that is no token", "{ a; b }", GRAPHQL_NONE },
  { "two dots", "{ ..F }", GRAPHQL_NONE },
  { "a NUL escape as text is only text", "{ a(b: \"\\u0000\") }", GRAPHQL_QUERY },
  { "a control character", "{ a \x01 }", GRAPHQL_NONE },
  { "a byte order mark", "\xef\xbb\xbf{ a }", GRAPHQL_NONE },
  { "what is not UTF-8", "{ a(b: \"\xff\") }", GRAPHQL_NONE },
  { "a number that runs into a name", "{ a(b: 1x) }", GRAPHQL_NONE },
  { "numbers", "{ a(b: -1.5e+3, c: 0) }", GRAPHQL_QUERY },
};
/* clang-format on */

static void
test_document (gconstpointer data)
{
  const GraphqlCase *row = data;
  for (GraphqlType type = GRAPHQL_NONE; type <= GRAPHQL_SUBSCRIPTION; type++)
    g_assert_cmpint (service_graphql_document (row->document, type), ==,
                     type != GRAPHQL_NONE && type == row->type);
}

static void
test_depth (void)
{
  for (guint depth = 128; depth <= 129; depth++)
    {
      g_autofree char *open = g_strnfill (depth, '{');
      g_autofree char *close = g_strnfill (depth, '}');
      g_autofree char *document = g_strconcat (open, close, NULL);
      g_assert_cmpint (service_graphql_document (document, GRAPHQL_QUERY), ==, depth == 128);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/service/graphql/", cases, test_document);
  g_test_add_func ("/service/graphql/what is nested too deep is not read", test_depth);
  return g_test_run ();
}
