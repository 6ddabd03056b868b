/* SPDX-License-Identifier: MIT
 *
 * A broker that is unlocked for as long as this program runs: for machines without a desktop.
 *
 * MUST
 *  - lock the broker that it unlocked, and no other, however it ends short of being killed outright
 */
#include "broker/cli/cli.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "approve-ui/terminal/terminal-line.h"
#include "broker/cli/cli-approver.h"
#include "broker/cli/cli-broker.h"
#include "broker/cli/cli-key.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

typedef enum
{
  SERVE_LOST = 0, /* the broker has ended, or another took its place */
  SERVE_LOCKED,   /* somebody locked it */
  SERVE_ENDED     /* by a signal: we lock it */
} ServeEnd;

/* Connected to the very broker that was unlocked. */
static Client *
connect_to (const Cli *cli, const json_t *unlocked, GError **error)
{
  g_autoptr (Client) client = cli_connect (cli, error);

  if (client == NULL
      || g_strcmp0 (wire_string (client_hello (client), "instance"),
                    wire_string (unlocked, "instance"))
             == 0)
    return g_steal_pointer (&client);
  g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_CLOSED,
                       "another broker took the place of the one that was unlocked");
  return NULL;
}

/* Takes one notification; FALSE when it says that the broker is locked. */
static gboolean
take (const json_t *message, gint64 *held)
{
  const char *method = wire_string (message, "method");
  const json_t *params = json_object_get (message, "params");

  if (g_strcmp0 (method, "state") == 0)
    return g_strcmp0 (wire_string (params, "state"), "unlocked") == 0;
  if (g_strcmp0 (method, "waiting") == 0)
    {
      gint64 now = wire_integer (params, "held", 0);
      if (*held == 0 && now > 0)
        puts ("Somebody asks: countersign approve");
      fflush (stdout);
      *held = now;
    }
  return TRUE;
}

/* Until a signal comes or the broker is of no further use. */
static ServeEnd
wait_for_end (Client *client, int signals)
{
  struct pollfd fds[]
      = { { .fd = signals, .events = POLLIN }, { .fd = client_fd (client), .events = POLLIN } };
  struct signalfd_siginfo taken;
  gint64 held = 0;

  for (;;)
    {
      g_autoptr (GError) lost = NULL;
      json_t *message;

      while ((message = client_receive (client, FALSE, NULL, &lost)) != NULL)
        {
          gboolean open = take (message, &held);
          json_decref (message);
          if (!open)
            return SERVE_LOCKED;
        }
      if (lost != NULL)
        return SERVE_LOST;
      poll (fds, G_N_ELEMENTS (fds), -1);
      if (fds[0].revents != 0 && read (signals, &taken, sizeof taken) > 0)
        return SERVE_ENDED;
    }
}

static CliStatus
serve_quietly (Cli *cli, Client *client)
{
  sigset_t which;
  GError *error = NULL;
  g_autoptr (json_t) subscribed = client_call (client, "subscribe", NULL, -1, NULL, &error);
  ServeEnd end;
  int signals;

  if (subscribed == NULL)
    return cli_fail (cli, error);
  sigemptyset (&which);
  for (const int *s = (const int[]){ SIGINT, SIGTERM, SIGHUP, SIGQUIT, 0 }; *s != 0; s++)
    sigaddset (&which, *s);
  signals = signalfd (-1, &which, SFD_CLOEXEC);
  sigemptyset (&which);
  sigaddset (&which, SIGTSTP); /* a stop stops us alone, and ends nothing */
  sigprocmask (SIG_UNBLOCK, &which, NULL);
  if (!cli->json)
    puts ("It stays unlocked while this runs; Ctrl-C locks it. Requests are answered with "
          "countersign approve.");
  fflush (stdout);
  end = signals != -1 ? wait_for_end (client, signals) : SERVE_ENDED;
  close (signals);
  if (end == SERVE_LOST)
    return cli_say_error (cli, "the broker has ended, or another took its place");
  return CLI_DONE;
}

/* A broker that is gone, or locked already, needs no more. */
static void
lock (const Cli *cli, Client *client)
{
  g_autoptr (json_t) result = client_call (client, "lock", NULL, -1, NULL, NULL);

  if (result != NULL && !cli->json)
    puts ("Locked: the keys are wiped. What is held stays held, grants are suspended.");
}

static CliStatus
serve (Cli *cli, const json_t *params, const CliApproverHow *tty)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (json_t) result = NULL;
  GError *error = NULL;
  CliStatus status;

  result = cli_broker_call (cli, "unlock", params, &error);
  if (result == NULL || (client = connect_to (cli, result, &error)) == NULL)
    return cli_fail (cli, error);
  cli_key_report (cli, result, "Unlocked");
  fflush (stdout);
  status = tty != NULL ? cli_approver_run (cli, tty) : serve_quietly (cli, client);
  lock (cli, client);
  return status;
}

static CliStatus
serve_until_ended (Cli *cli, const CliUnlock *how, const CliApproverHow *tty)
{
  GError *error = NULL;
  g_autoptr (json_t) params = cli_key_unlock_params (cli, how, &error);
  sigset_t before;
  CliStatus status;

  if (params == NULL)
    return cli_fail (cli, error);
  /* From here to the lock nothing may end us unawares: neither a signal nor a closed pipe. */
  signal (SIGPIPE, SIG_IGN);
  terminal_hold (&before);
  status = serve (cli, params, tty);
  terminal_release (&before);
  return status;
}

CliStatus
cli_serve (Cli *cli)
{
  CliApproverHow approver = { 0 };
  gboolean tty = FALSE;
  const GOptionEntry more[]
      = { { "tty", 0, 0, G_OPTION_ARG_NONE, &tty,
            "Answer requests in this very terminal, as approve does", NULL },
          { "plain", 0, 0, G_OPTION_ARG_NONE, &approver.plain,
            "With --tty: in lines, not on the whole screen (for screen readers)", NULL },
          G_OPTION_ENTRY_NULL };
  CliUnlock how = { 0 };

  if (!cli_key_unlock_options (cli, &how, more))
    return cli->status;
  if (approver.plain && !tty)
    return cli_usage (cli, "--plain goes with --tty");
  if (tty && (cli->json || cli->pin_fd != -1))
    return cli_usage (cli, "--tty asks a person: --json and --pin-fd do not go with it");
  if (tty && !cli_approver_possible (cli))
    return cli->status;
  return serve_until_ended (cli, &how, tty ? &approver : NULL);
}
