/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-touch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "approve-ui/card/i18n.h"

#define CALLED_OFF_MS 1000

static void
say_aloud (gpointer user, const char *words)
{
  g_printerr ("%s\n", words);
}

const CliTouch cli_touch_aloud = { say_aloud, NULL, -1 };

/* TRUE when @step has come to its end. */
static gboolean
follow (KeyStep *step, const CliTouch *touch)
{
  KeyStepState state = key_step_state (step);
  const char *words = key_step_words (state);

  if (words != NULL)
    touch->say (touch->user, words);
  return state == KEY_STEP_DONE || state == KEY_STEP_FAILED;
}

/* FALSE when a signal came first, or something was typed. */
static gboolean
wait_for_end (KeyStep *step, int signals, const CliTouch *touch)
{
  struct pollfd fds[] = { { .fd = signals, .events = POLLIN },
                          { .fd = touch->keyboard, .events = POLLIN },
                          { .fd = key_step_fd (step), .events = POLLIN } };

  for (;;)
    {
      if (poll (fds, G_N_ELEMENTS (fds), -1) < 0 && errno != EINTR)
        return FALSE;
      if (fds[2].revents != 0 && follow (step, touch))
        return TRUE;
      if (fds[0].revents != 0 || fds[1].revents != 0)
        return FALSE;
    }
}

/* A key that is told to stop does so at once, unless it knows U2F only: that one is not waited
 * for. */
static void
call_off (KeyStep *step)
{
  struct pollfd fd = { .fd = key_step_fd (step), .events = POLLIN };

  key_step_cancel (step);
  while (poll (&fd, 1, CALLED_OFF_MS) > 0 && key_step_state (step) < KEY_STEP_DONE)
    ;
}

/* What is typed meanwhile is no answer to anything else. */
static void
forget_typed (const CliTouch *touch)
{
  if (touch->keyboard != -1)
    tcflush (touch->keyboard, TCIFLUSH);
}

gboolean
cli_touch_wait (KeyStep *step, const CliTouch *touch, GError **error)
{
  static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
  sigset_t held, before;

  sigemptyset (&held);
  for (gsize i = 0; i < G_N_ELEMENTS (ending); i++)
    sigaddset (&held, ending[i]);
  sigprocmask (SIG_BLOCK, &held, &before);
  int signals = signalfd (-1, &held, SFD_CLOEXEC);
  forget_typed (touch);
  gboolean ended = wait_for_end (step, signals, touch);
  if (!ended)
    call_off (step);
  forget_typed (touch);
  close (signals);
  sigprocmask (SIG_SETMASK, &before, NULL);
  if (!ended)
    g_set_error_literal (error, KEY_DEVICE_ERROR, KEY_DEVICE_ERROR_CANCELLED,
                         _ ("the touch was called off"));
  return ended;
}

json_t *
cli_touch_card (Client *client, const Card *card, const CliTouch *touch, GError **error)
{
  g_autoptr (json_t) params = json_pack ("{s:s}", "request_id", card->request_id);
  g_autoptr (json_t) challenge = client_call (client, "key_challenge", params, -1, NULL, error);
  g_autoptr (KeyStep) step = challenge != NULL ? key_step_grant (card, challenge, error) : NULL;

  if (step == NULL || !cli_touch_wait (step, touch, error))
    return NULL;
  return key_step_take (step, error);
}
