/* SPDX-License-Identifier: MIT
 *
 * What the files of token-key.h share.
 */
#pragma once

#include <openssl/bio.h>

#include "broker/token/token-key.h"

struct _TokenKey
{
  gatomicrefcount refs;
  EVP_PKEY *pkey;
  TokenAlgorithm algorithm; /* NO_ALGORITHM: any that is like @row */
  const TokenAlgorithmRow *row;
  EVP_MD_CTX *signing; /* ready to sign, to be copied; NULL: it does not sign */
  char *id;
  char *pem;
  gsize pem_len;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY_CTX, EVP_PKEY_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)

/* Takes @pkey (NULL: an error). Checked; without an id. */
TokenKey *token_key_adopt (EVP_PKEY *pkey, TokenAlgorithm algorithm, const TokenAlgorithmRow *row,
                           gboolean signs, GError **error);
/* RFC 7638; g_free(). */
char *token_key_thumbprint (const TokenKey *key);
/* FALSE, with the error set. */
gboolean token_key_refuse (GError **error, const char *why);
