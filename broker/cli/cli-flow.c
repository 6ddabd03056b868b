/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-flow.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "approve-ui/card/browse.h"
#include "approve-ui/card/card-words.h"
#include "broker/cli/cli-browser.h"
#include "broker/cli/cli-output.h"

G_DEFINE_QUARK (countersign_cli_flow_error, cli_flow_error)

/* --- The page --- */

/* On a line of its own, so that it can be read from across the room and copied whole. */
static void
print_code (FILE *stream, const char *code)
{
  g_autofree char *shown = card_escape (code);
  gboolean bold = cli_colour (stream);

  fprintf (stream, "\n    %s%s%s\n", bold ? "\033[1m" : "", shown, bold ? "\033[0m" : "");
}

static void
print_until (const CliFlow *flow, gint64 expires_at)
{
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (expires_at / G_USEC_PER_SEC);
  g_autofree char *clock
      = expires_at > 0 && then != NULL ? g_date_time_format (then, "%H:%M") : NULL;

  if (clock != NULL)
    fprintf (flow->stream, "\nWaiting until %s; Ctrl-C %s.\n", clock, flow->leave);
  else
    fprintf (flow->stream, "\nWaiting; Ctrl-C %s.\n", flow->leave);
}

static void
open_page (const CliFlow *flow, const Browse *browse)
{
  g_autoptr (GError) error = NULL;

  if (!flow->open)
    return;
  if (cli_browser_open (browse->url, &error))
    fputs ("\nYour browser is asked to open it. If it does not, open it yourself.\n", flow->stream);
  else
    fprintf (flow->stream, "\nNot opened: %s.%s%s\n", error->message, flow->hint != NULL ? " " : "",
             flow->hint != NULL ? flow->hint : "");
}

static void
on_browse (const CliFlow *flow, const json_t *params)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Browse) browse = browse_parse (params, &error);
  g_autofree char *title = browse != NULL ? browse_title (browse) : NULL;

  if (browse == NULL)
    {
      fprintf (flow->stream, "%s\n", error->message);
      return;
    }
  fprintf (flow->stream, "\n%s. %s\n\n    %s\n", title, browse_what_to_do (browse), browse->url);
  if (browse->user_code != NULL)
    print_code (flow->stream, browse->user_code);
  open_page (flow, browse);
  print_until (flow, browse->expires_at);
  fflush (flow->stream);
}

/* --- Waiting --- */

/* What has arrived. The end of the flow, or NULL: not yet, or @error. */
static json_t *
take_news (Client *client, const CliFlow *flow, GError **error)
{
  json_t *message;

  while ((message = client_receive (client, FALSE, NULL, error)) != NULL)
    {
      g_autoptr (json_t) news = message;
      json_t *params = json_object_get (news, "params");
      const char *method = wire_string (news, "method");

      if (g_strcmp0 (wire_string (params, flow->member), flow->id) != 0)
        continue;
      if (g_strcmp0 (method, flow->over) == 0)
        return json_incref (params);
      if (g_strcmp0 (method, "browse") == 0)
        on_browse (flow, params);
    }
  return NULL;
}

/* FALSE when a signal came first. */
static gboolean
wait_for_news (const Client *client, int signals)
{
  struct pollfd fds[]
      = { { .fd = signals, .events = POLLIN }, { .fd = client_fd (client), .events = POLLIN } };

  while (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    if (errno != EINTR)
      return FALSE;
  return fds[0].revents == 0;
}

static json_t *
follow (Client *client, const CliFlow *flow, int signals, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) trouble = NULL;
      json_t *end = take_news (client, flow, &trouble);

      if (end != NULL)
        return end;
      if (trouble != NULL)
        g_propagate_error (error, g_steal_pointer (&trouble));
      else if (wait_for_news (client, signals))
        continue;
      else
        g_set_error_literal (error, CLI_FLOW_ERROR, CLI_FLOW_ERROR_CALLED_OFF, "called off");
      return NULL;
    }
}

json_t *
cli_flow_wait (Client *client, const CliFlow *flow, GError **error)
{
  static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
  sigset_t held, before;

  sigemptyset (&held);
  for (gsize i = 0; i < G_N_ELEMENTS (ending); i++)
    sigaddset (&held, ending[i]);
  sigprocmask (SIG_BLOCK, &held, &before);
  int signals = signalfd (-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
  json_t *end = follow (client, flow, signals, error);
  struct signalfd_siginfo taken;
  /* It has had its effect. */
  while (read (signals, &taken, sizeof taken) > 0)
    ;
  close (signals);
  sigprocmask (SIG_SETMASK, &before, NULL);
  return end;
}
