/* SPDX-License-Identifier: MIT
 *
 * Of which era a message is: a row for each rule, and one for each two neighbours that both apply,
 * where the earlier must win.
 */
#include "mcp/wire/mcp-era.h"
#include "tests/unit/table.h"

#include <string.h>

#define STDIO NULL
#define HTTP(version, method, name)                                                                \
  &(const McpHeaders)                                                                              \
  {                                                                                                \
    version, method, name, NULL, NULL                                                              \
  }

#define NEW "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\""
#define CAN "\"io.modelcontextprotocol/clientCapabilities\":{}"
#define HEAD "\"_meta\":{" NEW "," CAN "}"
#define SAYS(version) "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":" version "," CAN "}"
#define ASK(method, params)                                                                        \
  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":{" params "}}"
#define BARE(method) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\"}"
#define TELL(method, params)                                                                       \
  "{\"jsonrpc\":\"2.0\",\"method\":\"" method "\",\"params\":{" params "}}"
#define INITIALIZE(params) ASK ("initialize", "\"protocolVersion\":\"2025-11-25\"" params)
#define CALL(more) ASK ("tools/call", "\"name\":\"t\"" more)

#define NONE MCP_VERSION_NONE
#define OLD MCP_VERSION_2025_11_25
#define BATCHING MCP_VERSION_2025_03_26
#define MODERN MCP_VERSION_2026_07_28

#define IS_LEGACY(version)                                                                         \
  {                                                                                                \
    MCP_ERA_LEGACY, version, 0, 0                                                                  \
  }
#define IS_MODERN                                                                                  \
  {                                                                                                \
    MCP_ERA_MODERN, MODERN, 0, 0                                                                   \
  }
#define NOT(code, status)                                                                          \
  {                                                                                                \
    MCP_ERA_REFUSED, NONE, code, status                                                            \
  }

static const struct
{
  const char *sentence;
  const McpHeaders *headers;
  McpVersion settled;
  const char *message;
  struct
  {
    McpEra era;
    McpVersion version;
    int code;
    guint status;
  } verdict;
} rows[] = {
  /* (1) shape */
  { "an empty batch is refused", STDIO, NONE, "[]", NOT (MCP_INVALID_REQUEST, 400) },
  { "a batch with a head of the later era is refused", STDIO, BATCHING,
    "[" BARE ("ping") "," ASK ("tools/list", HEAD) "]", NOT (MCP_INVALID_REQUEST, 400) },
  { "a batch with half a head of it is refused too", STDIO, BATCHING,
    "[" ASK ("tools/list", SAYS ("1")) "]", NOT (MCP_INVALID_REQUEST, 400) },
  { "a batch under a header of the later era is refused", HTTP ("2026-07-28", NULL, NULL), NONE,
    "[" BARE ("ping") "]", NOT (MCP_INVALID_REQUEST, 400) },
  { "another batch is of the era with a handshake", STDIO, BATCHING, "[" BARE ("ping") "]",
    IS_LEGACY (BATCHING) },
  { "a batch over HTTP is of the version that the header says", HTTP ("2025-03-26", NULL, NULL),
    NONE, "[" BARE ("ping") "]", IS_LEGACY (BATCHING) },
  { "what is no object is refused", STDIO, NONE, "1", NOT (MCP_INVALID_REQUEST, 400) },
  { "a null id is refused", STDIO, NONE, "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}",
    NOT (MCP_INVALID_REQUEST, 400) },
  { "a bad shape wins over initialize under a wrong header", HTTP ("2026-07-28", NULL, NULL), NONE,
    "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"initialize\"}", NOT (MCP_INVALID_REQUEST, 400) },

  /* (2) initialize */
  { "initialize is of the era with a handshake", STDIO, NONE, INITIALIZE (""), IS_LEGACY (NONE) },
  { "the same over HTTP, where no header is sent yet", HTTP (NULL, NULL, NULL), NONE,
    INITIALIZE (""), IS_LEGACY (NONE) },
  { "initialize with a header of its own era", HTTP ("2025-11-25", NULL, NULL), NONE,
    INITIALIZE (""), IS_LEGACY (NONE) },
  { "initialize with a header of the later era is refused", HTTP ("2026-07-28", NULL, NULL), NONE,
    INITIALIZE (""), NOT (MCP_HEADER_MISMATCH, 400) },
  { "initialize wins over half a claim", STDIO, NONE, INITIALIZE (",\"_meta\":{" NEW "}"),
    IS_LEGACY (NONE) },
  { "initialize wins over a claim of an unknown version", STDIO, NONE,
    INITIALIZE ("," SAYS ("\"2099-01-01\"")), IS_LEGACY (NONE) },
  { "a whole claim wins over initialize, which its era does not have", STDIO, NONE,
    INITIALIZE ("," HEAD), NOT (MCP_METHOD_NOT_FOUND, 404) },

  /* (3) the claim */
  { "a claim is of the later era", STDIO, NONE, ASK ("tools/list", HEAD), IS_MODERN },
  { "with the headers that repeat it", HTTP ("2026-07-28", "tools/list", NULL), NONE,
    ASK ("tools/list", HEAD), IS_MODERN },
  { "who says no version in words is refused", STDIO, NONE, ASK ("tools/list", SAYS ("1")),
    NOT (MCP_INVALID_PARAMS, 400) },
  { "without capabilities it is refused", STDIO, NONE, ASK ("tools/list", "\"_meta\":{" NEW "}"),
    NOT (MCP_INVALID_PARAMS, 400) },
  { "capabilities that are no object are refused", STDIO, NONE,
    ASK ("tools/list", "\"_meta\":{" NEW ",\"io.modelcontextprotocol/clientCapabilities\":[]}"),
    NOT (MCP_INVALID_PARAMS, 400) },
  { "a level that is none is refused", STDIO, NONE,
    ASK ("tools/list", "\"_meta\":{" NEW "," CAN ",\"io.modelcontextprotocol/logLevel\":\"loud\"}"),
    NOT (MCP_INVALID_PARAMS, 400) },
  { "nobody needs to say who they are", STDIO, NONE, ASK ("tools/list", HEAD), IS_MODERN },
  { "an incomplete head wins over a header that differs", HTTP ("2025-11-25", "tools/list", NULL),
    NONE, ASK ("tools/list", "\"_meta\":{" NEW "}"), NOT (MCP_INVALID_PARAMS, 400) },
  { "no header is refused", HTTP (NULL, "tools/list", NULL), NONE, ASK ("tools/list", HEAD),
    NOT (MCP_HEADER_MISMATCH, 400) },
  { "a header that says another version is refused", HTTP ("2025-11-25", "tools/list", NULL), NONE,
    ASK ("tools/list", HEAD), NOT (MCP_HEADER_MISMATCH, 400) },
  { "no header of the method is refused", HTTP ("2026-07-28", NULL, NULL), NONE,
    ASK ("tools/list", HEAD), NOT (MCP_HEADER_MISMATCH, 400) },
  { "a header that says another method is refused", HTTP ("2026-07-28", "tools/call", NULL), NONE,
    ASK ("tools/list", HEAD), NOT (MCP_HEADER_MISMATCH, 400) },
  { "a method's case counts", HTTP ("2026-07-28", "Tools/List", NULL), NONE,
    ASK ("tools/list", HEAD), NOT (MCP_HEADER_MISMATCH, 400) },
  { "no header of the tool is refused", HTTP ("2026-07-28", "tools/call", NULL), NONE,
    CALL ("," HEAD), NOT (MCP_HEADER_MISMATCH, 400) },
  { "a header that says another tool is refused", HTTP ("2026-07-28", "tools/call", "u"), NONE,
    CALL ("," HEAD), NOT (MCP_HEADER_MISMATCH, 400) },
  { "a header that says the tool", HTTP ("2026-07-28", "tools/call", "t"), NONE, CALL ("," HEAD),
    IS_MODERN },
  { "a header that says it encoded", HTTP ("2026-07-28", "tools/call", "=?base64?dA==?="), NONE,
    CALL ("," HEAD), IS_MODERN },
  { "one that is encoded wrongly is refused", HTTP ("2026-07-28", "tools/call", "=?base64?dA?="),
    NONE, CALL ("," HEAD), NOT (MCP_HEADER_MISMATCH, 400) },
  { "one with what base64 does not have is refused",
    HTTP ("2026-07-28", "tools/call", "=?base64?d!==?="), NONE, CALL ("," HEAD),
    NOT (MCP_HEADER_MISMATCH, 400) },
  { "a resource is named by its URI", HTTP ("2026-07-28", "resources/read", "a:b"), NONE,
    ASK ("resources/read", "\"uri\":\"a:b\"," HEAD), IS_MODERN },
  { "a task is named by its id", HTTP ("2026-07-28", "tasks/get", "x"), NONE,
    ASK ("tasks/get", "\"taskId\":\"y\"," HEAD), NOT (MCP_HEADER_MISMATCH, 400) },
  { "what names nothing has no name to repeat", HTTP ("2026-07-28", "tools/list", "t"), NONE,
    ASK ("tools/list", HEAD), IS_MODERN },
  { "a header that differs wins over an unknown version", HTTP ("2026-07-28", "tools/list", NULL),
    NONE, ASK ("tools/list", SAYS ("\"2099-01-01\"")), NOT (MCP_HEADER_MISMATCH, 400) },
  { "an unknown version is refused", STDIO, NONE, ASK ("tools/list", SAYS ("\"2099-01-01\"")),
    NOT (MCP_UNSUPPORTED_VERSION, 400) },
  { "the same over HTTP, when the header agrees", HTTP ("2099-01-01", "tools/list", NULL), NONE,
    ASK ("tools/list", SAYS ("\"2099-01-01\"")), NOT (MCP_UNSUPPORTED_VERSION, 400) },
  { "a version that has a handshake is not to be claimed", STDIO, NONE,
    ASK ("tools/list", SAYS ("\"2025-11-25\"")), NOT (MCP_UNSUPPORTED_VERSION, 400) },
  { "an unknown version wins over a method that its era does not have", STDIO, NONE,
    ASK ("ping", SAYS ("\"2099-01-01\"")), NOT (MCP_UNSUPPORTED_VERSION, 400) },
  { "ping is not of the later era", STDIO, NONE, ASK ("ping", HEAD),
    NOT (MCP_METHOD_NOT_FOUND, 404) },
  { "nor is subscribing", STDIO, NONE, ASK ("resources/subscribe", HEAD),
    NOT (MCP_METHOD_NOT_FOUND, 404) },
  { "nor a level for all", STDIO, NONE, ASK ("logging/setLevel", HEAD),
    NOT (MCP_METHOD_NOT_FOUND, 404) },
  { "nor the result of a task", STDIO, NONE, ASK ("tasks/result", HEAD),
    NOT (MCP_METHOD_NOT_FOUND, 404) },
  { "nor a list of tasks", STDIO, NONE, ASK ("tasks/list", HEAD), NOT (MCP_METHOD_NOT_FOUND, 404) },
  { "a claim wins over a header of the era with a handshake", HTTP ("2025-11-25", NULL, NULL), NONE,
    ASK ("tools/list", HEAD), NOT (MCP_HEADER_MISMATCH, 400) },

  /* (4) a header of the later era alone */
  { "its header without a claim is refused", HTTP ("2026-07-28", "tools/list", NULL), NONE,
    BARE ("tools/list"), NOT (MCP_INVALID_PARAMS, 400) },
  { "the same when there is a _meta without it", HTTP ("2026-07-28", "tools/list", NULL), NONE,
    ASK ("tools/list", "\"_meta\":{" CAN "}"), NOT (MCP_INVALID_PARAMS, 400) },
  { "it wins over a session that has shaken hands", HTTP ("2026-07-28", "tools/list", NULL), OLD,
    BARE ("tools/list"), NOT (MCP_INVALID_PARAMS, 400) },

  /* (5) all else */
  { "without claim and header it is the oldest that HTTP has", HTTP (NULL, NULL, NULL), NONE,
    BARE ("tools/list"), IS_LEGACY (BATCHING) },
  { "a header says which version", HTTP ("2025-06-18", NULL, NULL), NONE, BARE ("tools/list"),
    IS_LEGACY (MCP_VERSION_2025_06_18) },
  { "a header that says an unknown version is refused", HTTP ("1999-01-01", NULL, NULL), NONE,
    BARE ("tools/list"), NOT (MCP_INVALID_REQUEST, 400) },
  { "headers of the later era mean nothing in the earlier", HTTP ("2025-11-25", "other", "other"),
    NONE, BARE ("tools/list"), IS_LEGACY (OLD) },
  { "on stdio, before anything is agreed on", STDIO, NONE, BARE ("ping"), IS_LEGACY (NONE) },

  /* stdio: what comes first chooses */
  { "after a handshake a claim changes nothing", STDIO, OLD, ASK ("tools/list", HEAD),
    IS_LEGACY (OLD) },
  { "nor does a claim of an unknown version", STDIO, OLD,
    ASK ("tools/list", SAYS ("\"2099-01-01\"")), IS_LEGACY (OLD) },
  { "without a handshake, initialize comes too late", STDIO, MODERN, INITIALIZE (""),
    NOT (MCP_UNSUPPORTED_VERSION, 400) },
  { "without a handshake, each request needs its claim", STDIO, MODERN, BARE ("tools/list"),
    NOT (MCP_INVALID_PARAMS, 400) },
  { "over HTTP a handshake chooses for nobody else", HTTP ("2026-07-28", "tools/list", NULL), OLD,
    ASK ("tools/list", HEAD), IS_MODERN },

  /* Notifications and answers */
  { "a notification needs no claim", STDIO, MODERN, TELL ("notifications/cancelled", ""),
    IS_MODERN },
  { "over HTTP its header says the era", HTTP ("2026-07-28", NULL, NULL), NONE,
    TELL ("notifications/cancelled", ""), IS_MODERN },
  { "a notification's header of another method is refused", HTTP ("2026-07-28", "x", NULL), NONE,
    TELL ("notifications/cancelled", ""), NOT (MCP_HEADER_MISMATCH, 400) },
  { "a notification's claim must be what its header says", HTTP ("2025-11-25", NULL, NULL), NONE,
    TELL ("notifications/cancelled", HEAD), NOT (MCP_HEADER_MISMATCH, 400) },
  { "a notification of the era with a handshake", HTTP ("2025-11-25", NULL, NULL), NONE,
    TELL ("notifications/initialized", ""), IS_LEGACY (OLD) },
  { "an answer is of the era with a handshake", HTTP (NULL, NULL, NULL), NONE,
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", IS_LEGACY (BATCHING) },
  { "an answer is refused in the later era", HTTP ("2026-07-28", NULL, NULL), NONE,
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", NOT (MCP_INVALID_REQUEST, 400) },
};

static void
test_row (gconstpointer data)
{
  const typeof (rows[0]) *row = data;
  g_autoptr (json_t) message = json_loads (row->message, JSON_DECODE_ANY, NULL);

  g_assert_nonnull (message);
  McpEraVerdict verdict = mcp_era_choose (message, row->headers, row->settled);
  g_assert_cmpint (verdict.era, ==, row->verdict.era);
  g_assert_cmpint (verdict.version, ==, row->verdict.version);
  g_assert_cmpint (verdict.code, ==, row->verdict.code);
  g_assert_cmpuint (verdict.status, ==, row->verdict.status);
  g_assert_true ((verdict.message != NULL) == (verdict.era == MCP_ERA_REFUSED));
}

/* A row that says twice the same would hide one that is missing. */
static void
test_no_row_twice (void)
{
  g_autoptr (GHashTable) sentences = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_true (g_hash_table_add (sentences, (gpointer) rows[i].sentence));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  wire_init ();
  ADD_TABLE ("/mcp-era/", rows, test_row)
  g_test_add_func ("/mcp-era/each row has a sentence of its own", test_no_row_twice);
  return g_test_run ();
}
