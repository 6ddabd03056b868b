/* SPDX-License-Identifier: MIT */
#include "approve-ui/terminal/terminal-package.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "approve-ui/card/card-show.h"

/* What the threads still have when we are gone. */
typedef struct
{
  GAsyncQueue *answers; /* of Answer */
  int event;
} Shared;

typedef struct
{
  Shared *shared;
  char *exe, *owner;
} Answer;

struct _TerminalPackages
{
  Shared *shared;
  GHashTable *owners; /* exe → its package, or "" */
};

static void
shared_clear (gpointer data)
{
  Shared *shared = data;

  g_async_queue_unref (shared->answers);
  close (shared->event);
}

static void
shared_unref (Shared *shared)
{
  g_atomic_rc_box_release_full (shared, shared_clear);
}

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_free (answer->exe);
  g_free (answer->owner);
  g_free (answer);
}

TerminalPackages *
terminal_packages_new (GError **error)
{
  int event = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  TerminalPackages *self;

  if (event == -1)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "eventfd: %s",
                   g_strerror (errno));
      return NULL;
    }
  self = g_new0 (TerminalPackages, 1);
  self->shared = g_atomic_rc_box_new0 (Shared);
  *self->shared = (Shared){ g_async_queue_new_full (answer_free), event };
  self->owners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
terminal_packages_free (TerminalPackages *self)
{
  if (self == NULL)
    return;
  shared_unref (self->shared);
  g_hash_table_unref (self->owners);
  g_free (self);
}

int
terminal_packages_fd (const TerminalPackages *self)
{
  return self->shared->event;
}

/* On a thread of its own: asking takes hundredths of a second, in which keys would wait. */
static gpointer
look_up (gpointer data)
{
  Answer *answer = data;
  Shared *shared = answer->shared;
  const guint64 one = 1;

  answer->owner = card_package (answer->exe);
  g_async_queue_push (shared->answers, answer);
  if (write (shared->event, &one, sizeof one) != sizeof one)
    g_debug ("a package is told later");
  shared_unref (shared);
  return NULL;
}

void
terminal_packages_take (TerminalPackages *self)
{
  Answer *answer;
  guint64 count;

  if (read (self->shared->event, &count, sizeof count) < 0 && errno != EAGAIN)
    return;
  while ((answer = g_async_queue_try_pop (self->shared->answers)) != NULL)
    {
      g_hash_table_insert (self->owners, g_strdup (answer->exe),
                           g_strdup (answer->owner != NULL ? answer->owner : ""));
      answer_free (answer);
    }
}

const char *
terminal_packages_find (TerminalPackages *self, const char *exe)
{
  const char *known = g_hash_table_lookup (self->owners, exe);
  g_autoptr (GThread) thread = NULL;
  Answer *answer;

  if (known != NULL)
    return *known != '\0' ? known : NULL;
  answer = g_new0 (Answer, 1);
  answer->shared = g_atomic_rc_box_acquire (self->shared);
  answer->exe = g_strdup (exe);
  g_hash_table_insert (self->owners, g_strdup (exe), g_strdup ("…"));
  thread = g_thread_new ("package", look_up, answer);
  return "…";
}
