/* SPDX-License-Identifier: MIT */
#include "broker/human/human.h"

#include <string.h>
#include <unistd.h>

#include "broker/base/text.h"
#include "broker/caller/bearers.h"
#include "broker/human/pin.h"
#include "broker/request/attention.h"
#include "broker/serve/server.h"
#include "broker/token/token-jwt.h"

typedef enum
{
  CLASS_WIDENING = 0, /* the PIN in this very call */
  CLASS_READING,      /* a connection opened with the PIN */
  CLASS_CARDS,        /* the same, or the dialog program's */
  CLASS_NARROWING     /* nothing; recorded with its caller */
} Class;

#define PAGE_BYTES (512 * 1024) /* of a list, before the next page begins */
#define PIN_FIELD                                                                                  \
  {                                                                                                \
    "pin", WIRE_STRING, FALSE, 1, PIN_MAX, NULL                                                    \
  }
#define NAME_FIELD                                                                                 \
  {                                                                                                \
    "name", WIRE_STRING, TRUE, 1, TEXT_NAME_MAX, NULL                                              \
  }
#define SKIP_FIELD                                                                                 \
  {                                                                                                \
    "skip", WIRE_INTEGER, FALSE, 0, G_MAXINT32, NULL                                               \
  }
#define MODE_FIELD                                                                                 \
  {                                                                                                \
    "mode", WIRE_STRING, FALSE, 1, 8, NULL                                                         \
  }
#define FIELDS(...)                                                                                \
  (const WireField[]){ __VA_ARGS__ }, G_N_ELEMENTS (((const WireField[]){ __VA_ARGS__ }))

/* ---- calls that are answered later ---- */

Human *
human_ref (Human *self)
{
  self->refs++;
  return self;
}

void
human_unref (Human *self)
{
  if (--self->refs > 0)
    return;
  key_challenge_free (self->challenge);
  g_ptr_array_unref (self->logins);
  g_free (self);
}

HumanCall *
human_call_new (Human *human, const json_t *id, const char *name)
{
  HumanCall *call = g_new0 (HumanCall, 1);
  call->human = human_ref (human);
  call->id = json_incref ((json_t *) id);
  call->name = g_strdup (name);
  return call;
}

void
human_call_free (HumanCall *call)
{
  human_unref (call->human);
  json_decref (call->id);
  g_free (call->name);
  g_free (call);
}

void
human_call_answer (HumanCall *call, json_t *result, int fd)
{
  if (call->human->conn != NULL)
    rpc_answer (call->human->conn, call->id, result, fd);
  else
    {
      json_decref (result);
      if (fd >= 0)
        close (fd);
    }
  human_call_free (call);
}

void
human_call_refuse (HumanCall *call, const GError *error)
{
  if (call->human->conn != NULL)
    rpc_refuse_error (call->human->conn, call->id, error);
  human_call_free (call);
}

/* ---- pages ---- */

void
human_answer_page (Human *human, const RpcCall *rpc, const char *key, GPtrArray *list,
                   json_t *(*item) (gconstpointer item))
{
  gsize at = wire_integer (rpc->params, "skip", 0), size = 0;
  json_t *page = json_array ();

  for (; at < list->len && size < PAGE_BYTES; at++)
    {
      json_t *one = item (g_ptr_array_index (list, at));
      size += json_dumpb (one, NULL, 0, JSON_COMPACT);
      json_array_append_new (page, one);
    }
  json_t *result = json_pack ("{s:o}", key, page);
  if (at < list->len)
    json_object_set_new (result, "next", json_integer (at));
  rpc_answer (human->conn, rpc->id, result, -1);
}

/* ---- the PIN ---- */

static gboolean
try_pin (Human *human, const RpcCall *rpc, const char *pin)
{
  g_autoptr (GError) error = NULL;
  gint64 wait = 0;

  if (human->vault->state != VAULT_UNLOCKED)
    {
      rpc_refuse (human->conn, rpc->id, RPC_LOCKED, "the broker is locked: `countersign unlock`",
                  NULL);
      return FALSE;
    }
  if (pin_try (human->vault->pin, conn_peer (human->conn), pin, &wait, &error))
    {
      human->pin_at = loop_now ();
      return TRUE;
    }
  json_t *data
      = json_pack ("{s:s, s:I}", "reason", error->code == PIN_ERROR_WAIT ? "pin_wait" : "pin_wrong",
                   "wait_seconds", (json_int_t) wait);
  rpc_refuse (human->conn, rpc->id, RPC_REFUSED, error->message, data);
  return FALSE;
}

gboolean
human_prove (Human *human, const RpcCall *rpc)
{
  const char *pin = wire_string (rpc->params, "pin");

  if (pin != NULL)
    return try_pin (human, rpc, pin);
  rpc_refuse (human->conn, rpc->id, RPC_REFUSED, "pin: this call needs the PIN",
              json_pack ("{s:s}", "reason", "pin_needed"));
  return FALSE;
}

static void
do_authenticate (Human *human, const RpcCall *rpc)
{
  if (!try_pin (human, rpc, wire_string (rpc->params, "pin")))
    return;
  human->authenticated = TRUE;
  human->opening = human->vault->openings;
  rpc_answer (human->conn, rpc->id, json_object (), -1);
}

/* ---- dispatch ---- */

static const struct
{
  const char *method;
  Class class;
  void (*handle) (Human *human, const RpcCall *rpc);
  const WireField *fields;
  gsize n_fields;
} calls[] = {
  { "status", CLASS_NARROWING, human_status, NULL, 0 },
  /* authenticate is itself the proof; the verdict decides the class of decide. */
  { "authenticate", CLASS_NARROWING, do_authenticate,
    FIELDS ({ "pin", WIRE_STRING, TRUE, 1, PIN_MAX, NULL }) },
  { "decide", CLASS_NARROWING, human_decide,
    FIELDS ({ "request_id", WIRE_STRING, TRUE, 1, 64, NULL },
            { "verdict", WIRE_STRING, TRUE, 4, 5, NULL },
            { "card_digest", WIRE_STRING, FALSE, 64, 64, NULL },
            { "scopes", WIRE_STRINGS, FALSE, 0, 500, NULL },
            { "duration", WIRE_INTEGER, FALSE, 1, G_MAXINT32, NULL },
            { "uses", WIRE_INTEGER, FALSE, 1, G_MAXINT32, NULL },
            { "holder", WIRE_STRING, FALSE, 1, 64, NULL },
            { "reason", WIRE_STRING, FALSE, 0, 1024, NULL },
            { "deny_seconds", WIRE_INTEGER, FALSE, 1, ATTENTION_DENY_MAX, NULL },
            { "always", WIRE_BOOLEAN, FALSE, 0, 0, NULL },
            { "key", WIRE_OBJECT, FALSE, 0, 0, NULL }, PIN_FIELD) },
  { "revoke", CLASS_NARROWING, human_revoke,
    FIELDS ({ "grant_id", WIRE_STRING, FALSE, 1, 64, NULL },
            { "all", WIRE_BOOLEAN, FALSE, 0, 0, NULL }) },
  { "lock", CLASS_NARROWING, human_lock, NULL, 0 },
  { "panic", CLASS_NARROWING, human_panic, NULL, 0 },
  { "shutdown", CLASS_NARROWING, human_shutdown,
    FIELDS ({ "reason", WIRE_STRING, TRUE, 1, 16, NULL }) },
  { "show_window", CLASS_NARROWING, human_show_window, NULL, 0 },
  /* What may be read decides what is told: cards, or how many wait. */
  { "subscribe", CLASS_NARROWING, human_subscribe, NULL, 0 },
  /* It proves nothing by itself, and the connection that asks may have proved nothing yet. */
  { "key_challenge", CLASS_NARROWING, human_key_challenge,
    FIELDS ({ "request_id", WIRE_STRING, TRUE, 1, 64, NULL }) },
  { "caller_list", CLASS_READING, human_caller_list, FIELDS (SKIP_FIELD) },
  { "caller_add", CLASS_WIDENING, human_caller_add,
    FIELDS ({ "name", WIRE_STRING, TRUE, 1, TEXT_SEGMENT_MAX, NULL },
            { "seconds", WIRE_INTEGER, FALSE, 1, CALLER_TOKEN_FOR_MAX, NULL }, PIN_FIELD) },
  { "caller_rm", CLASS_NARROWING, human_caller_rm,
    FIELDS ({ "name", WIRE_STRING, TRUE, 1, TEXT_SEGMENT_MAX, NULL }) },
  { "keys", CLASS_READING, human_keys, FIELDS (SKIP_FIELD) },
  { "key_add", CLASS_WIDENING, human_key_add,
    FIELDS ({ "name", WIRE_STRING, TRUE, 1, KEY_NAME_MAX, NULL },
            { "credential_id", WIRE_STRING, TRUE, 1, 0, NULL },
            { "public_key", WIRE_STRING, TRUE, 1, 0, NULL }, PIN_FIELD) },
  { "key_rm", CLASS_WIDENING, human_key_rm,
    FIELDS ({ "key_id", WIRE_STRING, TRUE, 1, 64, NULL }, PIN_FIELD) },
  { "pending", CLASS_CARDS, human_pending, FIELDS (SKIP_FIELD) },
  { "grants", CLASS_READING, human_grants, FIELDS (SKIP_FIELD) },
  { "rules", CLASS_READING, human_rules, FIELDS (SKIP_FIELD) },
  { "rule_rm", CLASS_NARROWING, human_rule_rm,
    FIELDS ({ "rule_id", WIRE_STRING, TRUE, 1, 64, NULL }) },
  { "history", CLASS_READING, human_history, FIELDS (SKIP_FIELD) },
  { "secret_list", CLASS_READING, human_secret_list, FIELDS (SKIP_FIELD) },
  { "secret_show", CLASS_READING, human_secret_show,
    FIELDS (NAME_FIELD, { "reveal", WIRE_BOOLEAN, FALSE, 0, 0, NULL }, PIN_FIELD) },
  { "policy_show", CLASS_READING, human_policy_show, NULL, 0 },
  { "audit_open", CLASS_READING, human_audit_open,
    FIELDS ({ "sealed", WIRE_ARRAY, TRUE, 1, 64, NULL }) },
  { "audit_files", CLASS_READING, human_audit_files, NULL, 0 },
  { "audit_close", CLASS_READING, human_audit_close, NULL, 0 },
  { "audit_retention", CLASS_NARROWING, human_audit_retention, NULL, 0 },
  /* Keeping it longer needs nothing; shorter, the PIN. */
  { "audit_retain", CLASS_NARROWING, human_audit_retain,
    FIELDS ({ "days", WIRE_INTEGER, FALSE, 1, AUDIT_RETAIN_MAX, NULL }, PIN_FIELD) },
  { "audit_file", CLASS_READING, human_audit_file,
    FIELDS ({ "name", WIRE_STRING, TRUE, 1, 64, NULL }) },
  { "audit_token", CLASS_READING, human_audit_token,
    FIELDS ({ "name", WIRE_STRING, TRUE, 1, 0, NULL }) },
  { "audit_index_key", CLASS_READING, human_audit_index_key, NULL, 0 },
  { "secret_set", CLASS_WIDENING, human_secret_set,
    FIELDS (NAME_FIELD, MODE_FIELD, { "value", WIRE_STRING, FALSE, 0, 0, NULL },
            { "value_fd", WIRE_BOOLEAN, FALSE, 0, 0, NULL },
            { "tags", WIRE_STRING_MAP, FALSE, 0, 32, NULL }, PIN_FIELD) },
  { "secret_generate", CLASS_WIDENING, human_secret_generate,
    FIELDS (NAME_FIELD, MODE_FIELD, { "length", WIRE_INTEGER, FALSE, 8, 1024, NULL },
            { "characters", WIRE_STRING, FALSE, 1, 8, NULL }, PIN_FIELD) },
  { "secret_rm", CLASS_WIDENING, human_secret_rm, FIELDS (NAME_FIELD, PIN_FIELD) },
  { "secret_mv", CLASS_WIDENING, human_secret_mv,
    FIELDS (NAME_FIELD, { "to", WIRE_STRING, TRUE, 1, TEXT_NAME_MAX, NULL }, PIN_FIELD) },
  { "policy_apply", CLASS_WIDENING, human_policy_apply,
    FIELDS ({ "files", WIRE_ARRAY, FALSE, 1, 320, NULL },
            { "files_fd", WIRE_BOOLEAN, FALSE, 0, 0, NULL },
            { "over", WIRE_STRING, FALSE, 64, 64, NULL }, PIN_FIELD) },
  { "token_list", CLASS_READING, human_token_list, FIELDS (SKIP_FIELD) },
  { "token_keys", CLASS_READING, human_token_keys, NULL, 0 },
  { "token_verify", CLASS_READING, human_token_verify,
    FIELDS ({ "token", WIRE_STRING, TRUE, 1, TOKEN_MAX, NULL }) },
  { "token_revoke", CLASS_NARROWING, human_token_revoke,
    FIELDS ({ "token_id", WIRE_STRING, TRUE, 1, 64, NULL }) },
  { "token_rotate", CLASS_WIDENING, human_token_rotate, FIELDS (PIN_FIELD) },
  { "provider_list", CLASS_READING, human_provider_list, FIELDS (SKIP_FIELD) },
  { "service_list", CLASS_READING, human_service_list, FIELDS (SKIP_FIELD) },
  { "service_test", CLASS_WIDENING, human_service_test,
    FIELDS ({ "service", WIRE_STRING, TRUE, 1, TEXT_SEGMENT_MAX, NULL }, PIN_FIELD) },
  { "ssh_ca", CLASS_READING, human_ssh_ca, NULL, 0 },
  { "ssh_ca_list", CLASS_READING, human_ssh_ca_list, FIELDS (SKIP_FIELD) },
  { "ssh_ca_krl", CLASS_READING, human_ssh_ca_krl, NULL, 0 },
  { "ssh_ca_revoke", CLASS_NARROWING, human_ssh_ca_revoke,
    FIELDS ({ "serial", WIRE_STRING, FALSE, 1, 20, NULL },
            { "key_id", WIRE_STRING, FALSE, 1, 200, NULL }) },
  { "login_start", CLASS_WIDENING, human_login_start,
    FIELDS ({ "provider", WIRE_STRING, TRUE, 1, TEXT_SEGMENT_MAX, NULL },
            { "scopes", WIRE_STRINGS, FALSE, 0, 64, NULL },
            { "secret", WIRE_STRING, FALSE, 1, TEXT_NAME_MAX, NULL },
            { "method", WIRE_STRING, FALSE, 1, 16, NULL }, PIN_FIELD) },
  { "login_list", CLASS_READING, human_login_list, NULL, 0 },
  { "logout", CLASS_WIDENING, human_logout,
    FIELDS ({ "secret", WIRE_STRING, TRUE, 1, TEXT_NAME_MAX, NULL }, PIN_FIELD) },
};

gboolean
human_is_authenticated (const Human *human)
{
  return human->authenticated && human->opening == human->vault->openings;
}

gboolean
human_reads_cards (const Human *human)
{
  return human->vault->state == VAULT_UNLOCKED
         && (human->spawned || human_is_authenticated (human));
}

/* FALSE: answered with why not. */
static gboolean
may_call (Human *human, const RpcCall *rpc, Class class)
{
  if (class == CLASS_NARROWING)
    return TRUE;
  if (human->vault->state == VAULT_UNINITIALISED)
    rpc_refuse (human->conn, rpc->id, RPC_NOT_INITIALISED,
                "Countersign is not set up: `countersign init`", NULL);
  else if (human->vault->state != VAULT_UNLOCKED)
    rpc_refuse (human->conn, rpc->id, RPC_LOCKED, "the broker is locked: `countersign unlock`",
                NULL);
  else if (class == CLASS_WIDENING)
    return human_prove (human, rpc);
  else if (class == CLASS_CARDS ? !human_reads_cards (human) : !human_is_authenticated (human))
    rpc_refuse (human->conn, rpc->id, RPC_REFUSED, "this needs a connection opened with the PIN",
                json_pack ("{s:s}", "reason", "not_authenticated"));
  else
    return TRUE;
  return FALSE;
}

static void
dispatch (Human *human, const RpcCall *rpc)
{
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    if (strcmp (calls[i].method, rpc->method) == 0)
      {
        if (!wire_check (calls[i].fields, calls[i].n_fields, rpc->params, &error))
          rpc_refuse_error (human->conn, rpc->id, error);
        else if (may_call (human, rpc, calls[i].class))
          calls[i].handle (human, rpc);
        return;
      }
  rpc_refuse (human->conn, rpc->id, RPC_METHOD, "method: there is no such call on human.sock",
              NULL);
}

static void
on_message (Conn *conn, json_t *message, gpointer user)
{
  Human *human = user;
  RpcCall rpc;

  if (!rpc_read (conn, message, &rpc))
    return;
  if (rpc.id == NULL)
    rpc_refuse (conn, NULL, RPC_REQUEST, "id: is missing", NULL);
  else if (!human->greeted)
    human->greeted = server_hello (human->vault, conn, &rpc, "human");
  else
    dispatch (human, &rpc);
}

/* A process that became another program since it connected is not who gave the PIN. */
static gboolean
on_piece (Conn *conn, gpointer user)
{
  return process_check (conn_peer (conn), NULL);
}

static void
on_closed (Conn *conn, gpointer user)
{
  Human *human = user;

  g_ptr_array_remove (human->vault->subscribers, human);
  human->conn = NULL;
  human_logins_end (human);
  human_unref (human);
}

static Human *
human_open (Vault *vault, int fd, Process *peer, gboolean spawned, GError **error)
{
  static const ConnEvents events = { on_piece, on_message, rpc_malformed, on_closed };
  /* The dialog program closes its /proc to everybody, so there is no executable to compare; it is
   * our child, pinned since before it ran. */
  static const ConnEvents spawned_events = { NULL, on_message, rpc_malformed, on_closed };
  Human *human = g_new0 (Human, 1);

  human->vault = vault;
  human->spawned = spawned;
  human->refs = 1;
  human->number = ++vault->humans;
  human->logins = g_ptr_array_new ();
  human->conn = conn_new (vault->hub, fd, peer, spawned ? &spawned_events : &events, human, error);
  if (human->conn != NULL)
    return human;
  human_unref (human);
  return NULL;
}

void
human_accept (Vault *vault, int fd, Process *peer)
{
  human_open (vault, fd, peer, FALSE, NULL);
}

Human *
human_adopt (Vault *vault, int fd, Process *peer, GError **error)
{
  Human *human = human_open (vault, fd, peer, TRUE, error);

  return human != NULL ? human_ref (human) : NULL;
}
