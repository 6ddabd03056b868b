/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - read by the descriptor of what runs, which nobody can write while it does, and believe what
 *    was read only when it is the same file before and after
 *  - not read what another program serves (FUSE): that would be whatever it says this once
 */
#include "broker/grant/executable-read.h"

#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/dpkg.h"
#include "broker/base/protected.h"
#include "policy/policy.h"

#define PIECE (256 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)

static gboolean
is_same (int fd, const ProcessFile *file)
{
  ProcessFile now;

  return process_file_of (fd, &now) && process_file_equal (&now, file);
}

static gboolean
digest (int fd, const gint *stop, EVP_MD_CTX *ctx)
{
  g_autofree guint8 *piece = g_malloc (PIECE);
  gssize n;

  if (ctx == NULL || EVP_DigestInit_ex (ctx, EVP_sha256 (), NULL) != 1)
    return FALSE;
  while ((n = read (fd, piece, PIECE)) > 0)
    if (g_atomic_int_get (stop) != 0 || EVP_DigestUpdate (ctx, piece, (gsize) n) != 1)
      return FALSE;
  return n == 0;
}

static void
finish (EVP_MD_CTX *ctx, char *out)
{
  guint8 sum[EVP_MAX_MD_SIZE];
  unsigned int len = 0;

  if (EVP_DigestFinal_ex (ctx, sum, &len) != 1)
    return;
  for (unsigned int i = 0; i < len; i++)
    g_snprintf (out + 2 * i, 3, "%02x", sum[i]);
}

static gboolean
read_sha256 (ExecutableRead *self)
{
  g_autoptr (EVP_MD_CTX) ctx = EVP_MD_CTX_new ();

  if (self->file.size > EXECUTABLE_SIZE_MAX)
    return TRUE; /* and stays so */
  int fd = process_open_exe (self->dir);
  gboolean ok = fd >= 0 && is_same (fd, &self->file) && digest (fd, self->stop, ctx)
                && is_same (fd, &self->file);
  if (fd >= 0)
    close (fd);
  if (ok)
    finish (ctx, self->sha256);
  return ok && self->sha256[0] != '\0';
}

static gboolean
read_package (ExecutableRead *self)
{
  /* What a person can write is nobody's package, whatever the database has of that path. */
  self->package
      = protected_path (self->path) ? dpkg_owner (DPKG_DATABASE, self->path) : g_strdup ("");
  return TRUE;
}

void
executable_read (ExecutableRead *self)
{
  self->steady = TRUE;
  if ((self->needs & POLICY_NEEDS_SHA256) != 0)
    self->steady = read_sha256 (self);
  if ((self->needs & POLICY_NEEDS_PACKAGE) != 0)
    self->steady &= read_package (self);
}

void
executable_read_free (ExecutableRead *self)
{
  close (self->dir);
  g_free (self->path);
  g_free (self->package);
  g_free (self);
}
