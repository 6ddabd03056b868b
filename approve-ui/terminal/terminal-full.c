/* SPDX-License-Identifier: MIT */
#include "approve-ui/terminal/terminal-full.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "approve-ui/card/i18n.h"
#include "approve-ui/terminal/terminal-full-private.h"

#define INPUT_MAX 256       /* bytes */
#define ESCAPE_AFTER 50     /* milliseconds until an Escape is no longer a sequence's beginning */
#define TICK G_USEC_PER_SEC /* the time that is left is told again */

/* The bytes that were read, key by key. */
static void
take_keys (Full *self, gboolean whole)
{
  gsize done = 0;

  while (done < self->used && !self->leaving)
    {
      const guint8 *bytes = secret_peek (self->input) + done;
      gsize before = self->used;
      TerminalKey key;
      gsize len = terminal_key_decode (bytes, self->used - done, whole, &key);
      if (len == 0)
        break;
      full_take_key (self, &key, bytes, len);
      explicit_bzero (&key, sizeof key);
      /* Another card came up, and what was typed for the one before went with it. */
      if (self->used != before)
        return;
      done += len;
    }
  memmove (secret_data (self->input), secret_peek (self->input) + done, self->used - done);
  explicit_bzero (secret_data (self->input) + self->used - done, done);
  self->used -= done;
}

static void
read_input (Full *self)
{
  ssize_t n = read (self->in, secret_data (self->input) + self->used, INPUT_MAX - self->used);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return;
  if (n <= 0)
    {
      self->leaving = TRUE;
      return;
    }
  self->used += n;
  take_keys (self, FALSE);
  if (self->used == INPUT_MAX)
    take_keys (self, TRUE); /* no key is as long */
}

/* Ctrl-Z: the shell gets its terminal back as it was. Afterwards the card is new to whoever comes
 * back to it. */
static void
stop (Full *self)
{
  sigset_t one;

  full_stop_typing (self);
  terminal_screen_leave (self->screen);
  sigemptyset (&one);
  sigaddset (&one, SIGTSTP);
  signal (SIGTSTP, SIG_DFL);
  raise (SIGTSTP);
  sigprocmask (SIG_UNBLOCK, &one, NULL);
  sigprocmask (SIG_BLOCK, &one, NULL);
  terminal_screen_enter (self->screen);
  full_disarm (self);
}

/* What was typed while the card could not be seen is no answer to it. */
static void
resize (Full *self)
{
  gboolean seen = full_fits (self);

  terminal_screen_resize (self->screen);
  if (!seen)
    full_disarm (self);
}

static void
take_signal (Full *self)
{
  struct signalfd_siginfo info;

  if (read (self->signals, &info, sizeof info) != sizeof info)
    return;
  if (info.ssi_signo == SIGWINCH)
    resize (self);
  else if (info.ssi_signo == SIGTSTP)
    stop (self);
  else
    self->leaving = TRUE;
}

static void
take_news (Full *self)
{
  char *said = NULL;

  self->no_news = !self->backend->news (self->backend->user, &said);
  if (said != NULL)
    {
      g_ptr_array_add (self->log, g_strdup (said));
      full_say (self, said);
    }
  full_show_pages (self);
  full_show_current (self);
}

/* One answer is enough, and what it began has to end. */
static gboolean
is_done (const Full *self)
{
  return self->once && self->answered && !self->backend->busy (self->backend->user);
}

/* Milliseconds until something changes by itself. */
static int
patience (const Full *self)
{
  gint64 arming = self->armed_at - terminal_now ();

  if (self->used > 0)
    return ESCAPE_AFTER;
  if (self->group == NULL)
    return -1;
  if (arming > 0)
    return arming / 1000 + 1;
  return TICK / 1000;
}

/* Still: what was typed for a card that went has been thrown away. */
static gboolean
has_input (const Full *self)
{
  struct pollfd in = { .fd = self->in, .events = POLLIN };

  return poll (&in, 1, 0) > 0;
}

static void
run (Full *self)
{
  struct pollfd fds[] = { { .fd = self->signals, .events = POLLIN },
                          { .fd = self->backend->fd, .events = POLLIN },
                          { .fd = self->in, .events = POLLIN },
                          { .fd = terminal_packages_fd (self->packages), .events = POLLIN } };

  while (!self->leaving && !self->no_news && !is_done (self))
    {
      int ready;

      full_draw (self);
      ready = poll (fds, G_N_ELEMENTS (fds), patience (self));
      if (ready == 0 && self->used > 0)
        take_keys (self, TRUE);
      if (ready <= 0)
        continue;
      if (fds[0].revents != 0)
        take_signal (self);
      /* Before the keys: what no longer stands there cannot be answered. */
      if (fds[1].revents != 0)
        take_news (self);
      if (fds[3].revents != 0)
        terminal_packages_take (self->packages);
      if (fds[2].revents != 0 && !self->leaving && !self->no_news && has_input (self))
        {
          read_input (self);
          /* What came with the answer to a key no longer shows on the socket. */
          take_news (self);
        }
    }
}

/* What ends, stops or resizes comes by descriptor. */
static int
open_signals (sigset_t *before, GError **error)
{
  sigset_t held;
  int fd;

  terminal_hold (before);
  terminal_held (&held);
  sigaddset (&held, SIGWINCH);
  sigprocmask (SIG_BLOCK, &held, NULL);
  fd = signalfd (-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd == -1)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "signalfd: %s",
                 g_strerror (errno));
  return fd;
}

static gboolean
open_all (Full *self, int out, sigset_t *before, GError **error)
{
  return (self->signals = open_signals (before, error)) != -1
         && (self->input = secret_new (INPUT_MAX, error)) != NULL
         && (self->packages = terminal_packages_new (error)) != NULL
         && (self->screen = terminal_screen_open (self->in, out, error)) != NULL;
}

static void
close_all (Full *self, const sigset_t *before)
{
  full_stop_typing (self);
  terminal_screen_free (self->screen);
  if (self->signals != -1)
    close (self->signals);
  terminal_release (before);
  terminal_pane_free (self->body);
  terminal_pane_free (self->choices);
  terminal_pane_free (self->note);
  terminal_pane_free (self->help);
  terminal_pane_free (self->whole);
  terminal_pane_free (self->page);
  secret_free (self->input);
  terminal_packages_free (self->packages);
  g_clear_pointer (&self->draft, draft_free);
  g_free (self->shown);
  g_free (self->said);
}

TerminalFullEnd
terminal_full_run (int in, int out, const TerminalBackend *backend, gboolean once, GPtrArray **log,
                   GError **error)
{
  Full self = { .in = in, .backend = backend, .once = once, .signals = -1 };
  gboolean opened;
  sigset_t before;

  self.log = *log = g_ptr_array_new_with_free_func (g_free);
  self.body = terminal_pane_new (4);
  self.choices = terminal_pane_new (13);
  self.note = terminal_pane_new (4);
  self.help = terminal_pane_new (12);
  self.whole = terminal_pane_new (4);
  self.page = terminal_pane_new (4);
  self.whole_line = -1;
  opened = open_all (&self, out, &before, error);
  if (opened)
    {
      /* News that came with an answer no longer shows on the socket. */
      take_news (&self);
      run (&self);
    }
  close_all (&self, &before);
  if (!opened)
    return TERMINAL_FULL_FAILED;
  if (self.no_news)
    return TERMINAL_FULL_NO_NEWS;
  return self.leaving ? TERMINAL_FULL_LEFT : TERMINAL_FULL_ANSWERED;
}
