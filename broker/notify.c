/* SPDX-License-Identifier: MIT */
#include "broker/notify.h"

static json_t *
held_message (const Request *request)
{
  return json_pack ("{s:s, s:s, s:{s:s, s:s}}", "jsonrpc", "2.0", "method", "held", "params",
                    "request_id", request->id, "card", request->card);
}

void
notify_one_held (Conn *conn, const Request *request)
{
  g_autoptr (json_t) message = held_message (request);
  conn_send (conn, message, -1);
}

static void
tell_all (Vault *vault, const json_t *message)
{
  for (guint i = 0; i < vault->subscribers->len; i++)
    conn_send (g_ptr_array_index (vault->subscribers, i), message, -1);
}

void
notify_held (Vault *vault, const Request *request)
{
  if (vault->subscribers->len == 0)
    return;
  g_autoptr (json_t) message = held_message (request);
  tell_all (vault, message);
}

void
notify_closed (Vault *vault, const Request *request)
{
  if (vault->subscribers->len == 0)
    return;
  g_autoptr (json_t) message = json_pack ("{s:s, s:s, s:{s:s, s:s, s:s*}}", "jsonrpc", "2.0",
                                          "method", "closed", "params", "request_id", request->id,
                                          "status", request_status (request), "by", request->by);
  tell_all (vault, message);
}
