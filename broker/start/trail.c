/* SPDX-License-Identifier: MIT */
#include "broker/start/trail.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "broker/base/paths.h"
#include "broker/base/text.h"

#define HEAD "audit-head"

static gboolean
save_head (gpointer user, GBytes *head, GError **error)
{
  return store_put_raw (user, HEAD, head, error);
}

static void
forget_heads (gpointer user)
{
  store_forget_replaced (user);
}

typedef struct
{
  AuditSetup setup;
  Secret *head, *text, *token;
} TrailKeys;

static gboolean
derive_keys (TrailKeys *keys, Store *store, const Places *places, GError **error)
{
  keys->head = store_derive_key (store, "audit head", error);
  keys->text = keys->head != NULL ? store_derive_key (store, "audit text", error) : NULL;
  keys->token = keys->text != NULL ? store_derive_key (store, "audit token", error) : NULL;
  keys->setup = (AuditSetup){ .dir = places->audit_dir,
                              .log_id = store_id (store),
                              .head_key = keys->head,
                              .text_key = keys->text,
                              .token_key = keys->token,
                              .save_head = save_head,
                              .forget_heads = forget_heads,
                              .user = store };
  return keys->token != NULL;
}

static void
free_keys (TrailKeys *keys)
{
  secret_free (keys->head);
  secret_free (keys->text);
  secret_free (keys->token);
}

gboolean
trail_write_key (Store *store, const Places *places, GError **error)
{
  g_autofree char *path = g_build_filename (places->audit_dir, "key", NULL);
  g_autofree char *text = store_export_wrapped (store, CRYPT_LABEL_AUDIT, error);
  g_autofree char *there = NULL;

  if (text == NULL)
    return FALSE;
  if (g_file_get_contents (path, &there, NULL, NULL) && strcmp (there, text) == 0)
    return TRUE;
  return g_file_set_contents_full (
      path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

Audit *
trail_begin (Vault *vault, Store *store, const Places *places, GError **error)
{
  TrailKeys keys = { 0 };
  g_autoptr (Secret) k0 = crypt_random_key (error);
  Audit *audit = NULL;

  if (k0 != NULL && derive_keys (&keys, store, places, error)
      && store_put_wrapped (store, CRYPT_LABEL_AUDIT, k0, error))
    audit = audit_create (&keys.setup, vault->writer, k0, error);
  free_keys (&keys);
  return audit;
}

Audit *
trail_continue (Vault *vault, Store *store, const Places *places, GError **error)
{
  TrailKeys keys = { 0 };
  g_autoptr (GBytes) head = store_get_raw (store, HEAD);
  Audit *audit = NULL;

  if (head == NULL)
    g_set_error_literal (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED,
                         "the store does not know where the audit trail ends; restore a backup");
  else if (derive_keys (&keys, store, places, error))
    audit = audit_open (&keys.setup, vault->writer, head, &vault->repair, error);
  free_keys (&keys);
  return audit;
}

Audit *
trail_restart (Vault *vault, Store *store, const Places *places, char **aside, GError **error)
{
  g_autofree char *now = text_format_time (g_get_real_time ());
  g_autofree char *path = g_strdup_printf ("%s.%s", places->audit_dir, now);

  if (g_rename (places->audit_dir, path) != 0 && errno != ENOENT)
    {
      g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO, "%s: %s", places->audit_dir,
                   g_strerror (errno));
      return NULL;
    }
  *aside = g_steal_pointer (&path);
  return paths_make_private (places->audit_dir, error) ? trail_begin (vault, store, places, error)
                                                       : NULL;
}
