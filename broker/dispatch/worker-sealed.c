/* SPDX-License-Identifier: MIT */
#include "broker/dispatch/worker-sealed.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define RESULT_MAX (8 * 1024 * 1024) /* bytes of one result: what a line to an agent holds */
#define VALUES_MAX (1024 * 1024)
#define LENGTH 4 /* bytes, before each value */

json_t *
worker_sealed_read (int fd)
{
  const int needed = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  const int seals = fcntl (fd, F_GET_SEALS); /* -1: what can have none */
  off_t size = lseek (fd, 0, SEEK_END);

  if (seals < 0 || (seals & needed) != needed || size <= 0 || size > RESULT_MAX)
    return NULL;
  void *bytes = mmap (NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED)
    return NULL;
  json_t *result = wire_parse (bytes, size, FALSE, NULL);
  munmap (bytes, size);
  return result;
}

int
worker_sealed_bytes (GBytes *bytes)
{
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  int fd = memfd_create ("bytes", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd >= 0 && write (fd, data, len) == (gssize) len
      && fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static gsize
read_length (const guint8 *bytes)
{
  return (gsize) bytes[0] << 24 | (gsize) bytes[1] << 16 | (gsize) bytes[2] << 8 | bytes[3];
}

/* Each of @names has its value in @joined, and there is nothing else. */
static gboolean
cut_values (const Secret *joined, const json_t *names, GHashTable *values)
{
  const guint8 *bytes = secret_peek (joined);
  gsize left = secret_len (joined), len;
  json_t *name;
  gsize i;

  json_array_foreach (names, i, name)
  {
    if (left < LENGTH || (len = read_length (bytes)) > left - LENGTH)
      return FALSE;
    Secret *value = secret_new_from (bytes + LENGTH, len, NULL);
    if (value == NULL || !g_hash_table_insert (values, g_strdup (json_string_value (name)), value))
      return FALSE;
    bytes += LENGTH + len;
    left -= LENGTH + len;
  }
  return left == 0;
}

GHashTable *
worker_sealed_values (int fd, const json_t *names)
{
  g_autoptr (GHashTable) values
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) secret_free);

  if (json_array_size (names) == 0 && fd < 0)
    return g_steal_pointer (&values);
  g_autoptr (Secret) joined = fd >= 0 ? secret_read_memfd (fd, VALUES_MAX, NULL) : NULL;
  return joined != NULL && cut_values (joined, names, values) ? g_steal_pointer (&values) : NULL;
}
