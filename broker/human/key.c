/* SPDX-License-Identifier: MIT */
#include "broker/human/key.h"

#include <string.h>

#include "broker/base/crypt.h"
#include "broker/base/text.h"
#include "broker/record.h"

#define META "keys"
#define CHALLENGE_LIFE (60 * G_USEC_PER_SEC)

typedef struct
{
  json_t *about; /* id, name, added_at */
  GBytes *credential_id, *public_key;
  EVP_PKEY *point;
  guint32 counter;
} Key;

struct _Keys
{
  Vault *vault;
  GPtrArray *keys; /* of Key */
};

static void
key_free (gpointer data)
{
  Key *key = data;

  json_decref (key->about);
  g_clear_pointer (&key->credential_id, g_bytes_unref);
  g_clear_pointer (&key->public_key, g_bytes_unref);
  EVP_PKEY_free (key->point);
  g_free (key);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Key, key_free)

Keys *
keys_new (Vault *vault)
{
  Keys *self = g_new0 (Keys, 1);

  self->vault = vault;
  self->keys = g_ptr_array_new_with_free_func (key_free);
  return self;
}

void
keys_free (Keys *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->keys);
  g_free (self);
}

void
keys_lock (Keys *self)
{
  g_ptr_array_set_size (self->keys, 0);
}

guint
keys_count (const Keys *self)
{
  return self->keys->len;
}

static const char *
key_id (const Key *key)
{
  return wire_string (key->about, "id");
}

/* ---- in the store ---- */

static json_t *
key_json (const Key *key)
{
  json_t *object = json_deep_copy (key->about);

  json_object_set_new (object, "credential_id", key_bytes_json (key->credential_id));
  json_object_set_new (object, "public_key", key_bytes_json (key->public_key));
  json_object_set_new (object, "counter", json_integer (key->counter));
  return object;
}

static Key *
key_read (const json_t *object, GError **error)
{
  static const WireField fields[] = {
    { "id", WIRE_STRING, TRUE, 1, 64, NULL },
    { "name", WIRE_STRING, TRUE, 1, KEY_NAME_MAX, NULL },
    { "added_at", WIRE_STRING, TRUE, 1, 64, NULL },
    { "credential_id", WIRE_STRING, TRUE, 1, 0, NULL },
    { "public_key", WIRE_STRING, TRUE, 1, 0, NULL },
    { "counter", WIRE_INTEGER, TRUE, 0, G_MAXUINT32, NULL },
  };
  g_autoptr (Key) key = g_new0 (Key, 1);

  if (!wire_check (fields, G_N_ELEMENTS (fields), object, error))
    return NULL;
  key->about = json_pack ("{s:O, s:O, s:O}", "id", json_object_get (object, "id"), "name",
                          json_object_get (object, "name"), "added_at",
                          json_object_get (object, "added_at"));
  key->counter = (guint32) wire_integer (object, "counter", 0);
  key->credential_id = key_bytes_read ("credential_id", wire_string (object, "credential_id"),
                                       KEY_CREDENTIAL_MAX, error);
  if (key->credential_id == NULL)
    return NULL;
  key->public_key
      = key_bytes_read ("public_key", wire_string (object, "public_key"), KEY_POINT_LEN, error);
  if (key->public_key == NULL || (key->point = key_point_read (key->public_key, error)) == NULL)
    return NULL;
  return g_steal_pointer (&key);
}

gboolean
keys_load (Keys *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (json_t) all = store_get_table (self->vault->store, META, &local);
  json_t *object;
  gsize i;

  keys_lock (self);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  json_array_foreach (all, i, object)
  {
    Key *key = key_read (object, error);
    if (key == NULL)
      return FALSE;
    g_ptr_array_add (self->keys, key);
  }
  return TRUE;
}

static void
save (Keys *self, WriterDone done, gpointer data)
{
  g_autoptr (json_t) all = json_array ();

  for (guint i = 0; i < self->keys->len; i++)
    json_array_append_new (all, key_json (self->keys->pdata[i]));
  store_put_table (self->vault->store, META, all, done, data);
}

/* ---- what a person sees and changes ---- */

GPtrArray *
keys_list (const Keys *self)
{
  GPtrArray *list = g_ptr_array_new_full (self->keys->len, (GDestroyNotify) json_decref);

  for (guint i = 0; i < self->keys->len; i++)
    {
      const Key *key = g_ptr_array_index (self->keys, i);
      json_t *item = json_copy (key->about);
      json_object_set_new (item, "credential_id", key_bytes_json (key->credential_id));
      g_ptr_array_add (list, item);
    }
  return list;
}

json_t *
keys_credentials (const Keys *self)
{
  json_t *array = json_array ();

  for (guint i = 0; i < self->keys->len; i++)
    json_array_append_new (array, key_bytes_json (((Key *) self->keys->pdata[i])->credential_id));
  return array;
}

static Key *
find_credential (const Keys *self, GBytes *id)
{
  for (guint i = 0; i < self->keys->len; i++)
    {
      Key *key = g_ptr_array_index (self->keys, i);
      if (g_bytes_equal (key->credential_id, id))
        return key;
    }
  return NULL;
}

static gboolean
find_key (const Keys *self, const char *id, guint *at)
{
  for (*at = 0; *at < self->keys->len; (*at)++)
    if (strcmp (key_id (self->keys->pdata[*at]), id) == 0)
      return TRUE;
  return FALSE;
}

static AuditRecord *
record_key (const Keys *self, const char *event, const Key *key, const Process *caller)
{
  AuditRecord *record = record_human (self->vault, event, caller);

  audit_record_string (record, "key_id", key_id (key));
  audit_record_text (record, "name", wire_string (key->about, "name"));
  return record;
}

typedef struct
{
  Keys *self;
  Key *key; /* until it is recorded */
  char *id;
  WriterDone done;
  gpointer data;
} Adding;

/* It could have been locked, or another one been added, meanwhile. */
static gboolean
may_add (const Keys *self, GBytes *credential_id, GError **error)
{
  if (self->vault->state != VAULT_UNLOCKED)
    g_set_error_literal (error, STORE_ERROR, STORE_ERROR_LOCKED, "the broker was locked");
  else if (find_credential (self, credential_id) != NULL)
    g_set_error_literal (error, STORE_ERROR, STORE_ERROR_EXISTS,
                         "credential_id: this security key is enrolled");
  else if (self->keys->len >= KEYS_MAX)
    g_set_error (error, STORE_ERROR, STORE_ERROR_EXISTS,
                 "there are %d security keys, which is the most; remove one: countersign key rm",
                 KEYS_MAX);
  else
    return TRUE;
  return FALSE;
}

/* What is not in the store would count until the broker ends, and then no longer. */
static void
on_add_saved (gpointer data, const GError *error)
{
  Adding *adding = data;
  guint at;

  /* By its id: meanwhile the broker may have been locked and opened. */
  if (error != NULL && find_key (adding->self, adding->id, &at))
    g_ptr_array_remove_index (adding->self->keys, at);
  adding->done (adding->data, error);
  g_free (adding->id);
  g_free (adding);
}

static void
on_add_recorded (gpointer data, const GError *failed)
{
  Adding *adding = data;
  Keys *self = adding->self;
  g_autoptr (GError) error = failed != NULL ? g_error_copy (failed) : NULL;

  if (error == NULL && may_add (self, adding->key->credential_id, &error))
    {
      g_ptr_array_add (self->keys, g_steal_pointer (&adding->key));
      save (self, on_add_saved, adding);
      return;
    }
  key_free (adding->key);
  on_add_saved (adding, error);
}

char *
keys_add (Keys *self, const KeyNew *parts, const Process *caller, WriterDone done, gpointer data,
          GError **error)
{
  g_autoptr (EVP_PKEY) point = key_point_read (parts->public_key, error);
  g_autofree char *id = text_random_id (10), *now = text_format_time (g_get_real_time ());

  if (point == NULL || !may_add (self, parts->credential_id, error))
    return NULL;
  Key *key = g_new0 (Key, 1);
  key->about = json_pack ("{s:s, s:s, s:s}", "id", id, "name", parts->name, "added_at", now);
  key->credential_id = g_bytes_ref (parts->credential_id);
  key->public_key = g_bytes_ref (parts->public_key);
  key->point = g_steal_pointer (&point);
  Adding *adding = g_new0 (Adding, 1);
  *adding = (Adding){ self, key, g_strdup (id), done, data };
  audit_append (self->vault->audit, record_key (self, "key_added", key, caller), AUDIT_SYNCED,
                on_add_recorded, adding);
  return g_steal_pointer (&id);
}

gboolean
keys_remove (Keys *self, const char *id, const Process *caller)
{
  guint at;

  if (!find_key (self, id, &at))
    return FALSE;
  record_owe (self->vault, record_key (self, "key_removed", self->keys->pdata[at], caller));
  g_ptr_array_remove_index (self->keys, at);
  save (self, NULL, NULL);
  return TRUE;
}

/* ---- proof ---- */

struct _KeyChallenge
{
  guint8 bytes[KEY_CHALLENGE_LEN];
  gint64 expires; /* µs of boot time */
  char *request_id;
};

KeyChallenge *
key_challenge_new (const char *request_id, GError **error)
{
  KeyChallenge *challenge = g_new0 (KeyChallenge, 1);

  challenge->request_id = g_strdup (request_id);
  challenge->expires = loop_now () + CHALLENGE_LIFE;
  if (crypt_random (challenge->bytes, sizeof challenge->bytes, error))
    return challenge;
  key_challenge_free (challenge);
  return NULL;
}

void
key_challenge_free (KeyChallenge *challenge)
{
  if (challenge == NULL)
    return;
  g_free (challenge->request_id);
  g_free (challenge);
}

const guint8 *
key_challenge_bytes (const KeyChallenge *challenge)
{
  return challenge->bytes;
}

static gboolean
is_open (const KeyChallenge *challenge, const char *request_id)
{
  return challenge != NULL && loop_now () < challenge->expires
         && strcmp (challenge->request_id, request_id) == 0;
}

/* A signature that is good with a counter that is not: worth knowing, and nobody can make it up. */
static void
record_copy (const Keys *self, const Key *key)
{
  record_owe (self->vault, record_key (self, "key_counter", key, NULL));
}

char *
keys_prove (Keys *self, const KeyAssertion *assertion, const KeyChallenge *challenge,
            const char *request_id, const char *digest, GError **error)
{
  Key *key = find_credential (self, assertion->credential_id);
  g_autoptr (GError) failed = NULL;
  guint8 hash[KEY_HASH_LEN];

  if (!is_open (challenge, request_id)
      || !key_hash_decision (key_challenge_bytes (challenge), digest, hash))
    {
      g_set_error_literal (error, KEY_ERROR, KEY_ERROR_CHALLENGE,
                           "key: its challenge was used, is older than a minute, or was given to "
                           "another connection or for another request; touch it again");
      return NULL;
    }
  if (key == NULL)
    {
      g_set_error_literal (error, KEY_ERROR, KEY_ERROR_UNKNOWN, "key: it is not enrolled");
      return NULL;
    }
  if (key_verify (key->point, assertion, hash, &key->counter, &failed))
    {
      save (self, NULL, NULL);
      return g_strdup (key_id (key));
    }
  if (failed->code == KEY_ERROR_COUNTER)
    record_copy (self, key);
  g_propagate_error (error, g_steal_pointer (&failed));
  return NULL;
}
