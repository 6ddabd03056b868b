/* SPDX-License-Identifier: MIT */
#include "broker/start/opening.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "broker/accepted.h"
#include "broker/base/paths.h"
#include "broker/base/text.h"
#include "broker/human/pin.h"
#include "broker/issue/ssh-ca.h"
#include "broker/issue/upstream.h"
#include "broker/record.h"
#include "broker/request/judge.h"
#include "broker/request/request.h"
#include "broker/retention.h"
#include "broker/start/seat.h"
#include "broker/start/trail.h"
#include "broker/token/tokens.h"

#define TMPFS 0x01021994
#define RAMFS 0x858458f6

Places *
places_new (void)
{
  Places *self = g_new0 (Places, 1);

  self->runtime_dir = paths_runtime_dir ();
  self->store_path = paths_store_file ();
  self->audit_dir = paths_audit_dir ();
  return self;
}

void
places_free (Places *self)
{
  if (self == NULL)
    return;
  g_free (self->runtime_dir);
  g_free (self->store_path);
  g_free (self->audit_dir);
  g_free (self);
}

gboolean
places_in_memory (Places *self, GError **error)
{
  struct statfs fs;

  if (self->system)
    {
      g_set_error_literal (error, STORE_ERROR, STORE_ERROR_FAILED,
                           "memory: is for a broker of one's own; the system broker keeps its "
                           "store on disk");
      return FALSE;
    }
  if (!paths_make_private (self->runtime_dir, error))
    return FALSE;
  if (statfs (self->runtime_dir, &fs) != 0 || (fs.f_type != TMPFS && fs.f_type != RAMFS))
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
                   "--memory needs a runtime directory in RAM, and %s is not in tmpfs; set "
                   "XDG_RUNTIME_DIR to one that is",
                   self->runtime_dir);
      return FALSE;
    }
  g_free (self->store_path);
  g_free (self->audit_dir);
  self->store_path = g_build_filename (self->runtime_dir, "store.db", NULL);
  self->audit_dir = g_build_filename (self->runtime_dir, "audit", NULL);
  return TRUE;
}

/* ---- waiting for the writer ---- */

static void
keep_error (gpointer data, const GError *error)
{
  GError **kept = data;
  if (error != NULL && *kept == NULL)
    *kept = g_error_copy (error);
}

/* FALSE with what @kept holds, after all that was pushed is on disk. */
static gboolean
settle (Vault *vault, GError **kept, GError **error)
{
  if (vault->audit != NULL)
    audit_flush (vault->audit);
  writer_drain (vault->writer);
  if (*kept == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (kept));
  return FALSE;
}

gboolean
opening_record (Vault *vault, const char *event, const Process *caller, GError **error)
{
  GError *kept = NULL;
  AuditRecord *record = record_human (vault, event, caller);

  if (vault->repair.torn_bytes > 0 || vault->repair.after_head > 0)
    {
      audit_record_integer (record, "torn_bytes", vault->repair.torn_bytes);
      audit_record_integer (record, "after_head", vault->repair.after_head);
    }
  audit_append (vault->audit, record, AUDIT_SYNCED, keep_error, &kept);
  return settle (vault, &kept, error);
}

/* ---- init ---- */

static void
remove_store (const Places *places)
{
  static const char *const endings[] = { "", "-wal", "-shm", "-journal", ".lock" };
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *path = g_strconcat (places->store_path, endings[i], NULL);
      g_unlink (path);
    }
}

static gboolean
take_seat (const Places *places, int *seat, GError **error)
{
  return places->system
         || (paths_make_private (places->runtime_dir, error)
             && (*seat = seat_take_over (places->runtime_dir, error)) >= 0);
}

static gboolean
make_dirs (const Places *places, GError **error)
{
  g_autofree char *data = g_path_get_dirname (places->store_path);

  if (!paths_make_private (data, error) || !paths_make_private (places->audit_dir, error))
    return FALSE;
  g_autoptr (GDir) dir = g_dir_open (places->audit_dir, 0, error);
  if (dir == NULL || g_dir_read_name (dir) == NULL)
    return dir != NULL;
  g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_UNSAFE,
               "%s holds an audit trail that no store goes with; move it away, then try again",
               places->audit_dir);
  return FALSE;
}

/* In two steps: what there is, then what is missing. A store whose key cannot be had opens all the
 * same. */
static void
open_tokens (Vault *vault)
{
  tokens_read (vault->tokens);
  writer_drain (vault->writer);
  tokens_begin (vault->tokens);
  writer_drain (vault->writer);
}

static gboolean
fill (Vault *vault, Store *store, const Places *places, const char *pin, const json_t *policy,
      GError **error)
{
  GError *kept = NULL;
  Audit *audit = trail_begin (vault, store, places, error);

  vault->store = store; /* the vault's from here on, and freed with it */
  vault->audit = audit;
  if (audit == NULL || !trail_write_key (store, places, error) || !pin_load (vault->pin, error)
      || !pin_set (vault->pin, pin, keep_error, &kept, error))
    return FALSE;
  accepted_save (vault, policy, keep_error, &kept);
  ssh_ca_make (vault->ssh_ca, keep_error, &kept);
  store_forget_kek (store);
  if (!settle (vault, &kept, error) || !vault_open (vault, store, audit, error))
    return FALSE;
  open_tokens (vault);
  retention_begin (vault->retention);
  return tokens_usable (vault->tokens, error);
}

gboolean
opening_init (Vault *vault, const Places *places, const Secret *passphrase, const char *pin,
              const json_t *policy, int *seat, GError **error)
{
  g_autoptr (Accepted) parsed = accepted_parse (policy, error);

  if (parsed == NULL || !pin_fits (pin, error))
    return FALSE;
  if (g_file_test (places->store_path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_EXISTS,
                   "%s exists: Countersign is set up already; `countersign unlock` opens it",
                   places->store_path);
      return FALSE;
    }
  if (!make_dirs (places, error) || !take_seat (places, seat, error))
    return FALSE;
  Store *store = store_create (places->store_path, vault->writer, passphrase, error);
  if (store == NULL)
    return FALSE;
  if (fill (vault, store, places, pin, policy, error))
    return TRUE;
  vault_close (vault, NULL);
  remove_store (places);
  return FALSE;
}

/* ---- unlock ---- */

/* The passphrase, tried without disturbing whoever rules now. */
static Store *
open_with (Vault *vault, const Places *places, const Secret *passphrase, GError **error)
{
  Store *store = store_open (places->store_path, vault->writer, error);

  if (store != NULL && !store_unlock (store, passphrase, error))
    g_clear_pointer (&store, store_free);
  return store;
}

static gboolean
change_pin (Vault *vault, const char *pin, GError **error)
{
  GError *kept = NULL;
  return pin_set (vault->pin, pin, keep_error, &kept, error) && settle (vault, &kept, error);
}

static gboolean
open_trail (Vault *vault, Store *store, const Places *places, Unlocking *unlocking, GError **error)
{
  g_autoptr (GError) damage = NULL;

  vault->audit = trail_continue (vault, store, places, &damage);
  if (vault->audit == NULL && unlocking->new_trail
      && g_error_matches (damage, AUDIT_ERROR, AUDIT_ERROR_TAMPERED))
    {
      vault->audit = trail_restart (vault, store, places, &unlocking->aside, error);
      if (vault->audit == NULL)
        return FALSE;
      AuditRecord *record = audit_record_new (vault->audit, "trail_restarted");
      audit_record_text (record, "damage", damage->message);
      audit_record_text (record, "aside", unlocking->aside);
      audit_append (vault->audit, record, AUDIT_SYNCED, NULL, NULL);
    }
  else if (vault->audit == NULL)
    {
      gboolean tampered = g_error_matches (damage, AUDIT_ERROR, AUDIT_ERROR_TAMPERED);
      g_set_error (error, damage->domain, damage->code, "the audit trail: %s%s", damage->message,
                   tampered ? "; `countersign unlock --new-trail` puts it aside, as evidence, and "
                              "begins a new one"
                            : "");
      return FALSE;
    }
  return trail_write_key (store, places, error);
}

/* The rest, with the right passphrase. */
static gboolean
open_store (Vault *vault, const Places *places, Unlocking *unlocking, int *seat, GError **error)
{
  Store *store = vault->store;

  if (!take_seat (places, seat, error) || !store_claim (store, error) || !store_load (store, error)
      || (unlocking->fresh != NULL
          && !store_change_passphrase (store, unlocking->passphrase, unlocking->fresh, error))
      || !open_trail (vault, store, places, unlocking, error))
    return FALSE;

  store_forget_kek (store);
  if (!vault_open (vault, store, vault->audit, error)
      || (unlocking->pin != NULL && !change_pin (vault, unlocking->pin, error)))
    return FALSE;
  /* A store that is older than its trail may hold grants that have been revoked since. */
  unlocking->resumed
      = grants_resume (vault->grants, vault->repair.after_head == 0 && unlocking->aside == NULL);
  requests_rejoin (vault->requests);
  ssh_ca_settle (vault->ssh_ca);
  upstream_open (vault->upstream);
  open_tokens (vault);
  grants_end_spent (vault->grants);
  judge_again (vault->judge, NULL, NULL); /* hours may have gone by */
  retention_begin (vault->retention); /* when nobody reads old files any more */
  return TRUE;
}

gboolean
opening_unlock (Vault *vault, const Places *places, Unlocking *unlocking, int *seat, GError **error)
{
  if (unlocking->pin != NULL && !pin_fits (unlocking->pin, error))
    return FALSE;
  Store *store = unlocking->tried != NULL ? g_steal_pointer (&unlocking->tried)
                                          : open_with (vault, places, unlocking->passphrase, error);
  if (store == NULL)
    return FALSE;
  if (vault->store != NULL)
    vault_close (vault, unlocking->caller);
  vault->store = store; /* the vault's from here on, and freed with it */
  if (open_store (vault, places, unlocking, seat, error))
    return TRUE;
  vault_close (vault, NULL);
  vault->store = store_open (places->store_path, vault->writer, NULL);
  return FALSE;
}
