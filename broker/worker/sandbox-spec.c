/* SPDX-License-Identifier: MIT */
#include "broker/worker/sandbox-spec.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

void
spec_writer_begin (SpecWriter *writer)
{
  writer->fd = memfd_create ("countersign-spec", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  writer->failed = writer->fd >= 0 ? 0 : errno;
}

static void
put (SpecWriter *writer, const void *data, gsize len)
{
  for (gsize done = 0; writer->failed == 0 && done < len;)
    {
      gssize n = write (writer->fd, (const char *) data + done, len - done);
      if (n < 0 && errno != EINTR)
        writer->failed = errno;
      done += (gsize) MAX (n, 0);
    }
}

void
spec_add (SpecWriter *writer, char letter, const char *text)
{
  put (writer, &letter, 1);
  put (writer, text, strlen (text) + 1);
}

void
spec_add_number (SpecWriter *writer, char letter, guint64 number)
{
  char text[32];

  g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, number);
  spec_add (writer, letter, text);
}

void
spec_add_fd (SpecWriter *writer, int from, int to)
{
  char text[32];

  g_snprintf (text, sizeof text, "%d %d", from, to);
  spec_add (writer, 'f', text);
}

void
spec_add_secret (SpecWriter *writer, const char *name, const Secret *value)
{
  put (writer, "e", 1);
  put (writer, name, strlen (name));
  put (writer, "=", 1);
  put (writer, secret_peek (value), secret_len (value));
  put (writer, "", 1);
}

int
spec_writer_end (SpecWriter *writer, GError **error)
{
  if (writer->failed == 0 && fcntl (writer->fd, F_ADD_SEALS, SEALS) != 0)
    writer->failed = errno;
  if (writer->failed == 0)
    return writer->fd;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (writer->failed),
               "no memory to tell the command what it is: %s", g_strerror (writer->failed));
  if (writer->fd >= 0)
    close (writer->fd);
  return -1;
}

/* --- Reading --- */

static void
take_fd (Spec *spec, const char *text)
{
  char *rest = NULL;
  SpecFd pair = { .from = (int) g_ascii_strtoll (text, &rest, 10) };

  pair.to = (int) g_ascii_strtoll (rest, NULL, 10);
  g_array_append_val (spec->fds, pair);
}

static void
take_flag (Spec *spec, char flag)
{
  spec->namespaces = spec->namespaces || flag == 'n';
  spec->whole = spec->whole || flag == 'w';
  spec->probe = spec->probe || flag == 'p';
}

static GPtrArray *
list_of (Spec *spec, char letter)
{
  switch (letter)
    {
    case 'a':
      return spec->argv;
    case 'e':
      return spec->env;
    case 'w':
      return spec->write;
    case 'h':
      return spec->hide;
    default:
      return NULL;
    }
}

static const char **
text_of (Spec *spec, char letter)
{
  switch (letter)
    {
    case 'p':
      return &spec->program;
    case 'c':
      return &spec->work_dir;
    case 'l':
      return &spec->listen_host;
    default:
      return NULL;
    }
}

/* FALSE for a letter that means nothing. */
static gboolean
take_string (Spec *spec, char letter, char *text)
{
  GPtrArray *list = list_of (spec, letter);
  const char **place = text_of (spec, letter);

  if (list != NULL)
    g_ptr_array_add (list, text);
  else if (place != NULL)
    *place = text;
  else if (letter == 'd')
    spec->device = g_ascii_strtoull (text, NULL, 10);
  else if (letter == 'i')
    spec->inode = g_ascii_strtoull (text, NULL, 10);
  else if (letter == 't')
    spec->changed = g_ascii_strtoull (text, NULL, 10);
  else if (letter == 'o')
    spec->listen_port = (guint16) g_ascii_strtoull (text, NULL, 10);
  else if (letter == 'f')
    take_fd (spec, text);
  else if (letter == 'x')
    take_flag (spec, *text);
  else
    return FALSE;
  return TRUE;
}

static Spec *
spec_new (void)
{
  Spec *spec = g_new0 (Spec, 1);

  spec->argv = g_ptr_array_new ();
  spec->env = g_ptr_array_new ();
  spec->write = g_ptr_array_new ();
  spec->hide = g_ptr_array_new ();
  spec->fds = g_array_new (FALSE, FALSE, sizeof (SpecFd));
  return spec;
}

Spec *
spec_read (int fd)
{
  const int seals = fcntl (fd, F_GET_SEALS);
  struct stat st;

  /* From another hand it would be somebody else's idea of a confinement. */
  if (seals < 0 || (seals & SEALS) != SEALS || fstat (fd, &st) != 0 || st.st_size < 2)
    return NULL;
  char *text = mmap (NULL, (gsize) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  close (fd);
  if (text == MAP_FAILED || text[st.st_size - 1] != '\0')
    return NULL;
  Spec *spec = spec_new ();
  spec->text = text;
  spec->size = (gsize) st.st_size;
  for (char *at = text, *end = text + st.st_size; at < end; at += strlen (at) + 1)
    if (!take_string (spec, *at, at + 1))
      return NULL;
  g_ptr_array_add (spec->argv, NULL);
  g_ptr_array_add (spec->env, NULL);
  return spec;
}

void
spec_forget (Spec *spec)
{
  munmap (spec->text, spec->size);
  spec->text = NULL;
}
