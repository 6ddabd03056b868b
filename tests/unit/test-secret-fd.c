/* SPDX-License-Identifier: MIT */
#include "broker/base/secret.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void
need_pool (void)
{
  g_autoptr (GError) error = NULL;

  secret_init (&error);
  g_assert_no_error (error);
}

/* A descriptor from which @len bytes can be read, at its beginning. */
static int
file_of (gsize len)
{
  g_autofree char *bytes = g_malloc (len + 1);
  int fd = memfd_create ("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  memset (bytes, 'x', len);
  g_assert_cmpint (pwrite (fd, bytes, len, 0), ==, (gssize) len);
  return fd;
}

static void
test_read_sizes (void)
{
  static const struct
  {
    gsize len, max;
    gboolean fits;
  } rows[] = {
    { 0, 0, TRUE },
    { 0, 10, TRUE },
    { 1, 0, FALSE },
    { 10, 10, TRUE },
    { 11, 10, FALSE },
    { 255, 1000, TRUE },
    { 256, 256, TRUE },
    { 257, 256, FALSE },
    { 257, 300, TRUE },
    { SECRET_MAX, SECRET_MAX, TRUE },
    { SECRET_MAX + 1, SECRET_MAX, FALSE },
    { SECRET_MAX + 1, G_MAXSIZE, FALSE },
  };

  need_pool ();
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      int fd = file_of (rows[i].len);
      g_autoptr (Secret) secret = secret_read_fd (fd, rows[i].max, &error);

      close (fd);
      g_assert_true ((secret != NULL) == rows[i].fits);
      if (!rows[i].fits)
        g_assert_error (error, SECRET_ERROR, SECRET_ERROR_TOO_LARGE);
      else
        {
          g_assert_cmpuint (secret_len (secret), ==, rows[i].len);
          for (gsize at = 0; at < rows[i].len; at++)
            g_assert_cmpuint (secret_peek (secret)[at], ==, 'x');
        }
    }
}

static gpointer
write_in_pieces (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);

  for (int i = 0; i < 1000; i++)
    g_assert_cmpint (write (fd, "seven..", 7), ==, 7);
  close (fd);
  return NULL;
}

static void
test_read_pieces (void)
{
  g_autoptr (Secret) secret = NULL;
  GThread *writer;
  int ends[2];

  need_pool ();
  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  writer = g_thread_new ("writer", write_in_pieces, GINT_TO_POINTER (ends[1]));
  secret = secret_read_fd (ends[0], SECRET_MAX, NULL);
  g_thread_join (writer);
  close (ends[0]);
  g_assert_nonnull (secret);
  g_assert_cmpuint (secret_len (secret), ==, 7000);
  for (gsize i = 0; i < 1000; i++)
    g_assert_cmpmem (secret_peek (secret) + 7 * i, 7, "seven..", 7);
}

static void
test_read_fault (void)
{
  g_autoptr (GError) error = NULL;
  int fd = open ("/", O_RDONLY | O_CLOEXEC);

  need_pool ();
  g_assert_null (secret_read_fd (fd, 10, &error));
  g_assert_error (error, SECRET_ERROR, SECRET_ERROR_READ);
  close (fd);
}

static void
test_memfd_seals (void)
{
  static const struct
  {
    int seals;
    gboolean taken;
  } rows[] = {
    { 0, FALSE },
    { F_SEAL_SHRINK | F_SEAL_GROW, FALSE },
    { F_SEAL_SHRINK | F_SEAL_WRITE, FALSE },
    { F_SEAL_GROW | F_SEAL_WRITE, FALSE },
    /* Stops new writers only: a mapping made before it still writes. */
    { F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE, FALSE },
    { F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, TRUE },
    { F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL, TRUE },
  };

  need_pool ();
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Secret) secret = NULL;
      int fd = file_of (100);

      if (rows[i].seals != 0)
        g_assert_cmpint (fcntl (fd, F_ADD_SEALS, rows[i].seals), ==, 0);
      secret = secret_read_memfd (fd, 100, &error);
      close (fd);
      g_assert_true ((secret != NULL) == rows[i].taken);
      if (!rows[i].taken)
        g_assert_error (error, SECRET_ERROR, SECRET_ERROR_READ);
    }
}

static void
test_memfd_foreign (void)
{
  int ends[2], file;
  g_autofree char *name = NULL;

  need_pool ();
  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  file = g_file_open_tmp ("countersign-XXXXXX", &name, NULL);
  unlink (name);
  for (gsize i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (secret_read_memfd ((int[]){ ends[0], file, -1 }[i], 100, &error));
      g_assert_error (error, SECRET_ERROR, SECRET_ERROR_READ);
    }
  close (ends[0]);
  close (ends[1]);
  close (file);
}

static void
test_memfd_sizes (void)
{
  static const struct
  {
    gsize len, max;
    gboolean fits;
  } rows[] = { { 0, 0, TRUE },
               { 100, 100, TRUE },
               { 101, 100, FALSE },
               { SECRET_MAX, SECRET_MAX, TRUE },
               { SECRET_MAX + 1, G_MAXSIZE, FALSE } };

  need_pool ();
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Secret) secret = NULL;
      int fd = file_of (rows[i].len);

      g_assert_cmpint (fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), ==, 0);
      secret = secret_read_memfd (fd, rows[i].max, &error);
      close (fd);
      g_assert_true ((secret != NULL) == rows[i].fits);
      if (!rows[i].fits)
        g_assert_error (error, SECRET_ERROR, SECRET_ERROR_TOO_LARGE);
      else
        g_assert_cmpuint (secret_len (secret), ==, rows[i].len);
    }
}

static void
test_memfd_made (void)
{
  static const char value[] = "with \0 inside";
  g_autoptr (Secret) secret = NULL, back = NULL;
  char byte;
  int fd;

  need_pool ();
  secret = secret_new_from (value, sizeof value, NULL);
  fd = secret_to_memfd (secret, NULL);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  g_assert_cmpint (pwrite (fd, "x", 1, 0), ==, -1);
  g_assert_cmpint (ftruncate (fd, 0), ==, -1);
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), ==, -1);
  /* A receiver that reads on from the offset finds the beginning; ours does not depend on it. */
  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, 'w');
  back = secret_read_memfd (fd, SECRET_MAX, NULL);
  g_assert_cmpmem (secret_peek (back), secret_len (back), value, sizeof value);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secret/a descriptor is read to its end or refused as too large",
                   test_read_sizes);
  g_test_add_func ("/secret/what arrives in pieces is put together", test_read_pieces);
  g_test_add_func ("/secret/a descriptor that cannot be read is an error", test_read_fault);
  g_test_add_func ("/secret/a memfd that its sender could change is refused", test_memfd_seals);
  g_test_add_func ("/secret/what is no memfd is refused", test_memfd_foreign);
  g_test_add_func ("/secret/a memfd that is too large is refused", test_memfd_sizes);
  g_test_add_func ("/secret/a memfd of ours is sealed and holds every byte", test_memfd_made);
  return g_test_run ();
}
