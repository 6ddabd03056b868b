/* SPDX-License-Identifier: MIT
 *
 * A terminal approver's connection: what waits, and the answers that are sent.
 *
 * MUST
 *  - take what was answered out of the queue, and nothing else
 *  - keep no PIN
 */
#pragma once

#include "approve-ui/card/draft.h"
#include "approve-ui/card/queue.h"
#include "approve-ui/terminal/terminal-full.h"
#include "broker/cli/cli-session.h"

typedef struct
{
  Client *client;
  Queue *queue;
  GHashTable *covered; /* request_ids that a grant of ours answers too: no news */
  GPtrArray *notes;    /* of char *, escaped: what has to be said */
  GPtrArray *pages;    /* of TerminalPage: logins that go on in the person's browser */
  GHashTable *begun;   /* request_id → provider, of granted ones that end with a login */
  char *closed;        /* what became elsewhere of the card that was looked at, escaped; or NULL */
  char *touched;       /* request_id of the card that a security key was touched for, or NULL */
  json_t *key;         /* that touch */
  GError *error;       /* there will be no more news */
} CliApproverLink;

void cli_approver_link_clear (CliApproverLink *link);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliApproverLink, cli_approver_link_clear)

/* Asks the PIN, subscribes, and takes all that waits already. */
gboolean cli_approver_link_open (CliApproverLink *link, const Cli *cli, GError **error);
/* Takes what has arrived, without waiting. FALSE when the connection is over. */
gboolean cli_approver_link_news (CliApproverLink *link);

/* TRUE while what was granted here goes on in a browser. */
gboolean cli_approver_link_busy (const CliApproverLink *link);

/* Grants the first of @group; the broker lets the grant answer the others that it covers. Where the
 * card wants a security key, @voice asks for its touch first; a touch is kept until the PIN that is
 * needed beside it has come. @said gets words for the person, escaped; g_free(). */
TerminalSent cli_approver_link_grant (CliApproverLink *link, const CardGroup *group,
                                      const Draft *draft, const Secret *pin,
                                      const TerminalVoice *voice, char **said);
/* Denies all of @group. @said gets words only when that failed. */
TerminalSent cli_approver_link_deny (CliApproverLink *link, const CardGroup *group,
                                     const char *reason, gint64 seconds, char **said);
