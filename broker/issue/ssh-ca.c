/* SPDX-License-Identifier: MIT */
#include "broker/issue/ssh-ca-private.h"

#include <string.h>

#include "broker/record.h"
#include "broker/ssh/ssh-krl.h"

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

SshCa *
ssh_ca_new (Vault *vault)
{
  SshCa *self = g_new0 (SshCa, 1);

  self->vault = vault;
  self->issued = g_ptr_array_new_with_free_func ((GDestroyNotify) ssh_issued_free);
  return self;
}

void
ssh_ca_free (SshCa *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->issued);
  g_clear_pointer (&self->waiting, g_array_unref);
  g_free (self);
}

void
ssh_ca_lock (SshCa *self)
{
  g_ptr_array_set_size (self->issued, 0);
  self->made = FALSE;
}

gboolean
ssh_ca_load (SshCa *self, GError **error)
{
  g_autoptr (GBytes) bytes = store_get_meta (self->vault->store, SSH_CA_META);

  ssh_ca_lock (self);
  if (bytes == NULL)
    return TRUE;
  self->made = ssh_ca_from_bytes (self, bytes, error);
  return self->made;
}

void
ssh_ca_save (SshCa *self, WriterDone done, gpointer data)
{
  g_autoptr (GBytes) bytes = ssh_ca_to_bytes (self);

  store_put_meta (self->vault->store, SSH_CA_META, bytes, done, data);
}

/* ---- what there is ---- */

void
ssh_issued_time (SshIssued *issued)
{
  gint64 most = (G_MAXINT64 - loop_now ()) / G_USEC_PER_SEC / 2;
  gint64 left = CLAMP (issued->valid_before, 0, most) * G_USEC_PER_SEC - g_get_real_time ();

  issued->ends = loop_now () + left;
}

/* By both clocks: one that is set forward for a while ends nothing, and what seemed to have ended
 * is good again when it is set back. @after: seconds. */
static gboolean
has_ended (const SshIssued *issued, gint64 after)
{
  return issued->valid_before <= now () - after
         && issued->ends <= loop_now () - after * G_USEC_PER_SEC;
}

/* What has ended long enough ago needs no revocation any more. */
static void
prune (SshCa *self)
{
  for (guint i = self->issued->len; i-- > 0;)
    if (has_ended (self->issued->pdata[i], SSH_CA_KEEP_AFTER + 1))
      g_ptr_array_remove_index (self->issued, i);
}

SshIssued *
ssh_ca_find (const SshCa *self, guint64 serial)
{
  for (guint i = 0; i < self->issued->len; i++)
    if (((SshIssued *) self->issued->pdata[i])->serial == serial)
      return self->issued->pdata[i];
  return NULL;
}

static guint
count_under (const SshCa *self, const char *grant_id)
{
  guint n = 0;

  for (guint i = 0; i < self->issued->len; i++)
    n += strcmp (((SshIssued *) self->issued->pdata[i])->grant_id, grant_id) == 0;
  return n;
}

gboolean
ssh_ca_add (SshCa *self, SshIssued *owned, GError **error)
{
  g_autoptr (SshIssued) issued = owned;

  prune (self);
  ssh_issued_time (issued);
  if (self->issued->len >= SSH_CA_MOST)
    g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
                 "%d certificates are valid already; ask again when some have ended", SSH_CA_MOST);
  else if (count_under (self, issued->grant_id) >= SSH_CA_MOST_OF_ONE)
    g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
                 "this grant has given %d certificates, as many as one gives; use one of them",
                 SSH_CA_MOST_OF_ONE);
  else
    g_ptr_array_add (self->issued, g_steal_pointer (&issued));
  return issued == NULL;
}

void
ssh_ca_forget (SshCa *self, guint64 serial)
{
  SshIssued *issued = ssh_ca_find (self, serial);

  if (issued != NULL)
    g_ptr_array_remove (self->issued, issued);
}

static gboolean
is_valid (const SshIssued *issued)
{
  return issued->revoked_at == 0 && !has_ended (issued, 0);
}

char *
ssh_ca_public_line (const SshCa *self)
{
  return self->made ? ssh_ed25519_line (self->public_key) : NULL;
}

json_t *
ssh_ca_describe (SshCa *self)
{
  g_autofree char *line = ssh_ca_public_line (self);
  g_autoptr (GBytes) blob = ssh_ed25519_blob (self->public_key);
  g_autofree char *print = ssh_fingerprint (g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));
  guint valid = 0, revoked = 0;

  prune (self);
  for (guint i = 0; i < self->issued->len; i++)
    {
      const SshIssued *issued = self->issued->pdata[i];
      valid += is_valid (issued);
      revoked += issued->revoked_at != 0;
    }
  return json_pack ("{s:s, s:s, s:i, s:i}", "public_key", line, "fingerprint", print, "valid",
                    (int) valid, "revoked", (int) revoked);
}

GPtrArray *
ssh_ca_list (SshCa *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);

  prune (self);
  for (guint i = self->issued->len; i-- > 0;)
    g_ptr_array_add (list, ssh_issued_json (self->issued->pdata[i]));
  return list;
}

GBytes *
ssh_ca_krl (SshCa *self)
{
  g_autoptr (GArray) serials = g_array_new (FALSE, FALSE, sizeof (guint64));

  prune (self);
  for (guint i = 0; i < self->issued->len; i++)
    {
      const SshIssued *issued = self->issued->pdata[i];
      if (issued->revoked_at != 0)
        g_array_append_val (serials, issued->serial);
    }
  return ssh_krl (self->public_key, serials, self->krl_version, now (), "countersign");
}

/* ---- revocation ---- */

static void
mark_revoked (SshCa *self, SshIssued *issued, const char *why, const Process *caller)
{
  AuditRecord *record = record_human (self->vault, "ssh_certificate_revoked", caller);
  g_autofree char *serial = g_strdup_printf ("%" G_GUINT64_FORMAT, issued->serial);

  issued->revoked_at = now ();
  issued->why = g_strdup (why);
  self->krl_version++;
  if (record == NULL)
    return;
  audit_record_string (record, "request_id", issued->request_id);
  audit_record_string (record, "grant_id", issued->grant_id);
  audit_record_string (record, "serial", serial);
  audit_record_string (record, "why", why);
  audit_record_text (record, "key_id", issued->key_id);
  record_owe (self->vault, record);
}

typedef gboolean (*Match) (const SshCa *self, const SshIssued *issued, const char *text);

static gboolean
revoke_where (SshCa *self, Match match, const char *text, const char *why, const Process *caller)
{
  guint64 before = self->krl_version;

  for (guint i = 0; i < self->issued->len; i++)
    {
      SshIssued *issued = self->issued->pdata[i];
      if (is_valid (issued) && match (self, issued, text))
        mark_revoked (self, issued, why, caller);
    }
  if (self->krl_version == before)
    return FALSE;
  prune (self);
  ssh_ca_save (self, NULL, NULL);
  return TRUE;
}

static gboolean
any (const SshCa *self, const SshIssued *issued, const char *text)
{
  return TRUE;
}

static gboolean
under_grant (const SshCa *self, const SshIssued *issued, const char *grant_id)
{
  return strcmp (issued->grant_id, grant_id) == 0;
}

static gboolean
without_grant (const SshCa *self, const SshIssued *issued, const char *text)
{
  return grants_find (self->vault->grants, issued->grant_id) == NULL;
}

static gboolean
has_serial (const SshCa *self, const SshIssued *issued, const char *text)
{
  g_autofree char *serial = g_strdup_printf ("%" G_GUINT64_FORMAT, issued->serial);

  return strcmp (serial, text) == 0;
}

static gboolean
has_key_id (const SshCa *self, const SshIssued *issued, const char *text)
{
  return strcmp (issued->key_id, text) == 0;
}

/* While locked nothing is known of certificates, and nothing can be written: what ends then is
 * found out by ssh_ca_settle(). */
void
ssh_ca_grant_ended (SshCa *self, const char *grant_id, const char *why)
{
  revoke_where (self, under_grant, grant_id, why, NULL);
}

void
ssh_ca_end_all (SshCa *self, const char *why)
{
  revoke_where (self, any, NULL, why, NULL);
}

void
ssh_ca_settle (SshCa *self)
{
  for (guint i = 0; i < self->issued->len; i++)
    {
      const SshIssued *issued = self->issued->pdata[i];
      Grant *grant = grants_find (self->vault->grants, issued->grant_id);
      if (grant != NULL)
        grant_keep (grant);
    }
  revoke_where (self, without_grant, NULL, "grant_lost", NULL);
}

gboolean
ssh_ca_revoke (SshCa *self, const char *serial, const char *key_id, const Process *caller)
{
  return revoke_where (self, serial != NULL ? has_serial : has_key_id,
                       serial != NULL ? serial : key_id, "person", caller);
}
