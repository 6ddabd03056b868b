/* SPDX-License-Identifier: MIT
 *
 * What the files of the SSH CA share.
 */
#pragma once

#include "broker/issue/ssh-ca.h"
#include "broker/ssh/ssh-certificate.h"

#define SSH_CA_KEY "key:ssh-ca"
#define SSH_CA_META "ssh-ca"

/* One certificate that was signed. */
typedef struct
{
  guint64 serial;
  char *key_id, *fingerprint, *provider, *request_id;
  char *grant_id;
  char **principals;
  gint64 valid_after, valid_before; /* seconds since 1970 */
  gint64 revoked_at;                /* the same; 0: is not */
  gint64 ends;                      /* loop_now() then, if nobody touches the clock */
  char *why;
} SshIssued;

void ssh_issued_free (SshIssued *issued);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SshIssued, ssh_issued_free)

struct _SshCa
{
  Vault *vault;
  gboolean made;         /* there is a key */
  guint8 public_key[32]; /* then: its public half */
  guint64 krl_version;   /* one more with each revocation */
  GPtrArray *issued;     /* of SshIssued, oldest first */
  GArray *waiting;       /* for the key that is being made; NULL: none is */
};

/* Sets @issued->ends, by the clock as it is now. */
void ssh_issued_time (SshIssued *issued);

/* Of the file in the store. */
GBytes *ssh_ca_to_bytes (const SshCa *self);
gboolean ssh_ca_from_bytes (SshCa *self, GBytes *bytes, GError **error);
json_t *ssh_issued_json (const SshIssued *issued);
void ssh_ca_save (SshCa *self, WriterDone done, gpointer data);

/* NULL when it is not kept (any more). */
SshIssued *ssh_ca_find (const SshCa *self, guint64 serial);
/* Takes @issued. FALSE with an error when there is no room, and it is freed. */
gboolean ssh_ca_add (SshCa *self, SshIssued *issued, GError **error);
void ssh_ca_forget (SshCa *self, guint64 serial); /* one that nobody was given */

/* Of the private key @seed. FALSE with an error. */
gboolean ssh_ca_public_of (const Secret *seed, guint8 out[32], GError **error);
gboolean ssh_ca_sign (const Secret *seed, const GByteArray *body, guint8 out[SSH_SIGNATURE_BYTES],
                      GError **error);
