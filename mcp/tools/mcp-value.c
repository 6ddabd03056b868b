/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-value.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static void
set_errno (GError **error, const char *what)
{
  int saved = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved), "%s: %s", what,
               g_strerror (saved));
}

static gboolean
write_all (int fd, const char *data, gsize len)
{
  while (len > 0)
    {
      gssize n = write (fd, data, len);
      if (n < 0 && errno != EINTR)
        return FALSE;
      data += MAX (n, 0);
      len -= MAX (n, 0);
    }
  return TRUE;
}

int
mcp_value_send (const json_t *value, GError **error)
{
  int fd = memfd_create ("countersign-value", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd >= 0 && write_all (fd, json_string_value (value), json_string_length (value))
      && fcntl (fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) == 0 && lseek (fd, 0, SEEK_SET) == 0)
    return fd;
  set_errno (error, "the value cannot be passed on");
  if (fd >= 0)
    close (fd);
  return -1;
}

/* Sealed, so the size that is checked here is the size that is mapped. */
static gboolean
check (int fd, gsize *len, GError **error)
{
  struct stat st;
  int seals = fcntl (fd, F_GET_SEALS);

  if (seals < 0 || (seals & SEALS) != SEALS || fstat (fd, &st) != 0)
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                         "the value that came is not sealed");
  else if (st.st_size <= 0 || st.st_size > MCP_VALUE_MAX)
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                         "the value that came is empty or too large");
  else
    {
      *len = st.st_size;
      return TRUE;
    }
  return FALSE;
}

json_t *
mcp_value_receive (int fd, GError **error)
{
  json_t *value = NULL;
  gsize len;

  if (check (fd, &len, error))
    {
      /* Mapped, not read: no copy of ours is left to wipe. Private, because older kernels refuse a
       * shared mapping of what is sealed against writing. */
      void *data = mmap (NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
      if (data == MAP_FAILED)
        set_errno (error, "the value cannot be read");
      else
        {
          value = json_stringn (data, len);
          munmap (data, len);
          if (value == NULL)
            g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                                 "the value is not text: it cannot be passed on here");
        }
    }
  close (fd);
  return value;
}
