/* SPDX-License-Identifier: MIT */
#include "broker/worker/sandbox-tell.h"

#include <fcntl.h>
#include <unistd.h>

#include "broker/worker/sandbox-spec.h"

static void
add_strings (SpecWriter *writer, char letter, const char *const *texts)
{
  for (; texts != NULL && *texts != NULL; texts++)
    spec_add (writer, letter, *texts);
}

static void
add_paths (SpecWriter *writer, char letter, const GPtrArray *paths)
{
  for (guint i = 0; i < paths->len; i++)
    spec_add (writer, letter, g_ptr_array_index (paths, i));
}

/* The value in a memfd of its own, which the command inherits: it can be read more than once, and
 * be opened as /dev/fd/N. */
static gboolean
add_secret (SpecWriter *writer, const SandboxSecret *secret, GArray *kept, GError **error)
{
  if (secret->env != NULL)
    {
      spec_add_secret (writer, secret->env, secret->value);
      return TRUE;
    }
  int fd = secret_to_memfd (secret->value, error);
  if (fd < 0)
    return FALSE;
  g_array_append_val (kept, fd);
  spec_add_fd (writer, fd, secret->input ? STDIN_FILENO : secret->fd);
  return TRUE;
}

static gboolean
add_secrets (SpecWriter *writer, const SandboxCommand *command, GArray *kept, GError **error)
{
  for (gsize i = 0; i < command->n_secrets; i++)
    if (!add_secret (writer, &command->secrets[i], kept, error))
      return FALSE;
  return TRUE;
}

static void
add_descriptors (SpecWriter *writer, const SandboxCommand *command, GArray *kept)
{
  for (int i = 0; i < 3; i++)
    {
      /* Not by 0 to 2 on the way, where bubblewrap has its own. */
      int fd = fcntl (command->fds[i], F_DUPFD_CLOEXEC, 10);
      if (fd < 0)
        continue;
      g_array_append_val (kept, fd);
      spec_add_fd (writer, fd, i);
    }
}

static void
add_flags (SpecWriter *writer, const SandboxCommand *command, gboolean namespaces)
{
  if (namespaces)
    spec_add (writer, 'x', "n");
  if (command->whole)
    spec_add (writer, 'x', "w");
  if (command->argv == NULL)
    spec_add (writer, 'x', "p");
}

int
sandbox_tell (const SandboxCommand *command, const SandboxPaths *paths, gboolean namespaces,
              GArray *kept, GError **error)
{
  SpecWriter writer;

  spec_writer_begin (&writer);
  spec_add (&writer, 'p', paths->program);
  spec_add_number (&writer, 'd', command->device);
  spec_add_number (&writer, 'i', command->inode);
  spec_add_number (&writer, 't', command->changed);
  spec_add (&writer, 'c', paths->work_dir);
  add_strings (&writer, 'a', command->argv);
  add_strings (&writer, 'e', command->env);
  add_paths (&writer, 'w', paths->write);
  if (!namespaces)
    add_paths (&writer, 'h', paths->hide);
  if (command->reach_host != NULL)
    {
      spec_add (&writer, 'l', command->reach_host);
      spec_add_number (&writer, 'o', command->reach_port);
    }
  add_flags (&writer, command, namespaces);
  add_descriptors (&writer, command, kept);
  if (add_secrets (&writer, command, kept, error))
    return spec_writer_end (&writer, error);
  if (writer.fd >= 0)
    close (writer.fd);
  return -1;
}
