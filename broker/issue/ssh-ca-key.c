/* SPDX-License-Identifier: MIT
 *
 * The CA's key: Ed25519 (RFC 8032), kept as its 32 secret bytes.
 */
#include "broker/issue/ssh-ca-private.h"

#include <openssl/evp.h>
#include <string.h>

/* OpenSSL keeps such a key in the secure heap, which is our locked memory. NULL with an error. */
static EVP_PKEY *
open_key (const Secret *seed, GError **error)
{
  EVP_PKEY *key = secret_len (seed) == CRYPT_KEY_LEN ? EVP_PKEY_new_raw_private_key (
                      EVP_PKEY_ED25519, NULL, secret_peek (seed), secret_len (seed))
                                                     : NULL;

  if (key == NULL)
    g_set_error_literal (error, CRYPT_ERROR, CRYPT_ERROR_FORMAT,
                         "the key of the SSH CA in the store is none");
  return key;
}

gboolean
ssh_ca_public_of (const Secret *seed, guint8 out[32], GError **error)
{
  EVP_PKEY *key = open_key (seed, error);
  gsize len = 32;

  if (key == NULL)
    return FALSE;
  gboolean done = EVP_PKEY_get_raw_public_key (key, out, &len) == 1 && len == 32;
  EVP_PKEY_free (key);
  if (!done)
    g_set_error_literal (error, CRYPT_ERROR, CRYPT_ERROR_SYSTEM,
                         "the public half of the SSH CA's key could not be made");
  return done;
}

gboolean
ssh_ca_sign (const Secret *seed, const GByteArray *body, guint8 out[SSH_SIGNATURE_BYTES],
             GError **error)
{
  EVP_PKEY *key = open_key (seed, error);
  EVP_MD_CTX *signing = key != NULL ? EVP_MD_CTX_new () : NULL;
  gsize len = SSH_SIGNATURE_BYTES;
  gboolean done = signing != NULL && EVP_DigestSignInit (signing, NULL, NULL, NULL, key) == 1
                  && EVP_DigestSign (signing, out, &len, body->data, body->len) == 1
                  && len == SSH_SIGNATURE_BYTES;

  EVP_MD_CTX_free (signing);
  EVP_PKEY_free (key);
  if (!done && key != NULL)
    g_set_error_literal (error, CRYPT_ERROR, CRYPT_ERROR_SYSTEM,
                         "the certificate could not be signed");
  return done;
}

/* ---- made once ---- */

typedef struct
{
  WriterDone done;
  gpointer data;
} Waiting;

/* Whoever wants a key while one is being made gets that one: a second would take its place. */
static void
on_made (gpointer data, const GError *error)
{
  SshCa *self = data;
  g_autoptr (GArray) waiting = g_steal_pointer (&self->waiting);

  self->made = error == NULL;
  for (guint i = 0; i < waiting->len; i++)
    {
      const Waiting *one = &g_array_index (waiting, Waiting, i);
      one->done (one->data, error);
    }
}

static void
make (SshCa *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) seed = crypt_random_key (&error);

  if (seed == NULL || !ssh_ca_public_of (seed, self->public_key, &error))
    {
      on_made (self, error);
      return;
    }
  g_autoptr (GBytes) meta = ssh_ca_to_bytes (self);
  const StoreItem item = { SSH_CA_KEY, seed, NULL };
  store_set_all (self->vault->store, &item, 1, SSH_CA_META, meta, on_made, self);
}

void
ssh_ca_make (SshCa *self, WriterDone done, gpointer data)
{
  const Waiting one = { done, data };
  gboolean first = self->waiting == NULL;

  if (self->made)
    {
      done (data, NULL);
      return;
    }
  if (first)
    self->waiting = g_array_new (FALSE, FALSE, sizeof (Waiting));
  g_array_append_val (self->waiting, one);
  if (first)
    make (self);
}
