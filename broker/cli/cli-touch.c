/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-touch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void
say_aloud (gpointer user, const char *words)
{
  g_printerr ("%s\n", words);
}

const CliTouchVoice cli_touch_aloud = { say_aloud, NULL };

/* TRUE when @step has come to its end. */
static gboolean
follow (KeyStep *step, const CliTouchVoice *voice)
{
  KeyStepState state = key_step_state (step);
  const char *words = key_step_words (state);

  if (words != NULL)
    voice->say (voice->user, words);
  return state == KEY_STEP_DONE || state == KEY_STEP_FAILED;
}

/* FALSE when a signal came first. */
static gboolean
wait_for_end (KeyStep *step, int signals, const CliTouchVoice *voice)
{
  struct pollfd fds[]
      = { { .fd = signals, .events = POLLIN }, { .fd = key_step_fd (step), .events = POLLIN } };

  for (;;)
    {
      if (poll (fds, G_N_ELEMENTS (fds), -1) < 0 && errno != EINTR)
        return FALSE;
      if (fds[0].revents != 0)
        return FALSE;
      if (fds[1].revents != 0 && follow (step, voice))
        return TRUE;
    }
}

gboolean
cli_touch_wait (KeyStep *step, const CliTouchVoice *voice, GError **error)
{
  static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
  sigset_t held, before;

  sigemptyset (&held);
  for (gsize i = 0; i < G_N_ELEMENTS (ending); i++)
    sigaddset (&held, ending[i]);
  sigprocmask (SIG_BLOCK, &held, &before);
  int signals = signalfd (-1, &held, SFD_CLOEXEC);
  gboolean ended = wait_for_end (step, signals, voice);
  if (!ended)
    key_step_cancel (step);
  close (signals);
  sigprocmask (SIG_SETMASK, &before, NULL);
  if (!ended)
    g_set_error_literal (error, KEY_DEVICE_ERROR, KEY_DEVICE_ERROR_CANCELLED, "interrupted");
  return ended;
}

json_t *
cli_touch_card (Client *client, const Card *card, const CliTouchVoice *voice, GError **error)
{
  g_autoptr (json_t) params = json_pack ("{s:s}", "request_id", card->request_id);
  g_autoptr (json_t) challenge = client_call (client, "key_challenge", params, -1, NULL, error);
  g_autoptr (KeyStep) step = challenge != NULL ? key_step_grant (card, challenge, error) : NULL;

  if (step == NULL || !cli_touch_wait (step, voice, error))
    return NULL;
  return key_step_take (step, error);
}
