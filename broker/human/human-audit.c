/* SPDX-License-Identifier: MIT
 *
 * The trail, for those who may read it and cannot open it: what is sealed in its records, and its
 * files.
 *
 * MUST
 *  - hand out descriptors that read, of the trail's own files and no other
 */
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>

#include "broker/audit/audit-file.h"
#include "broker/human/human.h"

#define KEY_FILE "key"

static json_t *
open_one (Vault *vault, const json_t *item)
{
  static const WireField fields[] = {
    { "seq", WIRE_INTEGER, TRUE, 0, G_MAXINT64, NULL },
    { "text", WIRE_STRING, TRUE, 1, 0, NULL },
  };
  if (!wire_check (fields, G_N_ELEMENTS (fields), item, NULL))
    return json_null ();
  g_autofree char *text = audit_open_text (vault->audit, wire_string (item, "text"),
                                           wire_integer (item, "seq", 0), NULL);
  json_t *object = text != NULL ? json_loads (text, 0, NULL) : NULL;
  return object != NULL ? object : json_null ();
}

void
human_audit_open (Human *human, const RpcCall *rpc)
{
  json_t *opened = json_array (), *item;
  gsize i;

  json_array_foreach (json_object_get (rpc->params, "sealed"), i, item)
      json_array_append_new (opened, open_one (human->vault, item));
  rpc_answer (human->conn, rpc->id, json_pack ("{s:o}", "opened", opened), -1);
}

/* Names of all files of the trail; NULL with an error. */
static json_t *
list_names (const char *dir, GError **error)
{
  g_autoptr (GArray) numbers = audit_file_list (dir, error);
  json_t *names;

  if (numbers == NULL)
    return NULL;
  names = json_array ();
  for (guint i = 0; i < numbers->len; i++)
    {
      g_autofree char *path = audit_file_path (dir, g_array_index (numbers, guint, i));
      g_autofree char *name = g_path_get_basename (path);
      json_array_append_new (names, json_string (name));
    }
  json_array_append_new (names, json_string (KEY_FILE));
  return names;
}

void
human_audit_files (Human *human, const RpcCall *rpc)
{
  const char *dir = audit_dir (human->vault->audit);
  g_autoptr (GError) error = NULL;
  json_t *names = list_names (dir, &error);

  if (names != NULL)
    rpc_answer (human->conn, rpc->id, json_pack ("{s:s, s:o}", "dir", dir, "names", names), -1);
  else
    rpc_refuse_error (human->conn, rpc->id, error);
}

static gboolean
is_listed (const char *dir, const char *name)
{
  g_autoptr (json_t) names = list_names (dir, NULL);
  const json_t *one;
  gsize i;

  json_array_foreach (names, i, one)
  {
    if (strcmp (json_string_value (one), name) == 0)
      return TRUE;
  }
  return FALSE;
}

void
human_audit_file (Human *human, const RpcCall *rpc)
{
  const char *dir = audit_dir (human->vault->audit), *name = wire_string (rpc->params, "name");
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GError) error = NULL;
  struct stat st;

  if (!is_listed (dir, name))
    {
      rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND, "name: is no file of the trail",
                  json_pack ("{s:s}", "field", "name"));
      return;
    }
  int fd = audit_file_open (path, &st, &error);
  if (fd >= 0)
    rpc_answer (human->conn, rpc->id, json_pack ("{s:s, s:b}", "name", name, "value_fd", TRUE), fd);
  else
    rpc_refuse_error (human->conn, rpc->id, error);
}

/* ---- for who looks for records ---- */

void
human_audit_token (Human *human, const RpcCall *rpc)
{
  char token[AUDIT_TOKEN_LEN + 1];

  if (audit_name_token (human->vault->audit, wire_string (rpc->params, "name"), token))
    rpc_answer (human->conn, rpc->id, json_pack ("{s:s}", "token", token), -1);
  else
    rpc_refuse (human->conn, rpc->id, RPC_LOCKED, "the broker is locked", NULL);
}

void
human_audit_index_key (Human *human, const RpcCall *rpc)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) key = audit_index_key (human->vault->audit, &error);
  char hex[AUDIT_HEX_LEN];

  if (key == NULL)
    {
      rpc_refuse_error (human->conn, rpc->id, error);
      return;
    }
  audit_hex (secret_peek (key), hex);
  rpc_answer (human->conn, rpc->id, json_pack ("{s:s, s:s%}", "log", store_id (human->vault->store), "key", hex, sizeof hex), -1);
  OPENSSL_cleanse (hex, sizeof hex);
}
