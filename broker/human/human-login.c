/* SPDX-License-Identifier: MIT
 *
 * Logins, as a person begins and ends them.
 */
#include <string.h>

#include "broker/base/text.h"
#include "broker/human/human.h"
#include "broker/human/notify.h"
#include "broker/login/flow.h"
#include "broker/login/logout.h"
#include "broker/record.h"

/* ---- login_start ---- */

/* A login that a person waits for at one connection. */
struct _HumanLogin
{
  Human *human;
  Flow *flow;
  char *id, *secret;
};

static void
human_login_free (HumanLogin *login)
{
  g_ptr_array_remove (login->human->logins, login);
  human_unref (login->human);
  g_free (login->id);
  g_free (login->secret);
  g_free (login);
}

void
human_logins_end (Human *human)
{
  while (human->logins->len > 0)
    {
      HumanLogin *login = g_ptr_array_index (human->logins, 0);
      flow_cancel (login->flow);
      human_login_free (login);
    }
}

static AuditRecord *
on_record (gpointer data, const char *event)
{
  const HumanLogin *login = data;
  const Conn *conn = login->human->conn;

  return record_human (login->human->vault, event, conn != NULL ? conn_peer (conn) : NULL);
}

static void
tell (const HumanLogin *login, const char *method, json_t *params)
{
  g_autoptr (json_t) message = notify_message (method, params);

  json_object_set_new (params, "login_id", json_string (login->id));
  if (login->human->conn != NULL)
    conn_send (login->human->conn, message, -1);
}

static gboolean
on_browse (gpointer data, const FlowBrowse *browse)
{
  tell (data, "browse", notify_browse_params (browse));
  return TRUE;
}

static void
on_login_done (gpointer data, const FlowOutcome *outcome)
{
  HumanLogin *login = data;
  json_t *params = json_pack ("{s:b, s:s}", "ok", outcome->ok, "message", outcome->message);

  if (outcome->ok)
    {
      json_object_set_new (params, "secret", json_string (login->secret));
      json_object_set_new (params, "scope", json_string (outcome->scope));
      json_object_set_new (params, "refreshes", json_boolean (outcome->refreshes));
    }
  else
    json_object_set_new (params, "code", json_string (outcome->code));
  if (outcome->expires_in > 0)
    json_object_set_new (params, "expires_in", json_integer (outcome->expires_in));
  tell (login, "login_done", params);
  human_login_free (login);
}

static void
refuse (Human *human, const RpcCall *rpc, const GError *error)
{
  static const char *const fields[] = { [LOGIN_ERROR_NOT_CONFIGURED] = "provider",
                                        [LOGIN_ERROR_SCOPE] = "scopes",
                                        [LOGIN_ERROR_NAME] = "secret",
                                        [LOGIN_ERROR_SECRET] = "secret" };
  const char *field = fields[error->code];
  g_autofree char *named = g_strdup_printf ("%s: ", field);
  g_autofree char *message = g_str_has_prefix (error->message, named)
                                 ? g_strdup (error->message)
                                 : g_strconcat (named, error->message, NULL);

  rpc_refuse (human->conn, rpc->id,
              error->code == LOGIN_ERROR_SECRET           ? RPC_EXISTS
              : error->code == LOGIN_ERROR_NOT_CONFIGURED ? RPC_NOT_FOUND
                                                          : RPC_PARAMS,
              message, json_pack ("{s:s}", "field", field));
}

/* FALSE: answered. */
static gboolean
read_method (Human *human, const RpcCall *rpc, gboolean *device)
{
  const char *method = wire_string (rpc->params, "method");

  *device = g_strcmp0 (method, "device") == 0;
  if (method == NULL || *device || strcmp (method, "browser") == 0)
    return TRUE;
  rpc_refuse (human->conn, rpc->id, RPC_PARAMS, "method: must be browser or device",
              json_pack ("{s:s}", "field", "method"));
  return FALSE;
}

void
human_login_start (Human *human, const RpcCall *rpc)
{
  static const FlowEvents events = { on_record, on_browse, on_login_done };
  const json_t *named = json_object_get (rpc->params, "scopes");
  g_auto (GStrv) scopes = named != NULL ? wire_texts (named) : NULL; /* NULL: all */
  g_autoptr (GError) error = NULL;
  const Provider *provider
      = flow_provider (human->vault, wire_string (rpc->params, "provider"), &error);
  FlowAsk ask = { .scopes = (const char *const *) scopes };

  if (!read_method (human, rpc, &ask.device))
    return;
  if (provider == NULL)
    {
      refuse (human, rpc, error);
      return;
    }
  const char *name = wire_string (rpc->params, "secret");
  HumanLogin *login = g_new0 (HumanLogin, 1);
  login->secret
      = name != NULL ? g_strdup (name) : g_strconcat (provider_name (provider), "-token", NULL);
  login->human = human_ref (human);
  g_ptr_array_add (human->logins, login);
  ask.provider = provider_name (provider);
  ask.secret = login->secret;
  login->flow = flow_begin (human->vault, &ask, &events, login, &error);
  if (login->flow == NULL)
    {
      refuse (human, rpc, error);
      human_login_free (login);
      return;
    }
  login->id = g_strdup (flow_id (login->flow));
  rpc_answer (human->conn, rpc->id, json_pack ("{s:s}", "login_id", login->id), -1);
}

/* ---- login_list ---- */

void
human_login_list (Human *human, const RpcCall *rpc)
{
  rpc_answer (human->conn, rpc->id,
              json_pack ("{s:o}", "logins", logins_describe (human->vault->logins)), -1);
}

/* ---- logout ---- */

static void
on_logged_out (gpointer data, gboolean revoked, const char *message, const GError *error)
{
  HumanCall *call = data;

  if (error != NULL)
    human_call_refuse (call, error);
  else
    human_call_answer (call, json_pack ("{s:b, s:s}", "revoked", revoked, "message", message), -1);
}

static void
on_recorded (gpointer data, const GError *error)
{
  HumanCall *call = data;
  Vault *vault = call->human->vault;
  g_autoptr (GError) gone = NULL;

  if (error == NULL && !login_is_one (vault, call->name))
    gone = g_error_new (STORE_ERROR, STORE_ERROR_NO_SECRET, "the login has ended meanwhile");
  if (error != NULL || gone != NULL)
    human_call_refuse (call, error != NULL ? error : gone);
  else
    logout_begin (vault, call->name, on_logged_out, call);
}

void
human_logout (Human *human, const RpcCall *rpc)
{
  Vault *vault = human->vault;
  const char *secret = wire_string (rpc->params, "secret");

  if (!login_is_one (vault, secret))
    {
      rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND, "secret: it is of no login",
                  json_pack ("{s:s}", "field", "secret"));
      return;
    }
  AuditRecord *record = record_human (vault, "logout", conn_peer (human->conn));
  audit_record_name (record, "resource", secret);
  audit_record_string (record, "provider", login_provider (vault, secret));
  audit_append (vault->audit, record, AUDIT_SYNCED, on_recorded,
                human_call_new (human, rpc->id, secret));
}
