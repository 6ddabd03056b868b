/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - hand out locked memory or nothing: OpenSSL falls back to ordinary heap without a word, both
 *    before its pool exists and when the pool could not be locked
 *  - leave no copy behind: what is read from a descriptor goes into the pool directly
 */
#include "broker/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL /* Linux 6.3 */
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define POOL_SIZE (4 * 1024 * 1024)
#define POOL_SMALLEST 32
#define READ_FIRST 256 /* most values fit; a longer one doubles it */
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct _Secret
{
  guint8 *data; /* from the pool, at least one byte */
  gsize len;
};

G_DEFINE_QUARK (countersign_secret_error, secret_error)

/* The pool is the process's: so is the one answer to whether it is locked. */
static gint pool_locked;

static void
set_lock_error (GError **error)
{
  struct rlimit limit = { 0 };
  g_autofree char *now = NULL;

  getrlimit (RLIMIT_MEMLOCK, &limit);
  now = limit.rlim_cur == RLIM_INFINITY
            ? g_strdup ("unlimited")
            : g_strdup_printf ("%" G_GUINT64_FORMAT " KiB", (guint64) limit.rlim_cur / 1024);
  g_set_error (error, SECRET_ERROR, SECRET_ERROR_LOCK,
               "cannot lock %d KiB of memory for secrets: RLIMIT_MEMLOCK is %s, at least %d KiB is "
               "needed, besides what "
               "this process has locked already. Raise it with `ulimit -l 8192`, with "
               "LimitMEMLOCK=8M in the unit, or "
               "with a memlock line in /etc/security/limits.conf",
               POOL_SIZE / 1024, now, POOL_SIZE / 1024);
}

gboolean
secret_init (GError **error)
{
  int state;

  if (g_atomic_int_get (&pool_locked))
    return TRUE;
  /* 1 is the only good answer: 2 is a pool that may be swapped out or dumped, 0 is no pool, or
   * one that somebody else made and about which we know nothing. */
  state = CRYPTO_secure_malloc_init (POOL_SIZE, POOL_SMALLEST);
  if (state == 1)
    {
      g_atomic_int_set (&pool_locked, 1);
      return TRUE;
    }
  if (state == 2)
    CRYPTO_secure_malloc_done ();
  set_lock_error (error);
  return FALSE;
}

static gboolean
check_len (gsize len, gsize max, GError **error)
{
  if (len <= MIN (max, SECRET_MAX))
    return TRUE;
  g_set_error (error, SECRET_ERROR, SECRET_ERROR_TOO_LARGE,
               "the value is larger than %" G_GSIZE_FORMAT " bytes", MIN (max, (gsize) SECRET_MAX));
  return FALSE;
}

static Secret *
allocate (gsize len, GError **error)
{
  Secret *secret;
  guint8 *data;

  if (!g_atomic_int_get (&pool_locked))
    {
      g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_LOCK,
                           "there is no locked memory for secrets yet");
      return NULL;
    }
  data = OPENSSL_secure_zalloc (MAX (len, 1));
  if (data == NULL || !CRYPTO_secure_allocated (data))
    {
      /* Nothing has been written to it: an ordinary free is enough. */
      OPENSSL_secure_free (data);
      g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_FULL,
                           "no room in locked memory now; try again");
      return NULL;
    }
  secret = g_new (Secret, 1);
  secret->data = data;
  secret->len = len;
  return secret;
}

Secret *
secret_new (gsize len, GError **error)
{
  return check_len (len, SECRET_MAX, error) ? allocate (len, error) : NULL;
}

Secret *
secret_new_from (const void *data, gsize len, GError **error)
{
  Secret *secret = secret_new (len, error);

  if (secret != NULL && len > 0)
    memcpy (secret->data, data, len);
  return secret;
}

Secret *
secret_copy (const Secret *secret, GError **error)
{
  return secret_new_from (secret->data, secret->len, error);
}

void
secret_free (Secret *secret)
{
  if (secret == NULL)
    return;
  /* Wipes the whole block of the pool, so also what secret_truncate() has cut off. */
  OPENSSL_secure_clear_free (secret->data, MAX (secret->len, 1));
  g_free (secret);
}

guint8 *
secret_data (Secret *secret)
{
  return secret->data;
}

const guint8 *
secret_peek (const Secret *secret)
{
  return secret->data;
}

gsize
secret_len (const Secret *secret)
{
  return secret->len;
}

void
secret_truncate (Secret *secret, gsize len)
{
  g_return_if_fail (len <= secret->len);
  OPENSSL_cleanse (secret->data + len, secret->len - len);
  secret->len = len;
}

gboolean
secret_equal (const Secret *a, const Secret *b)
{
  return a->len == b->len && CRYPTO_memcmp (a->data, b->data, a->len) == 0;
}

gboolean
secret_is_text (const Secret *secret)
{
  return g_utf8_validate_len ((const char *) secret->data, secret->len, NULL);
}

static gboolean
set_read_error (const char *what, GError **error)
{
  g_set_error (error, SECRET_ERROR, SECRET_ERROR_READ, "%s: %s", what, g_strerror (errno));
  return FALSE;
}

/* How many bytes @fd gave, 0 at its end, -1 with an error. */
static gssize
read_some (int fd, guint8 *out, gsize len, GError **error)
{
  gssize n;

  do
    n = read (fd, out, len);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    set_read_error ("cannot read the value", error);
  return n;
}

/* Called when the block is as long as it may be: TRUE when @fd has ended there too. */
static gboolean
at_end (int fd, gsize max, GError **error)
{
  guint8 one = 0;
  gssize n = read_some (fd, &one, 1, error);

  OPENSSL_cleanse (&one, 1);
  return n == 0 || (n > 0 && check_len (max + 1, max, error));
}

static Secret *
grow (Secret *secret, gsize max, GError **error)
{
  Secret *larger = allocate (MIN (secret->len * 2, max), error);

  if (larger != NULL)
    memcpy (larger->data, secret->data, secret->len);
  secret_free (secret);
  return larger;
}

Secret *
secret_read_fd (int fd, gsize max, GError **error)
{
  gsize used = 0, limit = MIN (max, SECRET_MAX);
  g_autoptr (Secret) secret = allocate (MIN (READ_FIRST, limit), error);

  while (secret != NULL)
    {
      gssize n;

      if (used == limit)
        return at_end (fd, limit, error) ? g_steal_pointer (&secret) : NULL;
      if (used == secret->len)
        {
          secret = grow (g_steal_pointer (&secret), limit, error);
          continue;
        }
      n = read_some (fd, secret->data + used, secret->len - used, error);
      if (n < 0)
        return NULL;
      if (n == 0)
        {
          secret_truncate (secret, used);
          return g_steal_pointer (&secret);
        }
      used += (gsize) n;
    }
  return NULL;
}

/* The size of a sealed memfd, which then can no longer change; -1 with an error. */
static goffset
sealed_size (int fd, GError **error)
{
  struct stat st;
  int seals = fcntl (fd, F_GET_SEALS);

  if (seals < 0 || (seals & SEALS) != SEALS)
    {
      g_set_error_literal (
          error, SECRET_ERROR, SECRET_ERROR_READ,
          "the descriptor is not a memfd sealed against shrinking, growing and writing");
      return -1;
    }
  if (fstat (fd, &st) != 0)
    {
      set_read_error ("cannot read the size of the memfd", error);
      return -1;
    }
  return st.st_size;
}

Secret *
secret_read_memfd (int fd, gsize max, GError **error)
{
  g_autoptr (Secret) secret = NULL;
  goffset size = sealed_size (fd, error);
  gsize used = 0;

  if (size < 0 || !check_len ((gsize) size, max, error))
    return NULL;
  secret = allocate ((gsize) size, error);
  while (secret != NULL && used < secret->len)
    {
      /* By position: the sender shares the descriptor's offset and may move it. */
      gssize n = pread (fd, secret->data + used, secret->len - used, (off_t) used);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          errno = n < 0 ? errno : EIO;
          set_read_error ("cannot read the memfd", error);
          return NULL;
        }
      used += (gsize) n;
    }
  return g_steal_pointer (&secret);
}

static int
open_memfd (void)
{
  int fd = memfd_create ("countersign", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

  /* A kernel before 6.3 does not know the last flag; one set to vm.memfd_noexec=2 wants it. */
  if (fd < 0 && errno == EINVAL)
    fd = memfd_create ("countersign", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  return fd;
}

static gboolean
fill_memfd (int fd, const Secret *secret)
{
  gsize used = 0;

  while (used < secret->len)
    {
      gssize n = pwrite (fd, secret->data + used, secret->len - used, (off_t) used);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      used += (gsize) n;
    }
  return fcntl (fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) == 0;
}

int
secret_to_memfd (const Secret *secret, GError **error)
{
  int fd = open_memfd ();

  if (fd < 0 || !fill_memfd (fd, secret))
    {
      set_read_error ("cannot put the value into a memfd", error);
      if (fd >= 0)
        close (fd);
      return -1;
    }
  return fd;
}
