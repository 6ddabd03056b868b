/* SPDX-License-Identifier: MIT */
#include "broker/human/notify.h"

#include "broker/human/approver.h"
#include "broker/human/human.h"

/* Takes @params. */
static json_t *
notification (const char *method, json_t *params)
{
  return json_pack ("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params);
}

static json_t *
held_message (const Request *request)
{
  return notification ("held",
                       json_pack ("{s:s, s:s}", "request_id", request->id, "card", request->card));
}

void
notify_one_held (Conn *conn, const Request *request)
{
  g_autoptr (json_t) message = held_message (request);
  conn_send (conn, message, -1);
}

/* To those who may read cards, or to the others. Takes @message. */
static void
tell (Vault *vault, gboolean readers, json_t *message)
{
  for (guint i = 0; i < vault->subscribers->len; i++)
    {
      const Human *human = g_ptr_array_index (vault->subscribers, i);
      if (human->conn != NULL && human_reads_cards (human) == readers)
        conn_send (human->conn, message, -1);
    }
  json_decref (message);
}

void
notify_held (Vault *vault, const Request *request)
{
  if (vault->subscribers->len > 0)
    tell (vault, TRUE, held_message (request));
  approver_wanted (vault->approver);
}

void
notify_closed (Vault *vault, const Request *request)
{
  if (vault->subscribers->len > 0)
    tell (
        vault, TRUE,
        notification ("closed", json_pack ("{s:s, s:s, s:s*}", "request_id", request->id, "status",
                                           request_status (request), "by", request->by)));
}

static json_t *
count_message (const Vault *vault)
{
  return notification (
      "waiting", json_pack ("{s:I}", "held", (json_int_t) requests_count_held (vault->requests)));
}

void
notify_count (Vault *vault)
{
  if (vault->subscribers->len > 0)
    tell (vault, FALSE, count_message (vault));
}

void
notify_state (Vault *vault)
{
  for (guint i = 0; i < vault->subscribers->len; i++)
    {
      const Human *human = g_ptr_array_index (vault->subscribers, i);
      g_autoptr (json_t) message
          = notification ("state", json_pack ("{s:s}", "state", vault_state_name (vault->state)));
      if (human->conn != NULL)
        conn_send (human->conn, message, -1);
    }
}

void
notify_one_count (Vault *vault, Conn *conn)
{
  g_autoptr (json_t) message = count_message (vault);
  conn_send (conn, message, -1);
}
