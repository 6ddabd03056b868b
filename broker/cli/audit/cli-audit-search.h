/* SPDX-License-Identifier: MIT
 *
 * Records on their way from the trail to a listing: chosen by what is in the open, opened in
 * batches, chosen by what was sealed, and shown in the order that is asked for.
 */
#pragma once

#include "broker/cli/audit/cli-audit-choose.h"
#include "broker/cli/audit/cli-audit-print.h"

typedef struct
{
  CliTrail *trail;
  CliChoose *choose;
  CliListing *listing;
  gint64 last;      /* 0: all */
  gboolean reverse; /* newest first */
  /* Its own. */
  gboolean gather;     /* the order of showing is not that of finding */
  GPtrArray *batch;    /* json_t: found, and not opened yet */
  GPtrArray *gathered; /* json_t */
  gint64 shown;
  guint64 newest; /* the highest seq that was found */
  guint folded;   /* uses of one grant behind the last of the batch, which is one too… */
  char folded_to[AUDIT_TIME_LEN + 1]; /* …and the time of the last */
  GError *error;
} CliSearch;

void cli_search_init (CliSearch *search, CliTrail *trail, CliChoose *choose, CliListing *listing);
void cli_search_clear (CliSearch *search);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliSearch, cli_search_clear)

/* What the lines have to fit before all else. Borrows from @search. */
AuditWish cli_search_wish (const CliSearch *search);
/* Shows all of the trail that is chosen. FALSE with search->error. */
gboolean cli_search_all (CliSearch *search);
/* Takes one line that fits. FALSE with search->error. */
gboolean cli_search_take (CliSearch *search, const AuditLine *scanned, const char *line, gsize len);
/* TRUE when so many have been taken that it is time for cli_search_flush(). */
gboolean cli_search_is_full (const CliSearch *search);
/* Opens and shows what has been taken. FALSE with search->error. */
gboolean cli_search_flush (CliSearch *search);
