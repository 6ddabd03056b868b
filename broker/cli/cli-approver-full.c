/* SPDX-License-Identifier: MIT
 *
 * The terminal approver on the whole screen, before the broker.
 */
#include "broker/cli/cli-approver.h"

#include <stdio.h>
#include <unistd.h>

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/terminal/terminal-full.h"
#include "broker/base/text.h"
#include "broker/cli/cli-approver-link.h"
#include "broker/cli/cli-output.h"

static gboolean
on_news (gpointer user, char **said)
{
  CliApproverLink *link = user;
  gboolean goes_on = cli_approver_link_news (link);

  if (link->closed != NULL)
    *said = g_strdup_printf (_ ("Answered elsewhere: %s."), link->closed);
  else if (link->notes->len > 0)
    {
      g_ptr_array_add (link->notes, NULL);
      *said = g_strjoinv ("  ", (char **) link->notes->pdata);
    }
  g_clear_pointer (&link->closed, g_free);
  g_ptr_array_set_size (link->notes, 0);
  return goes_on;
}

static gboolean
on_busy (gpointer user)
{
  return cli_approver_link_busy (user);
}

static TerminalSent
on_grant (gpointer user, const CardGroup *group, const Draft *draft, const Secret *pin,
          const TerminalVoice *voice, char **said)
{
  return cli_approver_link_grant (user, group, draft, pin, voice, said);
}

static char *
denied_words (const Card *card, guint alike, gint64 seconds)
{
  g_autofree char *operation = card_escape (card->operation);
  g_autofree char *resource = card_escape (card->resource != NULL ? card->resource : "");
  g_autofree char *time = text_format_duration (seconds);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _ ("Denied: %s %s"), operation, resource);
  if (alike > 1)
    g_string_append_printf (text, _ (" (%u requests)"), alike);
  if (seconds > 0)
    g_string_append_printf (text, _ ("; the same is denied unasked for %s"), time);
  return g_string_free (text, FALSE);
}

static TerminalSent
on_deny (gpointer user, const CardGroup *group, const char *reason, gint64 seconds, char **said)
{
  g_autoptr (Card) card = card_ref (group->cards->pdata[0]);
  guint alike = group->cards->len;
  TerminalSent sent = cli_approver_link_deny (user, group, reason, seconds, said);

  if (sent == TERMINAL_SENT_DONE)
    *said = denied_words (card, alike, seconds);
  return sent;
}

/* What happened, where it stays to be read. */
static void
print_log (const CliApproverLink *link, const GPtrArray *log)
{
  guint waiting = queue_requests (link->queue);

  for (guint i = 0; i < log->len; i++)
    puts (log->pdata[i]);
  if (waiting > 0)
    {
      printf (i18n_n ("%u request still waits: countersign approve",
                      "%u requests still wait: countersign approve", waiting),
              waiting);
      putchar ('\n');
    }
  fflush (stdout);
}

gboolean
cli_approver_full (CliApproverLink *link, gboolean once, GError **error)
{
  const TerminalBackend backend = { .fd = client_fd (link->client),
                                    .queue = link->queue,
                                    .pages = link->pages,
                                    .news = on_news,
                                    .grant = on_grant,
                                    .deny = on_deny,
                                    .busy = on_busy,
                                    .user = link };
  g_autoptr (GPtrArray) log = NULL;
  TerminalFullEnd end
      = terminal_full_run (STDIN_FILENO, STDOUT_FILENO, &backend, once, &log, error);

  if (end != TERMINAL_FULL_FAILED)
    print_log (link, log);
  return end != TERMINAL_FULL_FAILED;
}
