/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-progress.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define WIDTH 24
#define PAUSE (G_USEC_PER_SEC / 10)
#define WORTH (4 * 1024 * 1024) /* bytes that take long enough to be waited for */

struct _CliProgress
{
  const char *what;
  gboolean shown;
  gint64 begun, told; /* monotonic, µs; told 0: never */
  struct sigaction before;
};

static volatile sig_atomic_t interrupted;

static void
on_interrupt (int signal)
{
  interrupted = 1;
}

CliProgress *
cli_progress_new (const Cli *cli, const char *what)
{
  CliProgress *self = g_new0 (CliProgress, 1);
  const struct sigaction action = { .sa_handler = on_interrupt };

  self->what = what;
  self->shown = !cli->json && isatty (STDERR_FILENO);
  self->begun = g_get_monotonic_time ();
  interrupted = 0;
  sigaction (SIGINT, &action, &self->before);
  return self;
}

void
cli_progress_free (CliProgress *self)
{
  if (self == NULL)
    return;
  sigaction (SIGINT, &self->before, NULL);
  if (self->told > 0)
    fputs ("\r\033[K", stderr);
  g_free (self);
}

/* "1 234 567": read more quickly than seven digits. */
static char *
spaced (guint64 n)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_printf (text, "%" G_GUINT64_FORMAT, n);
  for (gssize at = (gssize) text->len - 3; at > 0; at -= 3)
    g_string_insert_c (text, at, ' ');
  return g_strdup (text->str);
}

static void
draw (const CliProgress *self, guint64 done, guint64 of, guint64 n)
{
  double part = of > 0 ? MIN ((double) done / (double) of, 1) : 1;
  gint64 elapsed = MAX (self->told - self->begun, 1);
  g_autofree char *number = spaced (n);
  g_autofree char *rate = spaced ((guint64) ((double) n * G_USEC_PER_SEC / (double) elapsed));
  guint full = (guint) (part * WIDTH);
  g_autofree char *bar = g_strnfill (full, '#'), *rest = g_strnfill (WIDTH - full, '.');

  fprintf (stderr, "\r\033[K[%s%s] %3.0f %%  %s %s, %s a second", bar, rest, part * 100, number,
           self->what, rate);
}

gboolean
cli_progress_tell (CliProgress *self, guint64 done, guint64 of, guint64 n)
{
  gint64 now = g_get_monotonic_time ();

  if (self->shown && of >= WORTH && now - self->told >= PAUSE)
    {
      self->told = now;
      draw (self, done, of, n);
    }
  return !interrupted;
}
