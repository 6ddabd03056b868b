/* SPDX-License-Identifier: MIT */
#include "broker/human/notify.h"

#include "broker/base/text.h"
#include "broker/human/approver.h"
#include "broker/human/human.h"
#include "broker/operation/operation.h"
#include "broker/request/attention.h"

json_t *
notify_message (const char *method, json_t *params)
{
  return json_pack ("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params);
}

static json_t *
held_message (const Request *request)
{
  return notify_message (
      "held", json_pack ("{s:s, s:s}", "request_id", request->id, "card", request->card));
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

static gboolean
dialog_follows (const Vault *vault)
{
  for (guint i = 0; i < vault->subscribers->len; i++)
    {
      const Human *human = g_ptr_array_index (vault->subscribers, i);
      if (human->conn != NULL && human->spawned)
        return TRUE;
    }
  return FALSE;
}

void
notify_told (const Request *request, const char *what)
{
  Vault *vault = request->vault;
  guint more;

  if (!attention_may_tell (vault->attention, request, &more))
    return;
  json_t *params = json_pack ("{s:s, s:s, s:s, s:s, s:s*, s:s, s:i}", "request_id", request->id,
                              "what", what, "who", request->requester->name, "operation",
                              operation_name (request->row->operation), "resource",
                              request->resource, "rule", request->ruling, "more", (int) more);
  if (!requester_is_subject (request->requester))
    json_object_set_new (params, "pid", json_integer (process_pid (request->requester->process)));
  json_t *message = notify_message ("told", params);
  if (!dialog_follows (vault))
    approver_owe (vault->approver, json_incref (message));
  tell (vault, TRUE, message);
}

void
notify_closed (Vault *vault, const Request *request)
{
  if (vault->subscribers->len > 0)
    tell (vault, TRUE,
          notify_message ("closed",
                          json_pack ("{s:s, s:s, s:s*}", "request_id", request->id, "status",
                                     request_status (request), "by", request->by)));
}

static json_t *
count_message (const Vault *vault)
{
  return notify_message (
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
          = notify_message ("state", json_pack ("{s:s}", "state", vault_state_name (vault->state)));
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

/* ---- what is to be opened in a browser ---- */

json_t *
notify_browse_params (const FlowBrowse *browse)
{
  g_autofree char *expires = text_format_time (browse->expires_at * G_USEC_PER_SEC);

  return json_pack ("{s:s, s:s, s:s*, s:s}", "provider", browse->provider, "url", browse->url,
                    "user_code", browse->user_code, "expires_at", expires);
}

static gboolean
is_approver (const Human *human, const Request *request)
{
  return human->number == request->approver;
}

static gboolean
is_dialog (const Human *human, const Request *request)
{
  return human->spawned;
}

static gboolean
is_any (const Human *human, const Request *request)
{
  return TRUE;
}

/* To those of the first kind of which there are some: what opens a page at the person's is not for
 * everybody who looks on. @over: whoever had it open may hear that it is, also when locked. */
static gboolean
tell_first (const Request *request, json_t *message, gboolean over)
{
  static gboolean (*const kinds[]) (const Human *, const Request *)
      = { is_approver, is_dialog, is_any };
  const GPtrArray *all = request->vault->subscribers;
  gboolean told = FALSE;

  for (gsize kind = 0; !told && kind < G_N_ELEMENTS (kinds); kind++)
    for (guint i = 0; i < all->len; i++)
      {
        const Human *human = g_ptr_array_index (all, i);
        gboolean may = human_reads_cards (human) || (over && kinds[kind] != is_any);
        if (human->conn == NULL || !may || !kinds[kind](human, request))
          continue;
        conn_send (human->conn, message, -1);
        told = TRUE;
      }
  return told;
}

gboolean
notify_browse (const Request *request, const FlowBrowse *browse)
{
  json_t *params = notify_browse_params (browse);
  g_autoptr (json_t) message = notify_message ("browse", params);

  json_object_set_new (params, "request_id", json_string (request->id));
  return tell_first (request, message, FALSE);
}

void
notify_browse_over (const Request *request, gboolean ok, const char *message)
{
  g_autoptr (json_t) over
      = notify_message ("browse_over", json_pack ("{s:s, s:b, s:s}", "request_id", request->id,
                                                  "ok", ok, "message", message));
  tell_first (request, over, TRUE);
}
