/* SPDX-License-Identifier: MIT */
#include "approve-ui/terminal/terminal-line.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

typedef struct
{
  int in, out;
  const TerminalQuestion *question;
  struct termios found;
  sigset_t before; /* what was blocked */
  int signals;
  Secret *line;
  gsize used;
} Wait;

gint64
terminal_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

void
terminal_write (int out, const char *text)
{
  gsize len = strlen (text);

  while (len > 0)
    {
      ssize_t n = write (out, text, len);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return;
      text += n;
      len -= n;
    }
}

/* The line is edited by the kernel, Ctrl-C is a signal, whatever mode a program left behind. */
static void
set_up (Wait *wait)
{
  struct termios wanted = wait->found;
  gboolean flush = wait->question->hidden || wait->question->discard;

  wanted.c_iflag |= ICRNL;
  wanted.c_iflag &= ~(IGNCR | INLCR);
  wanted.c_lflag |= ICANON | ISIG;
  wanted.c_lflag &= ~(ECHO | ECHONL);
  if (!wait->question->hidden)
    wanted.c_lflag |= ECHO | ECHOE | ECHOK;
  tcsetattr (wait->in, flush ? TCSAFLUSH : TCSADRAIN, &wanted);
  terminal_write (wait->out, wait->question->prompt);
}

static void
put_back (Wait *wait)
{
  tcsetattr (wait->in, wait->question->hidden ? TCSAFLUSH : TCSADRAIN, &wait->found);
}

/* Ctrl-Z: the shell gets its terminal back as it was; afterwards the question stands anew. */
static void
stop (Wait *wait)
{
  sigset_t one;

  put_back (wait);
  sigemptyset (&one);
  sigaddset (&one, SIGTSTP);
  raise (SIGTSTP);
  sigprocmask (SIG_UNBLOCK, &one, NULL);
  sigprocmask (SIG_BLOCK, &one, NULL);
  wait->used = 0;
  set_up (wait);
}

/* FALSE when the signal ends the wait. */
static gboolean
take_signal (Wait *wait)
{
  struct signalfd_siginfo info;

  if (read (wait->signals, &info, sizeof info) != sizeof info)
    return TRUE;
  if (info.ssi_signo != SIGTSTP)
    return FALSE;
  stop (wait);
  return TRUE;
}

/* A piece without its end is no line: more follows, or the end of the stream. */
static TerminalLineEnd
take_input (Wait *wait, gboolean *over, GError **error)
{
  gsize room = secret_len (wait->line) - wait->used;
  guint8 *at = secret_data (wait->line) + wait->used;
  ssize_t n = room == 0 ? 0 : read (wait->in, at, room);

  *over = TRUE;
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    {
      *over = FALSE;
      return TERMINAL_LINE_EOF;
    }
  if (n <= 0)
    return TERMINAL_LINE_EOF;
  wait->used += n;
  if (at[n - 1] != '\n')
    {
      *over = FALSE;
      return TERMINAL_LINE_EOF;
    }
  secret_truncate (wait->line, wait->used - 1);
  return TERMINAL_LINE_READ;
}

/* Milliseconds until the deadline, rounded up; -1 without one. */
static int
time_left (const Wait *wait)
{
  gint64 left;

  if (wait->question->deadline == 0)
    return -1;
  left = wait->question->deadline - terminal_now ();
  return left <= 0 ? 0 : (int) MIN (left / 1000 + 1, G_MAXINT);
}

static TerminalLineEnd
wait_for_line (Wait *wait, GError **error)
{
  const TerminalWatch *watch = wait->question->watch;
  struct pollfd fds[] = { { .fd = wait->signals, .events = POLLIN },
                          { .fd = watch != NULL ? watch->fd : -1, .events = POLLIN },
                          { .fd = wait->in, .events = POLLIN } };

  for (;;)
    {
      int ready = poll (fds, G_N_ELEMENTS (fds), time_left (wait));
      gboolean over;

      if (ready < 0 && errno != EINTR)
        break;
      if (ready < 0)
        continue;
      if (fds[0].revents != 0 && !take_signal (wait))
        return TERMINAL_LINE_INTERRUPTED;
      /* Before the line: an answer to a question that no longer stands is none. */
      if (fds[1].revents != 0 && watch->check (watch->user))
        return TERMINAL_LINE_WITHDRAWN;
      if (time_left (wait) == 0)
        return TERMINAL_LINE_DEADLINE;
      if (fds[2].revents == 0)
        continue;
      TerminalLineEnd end = take_input (wait, &over, error);
      if (over)
        return end;
    }
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "the terminal: %s",
               g_strerror (errno));
  return TERMINAL_LINE_FAILED;
}

void
terminal_held (sigset_t *set)
{
  const int which[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

  sigemptyset (set);
  for (gsize i = 0; i < G_N_ELEMENTS (which); i++)
    sigaddset (set, which[i]);
}

void
terminal_hold (sigset_t *before)
{
  sigset_t held;

  terminal_held (&held);
  sigprocmask (SIG_BLOCK, &held, before);
}

void
terminal_release (const sigset_t *before)
{
  sigprocmask (SIG_SETMASK, before, NULL);
}

static gboolean
hold_signals (Wait *wait, GError **error)
{
  sigset_t held;

  terminal_hold (&wait->before);
  terminal_held (&held);
  wait->signals = signalfd (-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
  if (wait->signals != -1)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "signalfd: %s",
               g_strerror (errno));
  terminal_release (&wait->before);
  return FALSE;
}

TerminalLineEnd
terminal_line (int in, int out, const TerminalQuestion *question, Secret **line, GError **error)
{
  g_autoptr (Secret) buffer = secret_new (TERMINAL_LINE_MAX, error);
  Wait wait = { .in = in, .out = out, .question = question, .line = buffer };
  TerminalLineEnd end;

  if (buffer == NULL)
    return TERMINAL_LINE_FAILED;
  if (tcgetattr (in, &wait.found) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "not a terminal: %s",
                   g_strerror (errno));
      return TERMINAL_LINE_FAILED;
    }
  if (!hold_signals (&wait, error))
    return TERMINAL_LINE_FAILED;
  set_up (&wait);
  end = wait_for_line (&wait, error);
  put_back (&wait);
  close (wait.signals);
  terminal_release (&wait.before);
  /* The person typed no line end that the screen would show. */
  if (question->hidden || end != TERMINAL_LINE_READ)
    terminal_write (out, "\n");
  if (end == TERMINAL_LINE_READ)
    *line = g_steal_pointer (&buffer);
  return end;
}
