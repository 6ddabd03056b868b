/* SPDX-License-Identifier: MIT
 *
 * human.sock: what a person's programs may do, in three classes.
 *
 * MUST
 *  - take the class from the table in human.c, never from the caller
 *  - ask the PIN for each call that widens, in that very call
 *
 * Anything of the same user can connect here. It can narrow; for the rest it must know the PIN.
 */
#pragma once

#include "broker/human/key.h"
#include "broker/request/decision.h"
#include "broker/serve/rpc.h"
#include "broker/vault.h"

typedef struct _HumanLogin HumanLogin;

typedef struct
{
  Vault *vault;
  Conn *conn; /* NULL once closed: an answer that comes late goes nowhere */
  gint refs;
  guint64 number; /* of no other connection of this broker */
  gboolean greeted;
  gboolean authenticated;  /* see human_is_authenticated() */
  guint opening;           /* vault->openings at that time */
  gboolean spawned;        /* the dialog program, started by this broker: it may read cards */
  KeyChallenge *challenge; /* given here and not used yet, or NULL */
  GPtrArray *logins;       /* HumanLogin: under way here */
  gint64 pin_at;           /* µs of boot time: when the PIN was last given here */
} Human;

/* The other end of @fd (taken, also on error) is the dialog program @peer (taken). NULL with an
 * error when it cannot be watched. human_unref(). */
Human *human_adopt (Vault *vault, int fd, Process *peer, GError **error);
/* Was the PIN given here, and not locked since? */
gboolean human_is_authenticated (const Human *human);
/* May cards be shown over this connection? */
gboolean human_reads_cards (const Human *human);
Human *human_ref (Human *self);
void human_unref (Human *self);

/* A call that is answered later: keeps who asked and the id. */
typedef struct
{
  Human *human;
  json_t *id;
  char *name; /* what it is about; may be NULL */
  gpointer data;
} HumanCall;
HumanCall *human_call_new (Human *human, const json_t *id, const char *name);
void human_call_free (HumanCall *call);
/* Answers if somebody is still there, and frees @call. Takes @result. */
void human_call_answer (HumanCall *call, json_t *result, int fd);
void human_call_refuse (HumanCall *call, const GError *error);

/* The right PIN in params.pin, or answered with an error. */
gboolean human_prove (Human *human, const RpcCall *rpc);

/* Answers with one page of a list: {"@key": [...], "next"?}. @item makes the JSON of one; @list is
 * not taken. */
void human_answer_page (Human *human, const RpcCall *rpc, const char *key, GPtrArray *list,
                        json_t *(*item) (gconstpointer item));

/* Handlers; each answers. */
void human_status (Human *human, const RpcCall *rpc);
void human_lock (Human *human, const RpcCall *rpc);
void human_panic (Human *human, const RpcCall *rpc);
void human_shutdown (Human *human, const RpcCall *rpc);
void human_show_window (Human *human, const RpcCall *rpc);
void human_decide (Human *human, const RpcCall *rpc);
void human_pending (Human *human, const RpcCall *rpc);
void human_subscribe (Human *human, const RpcCall *rpc);
void human_grants (Human *human, const RpcCall *rpc);
void human_history (Human *human, const RpcCall *rpc);
void human_rules (Human *human, const RpcCall *rpc);
void human_rule_rm (Human *human, const RpcCall *rpc);
void human_keys (Human *human, const RpcCall *rpc);
void human_caller_list (Human *human, const RpcCall *rpc);
void human_caller_add (Human *human, const RpcCall *rpc);
void human_caller_rm (Human *human, const RpcCall *rpc);
void human_key_add (Human *human, const RpcCall *rpc);
void human_key_rm (Human *human, const RpcCall *rpc);
void human_key_challenge (Human *human, const RpcCall *rpc);
void human_revoke (Human *human, const RpcCall *rpc);
void human_secret_set (Human *human, const RpcCall *rpc);
void human_secret_generate (Human *human, const RpcCall *rpc);
void human_secret_list (Human *human, const RpcCall *rpc);
void human_secret_show (Human *human, const RpcCall *rpc);
void human_secret_rm (Human *human, const RpcCall *rpc);
void human_secret_mv (Human *human, const RpcCall *rpc);
void human_provider_list (Human *human, const RpcCall *rpc);
void human_service_list (Human *human, const RpcCall *rpc);
void human_service_test (Human *human, const RpcCall *rpc);
void human_ssh_ca (Human *human, const RpcCall *rpc);
void human_ssh_ca_list (Human *human, const RpcCall *rpc);
void human_ssh_ca_krl (Human *human, const RpcCall *rpc);
void human_ssh_ca_revoke (Human *human, const RpcCall *rpc);
void human_login_start (Human *human, const RpcCall *rpc);
void human_login_list (Human *human, const RpcCall *rpc);
void human_logout (Human *human, const RpcCall *rpc);
/* Whoever waited for them has gone. */
void human_logins_end (Human *human);
void human_policy_show (Human *human, const RpcCall *rpc);
void human_policy_apply (Human *human, const RpcCall *rpc);
void human_token_list (Human *human, const RpcCall *rpc);
void human_token_keys (Human *human, const RpcCall *rpc);
void human_token_verify (Human *human, const RpcCall *rpc);
void human_token_revoke (Human *human, const RpcCall *rpc);
void human_token_rotate (Human *human, const RpcCall *rpc);
void human_audit_close (Human *human, const RpcCall *rpc);
void human_audit_retention (Human *human, const RpcCall *rpc);
void human_audit_retain (Human *human, const RpcCall *rpc);
void human_audit_open (Human *human, const RpcCall *rpc);
void human_audit_files (Human *human, const RpcCall *rpc);
void human_audit_file (Human *human, const RpcCall *rpc);
void human_audit_token (Human *human, const RpcCall *rpc);
void human_audit_index_key (Human *human, const RpcCall *rpc);
