/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-fault.h"

#define OK 200
#define BAD_REQUEST 400
#define NOT_FOUND 404

static const struct
{
  int code;
  guint legacy, modern;
} statuses[] = {
  { MCP_PARSE_ERROR, BAD_REQUEST, BAD_REQUEST },
  { MCP_INVALID_REQUEST, BAD_REQUEST, BAD_REQUEST },
  { MCP_METHOD_NOT_FOUND, OK, NOT_FOUND },
  { MCP_HEADER_MISMATCH, BAD_REQUEST, BAD_REQUEST },
  { MCP_MISSING_CAPABILITY, BAD_REQUEST, BAD_REQUEST },
  { MCP_UNSUPPORTED_VERSION, BAD_REQUEST, BAD_REQUEST },
};

guint
mcp_fault_status (int code, McpVersion version)
{
  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (statuses[i].code == code)
      return mcp_version_is_modern (version) ? statuses[i].modern : statuses[i].legacy;
  return OK;
}
