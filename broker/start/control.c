/* SPDX-License-Identifier: MIT */
#include "broker/start/control.h"

#include <string.h>
#include <unistd.h>

#include "broker/human/pin.h"
#include "broker/record.h"
#include "broker/start/attempt.h"

#define PASSPHRASE_MIN 8
#define PASSPHRASE_MAX 1024
#define UNLOCK_MAX (7 * 86400)

#define PASSPHRASE(name)                                                                           \
  {                                                                                                \
    name, WIRE_STRING, TRUE, 1, PASSPHRASE_MAX, NULL                                               \
  }
#define NEW_PASSPHRASE(name)                                                                       \
  {                                                                                                \
    name, WIRE_STRING, TRUE, PASSPHRASE_MIN, PASSPHRASE_MAX, NULL                                  \
  }
#define FIELDS(...)                                                                                \
  (const WireField[]){ __VA_ARGS__ }, G_N_ELEMENTS (((const WireField[]){ __VA_ARGS__ }))

typedef struct
{
  ControlSetup setup;
  Process *caller;
  gboolean done;
  /* system mode: the call whose passphrase is being tried */
  Conn *conn;
  Attempt *attempt;
  json_t *message;
  RpcCall rpc; /* borrowed from it */
} Control;

static void
unlocking_clear (Unlocking *unlocking)
{
  g_free (unlocking->aside);
  store_free (unlocking->tried);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Unlocking, unlocking_clear)

static Secret *
read_secret (const RpcCall *rpc, const char *field, GError **error)
{
  const json_t *text = json_object_get (rpc->params, field);
  return text == NULL
             ? NULL
             : secret_new_from (json_string_value (text), json_string_length (text), error);
}

static gboolean
do_init (Control *self, const RpcCall *rpc, Unlocking *unlocking, GError **error)
{
  const ControlSetup *setup = &self->setup;
  g_autoptr (Secret) passphrase = read_secret (rpc, "passphrase", error);

  if (passphrase == NULL)
    return FALSE;
  if (json_is_true (json_object_get (rpc->params, "memory"))
      && !places_in_memory (setup->places, error))
    return FALSE;
  return opening_init (setup->vault, setup->places, passphrase, wire_string (rpc->params, "pin"),
                       json_object_get (rpc->params, "policy"), setup->seat, error);
}

static gboolean
open_vault (Control *self, const RpcCall *rpc, const char *fresh_field, const char *pin,
            Unlocking *unlocking, GError **error)
{
  const ControlSetup *setup = &self->setup;
  g_autoptr (Secret) passphrase = read_secret (rpc, "passphrase", error);
  g_autoptr (Secret) fresh
      = fresh_field != NULL && passphrase != NULL ? read_secret (rpc, fresh_field, error) : NULL;

  if (passphrase == NULL || (fresh_field != NULL && fresh == NULL))
    return FALSE;
  unlocking->caller = self->caller;
  unlocking->passphrase = passphrase;
  unlocking->fresh = fresh;
  unlocking->pin = pin;
  return opening_unlock (setup->vault, setup->places, unlocking, setup->seat, error);
}

static gboolean
do_unlock (Control *self, const RpcCall *rpc, Unlocking *unlocking, GError **error)
{
  Vault *vault = self->setup.vault;
  gint64 seconds = wire_integer (rpc->params, "for_seconds", 0);

  unlocking->new_trail = json_is_true (json_object_get (rpc->params, "new_trail"));
  if (!open_vault (self, rpc, NULL, NULL, unlocking, error))
    return FALSE;
  if (seconds > 0)
    loop_deadline_set (vault->loop, &vault->auto_lock, loop_now () + seconds * G_USEC_PER_SEC);
  return TRUE;
}

static gboolean
do_passwd (Control *self, const RpcCall *rpc, Unlocking *unlocking, GError **error)
{
  return open_vault (self, rpc, "new_passphrase", NULL, unlocking, error);
}

static gboolean
do_pin (Control *self, const RpcCall *rpc, Unlocking *unlocking, GError **error)
{
  return open_vault (self, rpc, NULL, wire_string (rpc->params, "new_pin"), unlocking, error);
}

static const struct
{
  const char *method;
  const char *event;
  gboolean (*run) (Control *self, const RpcCall *rpc, Unlocking *unlocking, GError **error);
  const WireField *fields;
  gsize n_fields;
} calls[] = {
  { "init", "broker_initialised", do_init,
    FIELDS (NEW_PASSPHRASE ("passphrase"), { "pin", WIRE_STRING, TRUE, 1, PIN_MAX, NULL },
            { "memory", WIRE_BOOLEAN, FALSE, 0, 0, NULL },
            { "policy", WIRE_ARRAY, TRUE, 0, 64, NULL }) },
  { "unlock", "broker_unlocked", do_unlock,
    FIELDS (PASSPHRASE ("passphrase"), { "for_seconds", WIRE_INTEGER, FALSE, 1, UNLOCK_MAX, NULL },
            { "new_trail", WIRE_BOOLEAN, FALSE, 0, 0, NULL }) },
  { "passwd", "passphrase_changed", do_passwd,
    FIELDS (PASSPHRASE ("passphrase"), NEW_PASSPHRASE ("new_passphrase")) },
  { "pin", "pin_changed", do_pin,
    FIELDS (PASSPHRASE ("passphrase"), { "new_pin", WIRE_STRING, TRUE, 1, PIN_MAX, NULL }) },
};

static json_t *
result_json (const Vault *vault, const Unlocking *unlocking)
{
  json_t *result
      = json_pack ("{s:s, s:i, s:s, s:i, s:s*}", "state", vault_state_name (vault->state), "pid",
                   (int) getpid (), "instance", vault->instance, "resumed_grants",
                   (int) unlocking->resumed, "trail_aside", unlocking->aside);
  if (vault->repair.torn_bytes > 0 || vault->repair.after_head > 0)
    json_object_set_new (result, "repaired",
                         json_pack ("{s:I, s:I}", "torn_bytes",
                                    (json_int_t) vault->repair.torn_bytes, "after_head",
                                    (json_int_t) vault->repair.after_head));
  return result;
}

/* The vault is open. FALSE: it must not be used. */
static gboolean
conclude (Control *self, const char *event, GError **error)
{
  const ControlSetup *setup = &self->setup;

  if (!opening_record (setup->vault, event, self->caller, error))
    return FALSE;
  /* Whoever knew the passphrase is the person: what an agent guessed at does not slow them. */
  if (self->caller != NULL)
    pin_trust (setup->vault->pin, self->caller);
  return setup->serve (setup->user, error);
}

/* @tried is taken. */
static gboolean
run_call (Control *self, Conn *conn, const RpcCall *rpc, Store *tried, GError **error)
{
  Vault *vault = self->setup.vault;
  g_auto (Unlocking) unlocking = { .tried = tried };

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    if (strcmp (calls[i].method, rpc->method) == 0)
      {
        if (!wire_check (calls[i].fields, calls[i].n_fields, rpc->params, error)
            || !calls[i].run (self, rpc, &unlocking, error))
          return FALSE;
        if (!conclude (self, calls[i].event, error))
          {
            vault_lock (vault, NULL);
            return FALSE;
          }
        rpc_answer (conn, rpc->id, result_json (vault, &unlocking), -1);
        return TRUE;
      }
  g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD,
                       "method: must be init, unlock, passwd or pin");
  return FALSE;
}

/* Guesses are made at the pace of Argon2 and are not held up: the passphrase always gets through.
 * They are on record. */
static void
record_wrong (Control *self, const GError *error)
{
  Vault *vault = self->setup.vault;

  if (!vault->system || !g_error_matches (error, STORE_ERROR, STORE_ERROR_PASSPHRASE))
    return;
  if (vault->audit != NULL)
    record_owe (vault, record_human (vault, "passphrase_wrong", self->caller));
  else /* not unlocked since it began: to the journal */
    g_printerr ("countersignd: wrong passphrase from process %d\n", process_pid (self->caller));
}

static void
refuse (Control *self, Conn *conn, const RpcCall *rpc, const GError *error)
{
  record_wrong (self, error);
  rpc_refuse_error (conn, rpc->id, error);
  conn_close (conn, FALSE);
}

static void
carry_out (Control *self, Conn *conn, const RpcCall *rpc, Store *tried)
{
  g_autoptr (GError) error = NULL;

  self->done = run_call (self, conn, rpc, tried, &error);
  if (self->done)
    conn_close (conn, FALSE);
  else
    refuse (self, conn, rpc, error);
}

static void
on_message (Conn *conn, json_t *message, gpointer user)
{
  Control *self = user;
  RpcCall rpc;

  if (!self->done && rpc_read (conn, message, &rpc) && rpc.id != NULL)
    carry_out (self, conn, &rpc, NULL);
}

static void
on_tried (gpointer user, Store *store, const GError *error)
{
  Control *self = user;

  self->attempt = NULL;
  if (store != NULL)
    carry_out (self, self->conn, &self->rpc, store);
  else
    refuse (self, self->conn, &self->rpc, error);
}

/* A sound call with the passphrase of a store that is there; others are carried out, or refused, at
 * once. */
static gboolean
is_to_be_tried (const Control *self, const RpcCall *rpc)
{
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    if (strcmp (calls[i].method, rpc->method) == 0)
      return calls[i].run != do_init && self->setup.vault->store != NULL
             && wire_check (calls[i].fields, calls[i].n_fields, rpc->params, NULL);
  return FALSE;
}

/* In system mode others are served while a passphrase is tried. */
static void
on_socket_message (Conn *conn, json_t *message, gpointer user)
{
  Control *self = user;
  const ControlSetup *setup = &self->setup;
  g_autoptr (GError) error = NULL;
  RpcCall rpc;

  if (self->done || self->attempt != NULL || !rpc_read (conn, message, &rpc) || rpc.id == NULL)
    return;
  if (!is_to_be_tried (self, &rpc))
    {
      carry_out (self, conn, &rpc, NULL);
      return;
    }
  g_autoptr (Secret) passphrase = read_secret (&rpc, "passphrase", &error);
  if (passphrase != NULL)
    self->attempt = attempt_begin (setup->vault, setup->places, g_steal_pointer (&passphrase),
                                   on_tried, self, &error);
  if (self->attempt == NULL)
    {
      refuse (self, conn, &rpc, error);
      return;
    }
  self->conn = conn;
  self->message = json_incref (message);
  self->rpc = rpc;
}

static void
on_closed (Conn *conn, gpointer user)
{
  Control *self = user;

  if (!self->done && self->setup.give_up != NULL)
    self->setup.give_up (self->setup.user);
  if (self->attempt != NULL)
    attempt_forsake (self->attempt);
  json_decref (self->message);
  g_clear_pointer (&self->caller, process_unref);
  g_free (self);
}

static const ConnEvents events = { NULL, on_message, rpc_malformed, on_closed };

gboolean
control_start (const ControlSetup *setup, int fd, GError **error)
{
  Control *self = g_new0 (Control, 1);

  self->setup = *setup;
  /* A socketpair's credentials are those of who made it. */
  self->caller = process_open_peer (fd, NULL);
  if (conn_new (setup->vault->hub, fd, NULL, &events, self, error) != NULL)
    return TRUE;
  g_clear_pointer (&self->caller, process_unref);
  g_free (self);
  return FALSE;
}

/* A process that became another program since it connected is not who connected. */
static gboolean
on_piece (Conn *conn, gpointer user)
{
  return process_check (conn_peer (conn), NULL);
}

void
control_accept (const ControlSetup *setup, int fd, Process *peer)
{
  static const ConnEvents socket_events = { on_piece, on_socket_message, rpc_malformed, on_closed };
  Control *self = g_new0 (Control, 1);

  self->setup = *setup;
  self->caller = process_ref (peer);
  if (conn_new (setup->vault->hub, fd, peer, &socket_events, self, NULL) != NULL)
    return;
  process_unref (self->caller);
  g_free (self);
}
