/* SPDX-License-Identifier: MIT
 *
 * Secrets, as a person keeps them.
 */
#include <string.h>
#include <unistd.h>

#include "broker/base/text.h"
#include "broker/human/human.h"
#include "broker/login/login.h"
#include "broker/dispatch/http-workers.h"
#include "broker/operation/operation.h"
#include "broker/record.h"

#define VALUE_INLINE 4096
#define GENERATE_LENGTH 32

/* What is done once the record of it is on disk. */
typedef struct
{
  HumanCall *call;
  void (*go) (HumanCall *call, gpointer data);
  gpointer data;
} Recorded;

static void
on_recorded (gpointer data, const GError *error)
{
  Recorded *recorded = data;

  /* Even then it goes on with the callee, which owns what it was given. */
  recorded->call->data = error != NULL ? g_error_copy (error) : NULL;
  recorded->go (recorded->call, recorded->data);
  g_free (recorded);
}

/* Takes @call. @go gets the error in call->data, to free. */
static void
record_first (HumanCall *call, const char *event, void (*go) (HumanCall *, gpointer), gpointer data)
{
  Vault *vault = call->human->vault;
  Recorded *recorded = g_new0 (Recorded, 1);
  AuditRecord *record = record_human (vault, event, conn_peer (call->human->conn));

  audit_record_name (record, "resource", call->name);
  *recorded = (Recorded){ call, go, data };
  audit_append (vault->audit, record, AUDIT_SYNCED, on_recorded, recorded);
}

/* TRUE when the record is there; else @call is answered and freed. */
static gboolean
is_recorded (HumanCall *call)
{
  g_autoptr (GError) error = g_steal_pointer (&call->data);
  if (error != NULL)
    human_call_refuse (call, error);
  return error == NULL;
}

static gboolean
check_name (Human *human, const RpcCall *rpc, const char *field)
{
  g_autoptr (GError) error = NULL;

  if (text_check_name (wire_string (rpc->params, field), &error))
    return TRUE;
  g_autofree char *message = g_strdup_printf ("%s: %s", field, error->message);
  rpc_refuse (human->conn, rpc->id, RPC_PARAMS, message, json_pack ("{s:s}", "field", field));
  return FALSE;
}

/* ---- set, generate ---- */

typedef struct
{
  Secret *value;
  GHashTable *tags;
  StoreSetMode mode;
} Setting;

static void
setting_free (Setting *setting)
{
  secret_free (setting->value);
  g_clear_pointer (&setting->tags, g_hash_table_unref);
  g_free (setting);
}

static void
on_set (gpointer data, const GError *error)
{
  HumanCall *call = data;
  const StoreEntry *entry = store_find (call->human->vault->store, call->name);

  http_workers_retire (call->human->vault->http); /* they may have the old value */
  if (error != NULL)
    human_call_refuse (call, error);
  else
    human_call_answer (call,
                       json_pack ("{s:s, s:I}", "name", call->name, "version",
                                  (json_int_t) (entry != NULL ? entry->version : 0)),
                       -1);
}

static void
go_set (HumanCall *call, gpointer data)
{
  Setting *setting = data;

  if (is_recorded (call))
    {
      login_forget_set (call->human->vault, call->name, setting->mode);
      store_set (call->human->vault->store, call->name, setting->value, setting->tags,
                 setting->mode, on_set, call);
    }
  setting_free (setting);
}

static gboolean
read_mode (Human *human, const RpcCall *rpc, StoreSetMode *mode)
{
  const char *text = wire_string (rpc->params, "mode");

  *mode = text == NULL || strcmp (text, "new") == 0 ? STORE_SET_NEW : STORE_SET_ANY;
  if (*mode == STORE_SET_NEW || strcmp (text, "any") == 0)
    return TRUE;
  rpc_refuse (human->conn, rpc->id, RPC_PARAMS, "mode: must be new or any",
              json_pack ("{s:s}", "field", "mode"));
  return FALSE;
}

static void
begin_set (Human *human, const RpcCall *rpc, Setting *setting)
{
  const char *name = wire_string (rpc->params, "name");

  if (setting->mode == STORE_SET_NEW && store_find (human->vault->store, name) != NULL)
    {
      rpc_refuse (human->conn, rpc->id, RPC_EXISTS, "name: a secret of this name exists already",
                  json_pack ("{s:s}", "field", "name"));
      setting_free (setting);
      return;
    }
  record_first (human_call_new (human, rpc->id, name), "secret_set", go_set, setting);
}

static Secret *
read_value (Human *human, const RpcCall *rpc, GError **error)
{
  json_t *value = json_object_get (rpc->params, "value");
  gboolean by_fd = json_is_true (json_object_get (rpc->params, "value_fd"));
  int fd = by_fd ? conn_take_fd (human->conn) : -1;

  if (by_fd == (value != NULL) || (by_fd && fd < 0))
    {
      g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD,
                           "value: give either value, or value_fd with a descriptor");
      return NULL;
    }
  if (value != NULL)
    return secret_new_from (json_string_value (value), json_string_length (value), error);
  Secret *secret = secret_read_memfd (fd, SECRET_MAX, error);
  close (fd);
  return secret;
}

static GHashTable *
read_tags (const RpcCall *rpc)
{
  json_t *tags = json_object_get (rpc->params, "tags"), *value;
  const char *key;

  if (tags == NULL)
    return NULL;
  GHashTable *table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  json_object_foreach (tags, key, value)
      g_hash_table_insert (table, g_strdup (key), g_strdup (json_string_value (value)));
  return table;
}

void
human_secret_set (Human *human, const RpcCall *rpc)
{
  g_autoptr (GError) error = NULL;
  StoreSetMode mode;

  if (!check_name (human, rpc, "name") || !read_mode (human, rpc, &mode))
    return;
  Secret *value = read_value (human, rpc, &error);
  if (value == NULL)
    {
      rpc_refuse_error (human->conn, rpc->id, error);
      return;
    }
  Setting *setting = g_new0 (Setting, 1);
  *setting = (Setting){ value, read_tags (rpc), mode };
  begin_set (human, rpc, setting);
}

/* Even over the alphabet: bytes that would favour its beginning are drawn again. */
static Secret *
generate (gsize length, const char *alphabet, GError **error)
{
  gsize n = strlen (alphabet), at = 0;
  Secret *value = secret_new (length, error);

  while (value != NULL && at < length)
    {
      guint8 byte;
      if (!crypt_random (&byte, 1, error))
        g_clear_pointer (&value, secret_free);
      else if (byte < 256 / n * n)
        secret_data (value)[at++] = alphabet[byte % n];
    }
  return value;
}

static const char *
alphabet_of (const char *name)
{
  static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  static const char ascii[] = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"
                              "`abcdefghijklmnopqrstuvwxyz{|}~";

  if (name == NULL || strcmp (name, "alnum") == 0)
    return alnum;
  if (strcmp (name, "hex") == 0)
    return "0123456789abcdef";
  return strcmp (name, "ascii") == 0 ? ascii : NULL;
}

void
human_secret_generate (Human *human, const RpcCall *rpc)
{
  const char *alphabet = alphabet_of (wire_string (rpc->params, "characters"));
  g_autoptr (GError) error = NULL;
  StoreSetMode mode;

  if (!check_name (human, rpc, "name") || !read_mode (human, rpc, &mode))
    return;
  if (alphabet == NULL)
    {
      rpc_refuse (human->conn, rpc->id, RPC_PARAMS, "characters: must be alnum, hex or ascii",
                  json_pack ("{s:s}", "field", "characters"));
      return;
    }
  Secret *value
      = generate (wire_integer (rpc->params, "length", GENERATE_LENGTH), alphabet, &error);
  if (value == NULL)
    {
      rpc_refuse_error (human->conn, rpc->id, error);
      return;
    }
  Setting *setting = g_new0 (Setting, 1);
  *setting = (Setting){ value, NULL, mode };
  begin_set (human, rpc, setting);
}

/* ---- list, show ---- */

static json_t *
entry_json (gconstpointer item)
{
  const StoreEntry *entry = item;
  json_t *object = operation_entry_json (entry);
  json_object_set_new (object, "size", json_integer (entry->size));
  return object;
}

void
human_secret_list (Human *human, const RpcCall *rpc)
{
  g_autoptr (GPtrArray) all = store_list (human->vault->store);
  human_answer_page (human, rpc, "secrets", all, entry_json);
}

static void
on_read (gpointer data, Secret *value, const GError *error)
{
  HumanCall *call = data;
  const StoreEntry *entry = store_find (call->human->vault->store, call->name);
  g_autoptr (GError) trouble = NULL;
  int fd = -1;

  if (error != NULL || entry == NULL)
    {
      trouble = error != NULL ? g_error_copy (error)
                              : g_error_new_literal (STORE_ERROR, STORE_ERROR_NO_SECRET,
                                                     "the secret is gone");
      human_call_refuse (call, trouble);
      secret_free (value);
      return;
    }
  json_t *object = entry_json (entry);
  if (secret_len (value) <= VALUE_INLINE && secret_is_text (value))
    json_object_set_new (object, "value",
                         json_stringn ((const char *) secret_peek (value), secret_len (value)));
  else
    {
      json_object_set_new (object, "value_fd", json_true ());
      fd = secret_to_memfd (value, &trouble);
    }
  secret_free (value);
  if (trouble == NULL)
    {
      human_call_answer (call, object, fd);
      return;
    }
  json_decref (object);
  human_call_refuse (call, trouble);
}

static void
go_show (HumanCall *call, gpointer data)
{
  if (is_recorded (call))
    login_read (call->human->vault, call->name, on_read, call);
}

void
human_secret_show (Human *human, const RpcCall *rpc)
{
  const char *name = wire_string (rpc->params, "name");
  gboolean reveal = json_is_true (json_object_get (rpc->params, "reveal"));
  const StoreEntry *entry = store_find (human->vault->store, name);

  if (reveal && !human_prove (human, rpc))
    return;
  if (entry == NULL)
    rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND, "name: there is no secret of this name",
                json_pack ("{s:s}", "field", "name"));
  else if (!reveal)
    rpc_answer (human->conn, rpc->id, entry_json (entry), -1);
  else
    record_first (human_call_new (human, rpc->id, name), "secret_shown", go_show, NULL);
}

/* ---- rm, mv ---- */

static void
on_done (gpointer data, const GError *error)
{
  HumanCall *call = data;

  http_workers_retire (call->human->vault->http);
  if (error != NULL)
    human_call_refuse (call, error);
  else
    human_call_answer (call, json_object (), -1);
}

static void
go_rm (HumanCall *call, gpointer data)
{
  Vault *vault = call->human->vault;

  if (!is_recorded (call))
    return;
  grants_end_for (vault->grants, OPERATION_GET_SECRET, call->name, "revoked");
  login_forget (vault, call->name);
  store_remove (vault->store, call->name, on_done, call);
}

void
human_secret_rm (Human *human, const RpcCall *rpc)
{
  const char *name = wire_string (rpc->params, "name");

  if (store_find (human->vault->store, name) == NULL)
    rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND, "name: there is no secret of this name",
                json_pack ("{s:s}", "field", "name"));
  else
    record_first (human_call_new (human, rpc->id, name), "secret_removed", go_rm, NULL);
}

static void
go_mv (HumanCall *call, gpointer data)
{
  g_autofree char *to = data;
  Vault *vault = call->human->vault;

  if (!is_recorded (call))
    return;
  /* A grant was for the name that was shown. */
  grants_end_for (vault->grants, OPERATION_GET_SECRET, call->name, "revoked");
  login_forget (vault, call->name);
  login_forget (vault, to);
  store_rename (vault->store, call->name, to, on_done, call);
}

void
human_secret_mv (Human *human, const RpcCall *rpc)
{
  const char *name = wire_string (rpc->params, "name"), *to = wire_string (rpc->params, "to");

  if (!check_name (human, rpc, "to"))
    return;
  if (store_find (human->vault->store, name) == NULL)
    rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND, "name: there is no secret of this name",
                json_pack ("{s:s}", "field", "name"));
  else if (store_find (human->vault->store, to) != NULL)
    rpc_refuse (human->conn, rpc->id, RPC_EXISTS, "to: a secret of this name exists already",
                json_pack ("{s:s}", "field", "to"));
  else
    record_first (human_call_new (human, rpc->id, name), "secret_moved", go_mv, g_strdup (to));
}
