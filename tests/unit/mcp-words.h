/* SPDX-License-Identifier: MIT
 *
 * What clients and servers say to each other, to the letter; the server is called "tried".
 */
#pragma once

#define KEY(name) "\"io.modelcontextprotocol/" name "\""
#define META_WITH(capabilities, more)                                                              \
  "\"_meta\":{" KEY ("protocolVersion") ":\"2026-07-28\"," KEY (                                   \
      "clientCapabilities") ":" capabilities more "}"
#define META META_WITH ("{}", "")
#define TASKS META_WITH ("{\"extensions\":{" KEY ("tasks") ":{}}}", "")
#define ASK_ID(id, method, params)                                                                 \
  "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" method "\",\"params\":{" params "}}"
#define ASK(method, params) ASK_ID ("1", method, params)
#define TOOL_ID(id, name) ASK_ID (id, "tools/call", "\"name\":\"" name "\"," META)
#define TOOL(name, more) ASK ("tools/call", "\"name\":\"" name "\"," more)
#define INFO KEY ("serverInfo") ":{\"name\":\"tried\",\"version\":\"1\",\"title\":\"Tried\"}"
#define STAMP "\"_meta\":{" INFO "},\"resultType\":\"complete\""
/* Written by hand, so in another order. */
#define STAMP_HAND "\"resultType\":\"complete\",\"_meta\":{" INFO "}"
#define KEPT ",\"ttlMs\":0,\"cacheScope\":\"private\""
#define RESULT_ID(id, result) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{" result "}}"
#define RESULT(result) RESULT_ID ("1", result)
#define ERROR_DATA(code, message, data)                                                            \
  "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":" code ",\"message\":\"" message "\"" data "}}"
#define ERROR(code, message) ERROR_DATA (code, message, "")
#define TELL(method, params)                                                                       \
  "{\"jsonrpc\":\"2.0\",\"method\":\"" method "\",\"params\":{" params "}}"
#define TEXT(text) "\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]"
#define OK_ID(id) RESULT_ID (id, TEXT ("{}") ",\"isError\":false," STAMP_HAND)
