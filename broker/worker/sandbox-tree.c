/* SPDX-License-Identifier: MIT */
#include "broker/worker/sandbox-tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  pid_t pid, parent;
  gboolean ours;
} Entry;

/* FALSE for what is no process, or is a zombie. */
static gboolean
read_entry (int proc, const char *name, Entry *entry)
{
  g_autofree char *path = g_strdup_printf ("%s/stat", name);
  char text[512];
  int fd = g_ascii_isdigit (*name) ? openat (proc, path, O_RDONLY | O_CLOEXEC) : -1;

  if (fd < 0)
    return FALSE;
  gssize len = read (fd, text, sizeof text - 1);
  close (fd);
  text[MAX (len, 0)] = '\0';
  /* The name in the middle may hold anything, parentheses too. */
  const char *after = strrchr (text, ')');
  if (after == NULL || strlen (after) < 5 || after[2] == 'Z' || after[2] == 'X')
    return FALSE;
  entry->pid = atoi (name);
  entry->parent = atoi (after + 4);
  entry->ours = FALSE;
  return TRUE;
}

static GArray *
read_all (void)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  DIR *dir = opendir ("/proc");
  Entry entry;

  for (struct dirent *name; dir != NULL && (name = readdir (dir)) != NULL;)
    if (read_entry (dirfd (dir), name->d_name, &entry))
      g_array_append_val (entries, entry);
  if (dir != NULL)
    closedir (dir);
  return entries;
}

static void
mark_children (GArray *entries, pid_t parent)
{
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, i);
      if (entry->parent != parent || entry->ours)
        continue;
      entry->ours = TRUE;
      mark_children (entries, entry->pid);
    }
}

void
sandbox_tree_signal (int signal)
{
  g_autoptr (GArray) entries = read_all ();

  mark_children (entries, getpid ());
  for (guint i = 0; i < entries->len; i++)
    if (g_array_index (entries, Entry, i).ours)
      kill (g_array_index (entries, Entry, i).pid, signal);
}
